#include "checks/check.h"

#include <algorithm>
#include <array>

#include "checks/grace.h"
#include "checks/support/parents.h"
#include "checks/support/suspects.h"

namespace gwdoctor {

namespace {

template <std::size_t Size>
bool among(const std::array<std::string_view, Size>& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

const BackendRef& reference_of(const Leg& leg, const Path& path) {
  return path.routes[leg.route].route->rules[leg.rule].backends[leg.backend_ref];
}

// "core" and "v1" are no API groups; the core group is "".
bool is_no_group(std::string_view group) {
  constexpr std::array<std::string_view, 2> slips{"core", "v1"};
  return among(slips, group);
}

// Kinds of Kubernetes itself that no implementation can send requests to. The core group has Services and nothing else
// that could be one.
bool is_never_a_backend(const BackendRef& backend) {
  constexpr std::array<std::string_view, 3> groups{"", "apps", "batch"};
  return is_no_group(backend.group) || among(groups, backend.group);
}

std::string text_of(const BackendRef& backend) {
  if (is_no_group(backend.group))
    return fmt::format("{} {}/{} of the group {}", backend.kind, backend.ns, backend.name, backend.group);
  return fmt::format("{} {}/{}", backend.group.empty() ? backend.kind : fmt::format("{}.{}", backend.kind, backend.group),
                     backend.ns, backend.name);
}

// The Service of the name that is referred to: people name what they deployed.
std::optional<Fix> name_service(const Leg& leg, const Path& path, const Facts& facts) {
  const BackendRef& backend = reference_of(leg, path);
  const RouteView& view = path.routes[leg.route];
  const Seen<Service> service = facts.service(backend.ns, backend.name);
  if (!service.present()) return std::nullopt;
  std::vector<FieldChange> changes{{leg.path + ".kind", Value("Service")}};
  if (!backend.group.empty()) changes.push_back({leg.path + ".group", Value("")});
  if (!backend.port && service->ports.size() != 1) return std::nullopt;
  if (!backend.port) changes.push_back({leg.path + ".port", service->ports.front().port});
  return set_fields(view.ref, view.route.document(), changes, fmt::format("name {} as the backend", service->meta.ref.text()));
}

FindingBuilder begin(const Leg& leg, const Scope& scope, const Path& path, Verdicts& out) {
  const BackendRef& backend = reference_of(leg, path);
  FindingBuilder finding = out.fail(scope);
  finding.object(leg.object, leg.path + (backend.kind == "Service" ? ".group" : ".kind"))
      .reason("route-invalid-kind")
      .saw(path.routes[leg.route].route, leg.object, leg.path)
      .affects(path.backends[leg.backend].ref);
  return finding;
}

void proved(const Leg& leg, const Path& path, const Facts& facts, Verdicts& out) {
  const BackendRef& backend = reference_of(leg, path);
  begin(leg, leg.scope, path, out)
      .says("{} cannot be a backend of {}: requests go to a Service", text_of(backend), leg.object.text())
      .fix(by_hand("name the Service in front of it, with its port",
                   {fmt::format("kubectl get services -n {}", shell_quote(backend.ns))}))
      .fix(name_service(leg, path, facts));
}

// What the controller of one parent says of the kinds that only it can judge (failures/traps, 13).
void judged(std::size_t route, const ParentView& parent, const Path& path, const Facts& facts, Verdicts& out) {
  const RouteView& view = path.routes[route];
  const ParentWord word = word_of(view, parent, path, "ResolvedRefs");
  if (word.unsure) unsure_of(parent, path, out);
  const bool refused = word.word == Word::no && word.condition->reason == "InvalidKind";
  const std::vector<const Leg*> meant = refused ? suspects_of(*word.condition, route, path).legs : std::vector<const Leg*>{};
  for (const Leg& leg : path.legs) {
    if (leg.route != route || leg.backend == no_index || path.backends[leg.backend].is_service) continue;
    if (is_never_a_backend(reference_of(leg, path))) continue;
    const Scope scope = leg.scope & parent.scope;
    if (word.word == Word::yes) out.pass(scope);
    if (std::find(meant.begin(), meant.end(), &leg) == meant.end()) continue;
    const std::string who = controller_of(parent, path, *word.status);
    if (may_change(*word.condition, view, parent, path, facts)) {
      out.unknown(scope, view.route.wish(), pending(who));
      continue;
    }
    begin(leg, scope, path, out)
        .certainty(Certainty::observed)
        .says("{} takes no {} as a backend: {}", who, text_of(reference_of(leg, path)), said(*word.condition))
        .saw(view.route, view.ref, word.status->path + ".conditions")
        .fix(by_hand(fmt::format("name a Service, or turn on the extension of {} that serves this kind", who)));
  }
}

void judge_route(std::size_t route, const Path& path, const Facts& facts, Verdicts& out) {
  for (const Leg& leg : path.legs) {
    if (leg.route != route || leg.backend == no_index || leg.backend_ref == no_index) continue;
    if (path.backends[leg.backend].is_service) {
      out.pass(leg.scope);
    } else if (is_never_a_backend(reference_of(leg, path))) {
      proved(leg, path, facts, out);
    }
  }
  for (const ParentView& parent : path.routes[route].parents) {
    if (parent.gateway != no_index) judged(route, parent, path, facts, out);
  }
}

// Controllers whose sources refuse resource backends of an Ingress (failures/route, ingress-backend-resource-unsupported).
bool refuses_resources(const Controller& controller) {
  constexpr std::array<std::string_view, 3> ids{"ingress-nginx", "traefik", "aws-load-balancer-controller"};
  return among(ids, controller.id);
}

void judge_ingress(std::size_t ingress, const Path& path, Verdicts& out) {
  const IngressView& view = path.ingresses[ingress];
  const Controller* controller = view.controller == no_index ? nullptr : path.controllers[view.controller].known;
  for (const Leg& leg : path.legs) {
    if (leg.ingress != ingress || leg.backend == no_index || path.backends[leg.backend].is_service) continue;
    if (controller == nullptr || !refuses_resources(*controller)) continue;
    const Ref& backend = path.backends[leg.backend].ref;
    out.fail(leg.scope)
        .object(leg.object, leg.path + ".resource")
        .reason("ingress-backend-resource-unsupported")
        .certainty(Certainty::likely)
        .says("{} serves no resource backends, and {} names {}", controller->name, leg.object.text(), backend.text())
        .saw(view.ingress, leg.object, leg.path)
        .affects(backend)
        .fix(by_hand("name a Service as the backend, or use a class whose controller serves this kind",
                     {fmt::format("kubectl get services -n {}", shell_quote(leg.object.ns))}));
  }
}

void run(const Facts& facts, const Path& path, Verdicts& out) {
  for (std::size_t route = 0; route < path.routes.size(); ++route) {
    if (path.routes[route].route.present()) judge_route(route, path, facts, out);
  }
  for (std::size_t ingress = 0; ingress < path.ingresses.size(); ++ingress) {
    if (path.ingresses[ingress].ingress.present()) judge_ingress(ingress, path, out);
  }
}

}  // namespace

extern constinit const Check route_backend_kind{
    .code = "route-backend-kind",
    .title = "a backend is of a kind that requests cannot be sent to",
    .severity = Severity::error,
    .layer = Layer::route,
    .reads = {Kind::http_route, Kind::gateway, Kind::gateway_class, Kind::service, Kind::ingress, Kind::name_space},
    .explains = {"route-refs-unresolved", "route-not-accepted"},
    .run = run,
};

}  // namespace gwdoctor

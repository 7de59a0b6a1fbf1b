#include "checks/check.h"

#include <algorithm>

#include "checks/grace.h"
#include "checks/support/gateway_state.h"
#include "checks/support/names.h"

namespace gwdoctor {

namespace {

constexpr std::string_view gateway_group = "gateway.networking.k8s.io";

// Some controller knows what this reproach does not: an implementation's own kind of parent, or a default Gateway.
bool accepted_somewhere(const Route& route) {
  return std::any_of(route.parent_status.begin(), route.parent_status.end(), [&](const RouteParentStatus& status) {
    return word(status.conditions, "Accepted", route.meta.generation) == Word::yes;
  });
}

bool uses_default_gateways(const RouteView& view) {
  const std::string scope = view.route.document()["spec"]["useDefaultGateways"].text();
  return !scope.empty() && scope != "None";
}

// The only Gateway of the cluster is the one that was meant.
std::optional<Fix> name_only_gateway(const RouteView& view, const Facts& facts) {
  const Seen<List<Gateway>> gateways = facts.list<Gateway>(Kind::gateway, "");
  if (!gateways.present() || gateways->size() != 1) return std::nullopt;
  const Ref& only = gateways->front()->meta.ref;
  Value parent{Value::Object{}};
  parent.set("name", only.name);
  if (only.ns != view.ref.ns) parent.set("namespace", only.ns);
  return set_field(view.ref, view.route.document(), "spec.parentRefs", Value(Value::Array{std::move(parent)}),
                   fmt::format("name {} as the parent", only.text()));
}

void no_parent(const RouteView& view, const Facts& facts, Verdicts& out) {
  const bool by_default = uses_default_gateways(view);
  if (by_default && settling(view.route->meta, facts)) return out.unknown(view.scope, view.route.wish(), pending());
  FindingBuilder finding = out.fail(view.scope);
  finding.object(view.ref, by_default ? "spec.useDefaultGateways" : "spec.parentRefs")
      .saw(view.route, view.ref, "spec.parentRefs")
      .fix(by_hand("name the Gateway in spec.parentRefs", {"kubectl get gateways -A"}))
      .fix(name_only_gateway(view, facts));
  if (by_default) {
    finding.reason("route-default-gateway-not-used")
        .certainty(Certainty::observed)
        .says("{} asks for the default Gateways, and none has taken it", view.ref.text());
  } else {
    finding.says("{} names no parent: no Gateway serves it", view.ref.text());
  }
}

std::string text_of(const ParentRef& parent) {
  return fmt::format("{} {}/{}", parent.group.empty() ? parent.kind : fmt::format("{}.{}", parent.kind, parent.group), parent.ns,
                     parent.name);
}

// A Gateway of that name exists: the group or the kind is a slip.
std::optional<Fix> name_gateway(const RouteView& view, const ParentRef& parent, const Facts& facts) {
  if (!facts.get<Gateway>(Kind::gateway, parent.ns, parent.name).present()) return std::nullopt;
  return set_fields(view.ref, view.route.document(),
                    {{parent.path + ".group", Value(gateway_group)}, {parent.path + ".kind", Value("Gateway")}},
                    fmt::format("name the Gateway {}/{} as the parent", parent.ns, parent.name));
}

void unknown_parents(const RouteView& view, const Facts& facts, Verdicts& out) {
  std::vector<std::string> texts;
  for (const ParentView& parent : view.parents) texts.push_back(text_of(parent.reference));
  const ParentRef& first = view.parents.front().reference;
  out.fail(view.scope)
      .object(view.ref, view.parents.size() == 1 ? first.path : "spec.parentRefs")
      .says("{} names {} as its parent; a parent is a Gateway, a ListenerSet or, in a mesh, a Service", view.ref.text(),
            join_names(texts))
      .saw(view.route, view.ref, "spec.parentRefs")
      .fix(by_hand("name the Gateway in spec.parentRefs", {"kubectl get gateways -A"}))
      .fix(name_gateway(view, first, facts));
}

// Gateway API v1.6, CommonRouteSpec.parentRefs. A route of which one parent is known is judged by that one.
void run(const Facts& facts, const Path& path, Verdicts& out) {
  for (const RouteView& view : path.routes) {
    if (!view.route.present()) continue;
    const bool known = std::any_of(view.parents.begin(), view.parents.end(),
                                   [](const ParentView& parent) { return parent.target != ParentView::Target::other; });
    if (known || accepted_somewhere(*view.route)) {
      out.pass(view.scope);
    } else if (view.parents.empty()) {
      no_parent(view, facts, out);
    } else {
      unknown_parents(view, facts, out);
    }
  }
}

}  // namespace

extern constinit const Check route_not_attached{
    .code = "route-not-attached",
    .title = "the route names no parent, or none that takes routes",
    .severity = Severity::error,
    .layer = Layer::route,
    .reads = {Kind::http_route, Kind::gateway},
    .explains = {},
    .run = run,
};

}  // namespace gwdoctor

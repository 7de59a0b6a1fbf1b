#include <algorithm>

#include "chain/nearest.h"
#include "checks/check.h"
#include "checks/support/said.h"

namespace gwdoctor {

namespace {

bool is_of_ingress(const Leg& leg) { return leg.object.kind == info(Kind::ingress).name; }
// An IngressRoute or a TraefikService.
bool is_of_traefik(const Leg& leg) { return leg.ingress != no_index && !is_of_ingress(leg); }

std::string name_path(const Leg& leg) { return leg.path + (is_of_ingress(leg) ? ".service.name" : ".name"); }

bool offers(const Service& service, const Leg& leg) {
  return leg.port ? service.port(*leg.port) != nullptr : service.port(std::string_view(leg.port_name)) != nullptr;
}

// Whether the same object sends other requests to a Service of this name: then it does not stand for the missing one.
bool is_used(const Path& path, const Leg& leg, const Known<Service>& service) {
  return std::any_of(path.legs.begin(), path.legs.end(), [&](const Leg& other) {
    return other.object == leg.object && other.backend != no_index && path.backends[other.backend].ref == service->meta.ref;
  });
}

// The Service of the same namespace that was probably meant: one that offers the port before one that does not.
std::optional<std::string> near_name(const Facts& facts, const Path& path, const Ref& missing, const Leg& leg) {
  const Seen<List<Service>> services = facts.list<Service>(Kind::service, missing.ns);
  if (!services.present()) return std::nullopt;
  std::vector<std::string> fitting;
  std::vector<std::string> all;
  for (const Known<Service>& service : *services) {
    if (is_used(path, leg, service)) continue;
    all.push_back(service->meta.ref.name);
    if (offers(*service, leg)) fitting.push_back(service->meta.ref.name);
  }
  const std::optional<std::string> fits = nearest(missing.name, fitting);
  return fits ? fits : nearest(missing.name, all);
}

// The namespaces that hold a Service of that name, in their order.
std::vector<std::string> elsewhere(const Facts& facts, const Ref& missing) {
  std::vector<std::string> found;
  const Seen<List<Service>> services = facts.anywhere<Service>(Kind::service, missing.name);
  if (!services.present()) return found;
  for (const Known<Service>& service : *services) {
    if (service->meta.ref.ns != missing.ns) found.push_back(service->meta.ref.ns);
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::string joined(const std::vector<std::string>& names) {
  constexpr std::size_t most = 3;
  std::string out;
  for (std::size_t at = 0; at < names.size() && at < most; ++at) out += (at == 0 ? "" : ", ") + names[at];
  return names.size() > most ? out + fmt::format(" and {} more", names.size() - most) : out;
}

Value grant_for(const Leg& leg, const Ref& missing, const std::string& ns) {
  Value from{Value::Object{}};
  from.set("group", "gateway.networking.k8s.io");
  from.set("kind", leg.object.kind);
  from.set("namespace", leg.object.ns);
  Value to{Value::Object{}};
  to.set("group", "");
  to.set("kind", "Service");
  to.set("name", missing.name);
  Value grant{Value::Object{}};
  grant.set("apiVersion", "gateway.networking.k8s.io/v1beta1");
  grant.set("kind", "ReferenceGrant");
  grant.set_path("metadata.name", missing.name + "-from-" + leg.object.ns);
  grant.set_path("metadata.namespace", ns);
  grant.set_path("spec.from", Value::Array{std::move(from)});
  grant.set_path("spec.to", Value::Array{std::move(to)});
  return grant;
}

// A backend of a route may be in another namespace, with a grant there; one of an Ingress may not. Two objects change,
// so there is no single patch to prove.
Fix reach_over(const Facts& facts, const Leg& leg, const Ref& missing, const std::string& ns) {
  if (is_of_ingress(leg)) {
    return by_hand(
        fmt::format("move the Ingress to namespace {}, or create the Service in {}: the backends of an Ingress are in its "
                    "own namespace",
                    ns, missing.ns),
        {fmt::format("kubectl get {} -o yaml", kubectl_object(ref(Kind::service, ns, missing.name)))});
  }
  if (is_of_traefik(leg)) {
    return by_hand(
        fmt::format("create the Service in {}, or name namespace {} where it is referred to, which Traefik allows with "
                    "--providers.kubernetescrd.allowCrossNamespace",
                    missing.ns, ns),
        {fmt::format("kubectl get {} -o yaml", kubectl_object(ref(Kind::service, ns, missing.name)))});
  }
  Fix fix = by_hand(fmt::format("name namespace {} in the backendRef, and let a ReferenceGrant there admit it", ns));
  const std::shared_ptr<const Value> document = facts.document(leg.object);
  if (document == nullptr) return fix;
  if (const auto change = set_field(leg.object, *document, leg.path + ".namespace", ns, {})) fix.commands = change->commands;
  const Ref grant = ref(Kind::reference_grant, ns, missing.name + "-from-" + leg.object.ns);
  for (std::string& command : create_object(grant, grant_for(leg, missing, ns), {}).commands) {
    fix.commands.push_back(std::move(command));
  }
  return fix;
}

Fix create_it(const Ref& missing) {
  return by_hand("create the Service, or name one that exists",
                 {fmt::format("kubectl get services -n {}", shell_quote(missing.ns))});
}

void fail(const Facts& facts, const Path& path, const Leg& leg, const Ref& missing, Verdicts& out) {
  FindingBuilder finding = out.fail(leg.scope);
  finding.object(leg.object, name_path(leg)).affects(missing).reason("service-not-found");
  const std::shared_ptr<const Value> document = facts.document(leg.object);
  if (document != nullptr) finding.saw(leg.object, leg.path, document->at_path(leg.path));
  if (const std::optional<std::string> near = near_name(facts, path, missing, leg)) {
    finding.says("{} does not exist; its namespace has {}", missing.text(), *near);
    if (document != nullptr) {
      finding.fix(set_field(leg.object, *document, name_path(leg), *near, fmt::format("send the requests to Service {}", *near)));
    }
    return;
  }
  const std::vector<std::string> others = elsewhere(facts, missing);
  if (others.empty()) {
    finding.says("{} does not exist", missing.text()).fix(create_it(missing));
    return;
  }
  finding.says("{} does not exist; a Service of that name is in {}", missing.text(), joined(others))
      .fix(reach_over(facts, leg, missing, others.front()));
}

// Where the Service may not be read, the controller has read it: what it says stands for the fact. A message about a
// port is another matter (BackendNotFound is written for both).
void report_said(const Facts& facts, const Path& path, const Leg& leg, const BackendView& backend, Verdicts& out) {
  const std::optional<Said> said = said_of_route(facts, path, leg, "ResolvedRefs", "BackendNotFound");
  if (!said || !is_about(*said, path, leg) || !said->mentions("found") || said->mentions("port")) return;
  out.fail(leg.scope)
      .object(leg.object, name_path(leg))
      .says("{} does not exist, says its controller: {}", backend.ref.text(), said->text())
      .saw(leg.object, said->path, said->condition.message)
      .affects(backend.ref)
      .reason("route-backend-not-found")
      .certainty(Certainty::observed)
      .fix(create_it(backend.ref));
}

// The Service that a backend names does not exist. Silent about backends of other kinds (failures/traps, 13), those
// with weight 0, and ALB's actions (traps, 12): they have no view of a Service.
void run(const Facts& facts, const Path& path, Verdicts& out) {
  for (const Leg& leg : path.legs) {
    if (leg.backend == no_index || (leg.route == no_index && leg.ingress == no_index)) continue;
    const BackendView& backend = path.backends[leg.backend];
    if (!backend.is_service) continue;
    if (backend.service.unknown()) {
      out.unknown(leg.scope, backend.service);
      report_said(facts, path, leg, backend, out);
    } else if (backend.service.absent()) {
      fail(facts, path, leg, backend.ref, out);
    } else {
      out.pass(leg.scope);
    }
  }
}

}  // namespace

extern constinit const Check service_not_found{
    .code = "service-not-found",
    .title = "a backend names a Service that does not exist",
    .severity = Severity::error,
    .layer = Layer::service,
    .reads = {Kind::gateway_class, Kind::http_route, Kind::service},
    .explains = {"route-refs-unresolved"},
    .run = run,
};

}  // namespace gwdoctor

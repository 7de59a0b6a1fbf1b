#include "checks/check.h"
#include "chain/nearest.h"

namespace gwdoctor {

namespace {

bool is_of_ingress(const Leg& leg) { return leg.object.kind == info(Kind::ingress).name; }

// The port by its number, or by its name where one is given: an unnamed port never answers to an absent name.
bool offers(const Service& service, const Leg& leg) {
  return leg.port ? service.port(*leg.port) != nullptr : service.port(std::string_view(leg.port_name)) != nullptr;
}

std::string wanted_of(const Leg& leg) { return leg.port ? std::to_string(*leg.port) : leg.port_name; }

// The Service port that the container's port stands behind: people write the port that the process listens on.
const ServicePort* port_with_target(const Service& service, const Leg& leg) {
  for (const ServicePort& port : service.ports) {
    if (leg.port && port.target_number == leg.port) return &port;
    if (!leg.port_name.empty() && port.target_name == leg.port_name) return &port;
  }
  return nullptr;
}

const ServicePort* port_meant(const Service& service, const Leg& leg) {
  if (const ServicePort* by_target = port_with_target(service, leg)) return by_target;
  if (service.ports.size() == 1) return &service.ports.front();
  std::vector<std::string> candidates;
  for (const ServicePort& port : service.ports) candidates.push_back(leg.port ? std::to_string(port.port) : port.name);
  const std::optional<std::string> near = nearest(wanted_of(leg), candidates);
  for (std::size_t at = 0; near && at < candidates.size(); ++at) {
    if (candidates[at] == *near) return &service.ports[at];
  }
  return nullptr;
}

std::string port_path(const Leg& leg) {
  if (!is_of_ingress(leg)) return leg.path + ".port";
  return leg.path + (leg.port || leg.port_name.empty() ? ".service.port.number" : ".service.port.name");
}

Fix use_port(const Facts& facts, const Path& path, const Leg& leg) {
  const BackendView& backend = path.backends[leg.backend];
  const ServicePort* port = port_meant(*backend.service, leg);
  const std::shared_ptr<const Value> document = facts.document(leg.object);
  const Fix choose =
      by_hand("name one of the ports of the Service", {fmt::format("kubectl get {}", kubectl_object(backend.ref))});
  if (port == nullptr || document == nullptr) return choose;
  const std::string summary = fmt::format("send the requests to port {} of the Service", port->port);
  if (!is_of_ingress(leg)) return set_field(leg.object, *document, leg.path + ".port", port->port, summary).value_or(choose);
  // The API takes a number or a name, never both: the whole field is replaced.
  Value by_number{Value::Object{}};
  by_number.set("number", port->port);
  return set_field(leg.object, *document, leg.path + ".service.port", std::move(by_number), summary).value_or(choose);
}

bool takes_target_port(const Path& path, const Leg& leg) {
  if (!is_of_ingress(leg) || path.ingresses[leg.ingress].controller == no_index) return false;
  const Controller* known = path.controllers[path.ingresses[leg.ingress].controller].known;
  return known != nullptr && known->accepts_target_port;
}

void fail(const Facts& facts, const Path& path, const Leg& leg, Verdicts& out) {
  const BackendView& backend = path.backends[leg.backend];
  const Service& service = *backend.service;
  const std::string wanted = wanted_of(leg);
  const bool by_target = !wanted.empty() && port_with_target(service, leg) != nullptr;
  FindingBuilder finding = out.fail(leg.scope);
  finding.object(leg.object, port_path(leg))
      .saw(backend.service, backend.ref, "spec.ports")
      .affects(backend.ref)
      .reason("service-port-not-found")
      .fix(use_port(facts, path, leg));
  if (wanted.empty()) {
    finding.says("{} names no port of {}, which has {}", leg.path, backend.ref.text(), service.port_list())
        .reason("route-backend-port-missing");
    return;
  }
  if (!by_target) {
    finding.says("port {} is not offered by {}, which has {}", wanted, backend.ref.text(), service.port_list());
    return;
  }
  finding.says("port {} is the container's port behind {}; the Service offers {}", wanted, backend.ref.text(),
               service.port_list());
  // ingress-nginx takes the targetPort for the port: it works there, and nowhere else (rulings, 14).
  if (takes_target_port(path, leg)) finding.reason("service-port-is-target-port").severity(Severity::info);
}

// The Service exists but does not offer the port that the route names. Silent where the Service is absent
// (service-not-found) or an ExternalName (no ports to check). Gateway API v1.6 BackendRef.port; Ingress v1 backend.
void run(const Facts& facts, const Path& path, Verdicts& out) {
  for (const Leg& leg : path.legs) {
    if (leg.backend == no_index || (leg.route == no_index && leg.ingress == no_index)) continue;
    const BackendView& backend = path.backends[leg.backend];
    if (!backend.is_service) continue;
    if (backend.service.unknown()) out.unknown(leg.scope, backend.service);
    if (!backend.service.present() || backend.service->is_external_name()) continue;
    if (offers(*backend.service, leg)) {
      out.pass(leg.scope);
    } else {
      fail(facts, path, leg, out);
    }
  }
}

}  // namespace

extern constinit const Check service_port_not_found{
    .code = "service-port-not-found",
    .title = "a backend names a port which its Service does not offer",
    .severity = Severity::error,
    .layer = Layer::service,
    .reads = {Kind::service},
    .explains = {"route-refs-unresolved"},
    .run = run,
};

}  // namespace gwdoctor

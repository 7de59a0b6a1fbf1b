#include "checks/check.h"

namespace gwdoctor {

namespace {

// The Service port that the container's port stands behind: people write the port that the process listens on.
const ServicePort* port_with_target(const Service& service, const Leg& leg) {
  for (const ServicePort& port : service.ports) {
    if (leg.port && port.target_number == leg.port) return &port;
    if (!leg.port_name.empty() && port.target_name == leg.port_name) return &port;
  }
  return service.ports.size() == 1 ? &service.ports.front() : nullptr;
}

bool offers(const Service& service, const Leg& leg) {
  return leg.port ? service.port(*leg.port) != nullptr : service.port(std::string_view(leg.port_name)) != nullptr;
}

std::optional<Fix> use_port(const Facts& facts, const Leg& leg, const ServicePort* port) {
  const std::shared_ptr<const Value> document = facts.document(leg.object);
  if (port == nullptr || document == nullptr) return std::nullopt;
  const std::string summary = fmt::format("send the requests to port {} of the Service", port->port);
  if (leg.ingress == no_index) return set_field(leg.object, *document, leg.path + ".port", port->port, summary);
  Value by_number{Value::Object{}};
  by_number.set("number", port->port);
  return set_field(leg.object, *document, leg.path + ".service.port", std::move(by_number), summary);
}

// The Service exists but does not offer the port that the route names. Silent where the Service is absent
// (service-not-found) or an ExternalName (no ports to check). Gateway API v1.6 BackendRef.port; Ingress v1 backend.
void run(const Facts& facts, const Path& path, Verdicts& out) {
  for (const Leg& leg : path.legs) {
    if (leg.backend == no_index || (leg.route == no_index && leg.ingress == no_index)) continue;
    const BackendView& backend = path.backends[leg.backend];
    if (!backend.is_service) continue;
    const Seen<Service>& service = backend.service;
    if (service.unknown()) out.unknown(leg.scope, service);
    if (!service.present() || service->is_external_name()) continue;
    const bool named = leg.port.has_value() || !leg.port_name.empty();
    if (named && offers(*service, leg)) {
      out.pass(leg.scope);
      continue;
    }
    const ServicePort* meant = port_with_target(*service, leg);
    const bool by_target = meant != nullptr && leg.port && meant->target_number == leg.port;
    // ingress-nginx takes the targetPort for the port: it works there, and nowhere else (rulings, 14).
    const Controller* controller = leg.ingress == no_index || path.ingresses[leg.ingress].controller == no_index
                                       ? nullptr
                                       : path.controllers[path.ingresses[leg.ingress].controller].known;
    const bool tolerated = named && controller != nullptr && controller->accepts_target_port && meant != nullptr &&
                           (by_target || (!leg.port_name.empty() && meant->target_name == leg.port_name));
    const std::string wanted = leg.port ? std::to_string(*leg.port) : leg.port_name;
    FindingBuilder finding = out.fail(leg.scope);
    finding.object(leg.object, leg.path + (leg.ingress == no_index ? ".port" : ".service.port"))
        .saw(service, backend.ref, "spec.ports")
        .affects(backend.ref)
        .fix(use_port(facts, leg, meant));
    if (!named) {
      finding.says("{} names no port of {}, which has {}", leg.path, backend.ref.text(), service->port_list()).reason("route-backend-port-missing");
    } else if (by_target) {
      finding.says("port {} is the container's port behind {}; the Service offers {}", wanted, backend.ref.text(), service->port_list())
          .reason(tolerated ? "service-port-is-target-port" : "service-port-not-found");
    } else {
      finding.says("port {} is not offered by {}, which has {}", wanted, backend.ref.text(), service->port_list()).reason("service-port-not-found");
    }
    if (tolerated) finding.severity(Severity::info);
  }
}

}  // namespace

extern constinit const Check service_port_not_found{
    .code = "service-port-not-found",
    .title = "a backend names a port which its Service does not offer",
    .severity = Severity::error,
    .layer = Layer::service,
    .reads = {Kind::service},
    .explains = {"route-refs-unresolved", "endpoints-none"},
    .run = run,
};

}  // namespace gwdoctor

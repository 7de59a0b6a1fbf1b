#include "checks/check.h"

#include <algorithm>
#include <array>

#include "checks/grace.h"
#include "checks/support/front_line.h"

namespace gwdoctor {

namespace {

struct Spot {
  const FrontHost& host;
  const FrontPort& port;
  const std::vector<const FrontService*>& services;
  const Path& path;
  const Facts& facts;

  [[nodiscard]] std::string_view protocol() const { return port.scheme == "udp" ? "UDP" : "TCP"; }
};

// An Ingress says which scheme, not which port: clients may be told another one than the usual.
bool looks_like(const ServicePort& port, bool tls) {
  constexpr std::array<std::string_view, 4> words{"https", "tls", "ssl", "websecure"};
  const auto has = [&](std::string_view word) {
    return port.name.find(word) != std::string::npos || port.target_name.find(word) != std::string::npos;
  };
  const bool secure = std::any_of(words.begin(), words.end(), has);
  if (tls) return secure || port.port == 443 || port.port == 8443 || port.target_number == 443 || port.target_number == 8443;
  return !secure && (has("http") || has("web") || port.port == 80 || port.port == 8080 || port.target_number == 80);
}

const ServicePort* way_in(const Spot& at, const FrontService& front) {
  const Service& service = *front.service;
  const ServicePort* found = port_for(service, front.workload.object.get(), at.port.listener, at.protocol());
  if (found != nullptr || at.host.ingress == no_index) return found;
  const auto like = std::find_if(service.ports.begin(), service.ports.end(),
                                 [&](const ServicePort& port) { return looks_like(port, at.port.tls); });
  return like == service.ports.end() ? nullptr : &*like;
}

// The port leads to a name that no container bears, while they name others: then nobody listens.
bool leads_nowhere(const ServicePort& port, const FrontService& front) {
  if (port.target_name.empty() || front.workload.object == nullptr) return false;
  bool named = false;
  for (const Container& container : front.workload->containers) {
    for (const ContainerPort& one : container.ports) {
      if (one.name == port.target_name) return false;
      named = named || !one.name.empty();
    }
  }
  return named;
}

// What an Ingress serves by plain HTTP may be offered by HTTPS alone on purpose, with the controller's own certificate.
bool must_be_offered(const Spot& at) {
  if (at.host.ingress == no_index || at.port.tls) return true;
  return std::none_of(at.services.begin(), at.services.end(), [](const FrontService* front) {
    const std::vector<ServicePort>& ports = front->service->ports;
    return std::any_of(ports.begin(), ports.end(), [](const ServicePort& port) { return looks_like(port, true); });
  });
}

// Somebody answers there, whoever it is.
bool is_answered(const Spot& at) {
  if (!at.facts.probes(ProbeKind::tcp) || at.port.scheme == "udp") return false;
  const FrontTargets targets = targets_of(at.host, at.facts);
  return std::any_of(targets.all.begin(), targets.all.end(), [&](const FrontTarget& target) {
    const Seen<TcpAnswer> answer = at.facts.tcp(target.address, at.port.port);
    return answer.present() && answer->result == TcpResult::connected;
  });
}

const Ref& entrance_of(const Spot& at) {
  return at.host.gateway != no_index ? at.path.gateways[at.host.gateway].ref : at.path.ingresses[at.host.ingress].ref;
}

bool is_settling(const Spot& at, const Service& service) {
  if (settling(service.meta, at.facts)) return true;
  if (at.host.gateway == no_index) return false;
  const Seen<Gateway>& gateway = at.path.gateways[at.host.gateway].gateway;
  return gateway.present() && settling(gateway->meta, at.facts);
}

void report(const Spot& at, const FrontService& front, const ServicePort* dead, Verdicts& out) {
  const Service& service = *front.service;
  const Ref& object = service.meta.ref;
  const std::string scheme = at.port.scheme.empty() ? "traffic" : at.port.scheme;
  FindingBuilder finding = out.fail(at.port.scope);
  finding.object(object, dead == nullptr ? "spec.ports" : dead->path + ".targetPort")
      .reason(at.host.gateway != no_index ? "gateway-listener-port-not-on-service" : "lb-port-not-exposed")
      .certainty(at.host.gateway != no_index || dead != nullptr ? Certainty::proved : Certainty::likely)
      .affects(entrance_of(at))
      .saw(object, "spec.ports", front.service.document->at_path("spec.ports"))
      .fix(by_hand(
          dead == nullptr
              ? fmt::format("add port {} to the Service, in the values or the object by which the data plane is installed, "
                            "or serve on a port that it has",
                            at.port.listener)
              : std::string("give targetPort the name or number of a port on which the data plane listens"),
          {fmt::format("kubectl get {} -o jsonpath={}", kubectl_object(object), shell_quote("{.spec.ports}"))}));
  if (dead != nullptr) {
    finding.says("port {} of {}, in front of {}, leads to the port {} of {}, which has none of that name", dead->port,
                 object.text(), entrance_of(at).text(), dead->target_name, front.workload->meta.ref.text());
  } else {
    finding.says("{} in front of {} has no port for {} on {}: it has {}", object.text(), entrance_of(at).text(), scheme,
                 at.port.listener, service.port_list());
  }
  // Another load balancer may lead past it (failures/traps, 9).
  if (!front.is_load_balancer()) finding.severity(Severity::warning).certainty(Certainty::likely);
}

void judge(const Spot& at, Verdicts& out) {
  const FrontService* first = nullptr;
  const ServicePort* dead = nullptr;
  for (const FrontService* front : at.services) {
    if (listens_on_nodes(front->workload, at.port.listener)) return;
    const bool outward = front->is_load_balancer() || front->service->type == "NodePort";
    if (!outward) continue;
    const ServicePort* found = way_in(at, *front);
    if (found != nullptr && !leads_nowhere(*found, *front)) return out.pass(at.port.scope);
    if (first != nullptr && first->is_load_balancer()) continue;
    if (first != nullptr && !front->is_load_balancer()) continue;
    first = front;
    dead = found;
  }
  if (first == nullptr || !must_be_offered(at)) return;
  if (is_answered(at)) return out.pass(at.port.scope);
  if (is_settling(at, *first->service)) {
    const Ref& object = first->service->meta.ref;
    return out.unknown(at.port.scope, Wish{Wish::What::object, Kind::service, object.ns, object.name, {}, {}}, pending());
  }
  report(at, *first, dead, out);
}

void run(const Facts& facts, const Path& path, Verdicts& out) {
  const std::shared_ptr<const Front> front = front_of(path, facts);
  for (const FrontHost& host : front->hosts) {
    const std::vector<const FrontService*> services = front->services_of(host, path);
    const Front::Unread* unread = front->unread_of(host, path);
    for (const FrontPort& port : host.ports) {
      const Spot at{host, port, services, path, facts};
      if (unread != nullptr && !is_answered(at)) {
        out.unknown(port.scope, unread->wish, unread->why);
      } else if (!services.empty()) {
        judge(at, out);
      }
    }
  }
}

}  // namespace

extern constinit const Check lb_port_not_exposed{
    .code = "lb-port-not-exposed",
    .title = "the Service in front has no port for the listener",
    .severity = Severity::error,
    .layer = Layer::loadbalancer,
    .reads = {Kind::gateway_class, Kind::gateway, Kind::http_route, Kind::ingress, Kind::service, Kind::deployment,
              Kind::daemon_set},
    .explains = {"lb-unreachable"},
    .run = run,
};

}  // namespace gwdoctor

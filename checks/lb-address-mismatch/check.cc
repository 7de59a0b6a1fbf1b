#include "checks/check.h"

#include <algorithm>

#include "checks/grace.h"
#include "checks/support/addresses.h"
#include "checks/support/front_line.h"
#include "kube/objects/fields.h"

namespace gwdoctor {

namespace {

struct Spot {
  const FrontHost& host;
  const std::vector<const FrontService*>& services;
  const Path& path;
  const Facts& facts;
};

bool same(const std::string& left, const std::string& right) {
  const std::optional<IpAddress> address = parse_ip(left);
  return address ? address == parse_ip(right) : lower_case(left) == lower_case(right);
}

std::vector<std::string> held_by(const Spot& at) {
  std::vector<std::string> out;
  for (const FrontService* front : at.services) {
    for (const IngressAddress& one : front->service->addresses) {
      if (!one.ip.empty()) out.push_back(one.ip);
      if (!one.hostname.empty()) out.push_back(one.hostname);
    }
    out.insert(out.end(), front->service->external_ips.begin(), front->service->external_ips.end());
  }
  return out;
}

// Addresses that were asked for, of whoever holds them: Gateway.spec.addresses.
std::vector<std::string> asked_for(const Spot& at) {
  std::vector<std::string> out;
  if (at.host.gateway == no_index || !at.path.gateways[at.host.gateway].gateway.present()) return out;
  for (const GatewayAddress& one : at.path.gateways[at.host.gateway].gateway->wanted_addresses) out.push_back(one.value);
  return out;
}

// Whether this controller copies the address of its Service, as it is run here: arguments may tell it others. Contour:
// cmd/contour/serve.go; ingress-nginx: pkg/flags (publish-service is set by its manifests where the cloud has load balancers).
bool copies(const Spot& at) {
  const Controller* known = controller_of(at.host, at.path);
  if (known == nullptr) return false;
  const StatusAddress how = at.host.gateway != no_index ? known->gateway_address : known->ingress_address;
  const std::size_t index =
      at.host.gateway != no_index ? at.path.gateways[at.host.gateway].controller : at.path.ingresses[at.host.ingress].controller;
  std::vector<std::string> arguments;
  for (const Known<Workload>& one : at.path.controllers[index].control.found) {
    const std::vector<std::string> words = arguments_of(one);
    arguments.insert(arguments.end(), words.begin(), words.end());
  }
  if (known->id == "ingress-nginx")
    return !argument(arguments, "--publish-service").empty() && argument(arguments, "--publish-status-address").empty();
  return how == StatusAddress::from_service && argument(arguments, "--ingress-status-address").empty();
}

bool balanced(const std::vector<const FrontService*>& services) {
  const auto ready = [](const FrontService* one) { return one->is_load_balancer() && !one->service->addresses.empty(); };
  return !services.empty() && std::all_of(services.begin(), services.end(), ready);
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

bool still_settling(const Spot& at) {
  const bool gateway = at.host.gateway != no_index && at.path.gateways[at.host.gateway].gateway.present() &&
                       settling(at.path.gateways[at.host.gateway].gateway->meta, at.facts);
  const bool ingress = at.host.ingress != no_index && at.path.ingresses[at.host.ingress].ingress.present() &&
                       settling(at.path.ingresses[at.host.ingress].ingress->meta, at.facts);
  return gateway || ingress || std::any_of(at.services.begin(), at.services.end(), [&](const FrontService* one) {
           return settling(one->service->meta, at.facts);
         });
}

// DNS leads to what the Service has: clients do not go by the status.
bool is_right_in_dns(const Spot& at, const std::vector<std::string>& held) {
  if (at.host.host.empty() || !at.facts.probes(ProbeKind::dns)) return false;
  const Seen<DnsAnswer> answer = at.facts.dns(at.host.host, at.facts.settings().resolvers().front());
  if (!answer.present() || !answer->resolves()) return false;
  const std::vector<std::string> addresses = answer->addresses();
  const auto is_held = [&](const std::string& address) {
    return std::any_of(held.begin(), held.end(), [&](const std::string& one) { return same(one, address); });
  };
  return std::all_of(addresses.begin(), addresses.end(), is_held) ||
         std::any_of(answer->aliases.begin(), answer->aliases.end(), [&](const DnsAlias& alias) { return is_held(alias.to); });
}

void judge(const Spot& at, Verdicts& out) {
  const std::vector<std::string> held = held_by(at);
  const std::vector<std::string> asked = asked_for(at);
  std::vector<const FrontAddress*> stale;
  for (const FrontAddress& one : at.host.addresses) {
    const auto is_this = [&](const std::string& other) { return same(one.value, other); };
    if (std::none_of(held.begin(), held.end(), is_this) && std::none_of(asked.begin(), asked.end(), is_this))
      stale.push_back(&one);
  }
  if (stale.empty()) return out.pass(at.host.scope);
  const Ref& object = stale.front()->object;
  if (still_settling(at)) {
    const std::optional<Kind> kind = kind_of(object);
    return out.unknown(at.host.scope, Wish{Wish::What::object, kind.value_or(Kind::gateway), object.ns, object.name, {}, {}},
                       pending());
  }
  const Ref& service = at.services.front()->service->meta.ref;
  for (const FrontAddress* one : stale) {
    FindingBuilder finding = out.fail(at.host.scope);
    finding.object(object, one->path)
        .reason("class-stale-status-after-switch")
        .says("{} publishes {}, which {} in front does not have: it has {}", object.text(), one->value, service.text(),
              joined(held))
        .saw(object, one->path, Value(one->value))
        .saw(service, "status.loadBalancer", at.services.front()->service.document->at_path("status.loadBalancer"))
        .affects(service)
        .fix(by_hand("let the controller write the status anew: see in its log why it does not, or clear what another one left",
                     {fmt::format("kubectl get {} -o yaml", kubectl_object(object)),
                      fmt::format("kubectl patch {} --subresource=status --type=merge -p {}", kubectl_object(object),
                                  shell_quote(object.kind == "Gateway" ? R"({"status":{"addresses":null}})"
                                                                       : R"({"status":{"loadBalancer":null}})"))}));
    if (is_right_in_dns(at, held)) {
      finding.severity(Severity::warning);
    } else if (stale.size() < at.host.addresses.size()) {
      finding.impact(Impact::part);
    }
  }
}

void run(const Facts& facts, const Path& path, Verdicts& out) {
  const std::shared_ptr<const Front> front = front_of(path, facts);
  for (const FrontHost& host : front->hosts) {
    if (host.addresses.empty()) continue;
    const std::vector<const FrontService*> services = front->services_of(host, path);
    const Spot at{host, services, path, facts};
    if (!copies(at)) continue;
    if (const Front::Unread* unread = front->unread_of(host, path)) {
      out.unknown(host.scope, unread->wish, unread->why);
    } else if (balanced(services)) {
      judge(at, out);
    }
  }
}

}  // namespace

extern constinit const Check lb_address_mismatch{
    .code = "lb-address-mismatch",
    .title = "the status of the Gateway or Ingress names an address that its Service does not have",
    .severity = Severity::error,
    .layer = Layer::loadbalancer,
    .reads = {Kind::gateway_class, Kind::gateway, Kind::http_route, Kind::ingress, Kind::service, Kind::deployment,
              Kind::daemon_set},
    .explains = {"dns-points-elsewhere", "lb-unreachable"},
    .run = run,
};

}  // namespace gwdoctor

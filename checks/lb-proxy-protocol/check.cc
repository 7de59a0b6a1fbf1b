#include "checks/check.h"

#include <algorithm>

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

// What the data plane awaits, as far as its workload's arguments prove it.
enum class Awaits { unknown, no_header, header };

const std::vector<Known<Workload>>& controllers_of(const Spot& at) {
  const std::size_t index =
      at.host.gateway != no_index ? at.path.gateways[at.host.gateway].controller : at.path.ingresses[at.host.ingress].controller;
  return at.path.controllers[index].control.found;
}

// Traefik's static configuration comes from arguments or from a file, never both: an entry point among the arguments shows which.
// Contour: cmd/contour/serve.go; a ContourConfiguration (--contour-config-name) takes the place of the flag.
Awaits awaits(const Spot& at) {
  const Controller* known = controller_of(at.host, at.path);
  if (known == nullptr || (known->id != "traefik" && known->id != "contour")) return Awaits::unknown;
  Awaits out = Awaits::unknown;
  for (const Known<Workload>& one : controllers_of(at)) {
    const std::vector<std::string> words = arguments_of(one);
    const auto any = [&](auto&& test) { return std::any_of(words.begin(), words.end(), test); };
    if (known->id == "traefik") {
      const bool by_arguments = !argument(words, "--entrypoints.").empty();
      const bool named = any([](const std::string& word) { return lower_case(word).find("proxyprotocol") != std::string::npos; });
      if (!by_arguments || named) return Awaits::unknown;
      out = Awaits::no_header;
    } else {
      const bool serves = any([](const std::string& word) { return word == "serve"; });
      if (!serves || !argument(words, "--contour-config-name").empty()) return Awaits::unknown;
      const bool header =
          !argument(words, "--use-proxy-protocol").empty() && argument(words, "--use-proxy-protocol=false").empty();
      out = header ? Awaits::header : Awaits::no_header;
    }
  }
  return out;
}

// What becomes of TLS at the addresses.
struct Handshakes {
  bool served = false;
  const FrontPort* port = nullptr;  // that was broken off …
  std::string where;                // … and at which address
  Seen<TlsAnswer> answer;
};

bool is_broken_off(const TlsAnswer& answer) {
  if (answer.connect != TcpResult::connected) return false;
  return answer.handshake == Handshake::closed || answer.handshake == Handshake::reset ||
         answer.handshake == Handshake::plain_http || answer.handshake == Handshake::not_tls;
}

Handshakes handshakes(const Spot& at, Verdicts& out) {
  Handshakes all;
  if (!at.facts.probes(ProbeKind::tls)) return all;
  const FrontTargets targets = targets_of(at.host, at.facts);
  for (const FrontPort& port : at.host.ports) {
    if (!port.tls) continue;
    for (const FrontTarget& target : targets.all) {
      const Seen<TlsAnswer> answer = at.facts.tls(target.address, port.port, at.host.host);
      if (answer.unknown()) out.unknown(port.scope, answer);
      if (!answer.present()) continue;
      all.served = all.served || answer->served();
      if (!is_broken_off(*answer) || all.port != nullptr) continue;
      all.port = &port;
      all.where = target.text(port.port);
      all.answer = answer;
    }
  }
  return all;
}

std::string happened(const TlsAnswer& answer) {
  switch (answer.handshake) {
    case Handshake::closed:
      return "closes the connection";
    case Handshake::reset:
      return "resets the connection";
    case Handshake::plain_http:
      return "answers in plain HTTP";
    default:
      return "answers with something that is no TLS";
  }
}

FindingBuilder start(const Spot& at, const Handshakes& seen, const FrontService& front, std::string_view reason, Verdicts& out) {
  FindingBuilder finding = out.fail(seen.port != nullptr ? seen.port->scope : at.host.scope);
  finding.reason(reason)
      .certainty(seen.port != nullptr ? Certainty::observed : Certainty::proved)
      .affects(front.service->meta.ref);
  if (seen.port != nullptr) {
    finding.saw({"gwdoctor.dev/v1", "TLSObservation", {}, seen.where, {}}, "status.handshake",
                seen.answer.document().at_path("status.handshake"));
  }
  return finding;
}

void report_unexpected(const Spot& at, const FrontService& front, const Asked& asked, const Handshakes& seen, Verdicts& out) {
  const Ref& object = front.service->meta.ref;
  const Controller* known = controller_of(at.host, at.path);
  const std::string name = known == nullptr ? "the data plane" : std::string(known->name);
  const std::string effect = seen.port != nullptr ? fmt::format(": {} {} when TLS begins", seen.where, happened(*seen.answer))
                                                  : fmt::format(", and {} is not set up to read it", name);
  start(at, seen, front, "lb-proxy-protocol-unexpected-header", out)
      .object(object, asked.path())
      .says("{} asks its load balancer for the PROXY protocol{}", object.text(), effect)
      .saw(object, asked.path(), Value(asked.value))
      .fix(by_hand(fmt::format("let {} read the PROXY protocol, or take the annotation away: both sides have to agree", name),
                   {fmt::format("kubectl get {} -o yaml", kubectl_object(object))}));
}

void report_missing(const Spot& at, const FrontService& front, const Handshakes& seen, Verdicts& out) {
  const Ref& object = front.service->meta.ref;
  const Controller* known = controller_of(at.host, at.path);
  const Ref& controller = controllers_of(at).front()->meta.ref;
  start(at, seen, front, "lb-proxy-protocol-missing-header", out)
      .object(object, "metadata.annotations")
      .says("{} expects the PROXY protocol ({}), and {} does not ask its load balancer for it: {} {} when TLS begins",
            known->name, controller.text(), object.text(), seen.where, happened(*seen.answer))
      .affects(controller)
      .fix(by_hand("ask the load balancer for the PROXY protocol by the provider's annotation, or take --use-proxy-protocol away",
                   {fmt::format("kubectl get {} -o yaml", kubectl_object(object))}));
}

void judge(const Spot& at, Verdicts& out) {
  const FrontService* balancer = nullptr;
  const FrontService* asking = nullptr;
  for (const FrontService* front : at.services) {
    if (!front->is_load_balancer()) continue;
    if (balancer == nullptr) balancer = front;
    if (asking == nullptr && asks_for_proxy_protocol(*front->service)) asking = front;
  }
  if (balancer == nullptr) return;
  const Awaits data_plane = awaits(at);
  if (asking == nullptr && data_plane != Awaits::header) return;
  const Handshakes seen = handshakes(at, out);
  if (seen.served) return out.pass(at.host.scope);
  if (asking != nullptr && data_plane != Awaits::header && (seen.port != nullptr || data_plane == Awaits::no_header))
    return report_unexpected(at, *asking, *asks_for_proxy_protocol(*asking->service), seen, out);
  if (asking == nullptr && seen.port != nullptr) report_missing(at, *balancer, seen, out);
}

void run(const Facts& facts, const Path& path, Verdicts& out) {
  const std::shared_ptr<const Front> front = front_of(path, facts);
  for (const FrontHost& host : front->hosts) {
    const std::vector<const FrontService*> services = front->services_of(host, path);
    if (!services.empty()) judge({host, services, path, facts}, out);
  }
}

}  // namespace

extern constinit const Check lb_proxy_protocol{
    .code = "lb-proxy-protocol",
    .title = "the load balancer and the data plane disagree on the PROXY protocol",
    .severity = Severity::error,
    .layer = Layer::loadbalancer,
    .reads = {Kind::gateway_class, Kind::gateway, Kind::http_route, Kind::ingress, Kind::service, Kind::deployment,
              Kind::daemon_set},
    .explains = {},
    .run = run,
};

}  // namespace gwdoctor

#include "checks/check.h"

#include <algorithm>

#include "checks/grace.h"
#include "checks/support/proxy_setup.h"
#include "kube/objects/fields.h"

namespace gwdoctor {

namespace {

struct Spot {
  const FrontHost& host;
  const std::vector<const FrontService*>& services;
  const Path& path;
  const Facts& facts;
};

using Awaits = ProxySetup::Awaits;

const std::vector<Known<Workload>>& controllers_of(const Spot& at) {
  const std::size_t index =
      at.host.gateway != no_index ? at.path.gateways[at.host.gateway].controller : at.path.ingresses[at.host.ingress].controller;
  return at.path.controllers[index].control.found;
}

// What becomes of TLS at the addresses.
struct Handshakes {
  bool served = false;
  const FrontPort* port = nullptr;  // that was broken off …
  std::string where;                // … and at which address
  Seen<TlsAnswer> answer;
  std::vector<std::pair<Scope, Seen<TlsAnswer>>> missing;  // that nobody made
};

bool is_broken_off(const TlsAnswer& answer) {
  if (answer.connect != TcpResult::connected) return false;
  return answer.handshake == Handshake::closed || answer.handshake == Handshake::reset ||
         answer.handshake == Handshake::plain_http || answer.handshake == Handshake::not_tls;
}

Handshakes handshakes(const Spot& at) {
  Handshakes all;
  if (!at.facts.probes(ProbeKind::tls)) return all;
  const FrontTargets targets = targets_of(at.host, at.facts);
  for (const FrontPort& port : at.host.ports) {
    if (!port.tls) continue;
    for (const FrontTarget& target : targets.all) {
      const Seen<TlsAnswer> answer = at.facts.tls(target.address, port.port, at.host.host);
      if (answer.unknown()) all.missing.emplace_back(port.scope, answer);
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

// Whether both sides agree cannot be seen: the words are for a person to compare.
std::vector<std::string> look_at(const Ref& service, const ProxySetup& setup) {
  std::vector<std::string> commands{fmt::format("kubectl get {} -o yaml", kubectl_object(service))};
  if (!setup.config_map.name.empty()) commands.push_back(fmt::format("kubectl edit {}", kubectl_object(setup.config_map)));
  return commands;
}

void show_setup(const ProxySetup& setup, FindingBuilder& finding) {
  if (setup.config_map.name.empty()) return;
  finding.affects(setup.config_map);
  if (!setup.settings.present()) return;
  const bool set = label(setup.settings->data, setup.key) != nullptr;
  finding.saw(setup.settings, setup.config_map, set ? fmt::format("data[\"{}\"]", setup.key) : std::string("data"));
}

void report_unexpected(const Spot& at, const FrontService& front, const Asked& asked, const Handshakes& seen,
                       const ProxySetup& setup, Verdicts& out) {
  const Ref& object = front.service->meta.ref;
  const Controller* known = controller_of(at.host, at.path);
  const std::string name = known == nullptr ? "the data plane" : std::string(known->name);
  const std::string effect = seen.port != nullptr ? fmt::format(": {} {} when TLS begins", seen.where, happened(*seen.answer))
                                                  : fmt::format(", and {} is not set up to read it", name);
  FindingBuilder finding = start(at, seen, front, "lb-proxy-protocol-unexpected-header", out);
  finding.object(object, asked.path())
      .says("{} asks its load balancer for the PROXY protocol{}{}{}", object.text(), effect, setup.told.empty() ? "" : "; ",
            setup.told)
      .saw(object, asked.path(), Value(asked.value))
      .fix(by_hand(fmt::format("let {} read the PROXY protocol{}, or take the annotation away: both sides have to agree", name,
                               setup.config_map.name.empty() ? "" : fmt::format(" by {} of its ConfigMap", setup.key)),
                   look_at(object, setup)));
  show_setup(setup, finding);
}

void report_missing(const Spot& at, const FrontService& front, const Handshakes& seen, const ProxySetup& setup, Verdicts& out) {
  const Ref& object = front.service->meta.ref;
  const Controller* known = controller_of(at.host, at.path);
  const Ref& controller = controllers_of(at).front()->meta.ref;
  const bool by_map = !setup.config_map.name.empty();
  FindingBuilder finding = start(at, seen, front, "lb-proxy-protocol-missing-header", out);
  finding.object(object, "metadata.annotations")
      .says("{} expects the PROXY protocol ({}), and {} does not ask its load balancer for it: {} {} when TLS begins",
            known->name, by_map ? setup.told : controller.text(), object.text(), seen.where, happened(*seen.answer))
      .affects(controller)
      .fix(by_hand(fmt::format("ask the load balancer for the PROXY protocol by the provider's annotation, or take {}",
                               by_map ? fmt::format("{} out of {}", setup.key, setup.config_map.text())
                                      : std::string("--use-proxy-protocol away")),
                   look_at(object, setup)));
  show_setup(setup, finding);
}

// Says what would have to be known: true where it is not.
bool admit_unread(const Spot& at, const ProxySetup& setup, Verdicts& out) {
  if (setup.unread) {
    out.unknown(at.host.scope, setup.settings);
    return true;
  }
  if (!setup.settings.present() || !settling(setup.settings->meta, at.facts)) return false;
  out.unknown(at.host.scope, setup.settings.wish(), pending("the controller to take up its ConfigMap"));
  return true;
}

// The load balancer is asked for the header.
void judge_asking(const Spot& at, const FrontService& asking, const Handshakes& seen, Verdicts& out) {
  const ProxySetup setup = proxy_setup_of(at.host, at.path, at.facts, true);
  for (const auto& [scope, answer] : seen.missing) out.unknown(scope, answer);
  const bool broken = seen.port != nullptr;
  if (setup.awaits == Awaits::header) return;
  if (!broken && admit_unread(at, setup, out)) return;
  if (broken || setup.awaits == Awaits::no_header)
    report_unexpected(at, asking, *asks_for_proxy_protocol(*asking.service), seen, setup, out);
}

// It is not, as far as its annotations tell: only a handshake that fails makes a ConfigMap worth a request.
void judge_silent(const Spot& at, const FrontService& balancer, const Handshakes& seen, Verdicts& out) {
  const ProxySetup setup = proxy_setup_of(at.host, at.path, at.facts, seen.port != nullptr);
  if (setup.awaits == Awaits::header) {
    for (const auto& [scope, answer] : seen.missing) out.unknown(scope, answer);
  }
  if (seen.port == nullptr || admit_unread(at, setup, out)) return;
  if (setup.awaits == Awaits::header) report_missing(at, balancer, seen, setup, out);
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
  const Handshakes seen = handshakes(at);
  if (seen.served) return out.pass(at.host.scope);
  if (asking != nullptr) {
    judge_asking(at, *asking, seen, out);
  } else {
    judge_silent(at, *balancer, seen, out);
  }
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
              Kind::daemon_set, Kind::config_map},
    .explains = {"tls-handshake-failed"},
    .run = run,
};

}  // namespace gwdoctor

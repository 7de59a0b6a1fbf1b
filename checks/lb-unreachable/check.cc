#include "checks/check.h"

#include <algorithm>

#include "checks/grace.h"
#include "checks/support/addresses.h"
#include "checks/support/beyond.h"
#include "checks/support/edges.h"
#include "checks/support/front_line.h"

namespace gwdoctor {

namespace {

struct Spot {
  const FrontHost& host;
  const Front& front;
  const Path& path;
  const Facts& facts;
};

// One address on one port.
struct Tried {
  const FrontTarget* target = nullptr;
  Seen<TcpAnswer> answer;
  bool open = false;
  bool mute = false;  // nobody said anything: a firewall, or no way there from here
};

bool is_private(const FrontTarget& target) {
  const std::optional<IpAddress> address = parse_ip(target.address);
  return address && reach_of(*address) != Reach::everywhere;
}

std::string what_happened(TcpResult result) {
  switch (result) {
    case TcpResult::refused:
      return "refuses connections";
    case TcpResult::timeout:
      return "does not answer";
    case TcpResult::reset:
      return "resets connections";
    default:
      return "cannot be reached";
  }
}

// The Service admits some clients alone, and this machine may not be one of them.
const FrontService* with_source_ranges(const Spot& at) {
  for (const FrontService* front : at.front.services_of(at.host, at.path)) {
    const Value& ranges = front->service.document->at_path("spec.loadBalancerSourceRanges");
    const bool all =
        std::any_of(ranges.items().begin(), ranges.items().end(), [](const Value& range) { return range.text() == "0.0.0.0/0"; });
    if (ranges.size() > 0 && !all) return front;
  }
  return nullptr;
}

// The host is served through an edge, which alone may be let in.
std::string_view edge_before(const Spot& at) {
  if (at.host.host.empty() || !at.facts.probes(ProbeKind::dns)) return {};
  const Seen<DnsAnswer> answer = at.facts.dns(at.host.host, at.facts.settings().resolvers().front());
  return answer.present() ? known_edge(*answer) : std::string_view();
}

// Clients meet a node port, which no object tells apart from a port that another load balancer maps (failures/traps, 8 and 9).
bool enters_by_node_port(const Spot& at) {
  const std::vector<const FrontService*> services = at.front.services_of(at.host, at.path);
  const bool balanced =
      std::any_of(services.begin(), services.end(), [](const FrontService* one) { return one->is_load_balancer(); });
  const bool on_nodes =
      std::any_of(services.begin(), services.end(), [](const FrontService* one) { return listens_on_nodes(one->workload); });
  return !services.empty() && !balanced && !on_nodes &&
         std::any_of(services.begin(), services.end(), [](const FrontService* one) { return one->service->type == "NodePort"; });
}

std::vector<Tried> try_all(const Spot& at, const FrontTargets& targets, const FrontPort& port, Verdicts& out) {
  std::vector<Tried> tried;
  for (const FrontTarget& target : targets.all) {
    Tried one{&target, at.facts.tcp(target.address, port.port), false, false};
    if (one.answer.unknown()) {
      out.unknown(port.scope, one.answer);
      continue;
    }
    // A machine without IPv6 knows nothing of IPv6 addresses.
    if (one.answer->result == TcpResult::no_route || one.answer->result == TcpResult::error) continue;
    one.open = one.answer->result == TcpResult::connected;
    one.mute = one.answer->result == TcpResult::timeout || one.answer->result == TcpResult::unreachable;
    tried.push_back(std::move(one));
  }
  return tried;
}

// Another port of the address answered: there is a way from here.
bool answers_elsewhere(const Spot& at, const FrontTarget& target, std::int64_t port) {
  for (const FrontPort& other : at.host.ports) {
    if (other.port == port || other.scheme == "udp") continue;
    const Seen<TcpAnswer> answer = at.facts.tcp(target.address, other.port);
    if (answer.present() && (answer->result == TcpResult::connected || answer->result == TcpResult::refused)) return true;
  }
  return false;
}

// Why silence proves nothing; "" where it does.
std::string excuse(const Spot& at, const Tried& one, std::int64_t port) {
  if (!one.mute) return {};
  if (is_private(*one.target) && !answers_elsewhere(at, *one.target, port))
    return fmt::format("{} is a private address, and nothing answers there from this machine", one.target->address);
  if (const FrontService* front = with_source_ranges(at))
    return fmt::format("{} admits some clients alone (spec.loadBalancerSourceRanges)", front->service->meta.ref.text());
  return {};
}

void report(const Spot& at, const FrontPort& port, const Tried& one, bool others_open, bool only_v6, Verdicts& out) {
  const FrontAddress& published = *one.target->published;
  const std::string_view edge = one.mute ? edge_before(at) : std::string_view();
  FindingBuilder finding = out.fail(port.scope);
  finding.object(published.object, published.path)
      .reason(one.answer->result == TcpResult::refused ? "lb-refused" : "lb-timeout")
      .certainty(Certainty::observed)
      .says("{}, published by {}, {} from this machine{}{}{}", one.target->text(port.port), published.object.text(),
            what_happened(one.answer->result), others_open ? ", while other addresses do" : "",
            edge.empty() ? std::string() : fmt::format("; clients come by {}, which alone may be let in", edge),
            answers_beyond(port.scope, at.path, at.facts))
      .saw({"gwdoctor.dev/v1", "TCPObservation", {}, one.target->text(port.port), {}}, "status.result",
           one.answer.document().at_path("status.result"))
      .fix(by_hand("let clients in: the load balancer's listener, its firewall or security group, the health of its targets",
                   {fmt::format("nc -vz {} {}", one.target->address, port.port), "kubectl get services -A"}));
  for (const FrontService* front : at.front.services_of(at.host, at.path)) finding.affects(front->service->meta.ref);
  if (!edge.empty()) {
    finding.severity(Severity::info);
  } else if (only_v6) {
    finding.severity(Severity::warning);
  } else if (others_open) {
    finding.impact(Impact::part);
  }
}

// An Ingress names no ports. One that TLS serves may be offered by HTTPS alone, on purpose: cloud load balancers with a
// certificate, Services without port 80. Help only.
bool is_offered_by_tls(const Spot& at, const FrontPort& port, const FrontTarget& target) {
  if (at.host.ingress == no_index || port.tls) return false;
  const Seen<TcpAnswer> answer = at.facts.tcp(target.address, 443);
  return answer.present() && answer->result == TcpResult::connected;
}

void judge_port(const Spot& at, const FrontTargets& targets, const FrontPort& port, Verdicts& out) {
  const std::vector<Tried> tried = try_all(at, targets, port, out);
  const auto open = [](const Tried& one) { return one.open; };
  const bool any_open = std::any_of(tried.begin(), tried.end(), open);
  const bool v4_open = std::any_of(tried.begin(), tried.end(), [](const Tried& one) { return one.open && !one.target->v6; });
  if (!tried.empty() && std::all_of(tried.begin(), tried.end(), open)) return out.pass(port.scope);
  for (const Tried& one : tried) {
    if (one.open || is_offered_by_tls(at, port, *one.target)) continue;
    if (is_being_made(at.host, at.front, at.path, at.facts)) {
      out.unknown(port.scope, one.answer.wish(), pending("the load balancer"));
    } else if (const Front::Unread* unread = at.front.unread_of(at.host, at.path)) {
      out.unknown(port.scope, unread->wish, unread->why);
    } else if (const std::string why = excuse(at, one, port.port); !why.empty()) {
      out.unknown(port.scope, one.answer.wish(), Why{Why::Reason::vantage, why, std::nullopt});
    } else {
      report(at, port, one, any_open, one.target->v6 && v4_open, out);
    }
  }
}

// The name that the load balancer was given is in no DNS.
void judge_names(const Spot& at, const FrontTargets& targets, Verdicts& out) {
  for (const FrontTargets::Unresolved& one : targets.unresolved) {
    if (one.answer.unknown()) {
      out.unknown(at.host.scope, one.answer);
      continue;
    }
    if (!one.answer->does_not_exist() && !one.answer->is_empty()) continue;  // the servers failed
    if (is_being_made(at.host, at.front, at.path, at.facts)) {
      out.unknown(at.host.scope, one.answer.wish(), pending("the load balancer's name"));
      continue;
    }
    FindingBuilder finding = out.fail(at.host.scope);
    finding.object(one.published->object, one.published->path)
        .reason("lb-name-gone")
        .certainty(Certainty::observed)
        .says("{}, published by {}, does not resolve to any address", one.published->value, one.published->object.text())
        .fix(by_hand("find out whether the load balancer still exists: its Service's events, the provider's console",
                     {fmt::format("dig {}", shell_quote(one.published->value))}));
    if (!targets.all.empty()) finding.impact(Impact::part);
  }
}

void run(const Facts& facts, const Path& path, Verdicts& out) {
  if (!facts.probes(ProbeKind::tcp)) return;
  const std::shared_ptr<const Front> front = front_of(path, facts);
  for (const FrontHost& host : front->hosts) {
    const Spot at{host, *front, path, facts};
    const FrontTargets targets = targets_of(host, facts);
    judge_names(at, targets, out);
    if (targets.all.empty() || enters_by_node_port(at)) continue;
    for (const FrontPort& port : host.ports) {
      if (port.scheme != "udp") judge_port(at, targets, port, out);
    }
  }
}

}  // namespace

extern constinit const Check lb_unreachable{
    .code = "lb-unreachable",
    .title = "nothing answers at a published address and port",
    .severity = Severity::error,
    .layer = Layer::loadbalancer,
    .reads = {Kind::gateway_class, Kind::gateway, Kind::http_route, Kind::ingress, Kind::service, Kind::deployment,
              Kind::daemon_set},
    .explains = {},
    .run = run,
};

}  // namespace gwdoctor

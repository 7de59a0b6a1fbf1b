#include "checks/check.h"

#include <algorithm>

#include "checks/support/dns_names.h"
#include "checks/support/edges.h"

namespace gwdoctor {

namespace {

struct Spot {
  const DnsName& name;
  const Facts& facts;
};

std::string how(TcpResult result) {
  return result == TcpResult::refused   ? "refuses connections"
         : result == TcpResult::timeout ? "does not answer"
                                        : "cannot be reached";
}

// What the stale address does with the connections that it gets: "198.51.100.9:443 refuses connections", or "".
std::string dead_text(const Spot& at, const std::vector<std::string>& strangers) {
  if (!at.facts.probes(ProbeKind::tcp)) return {};
  for (const FrontHost* way : at.name.ways) {
    for (const FrontPort& port : way->ports) {
      if (port.scheme == "udp") continue;
      for (const std::string& address : strangers) {
        const Seen<TcpAnswer> answer = at.facts.tcp(address, port.port);
        if (!answer.present()) continue;
        const TcpResult result = answer->result;
        const bool open = result == TcpResult::connected || result == TcpResult::no_route || result == TcpResult::error;
        if (!open) return fmt::format("; {} {} on port {}", address, how(result), port.port);
      }
    }
  }
  return {};
}

void judge(const Spot& at, const Front& front, const Path& path, Verdicts& out) {
  const std::vector<Lookup> lookups = look_up(at.name.host, at.facts);
  admit_unknown(lookups, at.name.scope, out);
  for (const Lookup& lookup : lookups) {
    if (!lookup.answer.present() || !lookup.answer->resolves()) continue;
    const Wanted wanted = wanted_of(at.name, front, path, at.facts, lookup.server);
    const Comparison found = compare(*lookup.answer, wanted);
    if (!found.leads_here()) continue;  // dns-points-elsewhere
    // The addresses of a load balancer that has a name come and go: an answer holds a part of them (failures/traps, 23).
    if (found.by_name || found.strangers.empty() || wanted.by_hostname || !known_edge(*lookup.answer).empty()) {
      out.pass(at.name.scope);
      continue;
    }
    const auto unread = std::find_if(at.name.ways.begin(), at.name.ways.end(),
                                     [&](const FrontHost* way) { return front.unread_of(*way, path) != nullptr; });
    if (unread != at.name.ways.end()) {
      out.unknown(at.name.scope, front.unread_of(**unread, path)->wish, front.unread_of(**unread, path)->why);
      continue;
    }
    const std::string dead = dead_text(at, found.strangers);
    FindingBuilder finding = out.fail(at.name.scope);
    finding.object(at.name.object, at.name.path)
        .reason("dns-partial-address-set")
        .certainty(Certainty::observed)
        .says("{} leads to {}{} besides {}, expected {} alone{}", at.name.host, list_text(found.strangers), lookup.where(),
              list_text(found.hits), wanted.text(), dead)
        .saw(observation_of(lookup.answer.document()), "status.a", lookup.answer.document().at_path("status.a"))
        .fix(by_hand(fmt::format("take {} out of the records of {}", list_text(found.strangers), at.name.host),
                     record_fix(at.name, wanted).commands));
    if (!dead.empty()) finding.severity(Severity::error).impact(Impact::part);
  }
}

void run(const Facts& facts, const Path& path, Verdicts& out) {
  if (!facts.probes(ProbeKind::dns)) return;
  const std::shared_ptr<const Front> front = front_of(path, facts);
  for (const DnsName& name : dns_names(*front)) judge({name, facts}, *front, path, out);
}

}  // namespace

extern constinit const Check dns_partly_stale{
    .code = "dns-partly-stale",
    .title = "some addresses of a hostname are not those of its load balancer",
    .severity = Severity::warning,
    .layer = Layer::dns,
    .reads = {Kind::gateway_class, Kind::gateway, Kind::http_route, Kind::ingress, Kind::service, Kind::deployment,
              Kind::daemon_set},
    .explains = {},
    .run = run,
};

}  // namespace gwdoctor

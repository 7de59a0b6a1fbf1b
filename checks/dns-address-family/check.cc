#include "checks/check.h"

#include <algorithm>

#include "checks/support/dns_names.h"
#include "checks/support/edges.h"

namespace gwdoctor {

namespace {

struct Spot {
  const DnsName& name;
  const Front& front;
  const Path& path;
  const Facts& facts;
};

std::string_view record_of(bool v6) { return v6 ? "AAAA" : "A"; }
std::string_view family_of(bool v6) { return v6 ? "IPv6" : "IPv4"; }

// Something answers there all the same, another proxy for that family; or this machine cannot tell.
bool answers(const Spot& at, const std::vector<std::string>& addresses) {
  if (!at.facts.probes(ProbeKind::tcp)) return false;
  for (const FrontHost* way : at.name.ways) {
    for (const FrontPort& port : way->ports) {
      for (const std::string& address : addresses) {
        const Seen<TcpAnswer> answer = at.facts.tcp(address, port.port);
        if (answer.present() && answer->result == TcpResult::connected) return true;
      }
    }
  }
  return false;
}

// The families that the Service in front was given, as evidence.
void show_families(const Spot& at, FindingBuilder& finding) {
  for (const FrontHost* way : at.name.ways) {
    for (const FrontService* front : at.front.services_of(*way, at.path)) {
      const Value& families = front->service.document->at_path("spec.ipFamilies");
      if (families.is_null()) continue;
      finding.affects(front->service->meta.ref).saw(front->service->meta.ref, "spec.ipFamilies", families);
      return;
    }
  }
}

FindingBuilder start(const Spot& at, const Lookup& lookup, bool v6, std::string_view reason, Verdicts& out) {
  const std::string field = v6 ? "status.aaaa" : "status.a";
  FindingBuilder finding = out.fail(at.name.scope);
  finding.object(at.name.object, at.name.path)
      .reason(reason)
      .certainty(Certainty::observed)
      .saw(observation_of(lookup.answer.document()), field, lookup.answer.document().at_path(field));
  return finding;
}

void judge_surplus(const Spot& at, const Lookup& lookup, const Wanted& wanted, const std::vector<std::string>& surplus,
                   Verdicts& out) {
  const bool v6 = parse_ip(surplus.front())->v6;
  FindingBuilder finding = start(at, lookup, v6, v6 ? "dns-aaaa-without-ipv6-path" : "dns-a-without-ipv4-path", out);
  finding
      .says("{} has the {} record {}{}, and its load balancer has no {} address ({})", at.name.host, record_of(v6),
            list_text(surplus), lookup.where(), family_of(v6), wanted.text())
      .fix(by_hand(fmt::format("delete the {} record of {}, or give the Service in front both families "
                               "(ipFamilyPolicy: PreferDualStack)",
                               record_of(v6), at.name.host),
                   record_fix(at.name, wanted).commands));
  show_families(at, finding);
}

void judge_lack(const Spot& at, const Lookup& lookup, const Wanted& wanted, bool v6, Verdicts& out) {
  // Who has no IPv6 is rare, who has no IPv4 rarer still: that lack is told, no more.
  start(at, lookup, v6, v6 ? "dns-missing-aaaa-for-dualstack" : "dns-missing-a-for-dualstack", out)
      .severity(v6 ? Severity::info : Severity::warning)
      .says("{} has no {} record{}, and its load balancer has {} addresses too ({}): who has {} alone does not reach it",
            at.name.host, record_of(v6), lookup.where(), family_of(v6), wanted.text(), family_of(v6))
      .fix(by_hand(fmt::format("publish the {} record of {} as well", record_of(v6), at.name.host),
                   record_fix(at.name, wanted).commands));
}

void judge(const Spot& at, Verdicts& out) {
  const std::vector<Lookup> lookups = look_up(at.name.host, at.facts);
  admit_unknown(lookups, at.name.scope, out);
  for (const Lookup& lookup : lookups) {
    if (!lookup.answer.present() || !lookup.answer->resolves()) continue;
    const DnsAnswer& answer = *lookup.answer;
    const Wanted wanted = wanted_of(at.name, at.front, at.path, at.facts, lookup.server);
    const Comparison found = compare(answer, wanted);
    // An edge has its own addresses, of both families (failures/traps, 24).
    if (!found.leads_here() || !known_edge(answer).empty()) continue;
    if (found.by_name) {
      out.pass(at.name.scope);
    } else if (!found.other_family.empty()) {
      if (!wanted.open.empty() || answers(at, found.other_family)) continue;
      judge_surplus(at, lookup, wanted, found.other_family, out);
    } else if (answer.aaaa.status == DnsStatus::empty && wanted.has_family(true) && !wanted.by_hostname) {
      judge_lack(at, lookup, wanted, true, out);
    } else if (answer.a.status == DnsStatus::empty && wanted.has_family(false)) {
      judge_lack(at, lookup, wanted, false, out);
    } else {
      out.pass(at.name.scope);
    }
  }
}

void run(const Facts& facts, const Path& path, Verdicts& out) {
  if (!facts.probes(ProbeKind::dns)) return;
  const std::shared_ptr<const Front> front = front_of(path, facts);
  for (const DnsName& name : dns_names(*front)) judge({name, *front, path, facts}, out);
}

}  // namespace

extern constinit const Check dns_address_family{
    .code = "dns-address-family",
    .title = "a hostname and its load balancer have addresses of different families",
    .severity = Severity::warning,
    .layer = Layer::dns,
    .reads = {Kind::gateway_class, Kind::gateway, Kind::http_route, Kind::ingress, Kind::service, Kind::deployment,
              Kind::daemon_set},
    .explains = {},
    .run = run,
};

}  // namespace gwdoctor

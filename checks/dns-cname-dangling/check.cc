#include "checks/check.h"

#include "checks/support/dns_names.h"

namespace gwdoctor {

namespace {

bool dangles(const DnsAnswer& answer) { return answer.does_not_exist() && !answer.aliases.empty(); }

void report(const DnsName& name, const Lookup& lookup, bool elsewhere_found, const Front& front, const Path& path,
            const Facts& facts, Verdicts& out) {
  const DnsAnswer& answer = *lookup.answer;
  const Wanted wanted = wanted_of(name, front, path, facts, lookup.server);
  const bool published = compare(answer, wanted).by_name;
  FindingBuilder finding = out.fail(name.scope);
  finding.object(name.object, name.path)
      .certainty(Certainty::observed)
      .reason("dns-dangling-cname")
      .says("{} leads by CNAME to {}, which does not exist{} (NXDOMAIN){}", name.host, answer.end(), lookup.where(),
            published        ? ", though it is what the cluster publishes"
            : wanted.empty() ? std::string()
                             : fmt::format("; expected {}", wanted.text()))
      .saw(observation_of(lookup.answer.document()), "status.aliases", lookup.answer.document().at_path("status.aliases"))
      .fix(record_fix(name, wanted));
  // Who is asked by name, and whom a line of /etc/hosts helps, is not everybody.
  if (use_of(name.host) != NameUse::ordinary) return static_cast<void>(finding.severity(Severity::info));
  if (elsewhere_found || !answer.hosts_entry.empty()) finding.severity(Severity::warning);
}

void judge(const DnsName& name, const Front& front, const Path& path, const Facts& facts, Verdicts& out) {
  const std::vector<Lookup> lookups = look_up(name.host, facts);
  admit_unknown(lookups, name.scope, out);
  const Lookup* dangling = nullptr;
  bool found = false;
  for (const Lookup& lookup : lookups) {
    if (!lookup.answer.present()) continue;
    found = found || lookup.answer->resolves();
    if (dangling == nullptr && dangles(*lookup.answer)) dangling = &lookup;
  }
  if (dangling != nullptr) return report(name, *dangling, found, front, path, facts, out);
  if (found) out.pass(name.scope);
}

void run(const Facts& facts, const Path& path, Verdicts& out) {
  if (!facts.probes(ProbeKind::dns)) return;
  const std::shared_ptr<const Front> front = front_of(path, facts);
  for (const DnsName& name : dns_names(*front)) judge(name, *front, path, facts, out);
}

}  // namespace

extern constinit const Check dns_cname_dangling{
    .code = "dns-cname-dangling",
    .title = "the CNAME of a hostname leads to a name that does not exist",
    .severity = Severity::error,
    .layer = Layer::dns,
    .reads = {Kind::gateway_class, Kind::gateway, Kind::http_route, Kind::ingress, Kind::service, Kind::deployment,
              Kind::daemon_set},
    .explains = {},
    .run = run,
};

}  // namespace gwdoctor

#include "checks/check.h"

#include <algorithm>

#include "checks/support/dns_names.h"

namespace gwdoctor {

namespace {

bool says(const DnsAnswer& answer, DnsStatus status) { return answer.a.status == status || answer.aaaa.status == status; }

struct Failure {
  std::string_view reason;
  std::string text;
  Why::Reason why = Why::Reason::error;
};

Failure failure_of(const DnsAnswer& answer) {
  const std::string& detail = answer.a.detail.empty() ? answer.aaaa.detail : answer.a.detail;
  const std::string more = detail.empty() ? std::string() : ": " + detail;
  if (says(answer, DnsStatus::servfail))
    return {"dns-servfail", "the name server could not find it out (SERVFAIL)" + more, Why::Reason::error};
  if (says(answer, DnsStatus::refused))
    return {"dns-refused", "the name server refuses to answer (REFUSED)" + more, Why::Reason::error};
  if (says(answer, DnsStatus::timeout)) return {"dns-timeout", "no name server answered in time" + more, Why::Reason::timeout};
  return {"dns-error", "the lookup failed" + more, Why::Reason::error};
}

Fix remedy(const DnsName& name, const Lookup& lookup) {
  const std::string host = shell_quote(name.host);
  const std::string at = lookup.server.empty() ? std::string() : " @" + lookup.server;
  return by_hand("ask again, with and without DNSSEC, and the servers of the zone themselves",
                 {fmt::format("dig {}{}", host, at), fmt::format("dig {}{} +cd", host, at), fmt::format("dig {} +trace", host)});
}

// What is asked for in private names is often answered by failures: no resolver here need know them.
void judge(const DnsName& name, const Facts& facts, Verdicts& out) {
  const std::vector<Lookup> lookups = look_up(name.host, facts);
  admit_unknown(lookups, name.scope, out);
  if (use_of(name.host) != NameUse::ordinary) return;
  const bool told = std::any_of(lookups.begin(), lookups.end(),
                                [](const Lookup& lookup) { return lookup.answer.present() && !lookup.answer->failed(); });
  bool failed = false;
  for (const Lookup& lookup : lookups) {
    if (!lookup.answer.present() || !lookup.answer->failed()) continue;
    failed = true;
    const Failure failure = failure_of(*lookup.answer);
    out.fail(name.scope)
        .object(name.object, name.path)
        .certainty(Certainty::observed)
        .reason(failure.reason)
        .says("{} could not be looked up{}: {}", name.host, lookup.where(), failure.text)
        .saw(observation_of(lookup.answer.document()), "status.a", lookup.answer.document().at_path("status.a"))
        .fix(remedy(name, lookup));
    if (!told) out.unknown(name.scope, lookup.answer.wish(), Why{failure.why, failure.text, std::nullopt});
  }
  if (!failed && told) out.pass(name.scope);
}

void run(const Facts& facts, const Path& path, Verdicts& out) {
  if (!facts.probes(ProbeKind::dns)) return;
  const std::shared_ptr<const Front> front = front_of(path, facts);
  for (const DnsName& name : dns_names(*front)) judge(name, facts, out);
}

}  // namespace

extern constinit const Check dns_lookup_failed{
    .code = "dns-lookup-failed",
    .title = "the name servers did not answer for a hostname, or failed",
    .severity = Severity::warning,
    .layer = Layer::dns,
    .reads = {Kind::gateway_class, Kind::gateway, Kind::http_route, Kind::ingress, Kind::service, Kind::deployment,
              Kind::daemon_set},
    .explains = {},
    .run = run,
};

}  // namespace gwdoctor

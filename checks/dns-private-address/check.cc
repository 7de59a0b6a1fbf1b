#include "checks/check.h"

#include <algorithm>

#include "checks/support/dns_names.h"

namespace gwdoctor {

namespace {

// The AWS Load Balancer Controller's names of load balancers that are internal, its default.
bool is_internal_aws(const DnsAnswer& answer) {
  const std::string& end = answer.end();
  return end.ends_with(".elb.amazonaws.com") && (end.starts_with("internal-") || end.find(".internal-") != std::string::npos);
}

std::string kind_of_address(Reach reach) {
  return reach == Reach::this_host ? "a loopback or link-local address, which is every machine's own"
                                   : "a private address, which the internet cannot reach";
}

void judge(const DnsName& name, const Front& front, const Path& path, const Facts& facts, Verdicts& out) {
  const std::vector<Lookup> lookups = look_up(name.host, facts);
  admit_unknown(lookups, name.scope, out);
  const bool meant_for_all = facts.settings().public_view;
  bool is_public = false;
  for (const Lookup& lookup : lookups)
    is_public = is_public || (lookup.answer.present() && widest(lookup.answer->addresses()) == Reach::everywhere);
  for (const Lookup& lookup : lookups) {
    if (!lookup.answer.present() || !lookup.answer->resolves() || use_of(name.host) != NameUse::ordinary) continue;
    const DnsAnswer& answer = *lookup.answer;
    const Wanted wanted = wanted_of(name, front, path, facts, lookup.server);
    const Reach reach = widest(answer.addresses());
    // Private answers of one resolver and public ones of another are two views on purpose (dns-points-elsewhere says so).
    if (reach == Reach::everywhere || is_public || !(wanted.is_public() || meant_for_all)) {
      out.pass(name.scope);
      continue;
    }
    const bool internal_aws = is_internal_aws(answer);
    FindingBuilder finding = out.fail(name.scope);
    finding.object(name.object, name.path)
        .reason(internal_aws ? "lb-aws-internal-scheme" : "dns-private-address-public-name")
        .certainty(Certainty::observed)
        .says("{} leads to {}{}, {}{}", name.host, answer_text(answer), lookup.where(), kind_of_address(reach),
              wanted.is_public() ? fmt::format("; expected {}", wanted.text()) : std::string())
        .saw(observation_of(lookup.answer.document()), "status.a", lookup.answer.document().at_path("status.a"))
        .fix(internal_aws ? by_hand("ask for an internet-facing load balancer (alb.ingress.kubernetes.io/scheme, "
                                    "service.beta.kubernetes.io/aws-load-balancer-scheme): it is made anew, with another name")
                          : record_fix(name, wanted));
    // For everybody on the internet it is nowhere.
    if (meant_for_all) finding.severity(Severity::error).impact(Impact::all);
  }
}

void run(const Facts& facts, const Path& path, Verdicts& out) {
  if (!facts.probes(ProbeKind::dns)) return;
  const std::shared_ptr<const Front> front = front_of(path, facts);
  for (const DnsName& name : dns_names(*front)) judge(name, *front, path, facts, out);
}

}  // namespace

extern constinit const Check dns_private_address{
    .code = "dns-private-address",
    .title = "a public hostname leads to a private address",
    .severity = Severity::warning,
    .layer = Layer::dns,
    .reads = {Kind::gateway_class, Kind::gateway, Kind::http_route, Kind::ingress, Kind::service, Kind::deployment,
              Kind::daemon_set},
    .explains = {},
    .run = run,
};

}  // namespace gwdoctor

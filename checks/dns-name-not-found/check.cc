#include "checks/check.h"

#include <algorithm>

#include "checks/support/dns_names.h"

namespace gwdoctor {

namespace {

// A CNAME that leads to nothing is dns-cname-dangling.
bool is_missing(const DnsAnswer& answer) { return (answer.does_not_exist() && answer.aliases.empty()) || answer.is_empty(); }

// RFC 4592, 2.2.1: a wildcard is for names below which nothing nearer exists. Help only.
std::string wildcard_text(const DnsName& name, const std::string& server, const Facts& facts) {
  const std::size_t first = name.host.find('.');
  const std::size_t second = first == std::string::npos ? first : name.host.find('.', first + 1);
  if (second == std::string::npos || name.host.find('.', second + 1) == std::string::npos) return {};
  const std::string wildcard = "*" + name.host.substr(second);
  const Seen<DnsAnswer> answer = facts.dns(wildcard, server);
  if (!answer.present() || !answer->resolves()) return {};
  return fmt::format("; {} exists and does not cover it, as {} stands between them", wildcard, name.host.substr(first + 1));
}

struct Judged {
  Severity severity = Severity::error;
  std::string because;  // for the message
  std::string_view reason;
};

// How much the answer says: to whom the name matters, and whom the resolvers that were asked speak for.
Judged weigh(const DnsName& name, const Lookup& missing, bool found_elsewhere, const Wanted& wanted, const Facts& facts) {
  const bool asked = !facts.settings().dns_servers.empty();
  const bool meant_for_all = facts.settings().public_view;
  const std::string& hosts = missing.answer->hosts_entry;
  switch (use_of(name.host)) {
    case NameUse::reserved:
      return {Severity::info, ": the name is reserved (RFC 6761), and no public DNS has it", "dns-reserved-name"};
    case NameUse::within:
      return {asked ? Severity::warning : Severity::info, ": the name is for use within one network, which may have its own DNS",
              "dns-reserved-name"};
    case NameUse::ordinary:
      break;
  }
  if (found_elsewhere)
    return {meant_for_all ? Severity::warning : Severity::info, ", and other servers know it", "dns-split-horizon"};
  if (!hosts.empty()) return {Severity::warning, fmt::format(": only this machine finds it, by /etc/hosts ({})", hosts), ""};
  if (wanted.empty()) return {Severity::warning, ", and no address is published that it could lead to", ""};
  if (!wanted.addresses.empty() && !wanted.is_public() && !asked && !meant_for_all) {
    return {Severity::warning,
            fmt::format(" as seen from this machine: {} is a private address, and the DNS of its network may know the name",
                        wanted.text()),
            ""};
  }
  return {};
}

void report(const DnsName& name, const Lookup& missing, const Judged& judged, const Wanted& wanted, const Facts& facts,
            Verdicts& out) {
  const DnsAnswer& answer = *missing.answer;
  const bool empty = answer.is_empty();
  const std::string wildcard = judged.severity > Severity::info ? wildcard_text(name, missing.server, facts) : std::string();
  const std::string exists = answer.aliases.empty() ? "the name exists" : fmt::format("its CNAME leads to {}", answer.end());
  FindingBuilder finding = out.fail(name.scope);
  finding.object(name.object, name.path)
      .certainty(Certainty::observed)
      .reason(!judged.reason.empty() ? judged.reason
              : !wildcard.empty()    ? "dns-wildcard-not-covering"
              : empty                ? "dns-no-address-record"
                                     : "dns-nxdomain")
      .saw(observation_of(missing.answer.document()), "status.a", missing.answer.document().at_path("status.a"))
      .fix(record_fix(name, wanted));
  if (empty) {
    finding.says("{} has no address in DNS{} ({}, without A or AAAA records){}", name.host, missing.where(), exists,
                 judged.because);
  } else {
    finding.says("{} does not exist in DNS{} (NXDOMAIN){}{}", name.host, missing.where(), judged.because, wildcard);
  }
  if (judged.severity != Severity::error) finding.severity(judged.severity);
}

void judge(const DnsName& name, const Front& front, const Path& path, const Facts& facts, Verdicts& out) {
  const std::vector<Lookup> lookups = look_up(name.host, facts);
  admit_unknown(lookups, name.scope, out);
  const Lookup* missing = nullptr;
  bool found = false;
  bool open = false;
  for (const Lookup& lookup : lookups) {
    open = open || lookup.answer.unknown() || (lookup.answer.present() && lookup.answer->failed());
    if (!lookup.answer.present()) continue;
    found = found || lookup.answer->resolves();
    if (missing == nullptr && is_missing(*lookup.answer)) missing = &lookup;
  }
  if (missing == nullptr) {
    if (found && !open) out.pass(name.scope);
    return;
  }
  // A line in /etc/hosts is how a reserved name is meant to be found.
  if (use_of(name.host) == NameUse::reserved && !missing->answer->hosts_entry.empty()) return out.pass(name.scope);
  const Wanted wanted = wanted_of(name, front, path, facts, missing->server);
  report(name, *missing, weigh(name, *missing, found, wanted, facts), wanted, facts, out);
}

void run(const Facts& facts, const Path& path, Verdicts& out) {
  if (!facts.probes(ProbeKind::dns)) return;
  const std::shared_ptr<const Front> front = front_of(path, facts);
  for (const DnsName& name : dns_names(*front)) judge(name, *front, path, facts, out);
}

}  // namespace

extern constinit const Check dns_name_not_found{
    .code = "dns-name-not-found",
    .title = "a hostname of the target has no address in DNS",
    .severity = Severity::error,
    .layer = Layer::dns,
    .reads = {Kind::gateway_class, Kind::gateway, Kind::http_route, Kind::ingress, Kind::service, Kind::deployment,
              Kind::daemon_set},
    .explains = {},
    .run = run,
};

}  // namespace gwdoctor

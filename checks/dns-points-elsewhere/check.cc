#include "checks/check.h"

#include <algorithm>

#include "checks/support/dns_names.h"
#include "checks/support/edges.h"

namespace gwdoctor {

namespace {

struct Judged {
  std::string_view reason = "dns-points-elsewhere";
  Severity severity = Severity::error;
  Certainty certainty = Certainty::observed;
  std::string because;  // for the message
};

struct Spot {
  const DnsName& name;
  const Front& front;
  const Path& path;
  const Facts& facts;
};

// So many addresses at once are a part of more: two answers need not have any in common (failures/traps, 23).
constexpr std::size_t most_at_once = 8;

std::string fingerprint_at(const std::string& address, std::int64_t port, const Spot& at) {
  const Seen<TlsAnswer> answer = at.facts.tls(address, port, at.name.host);
  return answer.present() && answer->served() && !answer->chain.empty() ? answer->chain.front().fingerprint : std::string();
}

// What answers there serves the very certificate of the load balancer: it passes connections on. Help only.
bool serves_the_same(const DnsAnswer& answer, const Spot& at) {
  if (!at.facts.probes(ProbeKind::tls)) return false;
  const std::vector<std::string> addresses = answer.addresses();
  for (const FrontHost* way : at.name.ways) {
    const auto port = std::find_if(way->ports.begin(), way->ports.end(), [](const FrontPort& one) { return one.tls; });
    const auto ours =
        std::find_if(way->addresses.begin(), way->addresses.end(), [](const FrontAddress& one) { return !one.is_hostname; });
    if (port == way->ports.end() || ours == way->addresses.end() || addresses.empty()) continue;
    const std::string there = fingerprint_at(addresses.front(), port->port, at);
    if (!there.empty() && there == fingerprint_at(ours->value, port->port, at)) return true;
  }
  return false;
}

// Nothing where what it leads to is right, or another code's.
std::optional<Judged> weigh(const DnsAnswer& answer, const Wanted& wanted, const Spot& at) {
  const std::string_view edge = known_edge(answer);
  if (!edge.empty()) return Judged{"dns-behind-proxy", Severity::info, Certainty::observed, fmt::format(", a host of {}", edge)};
  const Reach there = widest(answer.addresses());
  if (wanted.is_public() && there != Reach::everywhere) return std::nullopt;  // dns-private-address
  if (wanted.behind_nodes) {
    return Judged{"dns-behind-proxy", Severity::info, Certainty::likely,
                  ": no Service in front is of type LoadBalancer, so that another load balancer may stand there"};
  }
  if (!wanted.is_public() && there == Reach::everywhere) {
    return Judged{"dns-behind-proxy", Severity::info, Certainty::likely,
                  ": a public address in front of a private one, a NAT or a proxy"};
  }
  if (!wanted.is_public() && there == Reach::this_host)
    return Judged{"dns-behind-proxy", Severity::info, Certainty::likely, ": this machine itself"};
  if (serves_the_same(answer, at))
    return Judged{"dns-behind-proxy", Severity::info, Certainty::observed, ", which serves the same certificate"};
  if (!wanted.is_public()) {
    return Judged{"dns-points-elsewhere", Severity::warning, Certainty::likely,
                  ": another load balancer of that network may stand in front"};
  }
  if (wanted.by_hostname && std::max(answer.addresses().size(), wanted.addresses.size()) >= most_at_once) return std::nullopt;
  return Judged{"dns-points-elsewhere", Severity::error, wanted.by_hostname ? Certainty::likely : Certainty::observed, {}};
}

FindingBuilder report(const Spot& at, const Lookup& lookup, const Wanted& wanted, const Judged& judged, Verdicts& out) {
  FindingBuilder finding = out.fail(at.name.scope);
  finding.object(at.name.object, at.name.path)
      .reason(judged.reason)
      .certainty(judged.certainty)
      .says("{} leads to {}{}{}, expected {}", at.name.host, answer_text(*lookup.answer), lookup.where(), judged.because,
            wanted.text())
      .saw(observation_of(lookup.answer.document()), "status.a", lookup.answer.document().at_path("status.a"));
  if (judged.severity != Severity::error) finding.severity(judged.severity);
  if (judged.severity != Severity::info) finding.fix(record_fix(at.name, wanted));
  return finding;
}

// A line of /etc/hosts decides on this machine alone.
void judge_hosts_file(const Spot& at, const Lookup& lookup, const Wanted& wanted, Verdicts& out) {
  DnsAnswer local;
  local.name = at.name.host;
  local.a.status = DnsStatus::ok;
  for (const std::string& address : lookup.answer->hosts_addresses) local.a.addresses.push_back({address, 0});
  if (wanted.addresses.empty() || !compare(local, wanted).leads_elsewhere()) return;
  const bool away = wanted.is_public() || widest(lookup.answer->hosts_addresses) != Reach::this_host;
  out.fail(at.name.scope)
      .object(at.name.object, at.name.path)
      .reason("dns-hosts-file")
      .certainty(Certainty::observed)
      .severity(away ? Severity::warning : Severity::info)
      .says("/etc/hosts of this machine leads {} to {}, whatever DNS says ({}), expected {}", at.name.host,
            list_text(lookup.answer->hosts_addresses), lookup.answer->hosts_entry, wanted.text())
      .saw(observation_of(lookup.answer.document()), "status.hostsEntry", lookup.answer.document().at_path("status.hostsEntry"))
      .fix(by_hand("correct the line of /etc/hosts, or take it out",
                   {fmt::format("grep -n {} /etc/hosts", shell_quote(at.name.host))}));
}

// One of several resolvers' answers, held against what is wanted as that resolver knows it.
struct View {
  const Lookup* lookup = nullptr;
  Wanted wanted;
  Comparison found;
};

// Different answers in different networks are made on purpose in many companies (failures/traps, 22).
void report_split(const Spot& at, const View& here, const View& away, Verdicts& out) {
  out.fail(at.name.scope)
      .object(at.name.object, at.name.path)
      .reason("dns-split-horizon")
      .certainty(Certainty::observed)
      .severity(Severity::info)
      .says("{} leads to {}{}, and to {}{}: the servers answer differently, expected {}", at.name.host,
            answer_text(*here.lookup->answer), here.lookup->where(), answer_text(*away.lookup->answer), away.lookup->where(),
            here.wanted.text())
      .saw(observation_of(away.lookup->answer.document()), "status.a", away.lookup->answer.document().at_path("status.a"));
}

void judge(const Spot& at, Verdicts& out) {
  const std::vector<Lookup> lookups = look_up(at.name.host, at.facts);
  admit_unknown(lookups, at.name.scope, out);
  std::vector<View> views;
  for (const Lookup& lookup : lookups) {
    if (!lookup.answer.present()) continue;
    View view{&lookup, wanted_of(at.name, at.front, at.path, at.facts, lookup.server), {}};
    if (!lookup.answer->hosts_entry.empty()) judge_hosts_file(at, lookup, view.wanted, out);
    view.found = compare(*lookup.answer, view.wanted);
    if (!lookup.answer->resolves() || view.wanted.empty()) continue;
    if (!view.found.leads_here()) {
      for (const Seen<DnsAnswer>& open : view.wanted.open) {
        const Why why{Why::Reason::error, "the load balancer's own name could not be resolved", std::nullopt};
        out.unknown(at.name.scope, open.wish(), open.unknown() ? open.why() : why);
      }
      if (!view.wanted.open.empty() || view.wanted.addresses.empty()) continue;
    }
    views.push_back(std::move(view));
  }
  const auto elsewhere = [](const View& view) { return view.found.leads_elsewhere(); };
  const auto away = std::find_if(views.begin(), views.end(), elsewhere);
  const auto here = std::find_if_not(views.begin(), views.end(), elsewhere);
  if (away == views.end()) {
    if (here != views.end()) out.pass(at.name.scope);
    return;
  }
  // What its Services have could be what it leads to.
  for (const FrontHost* way : at.name.ways) {
    if (const Front::Unread* unread = at.front.unread_of(*way, at.path))
      return out.unknown(at.name.scope, unread->wish, unread->why);
  }
  if (here != views.end()) return report_split(at, *here, *away, out);
  if (const std::optional<Judged> judged = weigh(*away->lookup->answer, away->wanted, at))
    report(at, *away->lookup, away->wanted, *judged, out);
}

void run(const Facts& facts, const Path& path, Verdicts& out) {
  if (!facts.probes(ProbeKind::dns)) return;
  const std::shared_ptr<const Front> front = front_of(path, facts);
  for (const DnsName& name : dns_names(*front)) judge({name, *front, path, facts}, out);
}

}  // namespace

extern constinit const Check dns_points_elsewhere{
    .code = "dns-points-elsewhere",
    .title = "a hostname leads to none of the addresses of its Gateway or Ingress",
    .severity = Severity::error,
    .layer = Layer::dns,
    .reads = {Kind::gateway_class, Kind::gateway, Kind::http_route, Kind::ingress, Kind::service, Kind::deployment,
              Kind::daemon_set},
    .explains = {},
    .run = run,
};

}  // namespace gwdoctor

#include "checks/support/dns_names.h"

#include <algorithm>
#include <array>
#include <map>

#include "kube/objects/fields.h"

namespace gwdoctor {

namespace {

// RFC 2606, RFC 6761, RFC 7686 and RFC 9476.
constexpr std::array<std::string_view, 9> reserved{".test",        ".example",     ".invalid",     ".localhost", ".onion",
                                                   ".example.com", ".example.net", ".example.org", ".alt"};
// RFC 6762 and its appendix G, RFC 8375, ICANN's resolution on .internal, and what Kubernetes itself uses.
constexpr std::array<std::string_view, 11> within{".local", ".internal", ".home.arpa", ".svc",         ".lan",    ".home",
                                                  ".corp",  ".intranet", ".private",   ".localdomain", ".cluster"};

template <std::size_t Size>
bool ends_in(std::string_view host, const std::array<std::string_view, Size>& suffixes) {
  return std::any_of(suffixes.begin(), suffixes.end(),
                     [&](std::string_view suffix) { return host.ends_with(suffix) || host == suffix.substr(1); });
}

// ALB's name in Route 53's alias records.
std::string plain_name(std::string_view name) {
  constexpr std::string_view both = "dualstack.";
  std::string out = lower_case(name);
  if (out.ends_with('.')) out.pop_back();
  return out.starts_with(both) ? out.substr(both.size()) : out;
}

void want(const std::string& value, bool is_hostname, Wanted& out) {
  if (value.empty()) return;
  if (std::find(out.values.begin(), out.values.end(), value) == out.values.end()) out.values.push_back(value);
  const std::optional<IpAddress> address = parse_ip(value);
  if (address) {
    out.addresses.push_back(*address);
  } else {
    out.names.push_back(plain_name(value));
    out.by_hostname = out.by_hostname || is_hostname;
  }
}

void want_targets(const Labels& annotations, Wanted& out) {
  for (const std::string_view key : {"external-dns.alpha.kubernetes.io/target", "external-dns.kubernetes.io/target"}) {
    const std::string* targets = label(annotations, key);
    for (std::size_t at = 0; targets != nullptr && at < targets->size();) {
      const std::size_t comma = std::min(targets->find(',', at), targets->size());
      std::string target = targets->substr(at, comma - at);
      std::erase(target, ' ');
      want(target, true, out);
      at = comma + 1;
    }
  }
}

void want_service(const Service& service, Wanted& out) {
  for (const IngressAddress& address : service.addresses) {
    want(address.ip, false, out);
    want(address.hostname, true, out);
  }
  for (const std::string& address : service.external_ips) want(address, false, out);
}

// What an implementation publishes for a Service without a load balancer: a name that only pods can resolve.
bool is_in_cluster(std::string_view name) { return name.ends_with(".svc") || name.find(".svc.") != std::string_view::npos; }

void resolve(const Facts& facts, const std::string& server, Wanted& out) {
  for (const std::string& name : out.names) {
    if (is_in_cluster(name)) continue;
    const Seen<DnsAnswer> answer = facts.dns(name, server);
    if (!answer.present() || !answer->resolves()) {
      out.open.push_back(answer);
      continue;
    }
    for (const std::string& text : answer->addresses()) {
      if (const std::optional<IpAddress> address = parse_ip(text)) out.addresses.push_back(*address);
    }
  }
}

}  // namespace

std::vector<DnsName> dns_names(const Front& front) {
  std::vector<DnsName> out;
  std::map<std::string_view, std::size_t> known;
  for (const FrontHost& host : front.hosts) {
    if (host.host.empty() || parse_ip(host.host)) continue;
    const auto [found, is_new] = known.emplace(host.host, out.size());
    if (is_new) out.push_back({host.host, host.object, host.path, Scope(), {}});
    DnsName& name = out[found->second];
    name.scope |= host.scope;
    name.ways.push_back(&host);
  }
  return out;
}

NameUse use_of(std::string_view host) {
  if (ends_in(host, reserved)) return NameUse::reserved;
  return host.find('.') == std::string_view::npos || ends_in(host, within) ? NameUse::within : NameUse::ordinary;
}

std::string Lookup::where() const { return server.empty() ? std::string() : " at " + server; }

std::vector<Lookup> look_up(std::string_view host, const Facts& facts) {
  std::vector<Lookup> out;
  for (const std::string& server : facts.settings().resolvers()) out.push_back({server, facts.dns(host, server)});
  return out;
}

void admit_unknown(const std::vector<Lookup>& lookups, const Scope& scope, Verdicts& out) {
  for (const Lookup& lookup : lookups) {
    if (lookup.answer.unknown()) out.unknown(scope, lookup.answer);
  }
}

bool Wanted::has_family(bool v6) const {
  return std::any_of(addresses.begin(), addresses.end(), [&](const IpAddress& one) { return one.v6 == v6; });
}

bool Wanted::is_public() const {
  return std::any_of(addresses.begin(), addresses.end(), [](const IpAddress& one) { return reach_of(one) == Reach::everywhere; });
}

std::string Wanted::text() const { return list_text(values); }

Wanted wanted_of(const DnsName& name, const Front& front, const Path& path, const Facts& facts, const std::string& server) {
  Wanted out;
  bool balanced = false;
  bool any = false;
  for (const FrontHost* way : name.ways) {
    for (const FrontAddress& address : way->addresses) want(address.value, address.is_hostname, out);
    for (const FrontService* service : front.services_of(*way, path)) {
      any = true;
      balanced = balanced || service->is_load_balancer();
      want_service(*service->service, out);
    }
    if (way->gateway != no_index && path.gateways[way->gateway].gateway.present())
      want_targets(path.gateways[way->gateway].gateway->meta.annotations, out);
    if (way->ingress != no_index && path.ingresses[way->ingress].ingress.present())
      want_targets(path.ingresses[way->ingress].ingress->meta.annotations, out);
  }
  out.behind_nodes = any && !balanced;
  resolve(facts, server, out);
  return out;
}

Comparison compare(const DnsAnswer& answer, const Wanted& wanted) {
  Comparison out;
  const auto is_wanted = [&](const std::string& name) {
    return std::find(wanted.names.begin(), wanted.names.end(), plain_name(name)) != wanted.names.end();
  };
  out.by_name = is_wanted(answer.name) || std::any_of(answer.aliases.begin(), answer.aliases.end(),
                                                      [&](const DnsAlias& alias) { return is_wanted(alias.to); });
  for (const std::string& text : answer.addresses()) {
    const std::optional<IpAddress> address = parse_ip(text);
    if (!address) continue;
    const bool hit = std::find(wanted.addresses.begin(), wanted.addresses.end(), *address) != wanted.addresses.end();
    (hit || out.by_name ? out.hits : wanted.has_family(address->v6) ? out.strangers : out.other_family).push_back(text);
  }
  return out;
}

Reach widest(const std::vector<std::string>& addresses) {
  Reach out = Reach::this_host;
  for (const std::string& text : addresses) {
    const std::optional<IpAddress> address = parse_ip(text);
    if (address) out = std::min(out, reach_of(*address));
  }
  return out;
}

std::string list_text(const std::vector<std::string>& values) {
  constexpr std::size_t shown = 3;
  std::string out;
  for (std::size_t at = 0; at < values.size() && (at < shown || values.size() == shown + 1); ++at)
    out += (at == 0 ? "" : ", ") + values[at];
  return values.size() > shown + 1 ? fmt::format("{} and {} more", out, values.size() - shown) : out;
}

std::string answer_text(const DnsAnswer& answer) {
  const std::string addresses = list_text(answer.addresses());
  return answer.aliases.empty() ? addresses : fmt::format("{} ({})", answer.end(), addresses);
}

Ref observation_of(const Value& document) {
  return {document["apiVersion"].text(), document["kind"].text(), {}, document["metadata"]["name"].text(), {}};
}

Fix record_fix(const DnsName& name, const Wanted& wanted) {
  const bool apex = std::count(name.host.begin(), name.host.end(), '.') == 1;
  std::string summary = fmt::format("publish {} with the address of its load balancer", name.host);
  if (!wanted.empty() && wanted.by_hostname && apex) {
    summary = fmt::format("publish {} as an alias (ALIAS, ANAME) of {}: a CNAME cannot stand at the apex of a zone", name.host,
                          wanted.text());
  } else if (!wanted.empty()) {
    summary = fmt::format("publish {} {} {}", name.host, wanted.by_hostname ? "as a CNAME or alias of" : "with the address",
                          wanted.text());
  }
  std::vector<std::string> commands{fmt::format("dig {} A {} AAAA", shell_quote(name.host), shell_quote(name.host))};
  for (const FrontHost* way : name.ways) {
    if (way->addresses.empty()) continue;
    const Ref& object = way->addresses.front().object;
    commands.push_back(fmt::format("kubectl get {} -o jsonpath={}", kubectl_object(object),
                                   shell_quote(object.kind == "Gateway" ? "{.status.addresses}" : "{.status.loadBalancer}")));
    break;
  }
  return by_hand(std::move(summary), std::move(commands));
}

}  // namespace gwdoctor

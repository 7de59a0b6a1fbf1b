#include "chain/dialects/order.h"

#include <fmt/format.h>

#include <algorithm>

#include "chain/dialects/shape.h"
#include "chain/hostname.h"

namespace gwdoctor {

namespace {

using Match = IngressDialect::Match;
using Verdict = Match::Verdict;

bool has_host(const IngressTable& table, std::string_view host) {
  return std::binary_search(table.hosts.begin(), table.hosts.end(), host, std::less<>());
}

std::string host_words(std::string_view host) { return host.empty() ? "any host" : std::string(host); }

}  // namespace

bool is_older(const Ingress& left, const Ingress& right) {
  const auto& [a, b] = std::pair(left.meta.created, right.meta.created);
  if (a != b) return a && (!b || *a < *b);
  return std::pair(left.meta.ref.ns, left.meta.ref.name) < std::pair(right.meta.ref.ns, right.meta.ref.name);
}

std::string name_of(const Ingress& ingress) { return fmt::format("{}/{}", ingress.meta.ref.ns, ingress.meta.ref.name); }

HostRank host_rank(std::string_view host) {
  if (host.empty()) return HostRank::any;
  return is_wildcard(host) ? HostRank::wildcard : HostRank::exact;
}

int compare_hosts(std::string_view left, std::string_view right) {
  if (host_rank(left) != host_rank(right)) return host_rank(left) < host_rank(right) ? -1 : 1;
  if (host_rank(left) != HostRank::wildcard || left.size() == right.size()) return 0;
  return left.size() > right.size() ? -1 : 1;
}

std::optional<std::string> virtual_host(const IngressTable& table, std::string_view host, bool many_labels) {
  if (!host.empty() && has_host(table, host)) return std::string(host);
  for (std::size_t dot = host.find('.'); dot != std::string_view::npos; dot = host.find('.', dot + 1)) {
    std::string wildcard = "*";
    wildcard += host.substr(dot);
    if (dot > 0 && has_host(table, wildcard)) return wildcard;
    if (!many_labels) break;
  }
  if (has_host(table, "")) return std::string();
  return std::nullopt;
}

void add_host(IngressTable& table, const std::string& host) {
  const auto at = std::lower_bound(table.hosts.begin(), table.hosts.end(), host);
  if (at == table.hosts.end() || *at != host) table.hosts.insert(at, host);
}

std::string_view type_name(IngressPath::Type type) {
  switch (type) {
    case IngressPath::Type::exact:
      return "Exact";
    case IngressPath::Type::prefix:
      return "Prefix";
    case IngressPath::Type::implementation_specific:
      break;
  }
  return "ImplementationSpecific";
}

std::string_view path_of(const IngressEntry& entry) {
  return entry.is_default() || entry.spec()->path.empty() ? std::string_view("/") : std::string_view(entry.spec()->path);
}

IngressPath::Type type_of(const IngressEntry& entry) {
  return entry.is_default() ? IngressPath::Type::implementation_specific : entry.spec()->type;
}

std::vector<IngressEntry> all_entries(const IngressTable& table) {
  std::vector<IngressEntry> entries;
  for (const std::shared_ptr<const Ingress>& ingress : table.ingresses) {
    for (std::size_t rule = 0; rule < ingress->rules.size(); ++rule) {
      for (std::size_t path = 0; path < ingress->rules[rule].paths.size(); ++path) {
        entries.push_back({ingress, rule, path, ingress->rules[rule].host});
      }
    }
  }
  for (const std::shared_ptr<const Ingress>& ingress : table.ingresses) {
    IngressEntry entry;
    entry.ingress = ingress;
    if (ingress->default_backend) entries.push_back(std::move(entry));
  }
  return entries;
}

bool same_backend(const IngressEntry& left, const IngressEntry& right) {
  const IngressBackend& a = left.backend();
  const IngressBackend& b = right.backend();
  return left.ingress->meta.ref.ns == right.ingress->meta.ref.ns && a.service == b.service && a.port == b.port &&
         a.port_name == b.port_name && a.resource_kind == b.resource_kind && a.resource_name == b.resource_name;
}

std::string host_failed(std::string_view host, std::string_view wanted) {
  return fmt::format("host {} is not {}", host.empty() ? std::string_view("\"\"") : host, wanted);
}

Match match_path(const IngressEntry& entry, std::string_view path, const IngressTable& table) {
  return match_shape(table.dialect->shape(entry, table), path);
}

Match match_by_shape(const IngressEntry& entry, const Request& request, std::string_view path, const IngressTable& table) {
  Match out;
  bool host_met = ingress_host_covers(entry.host, request.host);
  if (!host_met) {
    out.failed = host_failed(request.host, entry.host);
  } else if (table.dialect->host_first) {
    const std::optional<std::string> chosen = virtual_host(table, request.host);
    host_met = chosen && *chosen == entry.host;
    if (!host_met)
      out.failed = fmt::format("requests for {} go to the rules of host {} alone", request.host, chosen.value_or(""));
  }
  const PathShape shape = table.dialect->shape(entry, table);
  const bool is_regex = shape.kind == PathShape::Kind::regex || shape.kind == PathShape::Kind::whole_regex;
  // A regular expression is dear, and of another host it says nothing.
  if (!host_met && is_regex) return out;
  Match of_path = match_shape(shape, path);
  if (!host_met) {
    out.met = of_path.verdict == Verdict::yes ? 1 : 0;
    return out;
  }
  of_path.met += 1;
  return of_path;
}

std::string lost_by_host(const IngressEntry& loser, const IngressEntry& winner) {
  if (compare_hosts(loser.host, winner.host) <= 0) return {};
  return fmt::format("less specific host ({} after {})", host_words(loser.host), host_words(winner.host));
}

std::string lost_by_default(const IngressEntry& loser, const IngressEntry& winner) {
  return loser.is_default() && !winner.is_default() ? "the default backend serves what no path takes" : std::string();
}

std::string lost_by_length(const IngressEntry& loser, const IngressEntry& winner) {
  const std::size_t less = path_of(loser).size();
  const std::size_t more = path_of(winner).size();
  return less < more ? fmt::format("shorter path ({} < {})", less, more) : std::string();
}

std::string lost_by_type(const IngressEntry& loser, const IngressEntry& winner) {
  if (type_of(winner) != IngressPath::Type::exact || type_of(loser) == IngressPath::Type::exact) return {};
  return fmt::format("{} after Exact", type_name(type_of(loser)));
}

std::string lost_by_age(const IngressEntry& loser, const IngressEntry& winner) {
  if (loser.ingress == winner.ingress) return "later in the same Ingress";
  const bool same = loser.host == winner.host && path_of(loser) == path_of(winner) && type_of(loser) == type_of(winner);
  if (same) return fmt::format("the older Ingress {} has the same host and path", name_of(*winner.ingress));
  if (loser.ingress->meta.created && winner.ingress->meta.created &&
      loser.ingress->meta.created != winner.ingress->meta.created) {
    return fmt::format("created later than Ingress {} ({} against {})", name_of(*winner.ingress),
                       format_time(*loser.ingress->meta.created), format_time(*winner.ingress->meta.created));
  }
  return fmt::format("Ingress {} goes first by its name", name_of(*winner.ingress));
}

}  // namespace gwdoctor

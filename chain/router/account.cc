#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "chain/hostname.h"
#include "chain/router/attached.h"
#include "chain/router/search.h"

namespace gwdoctor {

namespace {

std::string any_text(const std::string& host) { return host.empty() ? "any" : host; }

using Key = std::tuple<const Route*, std::size_t, std::size_t>;
Key key_of(const TableEntry& entry) { return {entry.route.get(), entry.rule, entry.match}; }

// A candidate before any words are made of it.
struct Near {
  int nearness = 0;
  std::size_t order = 0;                           // in the table: the earlier one of equals
  std::optional<EntryAt> place;                    // or …
  const GatewayTable::Refused* refused = nullptr;  // … a route that no listener takes
  Key key{};
};

class Account {
 public:
  Account(const Request& request, std::string_view path, const std::vector<std::size_t>& listeners, const TableLookup& lookup,
          const GatewayTable& table)
      : request_(request), path_(path), tried_(listeners), lookup_(lookup), table_(table) {}

  std::vector<Candidate> run() {
    add_matched();
    find_near();
    // Only so many are told; a table of thousands is not sorted for them.
    const auto nearer = [](const Near& left, const Near& right) {
      return std::tie(right.nearness, left.order) < std::tie(left.nearness, right.order);
    };
    const std::size_t wanted = std::min(near_.size(), 4 * nearest_candidates);
    std::partial_sort(near_.begin(), near_.begin() + static_cast<std::ptrdiff_t>(wanted), near_.end(), nearer);
    std::size_t told = 0;
    for (std::size_t at = 0; at < wanted && told < nearest_candidates; ++at) {
      if (near_[at].place && !told_.insert(near_[at].key).second) continue;
      out_.push_back(near_[at].refused != nullptr ? of_refused(near_[at]) : of_entry(near_[at]));
      ++told;
    }
    return std::move(out_);
  }

 private:
  const TableEntry& entry(const EntryAt& at) const { return table_.listeners[at.listener].entries[at.entry]; }

  static Candidate candidate(const TableEntry& entry) {
    Candidate out;
    out.route = entry.route->meta.ref;
    out.rule = entry.rule;
    out.match = entry.match;
    return out;
  }

  void add_matched() {
    if (lookup_.winner) told_.insert(key_of(entry(*lookup_.winner)));
    for (const EntryAt& at : lookup_.matched) {
      if (out_.size() == matched_candidates) return;
      if (!told_.insert(key_of(entry(at))).second) continue;
      Candidate lost = candidate(entry(at));
      lost.matched = true;
      lost.lost = why_lost(at);
      lost.nearness = conditions(entry(at)) + 2;
      out_.push_back(std::move(lost));
    }
  }

  int conditions(const TableEntry& entry) const { return check_entry(entry, request_, path_, table_.dialect).met; }

  std::string why_lost(const EntryAt& at) const {
    if (lookup_.winner && (lookup_.winner->listener == at.listener || table_.dialect.host_scope == HostScope::port))
      return lost_by(entry(at), entry(*lookup_.winner), table_.dialect);
    if (lookup_.winner)
      return fmt::format("{} goes after {}", listener_text(table_.listeners[at.listener]),
                         listener_text(table_.listeners[lookup_.winner->listener]));
    if (table_.dialect.falls_back_over_hostnames) return "whether an earlier match takes the request is not known";
    return fmt::format("less specific hostname ({}): {} looks only at the rules of the most specific one",
                       any_text(entry(at).hostname), table_.dialect.name);
  }

  void find_near() {
    std::size_t order = 0;
    std::set<EntryAt, Before> matched(lookup_.matched.begin(), lookup_.matched.end());
    for (std::size_t listener = 0; listener < table_.listeners.size(); ++listener) {
      const bool tried = std::find(tried_.begin(), tried_.end(), listener) != tried_.end();
      const std::vector<TableEntry>& entries = table_.listeners[listener].entries;
      const std::string* judged = nullptr;
      int host = 0;
      for (std::size_t index = 0; index < entries.size(); ++index, ++order) {
        // Entries of one hostname stand together.
        if (judged == nullptr || *judged != entries[index].hostname) {
          judged = &entries[index].hostname;
          host = host_covered(*judged, request_.host) ? 1 : 0;
        }
        // Of a request that is served, only the rules beside the one that serves it are of interest, and those of a listener that
        // lost.
        if (lookup_.winner && (host == 0 || (!tried && table_.listeners[listener].usable))) continue;
        const EntryAt at{listener, index};
        if (tried && matched.contains(at)) continue;
        near_.push_back({conditions(entries[index]) + host + (tried ? 1 : 0), order, at, nullptr, key_of(entries[index])});
      }
    }
    for (const GatewayTable::Refused& refused : table_.refused) near_.push_back({nearness(refused), order++, {}, &refused, {}});
  }

  // How near a route would have come, had a listener taken it.
  int nearness(const GatewayTable::Refused& refused) const {
    if (refused.object == nullptr) return 0;
    const Route& route = *refused.object;
    const bool host = route.hostnames.empty() || std::any_of(route.hostnames.begin(), route.hostnames.end(),
                                                             [&](const auto& name) { return host_covered(name, request_.host); });
    int best = 0;
    for (const RouteRule& rule : route.rules) {
      for (const RouteMatch& match : rule.matches)
        best = std::max(best, check_match(match, route.kind, request_, path_, table_.dialect).met);
    }
    return best + (host ? 1 : 0);
  }

  static Candidate of_refused(const Near& near) {
    Candidate out;
    out.route = near.refused->route;
    out.lost = near.refused->why;
    out.nearness = near.nearness;
    return out;
  }

  Candidate of_entry(const Near& near) const {
    const TableEntry& entry = table_.listeners[near.place->listener].entries[near.place->entry];
    Candidate out = candidate(entry);
    out.nearness = near.nearness;
    const bool tried = std::find(tried_.begin(), tried_.end(), near.place->listener) != tried_.end();
    if (!tried) {
      out.lost = elsewhere(table_.listeners[near.place->listener]);
    } else if (!host_covered(entry.hostname, request_.host)) {
      out.lost = fmt::format("hostname {}, not {}", any_text(request_.host), entry.hostname);
    } else if (const MatchCheck check = check_entry(entry, request_, path_, table_.dialect);
               !entry.unserved.empty() && check.verdict != MatchResult::Verdict::no) {
      out.lost = entry.unserved;
      // Of a route that nothing but this keeps from serving the request, all of it is looked at.
      if (!lookup_.winner) out.rule = out.match = std::nullopt;
    } else {
      out.lost = words_for(check, entry.match_spec(), request_, path_, table_.dialect);
    }
    return out;
  }

  std::string elsewhere(const TableListener& listener) const {
    const std::string name = listener_text(listener);
    if (listener.spec.port != request_.port) return fmt::format("{}: port {}", name, listener.spec.port);
    if (!listener.usable) return name + " is not served";
    if ((listener.spec.protocol == "HTTPS") != (request_.scheme == "https"))
      return fmt::format("{}: protocol {}", name, listener.spec.protocol);
    return fmt::format("{}: hostname {}", name, any_text(listener.spec.hostname));
  }

  struct Before {
    bool operator()(const EntryAt& left, const EntryAt& right) const {
      return std::tie(left.listener, left.entry) < std::tie(right.listener, right.entry);
    }
  };

  const Request& request_;
  std::string_view path_;
  const std::vector<std::size_t>& tried_;
  const TableLookup& lookup_;
  const GatewayTable& table_;
  std::vector<Near> near_;
  std::set<Key> told_;
  std::vector<Candidate> out_;
};

std::string stream_loss(const Request& request, const Route& route, const Route* winner, const TableListener& listener,
                        bool tried) {
  if (!tried) {
    if (listener.spec.port != request.port) return fmt::format("{}: port {}", listener_text(listener), listener.spec.port);
    return fmt::format("{}: {}", listener_text(listener),
                       listener.usable ? "hostname " + any_text(listener.spec.hostname) : std::string("not served"));
  }
  if (winner != nullptr && route.kind != winner->kind)
    return fmt::format("{} after {}", info(route.kind).name, info(winner->kind).name);
  if (route.kind != Kind::tls_route) return "created later, or later in the alphabet: one route takes all connections";
  const std::vector<std::string> hosts = intersect(listener.spec.hostname, route.hostnames).effective;
  const bool covered = std::any_of(hosts.begin(), hosts.end(), [&](const auto& host) { return host_covered(host, request.sni); });
  if (covered) return "less specific hostname, or created later";
  std::string names;
  for (const std::string& host : hosts) names += (names.empty() ? "" : ", ") + host;
  return fmt::format("SNI {}, not {}", request.sni.empty() ? "is not sent" : request.sni, names);
}

}  // namespace

std::vector<Candidate> account(const Request& request, std::string_view path, const std::vector<std::size_t>& listeners,
                               const TableLookup& lookup, const GatewayTable& table) {
  return Account(request, path, listeners, lookup, table).run();
}

std::vector<Candidate> account_streams(const Request& request, const Route* winner, const std::vector<std::size_t>& listeners,
                                       const GatewayTable& table) {
  std::vector<Candidate> out;
  std::set<const Route*> told{winner};
  for (const bool tried : {true, false}) {
    for (std::size_t at = 0; at < table.listeners.size(); ++at) {
      if ((std::find(listeners.begin(), listeners.end(), at) != listeners.end()) != tried) continue;
      for (const auto& route : table.listeners[at].streams) {
        if (out.size() == nearest_candidates || !told.insert(route.get()).second) continue;
        Candidate lost;
        lost.route = route->meta.ref;
        lost.lost = stream_loss(request, *route, winner, table.listeners[at], tried);
        lost.nearness = tried ? 1 : 0;
        out.push_back(std::move(lost));
      }
    }
  }
  for (const GatewayTable::Refused& refused : table.refused) {
    if (out.size() == nearest_candidates) break;
    Candidate lost;
    lost.route = refused.route;
    lost.lost = refused.why;
    out.push_back(std::move(lost));
  }
  return out;
}

}  // namespace gwdoctor

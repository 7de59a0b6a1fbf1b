#include "chain/router/search.h"

#include <algorithm>

#include "chain/hostname.h"

namespace gwdoctor {

namespace {

bool decides(const TableEntry& unsure, const TableEntry& winner, const GatewayDialect& dialect) {
  if (precedence(unsure, winner, dialect).first) return true;
  // Where the place of regular expressions is not known, one that stands behind may stand before as well.
  return !dialect.regex_known && unsure.hostname == winner.hostname && path_type(unsure.match_spec()) == "RegularExpression" &&
         path_type(winner.match_spec()) != "Exact";
}

// Adds what one listener has. A data plane that picks a virtual host first looks at the entries of one hostname alone.
void look_up_in(const Request& request, std::string_view path, std::size_t at, const GatewayTable& table, TableLookup& out) {
  const std::vector<TableEntry>& entries = table.listeners[at].entries;
  const std::string* chosen = nullptr;
  const std::string* judged = nullptr;
  bool covered = false;
  std::optional<EntryAt> unsure;
  for (std::size_t index = 0; index < entries.size(); ++index) {
    const TableEntry& entry = entries[index];
    // Entries of one hostname stand together.
    if (judged == nullptr || *judged != entry.hostname) {
      judged = &entry.hostname;
      covered = host_covered(entry.hostname, request.host);
    }
    if (!covered) continue;
    out.host_served = true;
    if (chosen == nullptr) chosen = &entry.hostname;
    const MatchCheck check = check_entry(entry, request, path, table.dialect);
    if (check.verdict == MatchResult::Verdict::no) continue;
    const bool tried = table.dialect.falls_back_over_hostnames || entry.hostname == *chosen;
    if (check.verdict == MatchResult::Verdict::yes) {
      out.matched.push_back({at, index});
      if (!out.winner && tried) out.winner = EntryAt{at, index};
    } else if (!unsure && tried) {
      unsure = EntryAt{at, index};
    }
  }
  if (out.unsure || !unsure) return;
  const bool open =
      !out.winner || (out.winner->listener == at && decides(entries[unsure->entry], entries[out.winner->entry], table.dialect));
  if (open) out.unsure = unsure;
}

// Adds what all listeners have together, under the most specific hostname that any of them serves.
void look_up_together(const Request& request, std::string_view path, const std::vector<std::size_t>& listeners,
                      const GatewayTable& table, TableLookup& out) {
  const auto entry = [&](const EntryAt& at) -> const TableEntry& { return table.listeners[at.listener].entries[at.entry]; };
  const auto before = [&](const EntryAt& left, const EntryAt& right) {
    return precedence(entry(left), entry(right), table.dialect).first;
  };
  const std::optional<std::string> host = served_hostname(request.host, listeners, table);
  if (!host) return;
  out.host_served = true;
  for (const std::size_t listener : listeners) {
    const std::vector<TableEntry>& entries = table.listeners[listener].entries;
    for (std::size_t index = 0; index < entries.size(); ++index) {
      const EntryAt at{listener, index};
      const TableEntry& one = entries[index];
      if (!one.unserved.empty() || !host_covered(one.hostname, request.host)) continue;
      const MatchCheck check = check_entry(one, request, path, table.dialect);
      if (check.verdict == MatchResult::Verdict::yes) {
        out.matched.push_back(at);
        if (one.hostname == *host && (!out.winner || before(at, *out.winner))) out.winner = at;
      } else if (check.verdict == MatchResult::Verdict::unknown && one.hostname == *host) {
        if (!out.unsure || before(at, *out.unsure)) out.unsure = at;
      }
    }
  }
  if (out.unsure && out.winner && !decides(entry(*out.unsure), entry(*out.winner), table.dialect)) out.unsure.reset();
  std::stable_sort(out.matched.begin(), out.matched.end(), before);
}

}  // namespace

std::optional<std::string> served_hostname(std::string_view host, const std::vector<std::size_t>& listeners,
                                           const GatewayTable& table) {
  std::optional<std::string> best;
  for (const std::size_t listener : listeners) {
    for (const TableEntry& entry : table.listeners[listener].entries) {
      if (!entry.unserved.empty() || (best && *best == entry.hostname) || !host_covered(entry.hostname, host)) continue;
      if (!best || more_specific(entry.hostname, *best)) best = entry.hostname;
    }
  }
  return best;
}

TableLookup look_up(const Request& request, std::string_view path, const std::vector<std::size_t>& listeners,
                    const GatewayTable& table) {
  TableLookup out;
  if (table.dialect.host_scope == HostScope::port) {
    look_up_together(request, path, listeners, table, out);
    return out;
  }
  for (const std::size_t at : listeners) look_up_in(request, path, at, table, out);
  return out;
}

}  // namespace gwdoctor

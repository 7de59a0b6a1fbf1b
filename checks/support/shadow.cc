#include "checks/support/shadow.h"

#include <algorithm>
#include <set>

#include "checks/support/parents.h"

namespace gwdoctor {

namespace {

constexpr std::string_view regular = "RegularExpression";

bool is_expression(const TableEntry& entry) {
  const RouteMatch& match = entry.match_spec();
  return (match.path && match.path->type == regular) || (match.grpc && match.grpc->type == regular);
}

// Of two entries that are not regular expressions, the first takes all that the second should get only where these are equal: a
// longer path, service or method goes first, and a shorter one never does. "/a/" and "/a" are the same prefix.
std::string condition_of(const TableEntry& entry) {
  const RouteMatch& match = entry.match_spec();
  if (entry.route->kind == Kind::grpc_route) return match.grpc ? match.grpc->name + "/" + match.grpc->value : "/";
  if (!match.path) return "PathPrefix /";
  const bool prefix = match.path->type == "PathPrefix";
  std::string value = match.path->value;
  while (prefix && value.size() > 1 && value.ends_with('/')) value.pop_back();
  return match.path->type + " " + value;
}

bool same_rule(const TableEntry& left, const TableEntry& right) {
  return left.rule == right.rule && left.route->meta.ref == right.route->meta.ref;
}

bool is_refused(const Entrance& entrance, const Path& path) {
  const RouteView& view = path.routes[entrance.route];
  return word_of(view, view.parents[entrance.parent], path, "Accepted").word == Word::no;
}

}  // namespace

Rivals::Rivals(std::vector<TableEntry> entries, const GatewayDialect& dialect)
    : entries_(std::move(entries)), dialect_(&dialect) {
  std::stable_sort(entries_.begin(), entries_.end(),
                   [&](const TableEntry& left, const TableEntry& right) { return precedence(left, right, dialect).first; });
  for (std::size_t at = 0; at < entries_.size(); ++at) {
    if (is_expression(entries_[at])) {
      expressions_.push_back(at);
    } else {
      by_condition_[condition_of(entries_[at])].push_back(at);
    }
  }
}

const TableEntry* Rivals::winner_over(const TableEntry& entry) const {
  const TableEntry* best = nullptr;
  const auto try_all = [&](const std::vector<std::size_t>& candidates) {
    for (const std::size_t at : candidates) {
      const TableEntry& other = entries_[at];
      if (same_rule(other, entry)) continue;
      const Precedence order = precedence(other, entry, *dialect_);
      if (!order.first) return;  // the rest of them goes later still
      if (order.by == Criterion::regular_expression && !dialect_->regex_known) continue;
      if (!subsumes(other.match_spec(), entry.match_spec(), entry.route->kind)) continue;
      if (best == nullptr || precedence(other, *best, *dialect_).first) best = &other;
      return;
    }
  };
  try_all(expressions_);
  if (is_expression(entry)) {
    for (const auto& [condition, candidates] : by_condition_) try_all(candidates);
  } else if (const auto found = by_condition_.find(condition_of(entry)); found != by_condition_.end()) {
    try_all(found->second);
  }
  return best;
}

Rivals rivals_of(const Entrance& entrance, const Company& company, const Path& path) {
  std::vector<TableEntry> entries = own_entries(entrance, path);
  const Kind kind = path.routes[entrance.route].route->kind;
  std::set<Ref> own;
  for (const TableEntry& entry : entries) own.insert(entry.route->meta.ref);
  if (company.listener != nullptr) {
    for (const TableEntry& entry : company.listener->entries) {
      if (entry.hostname == entrance.host && !own.contains(entry.route->meta.ref)) entries.push_back(entry);
    }
  }
  std::set<Ref> refused;
  for (const Entrance& other : path.entrances) {
    if (path.routes.size() > 1 && other.route != no_index && other.route != entrance.route && is_attached(other, path) &&
        is_refused(other, path))
      refused.insert(path.routes[other.route].ref);
  }
  std::erase_if(entries,
                [&](const TableEntry& entry) { return entry.route->kind != kind || refused.contains(entry.route->meta.ref); });
  return {std::move(entries), dialect_of(entrance, company, path)};
}

}  // namespace gwdoctor

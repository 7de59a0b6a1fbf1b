// The order of routes in a virtual host of Contour 1.33 (internal/sorter).

#include <algorithm>
#include <tuple>

#include "chain/router/attached.h"
#include "chain/router/contour.h"
#include "chain/router/match.h"
#include "kube/time.h"

namespace gwdoctor {

namespace {

int place(std::string_view type) { return type == "Exact" ? 0 : type == "RegularExpression" ? 1 : 2; }

// Name, Exact before RegularExpression, value: as they are written, upper case before lower case.
using Condition = std::tuple<std::string_view, int, std::string_view>;

std::vector<Condition> sorted(const std::vector<ValueMatch>& all) {
  std::vector<Condition> out;
  for (const ValueMatch& one : all) out.emplace_back(one.name, place(one.type.empty() ? "Exact" : one.type), one.value);
  std::sort(out.begin(), out.end());
  return out;
}

const std::vector<ValueMatch>& query_of(const TableEntry& entry) {
  static const std::vector<ValueMatch> none;
  return is_redirect_rule(entry.rule_spec()) ? none : entry.match_spec().query;
}

// Contour compares place by place and is content with one place that is smaller: where each has one, the outcome hangs on the
// order in which its sort happens to ask.
Precedence by_conditions(const TableEntry& left, const TableEntry& right) {
  std::vector<Condition> one = sorted(left.match_spec().headers);
  std::vector<Condition> other = sorted(right.match_spec().headers);
  const std::vector<Condition> one_query = sorted(query_of(left));
  const std::vector<Condition> other_query = sorted(query_of(right));
  one.insert(one.end(), one_query.begin(), one_query.end());
  other.insert(other.end(), other_query.begin(), other_query.end());
  bool smaller = false;
  bool greater = false;
  for (std::size_t at = 0; at < std::min(one.size(), other.size()); ++at) {
    smaller = smaller || one[at] < other[at];
    greater = greater || other[at] < one[at];
  }
  if (!smaller && !greater) return {};
  return {smaller && greater ? Criterion::chance : Criterion::conditions, one < other};
}

// Equal for Contour: a total order all the same.
Precedence by_nothing(const TableEntry& left, const TableEntry& right) {
  if (left.route == right.route && left.rule == right.rule) {
    const bool same = left.match == right.match;
    return {same ? Criterion::none : Criterion::order, left.match < right.match};
  }
  const bool first = left.route == right.route ? left.rule < right.rule : is_older(left.route->meta, right.route->meta);
  return {Criterion::chance, first};
}

}  // namespace

Precedence contour_order(const TableEntry& left, const TableEntry& right) {
  const RouteMatch& one = left.match_spec();
  const RouteMatch& other = right.match_spec();
  const int one_place = place(path_type(one));
  const int other_place = place(path_type(other));
  if (one_place != other_place) {
    const bool regular = one_place == 1 || other_place == 1;
    const bool exact = one_place == 0 || other_place == 0;
    return {regular && !exact ? Criterion::regular_expression : Criterion::path_type, one_place < other_place};
  }
  const std::string_view text = path_value(one);
  const std::string_view other_text = path_value(other);
  if (one_place != 0 && text.size() != other_text.size())
    return {one_place == 1 ? Criterion::regular_expression : Criterion::path_length, text.size() > other_text.size()};
  if (text != other_text) return {Criterion::path_text, text > other_text};
  if (one.method.empty() != other.method.empty()) return {Criterion::method, !one.method.empty()};
  // Different methods never take the same request; they stay together so that the order is total.
  if (one.method != other.method) return {Criterion::method, one.method < other.method};
  if (one.headers.size() != other.headers.size()) return {Criterion::headers, one.headers.size() > other.headers.size()};
  const std::size_t queries = query_of(left).size();
  if (queries != query_of(right).size()) return {Criterion::query, queries > query_of(right).size()};
  if (left.rule != right.rule) return {Criterion::rule_index, left.rule < right.rule};
  const Precedence found = by_conditions(left, right);
  return found.by == Criterion::none ? by_nothing(left, right) : found;
}

}  // namespace gwdoctor

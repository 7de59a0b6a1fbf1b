#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "chain/hostname.h"
#include "chain/router/attached.h"
#include "chain/router/match.h"
#include "kube/time.h"

namespace gwdoctor {

namespace {

int hostname_rank(std::string_view host) { return host.empty() ? 2 : is_wildcard(host) ? 1 : 0; }

// Places of the path types: the smaller goes first.
int path_place(std::string_view type, RegexOrder order) {
  if (type == "Exact") return 0;
  const bool regex = type == "RegularExpression";
  switch (order) {
    case RegexOrder::after_prefix:
      return regex ? 2 : 1;
    case RegexOrder::before_prefix:
      return regex ? 1 : 2;
    case RegexOrder::by_length:
      return 1;
  }
  return 1;
}

int call_place(const RouteMatch& match) { return !match.grpc ? 2 : match.grpc->type == "RegularExpression" ? 1 : 0; }
std::size_t service_length(const RouteMatch& match) { return match.grpc ? match.grpc->name.size() : 0; }
std::size_t method_length(const RouteMatch& match) { return match.grpc ? match.grpc->value.size() : 0; }

// Compares criterion by criterion: the first that tells the two apart decides.
class Order {
 public:
  // The smaller goes first.
  template <class T>
  Order& smaller(Criterion by, const T& left, const T& right) {
    if (precedence_.by == Criterion::none && left != right) precedence_ = {by, left < right};
    return *this;
  }
  template <class T>
  Order& larger(Criterion by, const T& left, const T& right) {
    return smaller(by, right, left);
  }
  [[nodiscard]] bool open() const { return precedence_.by == Criterion::none; }
  [[nodiscard]] Precedence result() const { return precedence_; }

 private:
  Precedence precedence_;
};

bool is_regex(std::string_view type) { return type == "RegularExpression"; }

// HTTPRouteRule.matches.
void by_request(const RouteMatch& left, const RouteMatch& right, RegexOrder regex, Order& order) {
  const std::string_view left_type = path_type(left);
  const std::string_view right_type = path_type(right);
  const bool exact = left_type == "Exact" || right_type == "Exact";
  const bool regular = is_regex(left_type) || is_regex(right_type);
  order.smaller(exact || !regular ? Criterion::path_type : Criterion::regular_expression, path_place(left_type, regex),
                path_place(right_type, regex));
  // Two Exact matches that take one request are the same; their lengths do not count.
  if (order.open() && !exact) {
    order.larger(regular ? Criterion::regular_expression : Criterion::path_length, path_value(left).size(),
                 path_value(right).size());
  }
  order.smaller(Criterion::method, left.method.empty(), right.method.empty())
      .larger(Criterion::headers, count_headers(left), count_headers(right))
      .larger(Criterion::query, count_query(left), count_query(right));
}

// GRPCRouteRule.matches.
void by_call(const RouteMatch& left, const RouteMatch& right, Order& order) {
  const bool regular = call_place(left) == 1 || call_place(right) == 1;
  if (regular) order.smaller(Criterion::regular_expression, call_place(left), call_place(right));
  order.larger(Criterion::grpc_service, service_length(left), service_length(right))
      .larger(Criterion::grpc_method, method_length(left), method_length(right))
      .larger(Criterion::headers, count_headers(left), count_headers(right));
}

void by_route(const TableEntry& left, const TableEntry& right, Order& order) {
  // An object that is not created yet will be the younger one.
  const auto created = [](const TableEntry& entry) { return entry.route->meta.created.value_or(Time::max()); };
  const Ref& left_ref = left.route->meta.ref;
  const Ref& right_ref = right.route->meta.ref;
  order.smaller(Criterion::age, created(left), created(right))
      .smaller(Criterion::alphabet, compare_names(left_ref, right_ref), 0)
      .smaller(Criterion::order, std::tie(left.rule, left.match), std::tie(right.rule, right.match));
}

std::string host_text(const std::string& host) { return host.empty() ? "any" : host; }

std::string age_words(const TableEntry& loser, const TableEntry& winner) {
  const auto& created = loser.route->meta.created;
  const auto& earlier = winner.route->meta.created;
  if (!created || !earlier) return "not created yet, the other route is older";
  return fmt::format("created later ({} against {})", format_time(*created), format_time(*earlier));
}

std::string regex_words(const TableEntry& loser, const TableEntry& winner, const GatewayDialect& dialect) {
  const auto type = [](const TableEntry& entry) -> std::string {
    if (entry.route->kind != Kind::grpc_route) return std::string(path_type(entry.match_spec()));
    return entry.match_spec().grpc ? entry.match_spec().grpc->type : "no method match";
  };
  const std::string place = type(loser) == type(winner) ? "a shorter RegularExpression" : type(loser) + " after " + type(winner);
  if (!dialect.regex_known || dialect.name.empty())
    return place + " (the order of regular expressions is up to the implementation)";
  return fmt::format("{} in {}", place, dialect.name);
}

}  // namespace

Precedence precedence(const TableEntry& left, const TableEntry& right, const GatewayDialect& dialect) {
  Order order;
  order.smaller(Criterion::hostname, hostname_rank(left.hostname), hostname_rank(right.hostname))
      .larger(Criterion::hostname, left.hostname.size(), right.hostname.size());
  // Different names of the same length never take the same request; they stay together so that the order is total.
  order.smaller(Criterion::hostname, left.hostname, right.hostname);
  if (!order.open()) return order.result();
  const bool left_grpc = left.route->kind == Kind::grpc_route;
  const bool right_grpc = right.route->kind == Kind::grpc_route;
  order.larger(Criterion::grpc_service, left_grpc, right_grpc);
  if (!order.open()) return order.result();
  if (!left_grpc && dialect.order != nullptr) return dialect.order(left, right);
  if (left_grpc) {
    by_call(left.match_spec(), right.match_spec(), order);
  } else {
    by_request(left.match_spec(), right.match_spec(), dialect.regex_order, order);
  }
  by_route(left, right, order);
  return order.result();
}

std::string lost_by(const TableEntry& loser, const TableEntry& winner, const GatewayDialect& dialect) {
  const RouteMatch& lost = loser.match_spec();
  const RouteMatch& won = winner.match_spec();
  switch (precedence(winner, loser, dialect).by) {
    case Criterion::none:
      return "the same match";
    case Criterion::hostname:
      return fmt::format("less specific hostname ({} against {})", host_text(loser.hostname), host_text(winner.hostname));
    case Criterion::path_type:
      return fmt::format("{} after {}", path_type(lost), path_type(won));
    case Criterion::path_length:
      return fmt::format("shorter path match ({} < {})", path_value(lost).size(), path_value(won).size());
    case Criterion::method:
      return "no method match, against " + won.method;
    case Criterion::headers:
      return fmt::format("fewer header matches ({} < {})", count_headers(lost), count_headers(won));
    case Criterion::query:
      return fmt::format("fewer query parameter matches ({} < {})", query_conditions(loser, dialect).size(),
                         query_conditions(winner, dialect).size());
    case Criterion::grpc_service:
      if (loser.route->kind != winner.route->kind) return "an HTTPRoute, where a GRPCRoute takes the call";
      return fmt::format("shorter service match ({} < {})", service_length(lost), service_length(won));
    case Criterion::grpc_method:
      return fmt::format("shorter method match ({} < {})", method_length(lost), method_length(won));
    case Criterion::regular_expression:
      return regex_words(loser, winner, dialect);
    case Criterion::age:
      return age_words(loser, winner);
    case Criterion::alphabet:
      return fmt::format("{}/{} after {}/{} in the alphabet", loser.route->meta.ref.ns, loser.route->meta.ref.name,
                         winner.route->meta.ref.ns, winner.route->meta.ref.name);
    case Criterion::order:
      return loser.rule == winner.rule ? "a later match of the same rule" : "a later rule of the same route";
    case Criterion::rule_index:
      return fmt::format("rule {} of its route, against rule {} of the other in {}", loser.rule, winner.rule, dialect.name);
    case Criterion::path_text:
      return fmt::format("path {} after {} by its text in {}", path_value(lost), path_value(won), dialect.name);
    case Criterion::conditions:
      return fmt::format("header or query parameter matches that stand later in the order of {} (name, type, value)",
                         dialect.name);
    case Criterion::chance:
      return fmt::format("nothing that can be foreseen: which of the two goes first in {} is chance", dialect.name);
  }
  return {};
}

void sort_table(GatewayTable& table) {
  const auto before = [&](const TableEntry& left, const TableEntry& right) {
    return precedence(left, right, table.dialect).first;
  };
  for (TableListener& listener : table.listeners) std::stable_sort(listener.entries.begin(), listener.entries.end(), before);
}

}  // namespace gwdoctor

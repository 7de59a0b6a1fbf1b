#pragma once
// The routing table of one Gateway: its listeners, and under each the matches of every attached route in the order in which the
// Gateway API v1.6 has them tried. Pure: built from facts, asks facts for what it lacks.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chain/path.h"
#include "chain/router/gateway_dialect.h"
#include "chain/router/outcome.h"
#include "chain/router/question.h"
#include "kube/facts.h"

namespace gwdoctor {

// One match of one rule of one attached route, under one effective hostname.
struct TableEntry {
  std::shared_ptr<const Route> route;
  std::size_t rule = 0;
  std::size_t match = 0;
  std::string hostname;     // the effective one; "" is any
  std::string unserved{};   // why the implementation has no route for it, though it is attached; "" where it has
  std::string by_chance{};  // why nobody can say whether it has

  [[nodiscard]] const RouteRule& rule_spec() const { return route->rules[rule]; }
  [[nodiscard]] const RouteMatch& match_spec() const { return route->rules[rule].matches[match]; }
};

// By what one entry goes before another, in the order in which the criteria are applied (Gateway API v1.6:
// HTTPRouteSpec.hostnames, HTTPRouteRule.matches, GRPCRouteRule.matches).
enum class Criterion {
  none,          // the same entry
  hostname,      // more characters of a hostname without wildcard, then more characters
  path_type,     // Exact before the others
  path_length,   // more characters of a PathPrefix
  method,        // a method before none
  headers,       // more header matches
  query,         // more query parameter matches
  grpc_service,  // more characters of the service, of the method (GRPCRoute)
  grpc_method,
  regular_expression,  // implementation-specific: where a RegularExpression stands (the dialect says)
  age,                 // the older route
  alphabet,            // namespace/name
  order,               // the earlier rule, the earlier match of the same route
  rule_index,          // the smaller index of a rule in its own route, of whatever age
  path_text,           // the greater text of a path match
  conditions,          // names, types and values of header and query parameter matches
  chance,              // nothing that can be foreseen
};
struct Precedence {
  Criterion by = Criterion::none;
  bool first = false;  // the left one goes before the right one
};
[[nodiscard]] Precedence precedence(const TableEntry& left, const TableEntry& right, const GatewayDialect& dialect);
// Why `loser` lost to `winner`: "shorter path match (8 < 12)", "created later (2026-01-02 against 2026-01-01)".
[[nodiscard]] std::string lost_by(const TableEntry& loser, const TableEntry& winner, const GatewayDialect& dialect);

// Whether a request meets the conditions of a match; the hostname apart.
struct MatchResult {
  enum class Verdict { yes, no, unknown };
  Verdict verdict = Verdict::no;
  std::string
      failed;   // the first condition that is not met: "path /v2 is not below /v1", "method GET, not POST"; why it is unknown
  int met = 0;  // conditions that are met
};
// `path` is the request's path as the data plane matches it.
[[nodiscard]] MatchResult match_request(const RouteMatch& match, Kind route_kind, const Request& request, std::string_view path,
                                        const GatewayDialect& dialect);
// True where every request that meets `inner` meets `outer` as well; false where that is not certain. Both of the same route
// kind.
[[nodiscard]] bool subsumes(const RouteMatch& outer, const RouteMatch& inner, Kind route_kind);
// A request that meets the match under `hostname` (a wildcard's is made up), with nothing in it that it does not need. Nothing
// where none can be made (a regular expression that is not a plain word).
[[nodiscard]] std::optional<Request> example_request(const RouteMatch& match, Kind route_kind, std::string_view hostname,
                                                     std::string_view scheme, std::int64_t port);

// A listener with what is attached to it.
struct TableListener {
  Listener spec;
  Ref owner;
  std::optional<ListenerStatus> status;
  bool usable = true;                                 // false where the spec has it lose against an earlier listener (conflict)
  std::vector<TableEntry> entries;                    // HTTPRoute and GRPCRoute, sorted: the first that matches serves
  std::vector<std::shared_ptr<const Route>> streams;  // TLSRoute, TCPRoute, UDPRoute, oldest first
};

struct GatewayTable {
  Ref gateway;
  std::shared_ptr<const Gateway> object;
  GatewayDialect dialect;
  std::vector<TableListener> listeners;
  // Routes that name this Gateway and that no listener takes, and why, for the account of candidates.
  struct Refused {
    Ref route;  // or the ListenerSet that is not admitted
    std::string why;
    std::shared_ptr<const Route> object{};  // nullptr for a ListenerSet
    std::string host{};  // the one hostname that it is not served under, on `port`; "" where it is the whole route
    std::int64_t port = 0;
  };
  std::vector<Refused> refused;
  std::vector<Unread> unread;
};

// The table of one Gateway from every route that may be read, shared by all that ask in a round. Routes are listed in all
// namespaces; where that is not allowed, in `ns` and the Gateway's, and the rest is in `unread`. nullptr while the Gateway itself
// is not known.
[[nodiscard]] std::shared_ptr<const GatewayTable> gateway_table(std::string_view gateway_ns, std::string_view gateway,
                                                                std::string_view ns, const Facts& facts);
// Sorts the entries of each listener; for tables made by hand.
void sort_table(GatewayTable& table);

// What becomes of a request that arrives at this Gateway.
[[nodiscard]] Trace trace_gateway(const Question& question, const GatewayTable& table);

}  // namespace gwdoctor

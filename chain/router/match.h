#pragma once
// The conditions of one match against one request, without any words: what is asked of every entry of a table. Internal to
// chain/router/.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chain/router/gateway_table.h"

namespace gwdoctor {

// How one condition ended, and which one it was.
struct MatchCheck {
  enum class Part { none, grpc_call, path, method, service, rpc, header, query };
  MatchResult::Verdict verdict = MatchResult::Verdict::yes;
  Part part = Part::none;  // the first condition that is not met, or that cannot be judged
  std::size_t index = 0;   // of the header or query match
  int met = 0;
};

// The conditions that count: of several for one header (in any case) or one query parameter, the first (Gateway API v1.6,
// HTTPHeaderMatch.name, HTTPQueryParamMatch.name). Indices into the list.
[[nodiscard]] std::vector<std::size_t> counted_headers(const std::vector<ValueMatch>& headers);
[[nodiscard]] std::vector<std::size_t> counted_query(const std::vector<ValueMatch>& query);
// How many count.
[[nodiscard]] std::size_t count_headers(const RouteMatch& match);
[[nodiscard]] std::size_t count_query(const RouteMatch& match);

// The path condition of an HTTPRoute match; PathPrefix / where none is written.
[[nodiscard]] std::string_view path_type(const RouteMatch& match);
[[nodiscard]] std::string_view path_value(const RouteMatch& match);

// The service and the method of a gRPC call, from its path.
struct Call {
  std::string_view service;
  std::string_view method;
};
[[nodiscard]] Call call_of(std::string_view path);

[[nodiscard]] MatchCheck check_match(const RouteMatch& match, Kind route_kind, const Request& request, std::string_view path,
                                     const GatewayDialect& dialect);
// The same for an entry of a table, by what the dialect makes of its rule.
[[nodiscard]] MatchCheck check_entry(const TableEntry& entry, const Request& request, std::string_view path,
                                     const GatewayDialect& dialect);
// The query parameter matches that count for an entry.
[[nodiscard]] const std::vector<ValueMatch>& query_conditions(const TableEntry& entry, const GatewayDialect& dialect);
[[nodiscard]] bool is_redirect_rule(const RouteRule& rule);
// The value of the first query parameter of that name, as the dialect reads queries.
[[nodiscard]] std::optional<std::string> query_text(const Request& request, std::string_view name, const GatewayDialect& dialect);
// What failed, or cannot be judged, in words.
[[nodiscard]] std::string words_for(const MatchCheck& check, const RouteMatch& match, const Request& request,
                                    std::string_view path, const GatewayDialect& dialect);
// As covers() (chain/hostname.h) for names that are lower case already.
[[nodiscard]] bool host_covered(std::string_view pattern, std::string_view host);
// The host of the authority as it is sent, in lower case and without port; with its final dot.
[[nodiscard]] std::string named_host(const Request& request);

}  // namespace gwdoctor

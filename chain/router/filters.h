#pragma once
// What filters do to a request, in the order of the spec (Gateway API v1.6, HTTPRouteFilter).

#include "chain/path.h"
#include "chain/router/gateway_dialect.h"
#include "chain/router/gateway_table.h"
#include "chain/router/outcome.h"

namespace gwdoctor {

// Fills the outcome of a request that this entry serves: action, redirect and location, rewritten, response headers, filters,
// mirrors, backends by weight (validity is judged later, with facts), timeouts, retries and session persistence as notes.
// `listener_port` and `listener_tls` decide the port and scheme of a redirect (HTTPRequestRedirectFilter.port).
void apply_rule(const TableEntry& entry, const Request& request, std::string_view path, std::int64_t listener_port,
                bool listener_tls, const GatewayDialect& dialect, Outcome& out);

// The path after ReplacePrefixMatch or ReplaceFullPath (HTTPPathModifier), of a path that `matched_prefix` matched.
[[nodiscard]] std::string replace_prefix(std::string_view path, std::string_view matched_prefix, std::string_view replacement);

}  // namespace gwdoctor

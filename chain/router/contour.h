#pragma once
// What Contour 1.33 makes of the Gateway API where it deviates from it, as seen on the traffic of Contour 1.33.8 with Envoy 1.40.
// Internal to chain/router/.

#include <string>
#include <string_view>
#include <vector>

#include "chain/router/gateway_dialect.h"
#include "chain/router/outcome.h"
#include "chain/router/search.h"
#include "kube/facts.h"

namespace gwdoctor {

[[nodiscard]] GatewayDialect contour_gateway_dialect();

// A wildcard of a route that is wider than the listener's has nothing in common with it. A hostname that equals, or lies under a
// longer wildcard of, a listener to which the parentRef does not attach is left out, on whatever port that listener is.
[[nodiscard]] std::vector<std::string> contour_hostnames(std::string_view listener, const std::vector<std::string>& route,
                                                         const std::vector<std::string>& others);
// Exact, RegularExpression, PathPrefix; the longer text; a method; more headers; more query parameters; the smaller index of the
// rule in its own route; the headers sorted by name, then the query parameters. Age plays no part.
[[nodiscard]] Precedence contour_order(const TableEntry& left, const TableEntry& right);
// Marks rules without backendRefs, and rules of which one match is there already under one of their hostnames: those are left out
// whole. Routes are gone through by age, then by name.
void contour_compile(GatewayTable& table);
[[nodiscard]] std::string contour_replaced_prefix(std::string_view path, std::string_view prefix, std::string_view replacement);
[[nodiscard]] WrittenRedirect contour_redirect(const RouteFilter& filter, const Request& request, std::string_view path,
                                               std::string_view prefix);
// The notes of one request: where this outcome is not that of the Gateway API.
void contour_tell(const Request& request, std::string_view path, const std::vector<std::size_t>& listeners,
                  const TableLookup& lookup, const GatewayTable& table, Outcome& out);

// Takes backends that cannot be used out of a forward, unless none is left; the others get all requests.
void leave_out_invalid(const GatewayDialect& dialect, const Facts& facts, Trace& trace);

}  // namespace gwdoctor

#pragma once
// The parts of a rule's effect that HTTP rules and streams share. Internal to chain/router/.

#include <cstdint>
#include <string>

#include "chain/router/outcome.h"
#include "kube/objects/route.h"

namespace gwdoctor {

[[nodiscard]] Ref ref_of(const ObjectRef& object);
// "Service shop/cart:80".
[[nodiscard]] std::string backend_text(const ObjectRef& object, const std::optional<std::int64_t>& port);
// BackendRef.weight: the share of each is its weight over the sum; one of weight 0 gets nothing and is left out. Returns the sum.
std::int64_t add_backends(const RouteRule& rule, Outcome& out);
// Timeouts, retries and session persistence, as notes.
void add_rule_notes(const RouteRule& rule, Outcome& out);

// CORS (HTTPCORSFilter): true where the request is a preflight, which the data plane answers itself.
[[nodiscard]] bool apply_cors(const CorsRules& rules, const Request& request, Outcome& out);
// Whether an Origin is among the allowed ones. A "*" stands for any characters of the host, dots included; ports that are not
// written are those of the scheme.
[[nodiscard]] bool origin_allowed(const std::vector<std::string>& allowed, std::string_view origin);

}  // namespace gwdoctor

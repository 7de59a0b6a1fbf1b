#pragma once
// Where a RequestRedirect sends a client. Internal to chain/router/.

#include <string>

#include "chain/router/outcome.h"
#include "kube/objects/route.h"

namespace gwdoctor {

// HTTPRequestRedirectFilter (Gateway API v1.6): the parts of the Location. `path` is the request's, as it stands when the filter
// works; `matched_prefix` is the PathPrefix of the match, "" for one of another type.
[[nodiscard]] RedirectTarget redirect_target(const RouteFilter& filter, const Request& request, std::string_view host,
                                             std::string_view path, std::string_view matched_prefix, std::int64_t listener_port,
                                             bool listener_tls);
// The header: the port is left out where it is the scheme's own.
[[nodiscard]] std::string location_of(const RedirectTarget& target);
// The path as a filter changes it, query apart.
[[nodiscard]] std::string changed_path(const PathChange& change, std::string_view path, std::string_view matched_prefix);

}  // namespace gwdoctor

#include "chain/router/gateway_dialect.h"

#include <algorithm>
#include <array>

#include "chain/router/contour.h"

namespace gwdoctor {

namespace {

using Escapes = PathTreatment::Escapes;
using EscapedSlash = PathTreatment::EscapedSlash;

// Envoy's normalize_path: RFC 3986 with backslashes made into slashes; merge_slashes and the treatment of %2F are options of
// their own.
constexpr PathTreatment envoy_path(bool merge_slashes, EscapedSlash escaped_slash) {
  return {.escapes = Escapes::unreserved,
          .escaped_slash = escaped_slash,
          .dot_segments = true,
          .merge_slashes = merge_slashes,
          .backslash = true};
}

const GatewayDialect by_the_spec{};

// Listener isolation and 421 by the conformance reports (GatewayHTTPListenerIsolation,
// GatewayHTTPSListenerDetectMisdirectedRequests), as is BackendTLSPolicy; the rest from each implementation's sources or
// documentation. What is not sure is left unknown.
const std::array table{
    contour_gateway_dialect(),
    // Exact, regex, prefix (internal/gatewayapi/sort.go); ClientTrafficPolicy.path: slashes are merged, %2F is redirected by
    // default.
    GatewayDialect{.id = "envoy-gateway",
                   .name = "Envoy Gateway",
                   .version = "1.9",
                   .falls_back_over_hostnames = false,
                   .regex_order = RegexOrder::before_prefix,
                   .regex_known = true,
                   .path = envoy_path(true, EscapedSlash::redirect),
                   .path_known = true},
    // Exact, prefix, regex (sortHTTPRoutes); meshConfig.pathNormalization is BASE by default, which does not merge slashes.
    GatewayDialect{.id = "istio",
                   .name = "Istio",
                   .version = "1.30",
                   .falls_back_over_hostnames = false,
                   .regex_order = RegexOrder::after_prefix,
                   .regex_known = true,
                   .path = envoy_path(false, EscapedSlash::keep),
                   .path_known = true},
    // Exact, regex, prefix (operator/pkg/model/translation, SortableRoute).
    GatewayDialect{.id = "cilium",
                   .name = "Cilium",
                   .version = "1.20",
                   .falls_back_over_hostnames = false,
                   .regex_order = RegexOrder::before_prefix,
                   .regex_known = true},
    // Exact, regex, prefix (translator/routeutils/sortable_route.go).
    GatewayDialect{.id = "kgateway",
                   .name = "kgateway",
                   .version = "2.4",
                   .falls_back_over_hostnames = false,
                   .regex_order = RegexOrder::before_prefix,
                   .regex_known = true},
    GatewayDialect{.id = "agentgateway", .name = "agentgateway", .version = "1.3", .detects_misdirected = true},
    // One router of rules with a number each, that path, headers and hostname add up to; the regular expression of a path is not
    // anchored.
    GatewayDialect{
        .id = "traefik",
        .name = "Traefik",
        .version = "3.7",
        .isolates_listeners = false,
        .deviations = {"Traefik weighs path, headers and hostname in one sum, in which a longer path may count for more than a "
                       "more specific hostname"}},
    // nginx matches locations against the path decoded, without dot segments, with slashes merged; a server for each hostname.
    GatewayDialect{.id = "nginx-gateway-fabric",
                   .name = "NGINX Gateway Fabric",
                   .version = "2.7",
                   .falls_back_over_hostnames = false,
                   .detects_misdirected = true,
                   .path = {.escapes = Escapes::all,
                            .escaped_slash = EscapedSlash::decode,
                            .dot_segments = true,
                            .merge_slashes = true,
                            .backslash = false},
                   .path_known = true},
    // One list of expressions by priority: hostname, Exact, regex, prefix (httproute_atc); regular expressions begin at the
    // start.
    GatewayDialect{.id = "kong",
                   .name = "Kong",
                   .version = "3",
                   .isolates_listeners = false,
                   .regex_order = RegexOrder::before_prefix,
                   .regex_anchors = RegexAnchors::from_start,
                   .regex_known = true},
    GatewayDialect{.id = "haproxy-ingress",
                   .name = "HAProxy Ingress",
                   .version = "0.17",
                   .isolates_listeners = false,
                   .without_backend_tls = "takes no BackendTLSPolicy"},
    GatewayDialect{.id = "aws-load-balancer-controller",
                   .name = "AWS Load Balancer Controller",
                   .version = "3.5",
                   .isolates_listeners = false,
                   .without_backend_tls = "takes no BackendTLSPolicy"},
    // The host rules of a URL map pick one path matcher.
    GatewayDialect{
        .id = "gke", .name = "GKE Gateway", .version = "1.36", .falls_back_over_hostnames = false, .isolates_listeners = false},
};

}  // namespace

const GatewayDialect& gateway_dialect(std::string_view controller_id) {
  const auto found = std::find_if(table.begin(), table.end(), [&](const GatewayDialect& row) { return row.id == controller_id; });
  return found == table.end() ? by_the_spec : *found;
}

}  // namespace gwdoctor

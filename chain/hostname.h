#pragma once
// Hostnames as the two APIs match them. They differ: a wildcard of the Gateway API stands for one label or more, one
// of Ingress for exactly one. Comparison ignores case and one final dot (RFC 1123, RFC 9110 section 4.2.3).

#include <string>
#include <string_view>
#include <vector>

namespace gwdoctor {

// "*.example.com". A lone "*" is no wildcard: neither API allows it.
[[nodiscard]] bool is_wildcard(std::string_view host);

// Gateway API v1.6, Listener.hostname and HTTPRouteSpec.hostnames: true where every request for `host` matches
// `pattern`. "*.example.com" covers a.example.com, a.b.example.com and *.b.example.com, never example.com. "" as a
// pattern covers everything; "" as a host means any host, which only "" covers.
[[nodiscard]] bool covers(std::string_view pattern, std::string_view host);

// True where `left` is matched before `right` (Gateway API v1.6, HTTPRouteRule.matches, precedence of hostnames): a
// name before a wildcard, then the one with more characters, "" last. A strict weak ordering.
[[nodiscard]] bool more_specific(std::string_view left, std::string_view right);

// What a listener and a route have in common. Both lists are lower case, in the route's order.
struct Intersection {
  std::vector<std::string> effective;  // the listener serves the route for these; empty: the route does not attach
  std::vector<std::string> left_out;   // the route's hostnames that the listener does not serve
};

// Gateway API v1.6, HTTPRouteSpec.hostnames: of each pair that intersects, the more specific, each once. A route
// without hostnames takes the listener's; {""} (any) where neither names one.
[[nodiscard]] Intersection intersect(std::string_view listener_hostname, const std::vector<std::string>& route_hostnames);

// networking.k8s.io/v1 IngressRule.host: as covers(), but "*.example.com" covers a.example.com and not
// a.b.example.com. A wildcard as `host` is covered by itself and by "" alone.
[[nodiscard]] bool ingress_host_covers(std::string_view pattern, std::string_view host);

}  // namespace gwdoctor

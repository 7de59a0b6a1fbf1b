#pragma once
// The words for traffic, used by findings and by the report.

#include <string>

#include "kube/objects/ingress.h"
#include "kube/objects/route.h"

namespace gwdoctor {

// "requests to /v2", "POST requests to /v2 with header x-tenant: blue", "calls of pkg.Service/Method",
// "connections" for TLSRoute, TCPRoute and UDPRoute.
[[nodiscard]] std::string requests_of(Kind kind, const RouteMatch& match);
// "requests to pay.example/v2", "all requests to pay.example".
[[nodiscard]] std::string requests_of(const IngressRule& rule, const IngressPath& path);

}  // namespace gwdoctor

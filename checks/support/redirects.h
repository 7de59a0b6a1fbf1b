#pragma once
// Where redirects lead, followed as a client would.

#include <string>
#include <vector>

#include "chain/router/gateway_table.h"
#include "kube/value.h"

namespace gwdoctor {

// Beyond it a chain that leads from redirect to redirect is taken for one without end; browsers give up after twenty.
inline constexpr std::size_t most_hops = 10;

struct Chase {
  bool loops = false;
  bool likely = false;  // part of it goes by what is not written: another host, a port that a Service maps, TLS ended in front
  bool ended_before = false;           // TLS is ended at the load balancer in front of the Gateway
  std::vector<std::string> locations;  // in their order; the last is one that was met before, or the last that was followed
  std::vector<std::size_t> listeners;  // that were met, into the table
  std::vector<Ref> routes;             // whose rules redirect
  bool again = false;                  // the last location is one that was met before
};

// Follows the redirects of a request that `route` is to answer by its rule `rule`. `gateway` is the document of the Gateway,
// whose annotations may tell that a load balancer ends TLS.
[[nodiscard]] Chase chase(const Request& request, const Ref& route, std::size_t rule, const GatewayTable& table,
                          const Value& gateway);

}  // namespace gwdoctor

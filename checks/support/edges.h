#pragma once
// What is known to stand in front of other people's load balancers: content delivery networks, proxies, global accelerators.

#include <string>
#include <string_view>

#include "kube/objects/observed.h"

namespace gwdoctor {

// "Cloudflare", "CloudFront": whom the answer leads to, by the names in its CNAME chain or by the ranges that they publish. ""
// where that is nobody known.
[[nodiscard]] std::string_view known_edge(const DnsAnswer& answer);

}  // namespace gwdoctor

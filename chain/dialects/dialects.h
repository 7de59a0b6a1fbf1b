#pragma once
// The dialects of this folder. Internal to it: others ask ingress_dialect().

#include "chain/dialects/ingress_table.h"

namespace gwdoctor {

[[nodiscard]] IngressDialect nginx_dialect();
[[nodiscard]] IngressDialect contour_dialect();
[[nodiscard]] IngressDialect traefik_dialect();
[[nodiscard]] IngressDialect alb_dialect();
[[nodiscard]] IngressDialect eks_auto_dialect();
[[nodiscard]] IngressDialect haproxytech_dialect();
[[nodiscard]] IngressDialect haproxy_ingress_dialect();
[[nodiscard]] IngressDialect kong_dialect();
[[nodiscard]] IngressDialect gke_dialect();

}  // namespace gwdoctor

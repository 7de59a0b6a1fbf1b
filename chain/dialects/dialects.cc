#include "chain/dialects/dialects.h"

#include <array>

#include "chain/controllers.h"
#include "chain/dialects/standard.h"

namespace gwdoctor {

const IngressDialect& ingress_dialect(std::string_view controller_id) {
  static const IngressDialect standard = standard_dialect(true);
  static const std::array known{nginx_dialect(),    contour_dialect(),     traefik_dialect(),         alb_dialect(),
                                eks_auto_dialect(), haproxytech_dialect(), haproxy_ingress_dialect(), kong_dialect(),
                                gke_dialect()};
  static const IngressDialect stand_in = standard_dialect(false);
  if (controller_id.empty()) return standard;
  for (const IngressDialect& dialect : known) {
    if (dialect.id == controller_id) return dialect;
  }
  return stand_in;
}

}  // namespace gwdoctor

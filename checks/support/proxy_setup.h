#pragma once
// What the controllers' own settings say of the PROXY protocol: whether the data plane awaits its header before the first byte of
// TLS or HTTP.

#include <optional>
#include <string>

#include "checks/support/front_line.h"

namespace gwdoctor {

struct ProxySetup {
  enum class Awaits { unknown, no_header, header };
  Awaits awaits = Awaits::unknown;
  // What tells it, for messages: `ConfigMap ingress-nginx/x does not set use-proxy-protocol`. "" where plain arguments do.
  std::string told;
  // The ConfigMap and its key where the controller reads one; the name is "" where it does not.
  Ref config_map;
  std::string key;
  Seen<ConfigMap> settings;
  // Set where the ConfigMap would tell and could not be read.
  bool unread = false;
};

// The settings of the controller of a host: Traefik's and Contour's by their arguments, those of ingress-nginx, the NGINX Ingress
// Controller and both HAProxy controllers by the ConfigMap that their arguments name, which is asked for where `ask`. Unknown for
// other controllers, where several workloads differ, and where the arguments are not to be seen (a script).
[[nodiscard]] ProxySetup proxy_setup_of(const FrontHost& host, const Path& path, const Facts& facts, bool ask);

}  // namespace gwdoctor

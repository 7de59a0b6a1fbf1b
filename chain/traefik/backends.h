#pragma once
// Where a router of Traefik sends requests. Established for v3.7: pkg/provider/kubernetes/crd/kubernetes_http.go. One reference
// that cannot be followed takes the whole router away: the request then goes to the next router, or is answered with 404.

#include <string>
#include <vector>

#include "chain/router/outcome.h"
#include "chain/traefik/settings.h"
#include "kube/facts.h"
#include "kube/objects/traefik.h"

namespace gwdoctor {

struct TraefikTargets {
  struct At {
    TracedBackend backend;
    Ref from;          // the object that names it: the IngressRoute or a TraefikService …
    std::string path;  // … and the field: spec.routes[0].services[0]
  };
  std::vector<At> backends;
  std::vector<Ref> mirrors;
  std::string fault;               // why Traefik makes no router: "Service shop/x does not exist"; "" where it does
  bool of_service = false;         // a Service or its port is at fault
  std::string doubt;               // why that, or where requests go, is not known
  std::string internal;            // a service of Traefik's own that answers: "api@internal"
  bool idle = false;               // every weight is 0
  std::vector<std::string> notes;  // what else holds for the backends
};

// What could not be read goes into `unread`.
[[nodiscard]] TraefikTargets traefik_targets(const IngressRoute& owner, const IngressRoute::Route& route,
                                             const TraefikSettings& settings, const Facts& facts, std::vector<Unread>& unread);

}  // namespace gwdoctor

#pragma once
// The routers that Traefik makes of the IngressRoutes of a cluster. Established for v3.7: pkg/provider/kubernetes/crd/
// kubernetes_http.go (what makes a router, what is left out), pkg/server/router/router.go (what is left out later),
// pkg/muxer/http/mux.go (the greater priority first; routers of one priority are tried in no fixed order, for they come out of a
// map and the sort is not stable).

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "chain/router/outcome.h"
#include "chain/traefik/rule.h"
#include "chain/traefik/settings.h"
#include "kube/facts.h"
#include "kube/objects/traefik.h"

namespace gwdoctor {

// One route of one IngressRoute.
struct TraefikRouter {
  std::shared_ptr<const IngressRoute> owner;
  std::size_t route = 0;  // in spec.routes
  ParsedTraefikRule rule;
  std::int64_t priority = 0;
  std::string doubt;  // why it is not known whether Traefik makes it; "" where it does

  [[nodiscard]] const IngressRoute::Route& spec() const { return owner->routes[route]; }
  [[nodiscard]] bool has_priority() const { return spec().priority != 0; }
  [[nodiscard]] const Ref& ref() const { return owner->meta.ref; }
};

struct TraefikRouters {
  bool served = false;                 // the CRD is there
  std::vector<TraefikRouter> routers;  // the greater priority first
  struct Dropped {
    TraefikRouter router;
    std::string why;
  };
  std::vector<Dropped> dropped;
  std::vector<Unread> unread;
  TraefikSettings settings;
  std::size_t objects = 0;
};

// Of all namespaces, or where those may not be listed of `ns` (the rest in `unread`); shared by all that ask in a round.
[[nodiscard]] std::shared_ptr<const TraefikRouters> traefik_routers(std::string_view ns, const Facts& facts);
[[nodiscard]] TraefikRouters make_traefik_routers(const std::vector<std::shared_ptr<const IngressRoute>>& objects,
                                                  const TraefikSettings& settings);

// Whether an object of one namespace may refer to one of another: "" where it may, or why that is not known; `sure` where it may
// not.
struct CrossNamespace {
  std::string why;
  bool sure = false;
};
[[nodiscard]] CrossNamespace judge_namespace(std::string_view from, std::string_view to, std::string_view what,
                                             const TraefikSettings& settings);

}  // namespace gwdoctor

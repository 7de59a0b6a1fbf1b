#pragma once
// Middlewares of Traefik: which a router passes, and what they make of a request. Established for v3.7: pkg/server/middleware/
// middlewares.go (one that is missing or wrong takes the router away), pkg/middlewares/*.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "chain/router/outcome.h"
#include "chain/traefik/settings.h"
#include "kube/facts.h"
#include "kube/objects/traefik.h"

namespace gwdoctor {

struct TraefikPassage {
  struct Stop {
    std::shared_ptr<const Middleware> object;  // null for one that is configured outside of Kubernetes
    std::string name;                          // "Middleware shop/strip", "auth@file"
  };
  std::vector<Stop> stops;  // chains in their parts, in the order in which requests pass them
  std::string fault;        // why Traefik makes no router: "Middleware shop/strip does not exist"; "" where it does
  std::string doubt;        // why that is not known
};
// Those that an object of namespace `own` names.
[[nodiscard]] TraefikPassage passage_of(const std::vector<TraefikRef>& references, std::string_view own,
                                        const TraefikSettings& settings, const Facts& facts, std::vector<Unread>& unread);
// Those of the annotation router.middlewares of an Ingress of that namespace: "shop-strip@kubernetescrd,auth@file".
[[nodiscard]] TraefikPassage passage_of(std::string_view annotation, std::string_view own, const TraefikSettings& settings,
                                        const Facts& facts, std::vector<Unread>& unread);

// Leads a request through them: fills filters, notes, and rewritten (where the request goes on) or the redirect. `path` as the
// entry point leaves it.
void pass(const TraefikPassage& passage, const Request& request, std::string_view path, Outcome& out);

}  // namespace gwdoctor

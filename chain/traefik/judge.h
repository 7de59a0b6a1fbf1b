#pragma once
// One router before one request. Internal to chain/traefik/.

#include <string>
#include <string_view>
#include <vector>

#include "chain/traefik/backends.h"
#include "chain/traefik/middlewares.h"
#include "chain/traefik/routers.h"

namespace gwdoctor {

struct JudgedRouter {
  const TraefikRouter* router = nullptr;
  TraefikVerdict verdict;
  // What follows is worked out for those alone that may take the request.
  TraefikTargets targets;
  TraefikPassage passage;
  std::string fault;               // why Traefik makes no router of it
  std::string doubt;               // why it is not known whether it serves the request
  std::vector<std::string> notes;  // of the entry point

  [[nodiscard]] bool may_take() const { return verdict.is != TraefikVerdict::Is::no; }
  [[nodiscard]] bool is_open() const { return verdict.is == TraefikVerdict::Is::unknown || !doubt.empty(); }
};

// The rule and the entry point.
[[nodiscard]] JudgedRouter judge_router(const TraefikRouter& router, const Request& request, std::string_view path);
// Whether the router is for requests to this host, at an entry point for clients.
[[nodiscard]] bool is_for_host(const TraefikRouter& router, const Request& request);
// Fills what the rule does not say.
void settle_router(JudgedRouter& judged, const TraefikSettings& settings, const Facts& facts, std::vector<Unread>& unread);
// Fills the outcome of a request that it serves.
void serve(const JudgedRouter& judged, const Request& request, std::string_view path, Outcome& out);
// Names it in an outcome, without an action.
void name_router(const JudgedRouter& judged, Outcome& out);
// "IngressRoute shop/web spec.routes[0]".
[[nodiscard]] std::string router_words(const TraefikRouter& router);

}  // namespace gwdoctor

#include "checks/check.h"

#include <algorithm>

#include "checks/grace.h"
#include "checks/support/parents.h"
#include "checks/support/suspects.h"

namespace gwdoctor {

namespace {

struct Spot {
  std::size_t route;
  const ParentView& parent;
  const Path& path;
  const Facts& facts;

  [[nodiscard]] const RouteView& view() const { return path.routes[route]; }
};

// A Service or a grant of the route that is younger than a minute: the controller may come to it yet.
bool just_made(const Spot& at) {
  for (const Leg& leg : at.path.legs) {
    if (leg.route != at.route) continue;
    if (leg.backend != no_index) {
      const Seen<Service>& service = at.path.backends[leg.backend].service;
      if (service.present() && settling(service->meta, at.facts)) return true;
    }
    if (leg.grant == no_index || at.path.grants[leg.grant].state != GrantView::State::granted) continue;
    const List<ReferenceGrant>& grants = *at.path.grants[leg.grant].grants;
    if (std::any_of(grants.begin(), grants.end(), [&](const auto& grant) { return settling(grant->meta, at.facts); }))
      return true;
  }
  return false;
}

// A Service without addresses in the cluster, which many controllers refuse as a backend.
const BackendView* external_name(const Suspects& suspects, const Path& path) {
  for (const Leg* leg : suspects.legs) {
    if (leg->backend == no_index) continue;
    const BackendView& backend = path.backends[leg->backend];
    if (backend.service.present() && backend.service->is_external_name()) return &backend;
  }
  return nullptr;
}

Fix remedy(const Spot& at, const Suspects& suspects, const Condition& condition, const std::string& who) {
  const Ref& route = at.view().ref;
  const std::vector<std::string> look{fmt::format("kubectl get {} -o jsonpath='{{.status.parents}}'", kubectl_object(route))};
  if (const BackendView* backend = external_name(suspects, at.path)) {
    return by_hand(fmt::format("send the requests to a Service with a selector, or to the kind of backend that {} has for "
                               "outside names: {} is an ExternalName",
                               who, backend->ref.text()),
                   look);
  }
  if (condition.reason == "BackendNotFound" || condition.reason == "PortNotFound") {
    return by_hand("name a Service that exists and a port that it offers",
                   {fmt::format("kubectl get services -n {}", shell_quote(route.ns))});
  }
  if (condition.reason == "UnsupportedProtocol")
    return by_hand("give the Service port the appProtocol that the route's kind needs", look);
  if (condition.reason == "RefNotPermitted") {
    return by_hand("let a ReferenceGrant in the namespace referred to allow it", {"kubectl get referencegrants -A"});
  }
  return by_hand("create what the route refers to, or remove the reference that the message names", look);
}

void unresolved(const Spot& at, const ParentWord& word, Verdicts& out) {
  const Condition& condition = *word.condition;
  const std::string who = controller_of(at.parent, at.path, *word.status);
  const Suspects suspects = suspects_of(condition, at.route, at.path);
  if (suspects.idle) return out.pass(at.parent.scope);
  if (may_change(condition, at.view(), at.parent, at.path, at.facts) || just_made(at)) {
    return out.unknown(at.parent.scope, at.view().route.wish(), pending(who));
  }
  Scope scope = at.path.nothing();
  for (const Leg* leg : suspects.legs) scope |= leg->scope;
  scope &= at.parent.scope;
  if (!scope.any()) scope = at.parent.scope;
  const bool all = suspects.sure && !suspects.legs.empty() && scope.covers(at.parent.scope);
  FindingBuilder finding = out.fail(scope);
  finding.object(at.view().ref, suspects.path)
      .reason(all ? "route-all-backends-invalid" : "route-some-backends-invalid")
      .certainty(Certainty::observed)
      .says("{} cannot resolve a reference of {}: {}", who, at.view().ref.text(), said(condition))
      .saw(at.view().route, at.view().ref, word.status->path + ".conditions")
      .fix(remedy(at, suspects, condition, who));
  for (const Leg* leg : suspects.legs) {
    if (suspects.sure && leg->backend != no_index) finding.affects(at.path.backends[leg->backend].ref);
  }
  if (suspects.mirror) {
    finding.severity(Severity::warning);
  } else if (!suspects.sure || suspects.legs.empty()) {
    finding.impact(Impact::part);
  }
}

// Gateway API v1.6, RouteParentStatus: ResolvedRefs=False, about this generation, by the controller of the Gateway. What
// is wrong with the backend is mostly proved by another code, which then explains this one. Requests that go to a
// backend that is not resolved are answered with 500 (HTTPRouteRule.backendRefs).
void run(const Facts& facts, const Path& path, Verdicts& out) {
  for (std::size_t route = 0; route < path.routes.size(); ++route) {
    if (!path.routes[route].route.present()) continue;
    for (const ParentView& parent : path.routes[route].parents) {
      if (parent.gateway == no_index) continue;
      const ParentWord word = word_of(path.routes[route], parent, path, "ResolvedRefs");
      if (word.unsure) unsure_of(parent, path, out);
      if (word.word == Word::yes) out.pass(parent.scope);
      if (word.word == Word::no) unresolved({route, parent, path, facts}, word, out);
    }
  }
}

}  // namespace

extern constinit const Check route_refs_unresolved{
    .code = "route-refs-unresolved",
    .title = "the controller cannot resolve a reference of the route",
    .severity = Severity::error,
    .layer = Layer::route,
    .reads = {Kind::http_route, Kind::gateway, Kind::gateway_class, Kind::service, Kind::reference_grant, Kind::name_space},
    .explains = {},
    .run = run,
};

}  // namespace gwdoctor

#include "checks/check.h"

#include <algorithm>

#include "checks/grace.h"
#include "checks/support/gateway_state.h"
#include "checks/support/sync.h"

namespace gwdoctor {

namespace {

Fix look_at(const ControllerView* controller, const std::string& who) {
  if (controller == nullptr || controller->control.found.empty()) {
    return by_hand(
        fmt::format("find out why {} does not process it: its log, its rights, the namespaces and classes that it watches", who));
  }
  const Ref& workload = controller->control.found.front()->meta.ref;
  return by_hand(fmt::format("find out from the log of {} why it does not process it", who),
                 {fmt::format("kubectl logs {} --tail=100", kubectl_object(workload)),
                  fmt::format("kubectl rollout restart {}", kubectl_object(workload))});
}

// What one controller left undone in the same way is one fault: the first object stands for all.
bool same_fault(const Lag& left, const Lag& right) {
  return left.controller == right.controller && left.reason == right.reason && left.impact == right.impact &&
         left.object.kind == right.object.kind;
}

void report(const std::vector<Lag>& all, std::size_t first, const Path& path, const Facts& facts, Verdicts& out) {
  const Lag& lag = all[first];
  const std::string who = controller_name(path, lag.controller);
  Scope scope = lag.scope;
  for (const Lag& other : all) {
    if (!other.settling && same_fault(other, lag)) scope |= other.scope;
  }
  const std::shared_ptr<const Value> document = facts.document(lag.object);
  FindingBuilder finding = out.fail(scope);
  finding.object(lag.object, lag.path)
      .reason(lag.reason)
      .certainty(Certainty::observed)
      .impact(lag.impact)
      .says("{}", lag.message)
      .saw(lag.object, lag.status, document == nullptr ? Value() : document->at_path(lag.status))
      .fix(look_at(lag.controller == no_index ? nullptr : &path.controllers[lag.controller], who));
  for (const Lag& other : all) {
    if (!other.settling && same_fault(other, lag) && other.object != lag.object) finding.affects(other.object);
  }
}

// Status is missing, undecided or about an earlier generation (Gateway API v1.6: every condition carries the generation
// that it is about). Kinds without conditions, as Ingress, say nothing of this sort.
void run(const Facts& facts, const Path& path, Verdicts& out) {
  for (const GatewayView& view : path.gateways) {
    if (view.gateway.unknown()) out.unknown(view.scope, view.gateway);
  }
  const std::vector<Lag> all = lags(path, facts);
  Scope behind = path.nothing();
  for (std::size_t at = 0; at < all.size(); ++at) {
    behind |= all[at].scope;
    if (all[at].settling) {
      out.unknown(all[at].scope, all[at].wish, pending(controller_name(path, all[at].controller)));
      continue;
    }
    const auto earlier = std::find_if(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(at),
                                      [&](const Lag& other) { return !other.settling && same_fault(other, all[at]); });
    if (earlier == all.begin() + static_cast<std::ptrdiff_t>(at)) report(all, at, path, facts, out);
  }
  Scope processed = path.nothing();
  for (const GatewayView& view : path.gateways) {
    if (!view.gateway.present()) continue;
    for (std::size_t at = 0; at < path.streams.size(); ++at) {
      if (view.scope.has(at) && !behind.has(at)) processed.add(at);
    }
  }
  if (processed.any()) out.pass(processed);
}

}  // namespace

extern constinit const Check controller_not_synced{
    .code = "controller-not-synced",
    .title = "the controller has not processed an object as it stands",
    .severity = Severity::error,
    .layer = Layer::controller,
    .reads = {Kind::gateway, Kind::http_route, Kind::listener_set},
    .explains = {"ingress-address-missing", "route-request-unmatched"},
    .run = run,
};

}  // namespace gwdoctor

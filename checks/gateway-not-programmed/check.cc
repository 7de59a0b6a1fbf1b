#include "checks/check.h"

#include <algorithm>

#include "checks/grace.h"
#include "checks/support/gateway_state.h"
#include "checks/support/sync.h"

namespace gwdoctor {

namespace {

constexpr std::string_view resources_reason = "gateway-no-resources";

// Addresses are gateway-address-missing's.
bool about_addresses(const Condition& programmed) {
  return programmed.reason == "AddressNotAssigned" || programmed.reason == "AddressNotUsable";
}

bool sums_up(const Condition& programmed) { return programmed.reason == "Invalid" || programmed.reason == "ListenersNotValid"; }

Fix remedy(const GatewayView& view, const Condition& programmed, const Path& path) {
  if (programmed.reason == "NoResources") {
    return by_hand("mend the workload that carries this Gateway's traffic",
                   {fmt::format("kubectl get deployments,daemonsets,pods -A -l gateway.networking.k8s.io/gateway-name={}",
                                shell_quote(view.ref.name))});
  }
  std::vector<std::string> commands{fmt::format("kubectl describe {}", kubectl_object(view.ref))};
  if (view.controller != no_index && !path.controllers[view.controller].control.found.empty()) {
    commands.push_back(fmt::format("kubectl logs {} --tail=100",
                                   kubectl_object(path.controllers[view.controller].control.found.front()->meta.ref)));
  }
  return by_hand("mend what the message names, or what the controller's log says of it", std::move(commands));
}

void report(const GatewayView& view, const Condition& programmed, const Scope& scope, const Path& path, Verdicts& out) {
  out.fail(scope)
      .object(view.ref)
      .reason(programmed.reason == "NoResources" ? resources_reason : "gateway-programmed-invalid")
      .certainty(Certainty::observed)
      .says("{} is not programmed: {}", view.ref.text(), said(programmed))
      .saw(view.gateway, view.ref, condition_path(view.gateway.document(), "status.conditions", "Programmed"))
      .fix(remedy(view, programmed, path));
}

void listener_report(const ListenerView& listener, Verdicts& out) {
  const Condition& programmed = *condition_of(listener, ListenerFault::not_programmed);
  const std::string field_said = condition_path(*listener.document, conditions_path(listener), "Programmed");
  out.fail(listener.scope)
      .object(listener.owner, listener.spec.path)
      .reason("listener-programmed-invalid")
      .certainty(Certainty::observed)
      .says("{} is not programmed: {}", text_of(listener), said(programmed))
      .saw(listener.owner, field_said, listener.document->at_path(field_said))
      .fix(by_hand("mend what the message names, or what the controller's log says of it",
                   {fmt::format("kubectl describe {}", kubectl_object(listener.owner))}));
}

bool every_listener_fine(const GatewayView& view) {
  return std::all_of(view.listeners.begin(), view.listeners.end(),
                     [](const ListenerView& listener) { return fault_of(listener) == ListenerFault::none; });
}

// The streams that Programmed=False stops. As a summary of the listeners, only those of the faulty ones: the others are
// served (Contour says it of the whole Gateway for one bad certificate).
Scope stopped(const GatewayView& view, const Condition& programmed, const Path& path) {
  if (!sums_up(programmed)) return view.scope;
  if (programmed.reason == "Invalid" && every_listener_fine(view)) return view.scope;
  return faulty_listeners(view, path);
}

// Gateway API v1.6, GatewayConditionProgrammed and ListenerConditionProgrammed.
void run(const Facts& facts, const Path& path, Verdicts& out) {
  for (const GatewayView& view : path.gateways) {
    if (view.gateway.unknown()) out.unknown(view.scope, view.gateway);
    if (!view.gateway.present()) continue;
    if (!is_programmed(*view.gateway) && is_restarting(path, view.controller, facts)) {
      out.unknown(view.scope, view.gateway.wish(), pending(controller_name(path, view.controller)));
      continue;
    }
    const Condition* programmed = condition(view.gateway->conditions, "Programmed");
    const bool no = word(programmed, view.gateway->meta.generation) == Word::no;
    if (no && !about_addresses(*programmed)) {
      const Scope scope = stopped(view, *programmed, path);
      if (scope.any() || path.streams.empty()) report(view, *programmed, scope, path, out);
      continue;
    }
    bool fine = !no;
    for (const ListenerView& listener : view.listeners) {
      if (!listener.on_path || fault_of(listener) != ListenerFault::not_programmed) continue;
      fine = false;
      // Without an address no listener is programmed: that is said once.
      if (!no) listener_report(listener, out);
    }
    if (fine && is_programmed(*view.gateway)) out.pass(view.scope);
  }
}

}  // namespace

extern constinit const Check gateway_not_programmed{
    .code = "gateway-not-programmed",
    .title = "the Gateway is accepted and its data plane does not serve it",
    .severity = Severity::error,
    .layer = Layer::gateway,
    .reads = {Kind::gateway},
    .explains = {"controller-not-synced", "route-not-accepted", "tls-handshake-failed", "lb-unreachable"},
    .run = run,
};

}  // namespace gwdoctor

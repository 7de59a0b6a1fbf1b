#include "checks/check.h"

#include "checks/support/gateway_state.h"

namespace gwdoctor {

namespace {

constexpr std::string_view summary_reason = "gateway-listeners-not-valid";

std::string_view reason_of(std::string_view reason) {
  if (reason == "Invalid") return "gateway-invalid";
  if (reason == "InvalidParameters") return "gateway-invalid-parameters";
  if (reason == "UnsupportedAddress") return "gateway-unsupported-address";
  if (reason == "ListenersNotValid") return summary_reason;
  return "gateway-unknown-false-condition";
}

std::string_view field_of(std::string_view reason) {
  if (reason == "InvalidParameters") return "spec.infrastructure.parametersRef";
  if (reason == "UnsupportedAddress") return "spec.addresses";
  return "";
}

Fix remedy(const GatewayView& view, std::string_view reason) {
  const std::vector<std::string> look{fmt::format("kubectl describe {}", kubectl_object(view.ref))};
  if (reason == "UnsupportedAddress") {
    const std::optional<Fix> fix =
        remove_field(view.ref, view.gateway.document(), "spec.addresses", "let the controller choose the address");
    if (fix) return *fix;
  }
  if (reason == "InvalidParameters")
    return by_hand("mend or create the object that spec.infrastructure.parametersRef names, or remove the reference", look);
  return by_hand("mend what the message names", look);
}

void refused(const GatewayView& view, const Condition& accepted, Verdicts& out) {
  FindingBuilder finding = out.fail(view.scope);
  finding.object(view.ref, field_of(accepted.reason))
      .reason(reason_of(accepted.reason))
      .certainty(Certainty::observed)
      .says("{} is not accepted: {}", view.ref.text(), said(accepted))
      .saw(view.gateway, view.ref, condition_path(view.gateway.document(), "status.conditions", "Accepted"))
      .fix(remedy(view, accepted.reason));
  // The controller goes on serving what it can, or what was there before.
  if (is_programmed(*view.gateway)) finding.severity(Severity::warning);
}

// What only the listener's own condition tells: a port that the proxy does not have, a protocol that it does not speak.
void listener_refused(const ListenerView& listener, Verdicts& out) {
  const Condition& accepted = *condition_of(listener, ListenerFault::not_accepted);
  const std::string_view field = accepted.reason == "PortUnavailable"       ? ".port"
                                 : accepted.reason == "UnsupportedProtocol" ? ".protocol"
                                                                            : "";
  const std::string field_said = condition_path(*listener.document, conditions_path(listener), "Accepted");
  out.fail(listener.scope)
      .object(listener.owner, fmt::format("{}{}", listener.spec.path, field))
      .reason(summary_reason)
      .certainty(Certainty::observed)
      .says("{} ({}) is not accepted: {}", text_of(listener), shape_of(listener.spec), said(accepted))
      .saw(listener.owner, field_said, listener.document->at_path(field_said))
      .fix(by_hand("give the listener a port and a protocol that the controller serves",
                   {fmt::format("kubectl describe {}", kubectl_object(listener.owner))}));
}

// ListenersNotValid sums up the listeners, with True as well as with False (failures/traps, 30): what matters is which of
// them the target's traffic passes through.
void summed_up(const GatewayView& view, const Condition* summary, const Path& path, Verdicts& out) {
  Scope told = path.nothing();
  for (const ListenerView& listener : view.listeners) {
    if (!listener.on_path || fault_of(listener) != ListenerFault::not_accepted) continue;
    listener_refused(listener, out);
    told |= listener.scope;
  }
  if (summary == nullptr) return;
  const Scope faulty = faulty_listeners(view, path);
  if (told.covers(faulty)) return;
  out.fail(faulty)
      .object(view.ref)
      .reason(summary_reason)
      .certainty(Certainty::observed)
      .says("{} is not accepted: {}", view.ref.text(), said(*summary))
      .saw(view.gateway, view.ref, condition_path(view.gateway.document(), "status.conditions", "Accepted"))
      .fix(by_hand("mend the listeners that status.listeners names",
                   {fmt::format("kubectl describe {}", kubectl_object(view.ref))}));
}

// Gateway API v1.6, GatewayConditionAccepted and ListenerConditionAccepted.
void run(const Facts&, const Path& path, Verdicts& out) {
  for (const GatewayView& view : path.gateways) {
    if (view.gateway.unknown()) out.unknown(view.scope, view.gateway);
    if (!view.gateway.present()) continue;
    const Condition* accepted = condition(view.gateway->conditions, "Accepted");
    const bool no = word(accepted, view.gateway->meta.generation) == Word::no;
    const bool summary = no && accepted->reason == "ListenersNotValid";
    if (no && !summary) {
      refused(view, *accepted, out);
      continue;
    }
    summed_up(view, summary ? accepted : nullptr, path, out);
    if (!no && !faulty_listeners(view, path).any()) out.pass(view.scope);
  }
}

}  // namespace

extern constinit const Check gateway_not_accepted{
    .code = "gateway-not-accepted",
    .title = "the controller does not accept the Gateway or one of its listeners",
    .severity = Severity::error,
    .layer = Layer::gateway,
    .reads = {Kind::gateway},
    .explains = {"gateway-not-programmed", "gateway-address-missing", "controller-not-synced", "route-not-accepted",
                 "route-request-unmatched", "tls-handshake-failed"},
    .run = run,
};

}  // namespace gwdoctor

#include "checks/check.h"

#include "checks/grace.h"
#include "checks/support/gateway_state.h"
#include "checks/support/sync.h"

namespace gwdoctor {

namespace {

std::string_view reason_of(std::string_view reason) {
  if (reason == "InvalidParameters") return "class-gatewayclass-invalid-parameters";
  if (reason == "Unsupported") return "class-gatewayclass-unsupported";
  if (reason.starts_with("UnsupportedVersion")) return "class-gatewayclass-unsupported-version";
  if (reason == "OlderGatewayClassExists" || reason == "GatewayClassConflict") return "class-gatewayclass-conflict";
  return "class-gatewayclass-pending";
}

Fix remedy(const Ref& object, std::string_view reason) {
  const std::vector<std::string> look{fmt::format("kubectl get {} -o yaml", kubectl_object(object))};
  if (reason == "InvalidParameters")
    return by_hand("mend or create the object that spec.parametersRef names, or remove the reference", look);
  if (reason.starts_with("UnsupportedVersion"))
    return by_hand("install the Gateway API CRDs that the controller supports, or a controller that supports these", look);
  if (reason == "OlderGatewayClassExists" || reason == "GatewayClassConflict") {
    return by_hand("use the class that the controller accepted, or give this one a controller of its own",
                   {"kubectl get gatewayclasses"});
  }
  return by_hand("use a class that the controller provides, or mend this one", look);
}

// The controller said no. Gateways that it programmed before go on as they are, but no change reaches them.
void refused(const GatewayView& view, const Condition& accepted, Verdicts& out) {
  const Ref& object = view.gateway_class->meta.ref;
  FindingBuilder finding = out.fail(view.scope);
  finding.object(object, accepted.reason == "InvalidParameters" ? "spec.parametersRef" : "")
      .reason(reason_of(accepted.reason))
      .certainty(Certainty::observed)
      .says("{} is not accepted: {}", object.text(), said(accepted))
      .saw(view.gateway_class, object, condition_path(view.gateway_class.document(), "status.conditions", "Accepted"))
      .affects(view.ref)
      .fix(remedy(object, accepted.reason));
  if (is_programmed(*view.gateway)) finding.severity(Severity::warning);
}

void waiting(const GatewayView& view, const Path& path, const Facts& facts, Verdicts& out) {
  const GatewayClass& object = *view.gateway_class;
  // A controller that programs the Gateway need not have answered for its class (Contour with a gatewayRef).
  if (view.gateway->has_status) return out.pass(view.scope);
  const std::string who = controller_name(path, view.controller);
  if (settling(object.meta, facts) || settling(view.gateway->meta, facts) || is_restarting(path, view.controller, facts)) {
    return out.unknown(view.scope, view.gateway_class.wish(), pending(who));
  }
  out.fail(view.scope)
      .object(object.meta.ref)
      .reason("class-gatewayclass-pending")
      .certainty(Certainty::observed)
      .says("{} was accepted by no controller: {} never answered for it", object.meta.ref.text(), object.controller_name)
      .saw(view.gateway_class, object.meta.ref, "spec.controllerName")
      .saw(view.gateway_class, object.meta.ref, condition_path(view.gateway_class.document(), "status.conditions", "Accepted"))
      .affects(view.ref)
      .fix(by_hand(fmt::format("start {}, or name a class whose controller runs", who),
                   {"kubectl get gatewayclasses",
                    fmt::format("kubectl get {} -o jsonpath='{{.spec.controllerName}}'", kubectl_object(object.meta.ref))}));
}

void versions(const GatewayView& view, Verdicts& out) {
  const GatewayClass& object = *view.gateway_class;
  const Condition* supported = condition(object.conditions, "SupportedVersion");
  if (word(supported, 0) != Word::no) return out.pass(view.scope);
  out.fail(view.scope)
      .object(object.meta.ref)
      .reason("class-gatewayclass-unsupported-version")
      .severity(Severity::warning)
      .certainty(Certainty::observed)
      .says("the controller of {} does not support the Gateway API version installed: {}", object.meta.ref.text(),
            said(*supported))
      .saw(view.gateway_class, object.meta.ref,
           condition_path(view.gateway_class.document(), "status.conditions", "SupportedVersion"))
      .affects(view.ref)
      .fix(remedy(object.meta.ref, "UnsupportedVersion"));
}

// Gateway API v1.6, GatewayClassStatus. Other conditions than Accepted and SupportedVersion are the controllers' own
// and judge nothing.
void run(const Facts& facts, const Path& path, Verdicts& out) {
  for (const GatewayView& view : path.gateways) {
    if (!view.gateway.present() || !view.class_wanted) continue;
    if (view.gateway_class.unknown() && !is_programmed(*view.gateway)) out.unknown(view.scope, view.gateway_class);
    if (!view.gateway_class.present()) continue;
    const Condition* accepted = condition(view.gateway_class->conditions, "Accepted");
    switch (word(accepted, 0)) {
      case Word::no:
        refused(view, *accepted, out);
        break;
      case Word::none:
      case Word::waiting:
        waiting(view, path, facts, out);
        break;
      case Word::yes:
      case Word::stale:
        versions(view, out);
        break;
    }
  }
}

}  // namespace

extern constinit const Check class_not_accepted{
    .code = "class-not-accepted",
    .title = "the GatewayClass is not accepted by its controller",
    .severity = Severity::error,
    .layer = Layer::klass,
    .reads = {Kind::gateway, Kind::gateway_class},
    .explains = {"controller-not-synced", "gateway-not-accepted", "gateway-not-programmed", "gateway-address-missing"},
    .run = run,
};

}  // namespace gwdoctor

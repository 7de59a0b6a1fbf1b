#include "checks/check.h"

#include <algorithm>

#include "checks/grace.h"
#include "checks/support/parents.h"

namespace gwdoctor {

namespace {

// Reasons that stand for a mode of their own (failures/gateway-api-status). Those that another code proves have none:
// that finding explains this one.
std::string_view mode_of(std::string_view reason) {
  if (reason == "UnsupportedValue") return "route-unsupported-value";
  if (reason == "IncompatibleFilters") return "route-incompatible-filters";
  if (reason == "RuleMatchConflict" || reason == "HostnameConflict") return "route-conflict-older-wins";
  if (reason == "MultipleRoutesOnListener") return "route-l4-multiple-on-listener";
  return "";
}

std::string advice_for(std::string_view reason, const std::string& who) {
  if (reason == "UnsupportedValue" || reason == "InvalidParameters")
    return fmt::format("remove or replace the value that {} does not support", who);
  if (reason == "IncompatibleFilters") return "split the rule: filters that exclude each other cannot stand in one";
  if (reason == "RuleMatchConflict" || reason == "HostnameConflict")
    return "remove or narrow the rule or hostname that an older route has too";
  if (reason == "MultipleRoutesOnListener") return "give the route a listener of its own";
  if (reason == "NoMatchingParent" || reason == "NotAllowedByListeners" || reason == "NoMatchingListenerHostname") {
    return "look at the listeners that the route names: what they lack stands in the status of the Gateway";
  }
  return fmt::format("change what {} refuses", who);
}

std::vector<std::string> commands_for(std::string_view reason, const RouteView& view, const GatewayView& gateway) {
  if (reason == "RuleMatchConflict" || reason == "HostnameConflict" || reason == "MultipleRoutesOnListener") {
    return {fmt::format("kubectl get {} -A", info(view.route->kind).plural)};
  }
  if (reason == "NoMatchingParent" || reason == "NotAllowedByListeners" || reason == "NoMatchingListenerHostname") {
    return {fmt::format("kubectl get {} -o jsonpath='{{.status.listeners}}'", kubectl_object(gateway.ref))};
  }
  return {fmt::format("kubectl get {} -o jsonpath='{{.status.parents}}'", kubectl_object(view.ref))};
}

FindingBuilder begin(const RouteView& view, const ParentView& parent, const GatewayView& gateway, const ParentWord& word,
                     Verdicts& out) {
  FindingBuilder finding = out.fail(parent.scope);
  finding.object(view.ref, parent.reference.path)
      .certainty(Certainty::observed)
      .saw(view.route, view.ref, word.status->path + ".conditions")
      .affects(gateway.ref);
  return finding;
}

void judge(const RouteView& view, const ParentView& parent, const Path& path, const Facts& facts, Verdicts& out) {
  const GatewayView& gateway = path.gateways[parent.gateway];
  const ParentWord accepted = word_of(view, parent, path, "Accepted");
  if (accepted.unsure) return unsure_of(parent, path, out);
  if (accepted.word == Word::yes) return out.pass(parent.scope);
  if (accepted.word != Word::no) return;
  const Condition& condition = *accepted.condition;
  const std::string who = controller_of(parent, path, *accepted.status);
  // Where the spec of both already refuses, the answer will not be another one.
  const bool proved = gateway.gateway.present() && !parent.attached &&
                      std::none_of(parent.attachments.begin(), parent.attachments.end(),
                                   [](const AttachmentView& attachment) { return attachment.state == Attachment::unknown; });
  if (!proved && may_change(condition, view, parent, path, facts)) {
    return out.unknown(parent.scope, view.route.wish(), pending(who));
  }
  begin(view, parent, gateway, accepted, out)
      .reason(mode_of(condition.reason))
      .says("{} does not accept {} at {}: {}", who, view.ref.text(), text_of(parent.reference), said(condition))
      .fix(by_hand(advice_for(condition.reason, who), commands_for(condition.reason, view, gateway)));
}

// Gateway API v1.6, RouteParentStatus: Accepted=False, about this generation, by the controller of the Gateway that the
// parentRef names. What it was refused for is mostly proved by another code, which then explains this one.
void run(const Facts& facts, const Path& path, Verdicts& out) {
  for (const RouteView& view : path.routes) {
    if (!view.route.present()) continue;
    for (const ParentView& parent : view.parents) {
      if (parent.gateway != no_index) judge(view, parent, path, facts, out);
    }
  }
}

}  // namespace

extern constinit const Check route_not_accepted{
    .code = "route-not-accepted",
    .title = "the controller does not accept the route",
    .severity = Severity::error,
    .layer = Layer::route,
    .reads = {Kind::http_route, Kind::gateway, Kind::gateway_class, Kind::name_space},
    .explains = {"route-request-unmatched"},
    .run = run,
};

}  // namespace gwdoctor

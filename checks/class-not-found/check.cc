#include "checks/check.h"

#include <algorithm>

#include "chain/nearest.h"
#include "checks/support/gateway_state.h"
#include "checks/support/names.h"

namespace gwdoctor {

namespace {

std::string there_are(const std::vector<std::string>& names, std::string_view kind) {
  if (names.empty()) return fmt::format("there is no {}", kind);
  return fmt::format("there {} {}", names.size() == 1 ? "is" : "are", join_names(names));
}

Fix name_class(const Ref& object, const Value& document, std::string_view field, const std::string& wanted,
               const std::vector<std::string>& names, std::string_view resource) {
  const std::optional<std::string> meant = nearest(wanted, names);
  if (meant) {
    if (std::optional<Fix> fix = set_field(object, document, field, *meant, fmt::format("name the class {}", *meant)))
      return *std::move(fix);
  }
  return by_hand(fmt::format("name a class that exists, or create {}", wanted), {fmt::format("kubectl get {}", resource)});
}

// Who wrote the status of the Gateway, where that can be told: by its managedFields, or by the routes' status for it.
const Controller* writer_of(std::size_t gateway, const Path& path) {
  for (const Value& entry : path.gateways[gateway].gateway.document()["metadata"]["managedFields"].items()) {
    if (entry["subresource"].string() != "status") continue;
    if (const Controller* writer = find_by_status_manager(entry["manager"].text())) return writer;
  }
  for (const RouteView& route : path.routes) {
    for (const ParentView& parent : route.parents) {
      if (parent.gateway == gateway && parent.status) return find_by_gateway_controller(parent.status->controller_name);
    }
  }
  return nullptr;
}

// Contour, told which Gateway is its own, programs it whatever its class. What another one wrote stands there from a
// time when the class existed.
bool served_without_class(std::size_t gateway, const Path& path) {
  if (!is_programmed(*path.gateways[gateway].gateway)) return false;
  const Controller* writer = writer_of(gateway, path);
  return writer == nullptr || writer->id == "contour";
}

void judge_gateway(std::size_t at, const Path& path, const Facts& facts, Verdicts& out) {
  const GatewayView& view = path.gateways[at];
  if (view.gateway.unknown()) out.unknown(view.scope, view.gateway);
  if (!view.gateway.present() || !view.class_wanted) return;
  const bool served = served_without_class(at, path);
  if (view.gateway_class.unknown() && !served) out.unknown(view.scope, view.gateway_class);
  if (view.gateway_class.present()) out.pass(view.scope);
  if (!view.gateway_class.absent()) return;
  const std::string& wanted = view.gateway->class_name;
  const Seen<List<GatewayClass>> classes = facts.list<GatewayClass>(Kind::gateway_class, "");
  const std::vector<std::string> names = names_of(classes);
  FindingBuilder finding = out.fail(view.scope);
  finding.object(view.ref, "spec.gatewayClassName")
      .reason("class-gatewayclass-missing")
      .saw(view.gateway, view.ref, "spec.gatewayClassName")
      .affects(ref(Kind::gateway_class, "", wanted))
      .fix(name_class(view.ref, view.gateway.document(), "spec.gatewayClassName", wanted, names, "gatewayclasses"));
  const std::string rest = classes.present() ? "; " + there_are(names, "GatewayClass") : "";
  if (served) {
    finding.severity(Severity::warning);
    finding.says("GatewayClass {} of {} does not exist; a controller serves the Gateway all the same{}", wanted, view.ref.text(),
                 rest);
  } else {
    finding.says("GatewayClass {} of {} does not exist{}", wanted, view.ref.text(), rest);
  }
}

bool takes_without_object(const Controller& controller, std::string_view name) {
  const auto& names = controller.classes_without_object;
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Whether some controller serves Ingresses of this class though no IngressClass has its name: by the table, or because
// the status was written by one that reads no IngressClass.
bool needs_no_object(std::string_view name, const Value& document) {
  for (const Controller& controller : all_controllers()) {
    if (takes_without_object(controller, name)) return true;
  }
  for (const Value& entry : document["metadata"]["managedFields"].items()) {
    if (entry["subresource"].string() != "status") continue;
    const Controller* writer = find_by_status_manager(entry["manager"].text());
    if (writer != nullptr && !writer->classes_without_object.empty()) return true;
  }
  return false;
}

void judge_field(const IngressView& view, const Facts& facts, Verdicts& out) {
  if (needs_no_object(view.class_name, view.ingress.document())) return out.pass(view.scope);
  if (view.ingress_class.unknown()) return out.unknown(view.scope, view.ingress_class);
  if (view.ingress_class.present()) return out.pass(view.scope);
  const Seen<List<IngressClass>> classes = facts.list<IngressClass>(Kind::ingress_class, "");
  const std::vector<std::string> names = names_of(classes);
  const std::string rest = classes.present() ? "; " + there_are(names, "IngressClass") : "";
  out.fail(view.scope)
      .object(view.ref, "spec.ingressClassName")
      .reason("class-missing")
      .says("IngressClass {} of {} does not exist{}", view.class_name, view.ref.text(), rest)
      .saw(view.ingress, view.ref, "spec.ingressClassName")
      .affects(ref(Kind::ingress_class, "", view.class_name))
      .fix(name_class(view.ref, view.ingress.document(), "spec.ingressClassName", view.class_name, names, "ingressclasses"));
}

// The annotation is older than IngressClass: it may name what a controller was told to take, without any object. Only
// where nobody is known to take it and nobody did is it likely to be wrong.
void judge_annotation(const IngressView& view, const Facts& facts, Verdicts& out) {
  const bool taken = !view.ingress->addresses.empty() || find_by_annotation_class(view.class_name) != nullptr ||
                     needs_no_object(view.class_name, view.ingress.document());
  if (taken) return out.pass(view.scope);
  if (view.ingress_class.unknown()) return out.unknown(view.scope, view.ingress_class);
  if (view.ingress_class.present()) return out.pass(view.scope);
  const std::string_view path = "metadata.annotations[\"kubernetes.io/ingress.class\"]";
  const std::vector<std::string> names = names_of(facts.list<IngressClass>(Kind::ingress_class, ""));
  FindingBuilder finding = out.fail(view.scope);
  finding.object(view.ref, path)
      .reason("class-annotation-mismatch")
      .certainty(Certainty::likely)
      .says("no IngressClass and no controller that is known takes the class {} of {}, and its status has no address",
            view.class_name, view.ref.text())
      .saw(view.ingress, view.ref, path)
      .fix(by_hand("name an IngressClass in spec.ingressClassName in place of the annotation", {"kubectl get ingressclasses"}));
  const std::optional<std::string> meant = nearest(view.class_name, names);
  if (!meant) return;
  finding.fix(set_field(view.ref, view.ingress.document(), path, *meant, fmt::format("name the class {}", *meant)));
}

// A class is named that does not exist (Gateway API v1.6: GatewaySpec.gatewayClassName; networking.k8s.io/v1:
// IngressSpec.ingressClassName).
void run(const Facts& facts, const Path& path, Verdicts& out) {
  for (std::size_t at = 0; at < path.gateways.size(); ++at) judge_gateway(at, path, facts, out);
  for (const IngressView& view : path.ingresses) {
    if (!view.ingress.present()) continue;
    if (view.class_by == ClassBy::field) judge_field(view, facts, out);
    if (view.class_by == ClassBy::annotation) judge_annotation(view, facts, out);
  }
}

}  // namespace

extern constinit const Check class_not_found{
    .code = "class-not-found",
    .title = "a Gateway or Ingress names a class that does not exist",
    .severity = Severity::error,
    .layer = Layer::klass,
    .reads = {Kind::gateway, Kind::gateway_class, Kind::ingress, Kind::ingress_class},
    .explains = {"controller-not-synced", "gateway-not-accepted", "gateway-not-programmed", "gateway-address-missing",
                 "ingress-address-missing"},
    .run = run,
};

}  // namespace gwdoctor

#include "checks/check.h"

#include <algorithm>

#include "checks/grace.h"
#include "checks/support/names.h"

namespace gwdoctor {

namespace {

// A class in this cluster whose controller takes Ingresses that name none.
const Controller* taker(const List<IngressClass>& classes) {
  for (const Known<IngressClass>& one : classes) {
    const Controller* controller = find_by_ingress_controller(one->controller);
    if (controller != nullptr && controller->classless == Classless::taken) return controller;
  }
  return nullptr;
}

std::optional<Fix> name_class(const IngressView& view) {
  const std::vector<std::string> names = names_of(view.classes);
  if (names.size() == 1) {
    return set_field(view.ref, view.ingress.document(), "spec.ingressClassName", names.front(),
                     fmt::format("name the class {}", names.front()));
  }
  if (names.empty())
    return by_hand("install an ingress controller and name its class in spec.ingressClassName", {"kubectl get ingressclasses"});
  return by_hand(fmt::format("name one of {} in spec.ingressClassName, or mark one of them as the default", join_names(names)),
                 {"kubectl get ingressclasses",
                  fmt::format("kubectl patch {} --type=merge -p '{{\"spec\":{{\"ingressClassName\":\"CLASS\"}}}}'",
                              kubectl_object(view.ref))});
}

// networking.k8s.io/v1 IngressSpec.ingressClassName: without it, without the annotation and without a default class, an
// Ingress is nobody's. Some controllers take it all the same; an address in its status shows that one did.
void run(const Facts& facts, const Path& path, Verdicts& out) {
  for (const IngressView& view : path.ingresses) {
    if (!view.ingress.present()) continue;
    if (!view.class_name.empty() || !view.ingress->addresses.empty()) {
      out.pass(view.scope);
      continue;
    }
    if (view.classes.unknown()) {
      out.unknown(view.scope, view.classes);
      continue;
    }
    // Whoever takes Ingresses without a class may be about to write that it did.
    const Controller* who = view.classes.present() ? taker(*view.classes) : nullptr;
    if (who != nullptr && settling(view.ingress->meta, facts)) {
      out.unknown(view.scope, view.ingress.wish(), pending(who->name));
      continue;
    }
    const std::vector<std::string> names = names_of(view.classes);
    FindingBuilder finding = out.fail(view.scope);
    finding.object(view.ref, "spec.ingressClassName")
        .reason("class-unset-no-default")
        .certainty(Certainty::observed)
        .says("{} names no class, and none of the IngressClasses ({}) is the default", view.ref.text(), join_names(names))
        .fix(name_class(view));
    if (names.empty()) finding.says("{} names no class, and the cluster has no IngressClass", view.ref.text());
    if (who == nullptr) continue;
    finding.certainty(Certainty::likely);
    finding.says("{} names no class and no IngressClass is the default; only {} may take it, and wrote no address",
                 view.ref.text(), who->name);
    // Where it publishes addresses only if told to, their lack says nothing (failures/traps, 7).
    if (who->ingress_address == StatusAddress::when_configured) finding.severity(Severity::warning);
  }
}

}  // namespace

extern constinit const Check class_not_set{
    .code = "class-not-set",
    .title = "an Ingress names no class, and the cluster has no default one",
    .severity = Severity::error,
    .layer = Layer::klass,
    .reads = {Kind::ingress, Kind::ingress_class},
    .explains = {"ingress-address-missing"},
    .run = run,
};

}  // namespace gwdoctor

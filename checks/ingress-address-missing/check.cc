#include "checks/check.h"

#include <algorithm>

#include "checks/grace.h"
#include "checks/support/gateway_state.h"

namespace gwdoctor {

namespace {

// Created or changed within the time that this controller takes to make a load balancer.
bool still_awaited(const Meta& meta, const Controller& controller, const Facts& facts) {
  const auto recent = [&](const std::optional<Time>& time) {
    return time && *time <= facts.now() && facts.now() - *time < controller.address_grace;
  };
  return settling(meta, facts) || recent(meta.created) || recent(meta.changed);
}

std::string class_of(const Ingress& ingress, const IngressView& view) {
  if (ingress.class_name) return *ingress.class_name;
  if (!ingress.class_annotation.empty()) return ingress.class_annotation;
  return view.class_by == ClassBy::cluster_default ? view.class_name : std::string();
}

std::string text_of(const IngressAddress& address) { return address.ip.empty() ? address.hostname : address.ip; }

// What shows that the controller publishes an address.
struct Witness {
  Ref object;
  std::string address;
};

// Another Ingress of this class, in the same namespace, has an address.
std::optional<Witness> sibling(const IngressView& view, const Facts& facts) {
  const Seen<List<Ingress>> all = facts.list<Ingress>(Kind::ingress, view.ref.ns);
  if (!all.present()) return std::nullopt;
  std::optional<Witness> out;
  for (const Known<Ingress>& other : *all) {
    if (other->addresses.empty() || class_of(*other, view) != view.class_name) continue;
    if (!out || other->meta.ref < out->object) out = Witness{other->meta.ref, text_of(other->addresses.front())};
  }
  return out;
}

// The Services of type LoadBalancer in front of what carries the requests.
struct Front {
  std::optional<Witness> with_address;
  std::optional<Ref> pending;
  std::optional<Seen<List<Service>>> unread;
};

void look_in_front(const Workload& workload, const Facts& facts, Front& out) {
  const Seen<List<Service>> services = facts.list<Service>(Kind::service, workload.meta.ref.ns);
  if (services.unknown()) out.unread = services;
  if (!services.present()) return;
  for (const Known<Service>& service : *services) {
    const bool leads_here =
        !service->selector.empty() && Selector::from_labels(service->selector).matches(workload.template_labels);
    if (!leads_here || service->type != "LoadBalancer") continue;
    const Ref& object = service->meta.ref;
    if (service->addresses.empty()) {
      if (!out.pending || object < *out.pending) out.pending = object;
    } else if (!out.with_address || object < out.with_address->object) {
      out.with_address = Witness{object, text_of(service->addresses.front())};
    }
  }
}

Front front_of(const ControllerView& controller, const Facts& facts) {
  Front out;
  if (controller.known->ingress_plane.kind == DataPlane::Kind::controller_pods) {
    for (const Known<Workload>& workload : controller.control.found) look_in_front(*workload, facts, out);
  }
  for (const ControllerView::Plane& plane : controller.planes) {
    if (!plane.gateway.name.empty()) continue;
    for (const Known<Workload>& workload : plane.search.found) look_in_front(*workload, facts, out);
  }
  return out;
}

struct Spot {
  const IngressView& view;
  const ControllerView& controller;
  const Facts& facts;
};

Fix remedy(const Spot& at) {
  if (at.controller.known->runs == Runs::outside) {
    return by_hand(
        fmt::format("find out from the events of the Ingress why {} makes no load balancer for it", at.controller.known->name),
        {fmt::format("kubectl describe {}", kubectl_object(at.view.ref))});
  }
  const std::string summary = fmt::format(
      "find out from the log of {} why it publishes none: its rights, its class, the "
      "Service whose address it copies",
      at.controller.known->name);
  std::vector<std::string> commands{fmt::format("kubectl describe {}", kubectl_object(at.view.ref))};
  if (!at.controller.control.found.empty()) {
    commands.push_back(fmt::format("kubectl logs {} --tail=100", kubectl_object(at.controller.control.found.front()->meta.ref)));
  }
  return by_hand(summary, commands);
}

FindingBuilder fail(const Spot& at, Verdicts& out) {
  FindingBuilder finding = out.fail(at.view.scope);
  finding.object(at.view.ref, "status.loadBalancer")
      .reason("ingress-no-address")
      .certainty(Certainty::likely)
      .says("{} has no address in its status, where {} publishes one", at.view.ref.text(), at.controller.known->name)
      .saw(at.view.ingress, at.view.ref, "status")
      .fix(remedy(at));
  return finding;
}

void fail_beside(const Spot& at, const Witness& witness, Verdicts& out) {
  fail(at, out)
      .says("{} has no address in its status, where {} publishes one: {} has {}", at.view.ref.text(), at.controller.known->name,
            witness.object.text(), witness.address)
      .affects(witness.object);
}

// Written without any setting. A controller that cannot be found is another code's, or another one stands in for it that
// publishes none (failures/traps, 43).
void judge_always(const Spot& at, Verdicts& out) {
  if (at.controller.known->runs == Runs::outside) {
    fail(at, out);
    return;
  }
  if (const std::optional<Witness> witness = sibling(at.view, at.facts)) return fail_beside(at, *witness, out);
  if (at.controller.control.found.empty()) {
    if (const Seen<List<Workload>>* unread = at.controller.control.unread()) out.unknown(at.view.scope, *unread);
    return;
  }
  const Front front = front_of(at.controller, at.facts);
  FindingBuilder finding = fail(at, out);
  if (front.with_address || !front.pending) return;
  // Requests may come in by node ports, or by a load balancer that the cluster knows nothing of (failures/traps, 9).
  finding.severity(Severity::warning)
      .says("{} has no address in its status: {} in front of {} waits for one itself", at.view.ref.text(), front.pending->text(),
            at.controller.known->name)
      .affects(*front.pending)
      .fix(by_hand("find out why the Service gets no load balancer",
                   {fmt::format("kubectl describe {}", kubectl_object(*front.pending))}));
}

// Copied from a Service or a setting: that there is anything to copy must show (failures/traps, 7 and 8).
void judge_copied(const Spot& at, bool from_service, Verdicts& out) {
  if (const std::optional<Witness> witness = sibling(at.view, at.facts)) return fail_beside(at, *witness, out);
  if (!from_service) return out.pass(at.view.scope);
  const Front front = front_of(at.controller, at.facts);
  if (front.with_address) return fail_beside(at, *front.with_address, out);
  if (front.unread) return out.unknown(at.view.scope, *front.unread);
  out.pass(at.view.scope);
}

void judge(const IngressView& view, const Path& path, const Facts& facts, Verdicts& out) {
  const Ingress& ingress = *view.ingress;
  // What never was in a cluster has no status to be judged.
  if (!ingress.addresses.empty() || !ingress.meta.created) return out.pass(view.scope);
  if (view.class_by == ClassBy::unknown) return out.unknown(view.scope, view.classes);
  if (!view.class_name.empty() && view.ingress_class.unknown()) return out.unknown(view.scope, view.ingress_class);
  if (view.controller == no_index || path.controllers[view.controller].known == nullptr) return;
  const ControllerView& controller = path.controllers[view.controller];
  if (still_awaited(ingress.meta, *controller.known, facts)) {
    Why why = pending(controller_name(path, view.controller));
    why.message = fmt::format("changed less than {} s ago, waiting for {} to publish an address",
                              controller.known->address_grace.count(), controller.known->name);
    return out.unknown(view.scope, view.ingress.wish(), why);
  }
  const Spot at{view, controller, facts};
  switch (controller.known->ingress_address) {
    case StatusAddress::never:
      break;
    case StatusAddress::always:
      return judge_always(at, out);
    case StatusAddress::from_service:
      return judge_copied(at, true, out);
    case StatusAddress::when_configured:
      return judge_copied(at, false, out);
  }
}

void run(const Facts& facts, const Path& path, Verdicts& out) {
  for (const IngressView& view : path.ingresses) {
    if (view.ingress.present()) judge(view, path, facts, out);
  }
}

}  // namespace

extern constinit const Check ingress_address_missing{
    .code = "ingress-address-missing",
    .title = "the status of the Ingress has no address",
    .severity = Severity::error,
    .layer = Layer::ingress,
    .reads = {Kind::ingress, Kind::ingress_class, Kind::service, Kind::deployment, Kind::daemon_set},
    .explains = {},
    .run = run,
};

}  // namespace gwdoctor

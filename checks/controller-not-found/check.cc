#include "checks/check.h"

#include <algorithm>

#include "checks/grace.h"
#include "checks/support/gateway_state.h"

namespace gwdoctor {

namespace {

// What names the controller: a class, or the Ingress itself where its annotation does.
struct Namer {
  Ref object;
  std::string path;
  Ref user;  // the Gateway or Ingress of that class
  Wish wish;
  bool by_gateway = false;
  bool young = false;  // by its dates alone: in a trial of a fix the verdict stays what it was
};

bool is_young(const Meta& meta, const Facts& facts) {
  Meta dated = meta;
  dated.settling = false;
  return settling(dated, facts);
}

std::optional<Namer> namer_of(std::size_t controller, const Path& path, const Facts& facts) {
  for (const GatewayView& view : path.gateways) {
    if (view.controller != controller) continue;
    const Meta& meta = view.gateway_class->meta;
    return Namer{meta.ref, "spec.controllerName",
                 view.ref, view.gateway.wish(),
                 true,     is_young(meta, facts) || is_young(view.gateway->meta, facts)};
  }
  for (const IngressView& view : path.ingresses) {
    if (view.controller != controller) continue;
    // An IngressRoute has no status by which a Traefik of unusual labels would be seen to be there.
    if (!view.ingress.present()) continue;
    const bool young = is_young(view.ingress->meta, facts);
    if (!view.ingress_class.present()) {
      return Namer{view.ref, "metadata.annotations[\"kubernetes.io/ingress.class\"]", view.ref, view.ingress.wish(), false,
                   young};
    }
    return Namer{view.ingress_class->meta.ref, "spec.controller", view.ref, view.ingress.wish(), false, young};
  }
  return std::nullopt;
}

// Another controller that may have been set up to serve the classes of this one (Traefik for ingress-nginx).
struct StandIn {
  bool found = false;
  std::optional<Seen<List<Workload>>> unread;
};

StandIn look_for_stand_in(const Controller& missing, const Facts& facts) {
  StandIn out;
  for (const Controller& other : all_controllers()) {
    if (std::find(other.stands_in_for.begin(), other.stands_in_for.end(), missing.id) == other.stands_in_for.end()) continue;
    for (const Place& place : other.workloads) {
      for (const Kind kind : {Kind::deployment, Kind::daemon_set}) {
        const Seen<List<Workload>> list = facts.list<Workload>(kind, "", Selector::parse(place.labels));
        if (list.unknown()) out.unread = list;
        if (list.present() && !list->empty()) out.found = true;
      }
    }
  }
  return out;
}

std::string labels_of(const Controller& known) {
  std::string out;
  for (const Place& place : known.workloads) {
    if (place.where != Where::any_namespace) continue;
    if (!out.empty()) out += " or ";
    out += place.labels;
  }
  return out;
}

Fix remedy(const Controller* known, const Namer& namer) {
  std::vector<std::string> commands;
  if (known != nullptr && !known->workloads.empty()) {
    commands.push_back(fmt::format("kubectl get deployments,daemonsets -A -l {}", shell_quote(known->workloads.front().labels)));
  }
  commands.emplace_back(namer.by_gateway ? "kubectl get gatewayclasses" : "kubectl get ingressclasses");
  const std::string who = known == nullptr ? "the controller of this class" : std::string(known->name);
  return by_hand(fmt::format("install {}, or name a class whose controller runs", who), std::move(commands));
}

// A controller of the table, by the labels of its workloads.
void judge_known(const ControllerView& view, const Namer& namer, const Facts& facts, Verdicts& out) {
  const Controller& known = *view.known;
  // Outside the cluster, or in it under labels that are not known: there is nothing to look for.
  if (known.runs == Runs::outside || !view.control.possible()) return;
  if (!view.control.found.empty()) return out.pass(view.scope);
  if (const Seen<List<Workload>>* unread = view.control.unread()) return out.unknown(view.scope, *unread);
  const StandIn other = namer.by_gateway ? StandIn{} : look_for_stand_in(known, facts);
  if (other.found) return out.pass(view.scope);
  if (other.unread) return out.unknown(view.scope, *other.unread);
  // With other labels than the usual ones it may be running, and about to answer.
  if (known.labels_may_differ && namer.young) return out.unknown(view.scope, namer.wish, pending(known.name));
  out.fail(view.scope)
      .object(namer.object, namer.path)
      .reason("class-controller-not-running")
      .certainty(known.labels_may_differ ? Certainty::likely : Certainty::observed)
      .says("{} is for {}, of which no workload was found ({}), and which never wrote a status", namer.object.text(), known.name,
            labels_of(known))
      .affects(namer.user)
      .fix(remedy(&known, namer));
}

void judge_unknown(const ControllerView& view, const Namer& namer, Verdicts& out) {
  if (namer.young) return out.unknown(view.scope, namer.wish, pending(view.name));
  FindingBuilder finding = out.fail(view.scope);
  finding.object(namer.object, namer.path)
      .reason("class-controller-not-running")
      .certainty(Certainty::observed)
      .says("no workload is known to implement {} of {}, and it never wrote a status", view.name, namer.object.text())
      .affects(namer.user)
      .fix(remedy(nullptr, namer));
  // Writing status is a duty under the Gateway API alone.
  if (!namer.by_gateway) finding.severity(Severity::warning).certainty(Certainty::likely);
}

// Nobody implements the class (rulings, 8): no workload, and no status ever written. One that wrote status is or was
// there, whatever its labels.
void run(const Facts& facts, const Path& path, Verdicts& out) {
  for (const GatewayView& view : path.gateways) {
    const bool needed = view.class_wanted && !view.gateway->has_status;
    if (needed && view.gateway_class.unknown()) out.unknown(view.scope, view.gateway_class);
  }
  for (const IngressView& view : path.ingresses) {
    const bool needed =
        view.ingress.present() && !view.class_name.empty() && view.ingress->addresses.empty() && view.controller == no_index;
    if (needed && view.ingress_class.unknown()) out.unknown(view.scope, view.ingress_class);
  }
  for (std::size_t at = 0; at < path.controllers.size(); ++at) {
    const ControllerView& view = path.controllers[at];
    if (view.wrote_status) {
      out.pass(view.scope);
      continue;
    }
    const std::optional<Namer> namer = namer_of(at, path, facts);
    if (!namer) continue;
    if (view.known != nullptr) {
      judge_known(view, *namer, facts, out);
    } else if (!view.name.empty()) {
      judge_unknown(view, *namer, out);
    }
  }
}

}  // namespace

extern constinit const Check controller_not_found{
    .code = "controller-not-found",
    .title = "nothing in the cluster implements the class",
    .severity = Severity::error,
    .layer = Layer::controller,
    .reads = {Kind::gateway, Kind::gateway_class, Kind::ingress, Kind::ingress_class, Kind::deployment, Kind::daemon_set},
    .explains = {"class-not-accepted", "controller-not-synced", "gateway-not-accepted", "gateway-not-programmed",
                 "gateway-address-missing", "ingress-address-missing", "lb-unreachable"},
    .run = run,
};

}  // namespace gwdoctor

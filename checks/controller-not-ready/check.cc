#include "checks/check.h"

#include <algorithm>

#include "checks/grace.h"
#include "checks/support/gateway_state.h"
#include "checks/support/pods.h"
#include "checks/support/sync.h"

namespace gwdoctor {

namespace {

// A search that found workloads, and how many of them are in which state.
struct Health {
  std::vector<const Known<Workload>*> down;      // none of the pods is ready
  std::vector<const Known<Workload>*> reduced;   // fewer than an update may take away (rulings, 11)
  std::vector<const Known<Workload>*> starting;  // changed so lately that it proves nothing
  std::size_t total = 0;

  [[nodiscard]] bool all_down() const { return total > 0 && down.size() == total; }
};

// util/intstr of a rolling update: "25%", "1". A Deployment rounds down.
std::int64_t spare_of(const Workload& workload) {
  std::string_view text = workload.max_unavailable;
  if (text.empty()) return workload.kind == Kind::deployment ? workload.replicas / 4 : 1;
  const bool percent = text.ends_with('%');
  if (percent) text.remove_suffix(1);
  std::int64_t number = 0;
  for (const char digit : text.substr(0, 9)) {
    if (digit < '0' || digit > '9') return 0;
    number = number * 10 + (digit - '0');
  }
  return percent ? number * workload.replicas / 100 : number;
}

// In a trial of a fix that changes it, its pods are still to be started.
bool is_starting(const Known<Workload>& known, const Facts& facts) {
  if (settling(known->meta, facts)) return true;
  if (!facts.is_trial()) return false;
  const std::shared_ptr<const Value> before = facts.document(known->meta.ref);
  return before != nullptr && !(*before == *known.document);
}

Health health_of(const WorkloadSearch& search, const Facts& facts) {
  Health health;
  for (const Known<Workload>& known : search.found) {
    if (!known->has_status) continue;  // a manifest: it says nothing of what runs
    ++health.total;
    if (is_starting(known, facts) && known->ready < known->replicas) {
      health.starting.push_back(&known);
    } else if (known->ready < 1) {
      health.down.push_back(&known);
    } else if (known->ready < known->replicas - spare_of(*known)) {
      health.reduced.push_back(&known);
    }
  }
  return health;
}

// Why the pods are not ready, as far as one of them tells. Help only.
std::string pod_reason(const Workload& workload, const Facts& facts, std::optional<Ref>& pod_seen) {
  const Seen<List<Pod>> pods = facts.list<Pod>(Kind::pod, workload.meta.ref.ns, workload.selector);
  if (!pods.present()) return {};
  std::vector<Known<Pod>> sorted = *pods;
  std::sort(sorted.begin(), sorted.end(),
            [](const Known<Pod>& left, const Known<Pod>& right) { return left->meta.ref < right->meta.ref; });
  for (const Known<Pod>& pod : sorted) {
    if (pod->is_ready() || !is_meant_to_serve(*pod)) continue;
    pod_seen = pod->meta.ref;
    for (const ContainerState& state : pod->states) {
      if (state.waiting_reason.empty()) continue;
      const std::string last = state.last_reason.empty() ? "" : fmt::format(", last ended with {}", state.last_reason);
      return fmt::format(": container {} is in {}{}", state.container, state.waiting_reason, last);
    }
    const Condition* scheduled = condition(pod->conditions, "PodScheduled");
    if (scheduled != nullptr && scheduled->status == Condition::Status::is_false)
      return fmt::format(": {}", one_line(scheduled->message));
    return fmt::format(": {} runs and is not ready", pod->meta.ref.text());
  }
  return {};
}

std::string readiness(const Workload& workload, std::string_view role) {
  if (workload.replicas == 0) return fmt::format("{}, the {}, is scaled to zero", workload.meta.ref.text(), role);
  return fmt::format("{}, the {}, has {} of {} pods ready", workload.meta.ref.text(), role, workload.ready, workload.replicas);
}

std::optional<Fix> remedy(const Workload& workload) {
  if (workload.replicas == 0 && workload.kind == Kind::deployment) return scale(workload.meta.ref, 1, "start the controller");
  const std::string target = kubectl_object(workload.meta.ref);
  return by_hand("mend its pods",
                 {fmt::format("kubectl describe {}", target), fmt::format("kubectl logs {} --all-containers --tail=50", target)});
}

struct Damage {
  Scope scope;
  Severity severity = Severity::error;
  Impact impact = Impact::all;
  std::string_view role;
};

void report(const Known<Workload>& known, const Damage& damage, const std::string& consequence, const Facts& facts,
            Verdicts& out) {
  const Workload& workload = *known;
  const bool off = workload.replicas == 0;
  std::optional<Ref> pod;
  const std::string why = off ? std::string() : pod_reason(workload, facts, pod);
  FindingBuilder finding = out.fail(damage.scope);
  finding.object(workload.meta.ref, off && workload.kind == Kind::deployment ? "spec.replicas" : "")
      .reason(off ? "controller-scaled-to-zero" : "controller-not-ready")
      .severity(damage.severity)
      .impact(damage.impact)
      .certainty(Certainty::observed)
      .says("{}{}{}", readiness(workload, damage.role), consequence, why)
      .saw(workload.meta.ref, "status", known.document->at_path("status"))
      .fix(remedy(workload));
  if (pod) finding.affects(*pod);
}

// The workload that carries requests: with it they fail.
void judge_data_plane(const WorkloadSearch& search, const Scope& scope, std::string_view role, const Facts& facts,
                      Verdicts& out) {
  if (search.found.empty()) {
    if (const Seen<List<Workload>>* unread = search.unread()) out.unknown(scope, *unread);
    return;
  }
  const Health health = health_of(search, facts);
  for (const Known<Workload>* one : health.starting) {
    const Wish wish{Wish::What::object, (*one)->kind, (*one)->meta.ref.ns, (*one)->meta.ref.name, {}, {}};
    out.unknown(scope, wish, Why{Why::Reason::pending, "its pods are still to be started", std::nullopt});
  }
  for (const Known<Workload>* one : health.down) {
    // With several of them up and down, which one serves this class cannot be told from here.
    const bool certain = health.all_down();
    report(*one, {scope, certain ? Severity::error : Severity::warning, certain ? Impact::all : Impact::none, role}, "", facts,
           out);
  }
  for (const Known<Workload>* one : health.reduced) {
    // Nodes come and go: clients are sent to the others.
    const bool deployment = (*one)->kind == Kind::deployment;
    report(*one, {scope, deployment ? Severity::error : Severity::warning, deployment ? Impact::part : Impact::none, role}, "",
           facts, out);
  }
  if (health.total > 0 && health.down.empty() && health.reduced.empty() && health.starting.empty()) out.pass(scope);
}

// What the controller has not processed, since it stands still.
Scope left_undone(std::size_t controller, const Path& path, const Facts& facts) {
  Scope scope = path.nothing();
  for (const Lag& lag : lags(path, facts)) {
    if (lag.controller == controller && !lag.settling) scope |= lag.scope;
  }
  for (const IngressView& view : path.ingresses) {
    if (view.controller != controller || !view.ingress.present() || settling(view.ingress->meta, facts)) continue;
    const Controller* known = path.controllers[controller].known;
    const bool expected = known != nullptr && known->ingress_address == StatusAddress::always;
    if (expected && view.ingress->addresses.empty()) scope |= view.scope;
  }
  return scope;
}

// The workload that writes configuration and status, and carries no requests: what it set up goes on to work.
void judge_control_plane(std::size_t at, const Scope& scope, const Path& path, const Facts& facts, Verdicts& out) {
  const ControllerView& view = path.controllers[at];
  if (view.control.found.empty()) {
    if (const Seen<List<Workload>>* unread = view.control.unread()) out.unknown(scope, *unread);
    return;
  }
  const Health health = health_of(view.control, facts);
  if (!health.all_down()) {
    if (health.total > 0) out.pass(scope);
    return;
  }
  Scope undone = left_undone(at, path, facts);
  undone &= scope;
  for (const Known<Workload>* one : health.down) {
    if (undone.any()) {
      report(*one, {undone, Severity::error, Impact::all, "controller"}, "", facts, out);
    } else {
      report(*one, {scope, Severity::warning, Impact::none, "controller"}, ": no change takes effect", facts, out);
    }
  }
}

void judge(std::size_t at, DataPlane::Kind plane, const Scope& scope, const Ref& gateway, const Path& path, const Facts& facts,
           Verdicts& out) {
  const ControllerView& view = path.controllers[at];
  if (plane == DataPlane::Kind::controller_pods) return judge_data_plane(view.control, scope, "controller and proxy", facts, out);
  judge_control_plane(at, scope, path, facts, out);
  for (const ControllerView::Plane& one : view.planes) {
    if (one.gateway.name.empty() || one.gateway == gateway) judge_data_plane(one.search, scope, "proxy", facts, out);
  }
}

void run(const Facts& facts, const Path& path, Verdicts& out) {
  for (const GatewayView& view : path.gateways) {
    if (view.class_wanted && view.gateway_class.unknown()) out.unknown(view.scope, view.gateway_class);
    if (view.controller == no_index) continue;
    const Controller* known = path.controllers[view.controller].known;
    if (known != nullptr && known->runs == Runs::in_cluster)
      judge(view.controller, known->gateway_plane.kind, view.scope, view.ref, path, facts, out);
  }
  for (const IngressView& view : path.ingresses) {
    if (view.ingress.present() && view.controller == no_index) {
      // Which controller is behind it cannot be told.
      if (!view.class_name.empty() && view.ingress_class.unknown()) out.unknown(view.scope, view.ingress_class);
      if (view.class_by == ClassBy::unknown) out.unknown(view.scope, view.classes);
    }
    if (view.controller == no_index) continue;
    const Controller* known = path.controllers[view.controller].known;
    if (known != nullptr && known->runs == Runs::in_cluster)
      judge(view.controller, known->ingress_plane.kind, view.scope, Ref{}, path, facts, out);
  }
}

}  // namespace

extern constinit const Check controller_not_ready{
    .code = "controller-not-ready",
    .title = "the controller or its proxy has no ready pods",
    .severity = Severity::error,
    .layer = Layer::controller,
    .reads = {Kind::gateway, Kind::gateway_class, Kind::http_route, Kind::ingress, Kind::ingress_class, Kind::deployment,
              Kind::daemon_set, Kind::pod},
    .explains = {"controller-not-synced", "gateway-not-programmed", "gateway-address-missing", "ingress-address-missing",
                 "class-not-accepted/class-gatewayclass-pending", "lb-unreachable"},
    .run = run,
};

}  // namespace gwdoctor

#include "checks/check.h"
#include "checks/grace.h"
#include "checks/support/pods.h"

namespace gwdoctor {

namespace {

using Status = Condition::Status;

const Condition* refusal(const Pod& pod) {
  const Condition* scheduled = condition(pod.conditions, "PodScheduled");
  return scheduled != nullptr && scheduled->status == Status::is_false ? scheduled : nullptr;
}

// Not placed since at least the time of grace: a cluster autoscaler may be bringing a node.
bool is_unplaced(const Pod& pod, const Facts& facts) {
  const Condition* refused = refusal(pod);
  if (refused == nullptr || !pod.node.empty() || !is_late(pod, facts)) return false;
  return !refused->since || *refused->since > facts.now() || facts.now() - *refused->since >= status_grace;
}

bool has(std::string_view text, std::string_view word) { return text.find(word) != std::string_view::npos; }

// The field that the scheduler's message is about, in the pod's spec.
std::string field_for(const Pod& pod, std::string_view message) {
  const std::string container = pod.containers.empty() ? "spec" : pod.containers.front().path;
  if (has(message, "Insufficient")) return container + ".resources.requests";
  if (has(message, "node affinity/selector") || has(message, "node selector")) return "spec.nodeSelector";
  if (has(message, "untolerated taint") || has(message, "taint")) return "spec.tolerations";
  if (has(message, "pod anti-affinity") || has(message, "pod affinity")) return "spec.affinity";
  if (has(message, "topology spread")) return "spec.topologySpreadConstraints";
  if (has(message, "PersistentVolumeClaim") || has(message, "persistentvolumeclaim") || has(message, "volume"))
    return "spec.volumes";
  return "spec";
}

Fix fix_for(std::string_view message, const PodGroup& group) {
  std::vector<std::string> commands{"kubectl describe " + kubectl_object(group.example()->meta.ref)};
  if (has(message, "Insufficient")) {
    commands.emplace_back("kubectl describe nodes");
    return by_hand("lower the requests of the pods, or add nodes with room for them", std::move(commands));
  }
  if (has(message, "PersistentVolumeClaim") || has(message, "persistentvolumeclaim") || has(message, "volume")) {
    commands.push_back("kubectl get persistentvolumeclaims -n " + shell_quote(group.owner.ns));
    return by_hand("mend the volume claim that the pods wait for", std::move(commands));
  }
  commands.emplace_back("kubectl get nodes --show-labels");
  return by_hand("let the pods fit a node: node selector, affinity, tolerations", std::move(commands));
}

void fail(const BackendView& backend, const PodGroup& group, const Facts& facts, Verdicts& out) {
  const Known<Pod>& pod = group.example();
  const Condition& refused = *refusal(*pod);
  const bool gated = refused.reason == "SchedulingGated";
  FindingBuilder finding = fail_pods(group, group.path_in_owner(field_for(*pod, refused.message)), backend, facts, out);
  finding
      .says("{} {}: {}", group.text(),
            gated ? (group.is_single() ? "waits for a scheduling gate" : "wait for a scheduling gate")
                  : "cannot be placed on a node",
            refused.message.empty() ? refused.reason : one_line(refused.message))
      .reason("pod-unschedulable")
      .saw(pod->meta.ref, "status.conditions", pod.document->at_path("status.conditions"))
      .fix(fix_for(refused.message, group));
  if (const auto event = newest_event(facts, *pod, {"TriggeredScaleUp", "NotTriggerScaleUp", "FailedScheduling"}))
    add_event(finding, *event);
}

// The scheduler finds no node for the pods; its reason stands in the condition PodScheduled.
void run(const Facts& facts, const Path& path, Verdicts& out) {
  for (const BackendView& backend : path.backends) {
    if (!backend.has_selector) continue;
    if (backend.pods.unknown()) out.unknown(backend.scope, backend.pods);
    if (!backend.pods.present()) continue;
    const std::vector<PodGroup> groups =
        groups_of(backend, facts, [&](const Known<Pod>& pod) { return is_unplaced(*pod, facts); });
    if (groups.empty()) out.pass(backend.scope);
    for (const PodGroup& group : groups) fail(backend, group, facts, out);
  }
}

}  // namespace

extern constinit const Check pod_unschedulable{
    .code = "pod-unschedulable",
    .title = "no node takes the pods behind a Service",
    .severity = Severity::error,
    .layer = Layer::pods,
    .reads = {Kind::pod, Kind::event, Kind::pod_disruption_budget},
    .explains = {"endpoints-not-ready", "endpoints-none"},
    .run = run,
};

}  // namespace gwdoctor

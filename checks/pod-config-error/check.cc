#include <algorithm>
#include <array>

#include "checks/check.h"
#include "checks/support/pods.h"

namespace gwdoctor {

namespace {

// The kubelet could not make or start the container (pkg/kubelet/kuberuntime, pkg/kubelet/container).
bool cannot_start(const ContainerState& state) {
  constexpr std::array<std::string_view, 6> reasons{"CreateContainerConfigError", "CreateContainerError", "RunContainerError",
                                                    "PreCreateHookError",         "PreStartHookError",    "PostStartHookError"};
  if (state.ready) return false;
  return std::find(reasons.begin(), reasons.end(), state.waiting_reason) != reasons.end() || failed_to_start(state);
}

const ContainerState* broken_container(const Pod& pod) {
  const auto found = std::find_if(pod.states.begin(), pod.states.end(), cannot_start);
  return found == pod.states.end() ? nullptr : &*found;
}

// On a node, and every container still to be made: its volumes or its network are not there.
bool is_stuck(const Pod& pod) {
  if (pod.phase != "Pending" || pod.node.empty()) return false;
  return std::all_of(pod.states.begin(), pod.states.end(), [](const ContainerState& state) {
    return state.waiting_reason == "ContainerCreating" || state.waiting_reason == "PodInitializing";
  });
}

// The ConfigMap or Secret that the kubelet's message names as missing.
struct Missing {
  std::string kind;
  std::string name;
};

std::optional<std::string> between(std::string_view text, std::string_view before, std::string_view after) {
  const std::size_t start = text.find(before);
  if (start == std::string_view::npos) return std::nullopt;
  const std::size_t from = start + before.size();
  const std::size_t end = std::min(text.find(after, from), text.size());
  return end > from ? std::optional(std::string(text.substr(from, end - from))) : std::nullopt;
}

std::optional<Missing> missing_in(std::string_view message) {
  for (const auto& [words, kind] : {std::pair{"configmap \"", "ConfigMap"}, {"secret \"", "Secret"}}) {
    if (auto name = between(message, words, "\"")) return Missing{kind, std::move(*name)};
  }
  // "couldn't find key url in ConfigMap payments/payments-config"
  for (const std::string kind : {"ConfigMap", "Secret"}) {
    const auto name = between(message, " in " + kind + " ", " ");
    if (name) return Missing{kind, name->substr(name->find('/') == std::string::npos ? 0 : name->find('/') + 1)};
  }
  return std::nullopt;
}

bool names(const Value& reference, std::string_view field, const Missing& missing) {
  return reference[field].string() == missing.name;
}

std::string reference_in_container(const Value& container, const std::string& path, const Missing& missing) {
  const bool map = missing.kind == "ConfigMap";
  const std::string_view key_ref = map ? "configMapKeyRef" : "secretKeyRef";
  const std::string_view whole_ref = map ? "configMapRef" : "secretRef";
  const Value::Array& env = container["env"].items();
  for (std::size_t at = 0; at < env.size(); ++at) {
    if (names(env[at]["valueFrom"][key_ref], "name", missing))
      return fmt::format("{}.env[{}].valueFrom.{}.name", path, at, key_ref);
  }
  const Value::Array& env_from = container["envFrom"].items();
  for (std::size_t at = 0; at < env_from.size(); ++at) {
    if (names(env_from[at][whole_ref], "name", missing)) return fmt::format("{}.envFrom[{}].{}.name", path, at, whole_ref);
  }
  return {};
}

// The field of a pod's document that refers to the missing object: an environment variable or a volume.
std::string reference_path(const Value& pod, const Missing& missing) {
  for (const std::string list : {"containers", "initContainers"}) {
    const Value::Array& containers = pod["spec"][list].items();
    for (std::size_t at = 0; at < containers.size(); ++at) {
      const std::string found = reference_in_container(containers[at], fmt::format("spec.{}[{}]", list, at), missing);
      if (!found.empty()) return found;
    }
  }
  const Value::Array& volumes = pod["spec"]["volumes"].items();
  for (std::size_t at = 0; at < volumes.size(); ++at) {
    const std::string path = fmt::format("spec.volumes[{}]", at);
    if (missing.kind == "ConfigMap" && names(volumes[at]["configMap"], "name", missing)) return path + ".configMap.name";
    if (missing.kind == "Secret" && names(volumes[at]["secret"], "secretName", missing)) return path + ".secret.secretName";
  }
  return {};
}

// The reference in the owner, where the template is known and its fields stand elsewhere than in the pod.
std::string path_for(const PodGroup& group, const std::optional<Missing>& missing, const std::string& otherwise) {
  if (!missing) return otherwise;
  if (group.document != nullptr && group.owner.kind != "Pod") {
    const std::string found = reference_path(group.document->at_path("spec.template"), *missing);
    if (!found.empty()) return group.path_in_owner(found);
  }
  const std::string found = reference_path(*group.example().document, *missing);
  return found.empty() ? otherwise : group.path_in_owner(found);
}

Fix fix_for(const PodGroup& group, const std::optional<Missing>& missing) {
  const std::string ns = shell_quote(group.owner.ns);
  const std::string describe = "kubectl describe " + kubectl_object(group.example()->meta.ref);
  if (!missing) return by_hand("mend what the kubelet names", {describe});
  const std::string plural = missing->kind == "ConfigMap" ? "configmaps" : "secrets";
  return by_hand(
      fmt::format("create {} {} with the keys that the pods read, or correct the reference", missing->kind, missing->name),
      {fmt::format("kubectl get {} -n {}", plural, ns), describe});
}

void fail_container(const BackendView& backend, const PodGroup& group, const Facts& facts, Verdicts& out) {
  const Known<Pod>& pod = group.example();
  const ContainerState& state = *broken_container(*pod);
  const bool waits = !state.waiting_message.empty() && state.waiting_reason != "CrashLoopBackOff";
  const std::string& message = waits ? state.waiting_message : state.last_message;
  const std::string& reason = waits ? state.waiting_reason : state.last_reason;
  const std::optional<Missing> missing = missing_in(message);
  const std::string path = path_for(group, missing, group.container_path(state.container));
  FindingBuilder finding = fail_pods(group, path, backend, facts, out);
  finding
      .says("{} cannot start container {} ({}){}", group.text(), state.container, reason,
            message.empty() ? "" : ": " + one_line(message))
      .reason("pod-config-error")
      .saw(pod->meta.ref, state.path, pod.document->at_path(state.path))
      .fix(fix_for(group, missing));
  if (const auto event = newest_event(facts, *pod, {"Failed"})) add_event(finding, *event);
}

void judge_stuck(const BackendView& backend, const PodGroup& group, const Facts& facts, Verdicts& out) {
  const Known<Pod>& pod = group.example();
  const Seen<List<Event>> events = facts.events(pod->meta.ref);
  if (events.unknown()) return out.unknown(backend.scope, events);
  const auto event =
      newest_event(facts, *pod, {"FailedMount", "FailedAttachVolume", "FailedMapVolume", "FailedCreatePodSandBox"});
  if (!event) return;
  const std::optional<Missing> missing = missing_in((*event)->message);
  FindingBuilder finding = fail_pods(group, path_for(group, missing, group.path_in_owner("spec.volumes")), backend, facts, out);
  finding.says("{} cannot be set up ({}): {}", group.text(), (*event)->reason, one_line((*event)->message))
      .reason("pod-volume-or-network-stuck")
      .saw(pod->meta.ref, "status.containerStatuses", pod.document->at_path("status.containerStatuses"))
      .fix(fix_for(group, missing));
  add_event(finding, *event);
}

// The pods have a node and cannot start: a ConfigMap, Secret or key is missing, a command does not exist, a volume is
// not mounted. What only takes long (a large image) has no such event, and is left to endpoints-not-ready.
void run(const Facts& facts, const Path& path, Verdicts& out) {
  for (const BackendView& backend : path.backends) {
    if (!backend.has_selector) continue;
    if (backend.pods.unknown()) out.unknown(backend.scope, backend.pods);
    if (!backend.pods.present()) continue;
    const std::vector<PodGroup> broken = groups_of(
        backend, facts, [&](const Known<Pod>& pod) { return is_late(*pod, facts) && broken_container(*pod) != nullptr; });
    const std::vector<PodGroup> stuck =
        groups_of(backend, facts, [&](const Known<Pod>& pod) { return is_late(*pod, facts) && is_stuck(*pod); });
    if (broken.empty() && stuck.empty()) out.pass(backend.scope);
    for (const PodGroup& group : broken) fail_container(backend, group, facts, out);
    for (const PodGroup& group : stuck) judge_stuck(backend, group, facts, out);
  }
}

}  // namespace

extern constinit const Check pod_config_error{
    .code = "pod-config-error",
    .title = "pods behind a Service cannot start as they are configured",
    .severity = Severity::error,
    .layer = Layer::pods,
    .reads = {Kind::pod, Kind::event, Kind::pod_disruption_budget},
    .explains = {"endpoints-not-ready", "endpoints-none"},
    .run = run,
};

}  // namespace gwdoctor

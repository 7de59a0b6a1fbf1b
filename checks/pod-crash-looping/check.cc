#include <algorithm>

#include "checks/check.h"
#include "checks/support/pods.h"

namespace gwdoctor {

namespace {

bool is_out_of_memory(const ContainerState& state) {
  return state.last_reason == "OOMKilled" || state.terminated_reason == "OOMKilled";
}

std::string ending(const ContainerState& state, bool is_killed) {
  const std::optional<std::int64_t> code = state.exit_code ? state.exit_code : state.last_exit_code;
  const std::string& reason = state.terminated_reason.empty() ? state.last_reason : state.terminated_reason;
  if (is_out_of_memory(state)) return "is killed at its memory limit (OOMKilled)";
  if (is_killed) return fmt::format("is ended by its liveness probe{}", code ? fmt::format(" (exit code {})", *code) : "");
  if (!code) return "ends again and again";
  if (*code == 0) return "ends, with exit code 0, though it is to go on running";
  return fmt::format("ends with exit code {}{}", *code, reason.empty() ? "" : " (" + reason + ")");
}

// What the process wrote to its termination log, or to its own log where the container asks for that.
std::string last_words(const ContainerState& state) {
  const std::string line = last_line(state.last_message);
  return line.empty() ? line : ": " + line;
}

Fix read_the_log(const PodGroup& group, const ContainerState& state) {
  const std::string pod = kubectl_object(group.example()->meta.ref);
  const std::string container = shell_quote(state.container);
  if (is_out_of_memory(state)) {
    return by_hand("raise the memory limit of the container, or mend what fills it",
                   {fmt::format("kubectl logs {} -c {} --previous --tail=50", pod, container), "kubectl describe " + pod});
  }
  return by_hand("read the log of the run before, and mend what ends the process",
                 {fmt::format("kubectl logs {} -c {} --previous --tail=50", pod, container), "kubectl describe " + pod});
}

void fail(const BackendView& backend, const PodGroup& group, const Facts& facts, Verdicts& out) {
  const Known<Pod>& pod = group.example();
  const ContainerState& state = *crashing_container(pod, facts);
  const std::string path = group.container_path(state.container) + (is_out_of_memory(state) ? ".resources.limits.memory" : "");
  const auto killed = newest_event(facts, *pod, {"Unhealthy"}, "Liveness probe failed");
  FindingBuilder finding = fail_pods(group, path, backend, facts, out);
  finding
      .says("{} {}: {} {} {}, {} restart{} so far{}", group.text(), group.is_single() ? "crashes" : "crash",
            state.is_init ? "init container" : "container", state.container, ending(state, killed.has_value()), state.restarts,
            state.restarts == 1 ? "" : "s", last_words(state))
      .reason(state.is_init ? "pod-init-stuck" : "pod-crashloop")
      .saw(pod->meta.ref, state.path, pod.document->at_path(state.path))
      .fix(read_the_log(group, state));
  if (killed) {
    finding.reason("pod-liveness-killing");
    add_event(finding, *killed);
  } else if (const auto back_off = newest_event(facts, *pod, {"BackOff", "Unhealthy"})) {
    add_event(finding, *back_off);
  }
}

// A container of the pods starts, ends and is held back. Silent about one that never started (pod-config-error), and
// about a pod that is ready.
void run(const Facts& facts, const Path& path, Verdicts& out) {
  for (const BackendView& backend : path.backends) {
    if (!backend.has_selector) continue;
    if (backend.pods.unknown()) out.unknown(backend.scope, backend.pods);
    if (!backend.pods.present()) continue;
    const std::vector<PodGroup> groups =
        groups_of(backend, facts, [&](const Known<Pod>& pod) { return crashing_container(pod, facts) != nullptr; });
    if (groups.empty()) out.pass(backend.scope);
    for (const PodGroup& group : groups) fail(backend, group, facts, out);
  }
}

}  // namespace

extern constinit const Check pod_crash_looping{
    .code = "pod-crash-looping",
    .title = "pods behind a Service crash over and over",
    .severity = Severity::error,
    .layer = Layer::pods,
    .reads = {Kind::pod, Kind::event, Kind::pod_disruption_budget},
    .explains = {"endpoints-not-ready", "endpoints-none"},
    .run = run,
};

}  // namespace gwdoctor

#include "checks/support/pods.h"

#include <algorithm>

#include "checks/grace.h"
#include "kube/clean.h"

namespace gwdoctor {

namespace {

using Status = Condition::Status;

// A load balancer needs this long until it calls a new target healthy (failures/traps, 38).
constexpr Seconds gate_grace{120};
// The kubelet waits at most five minutes between restarts, and forgets after ten minutes of running.
constexpr Seconds back_off_memory{600};
constexpr std::int64_t restarts_of_a_loop = 3;
constexpr std::size_t most_affected = 20;
constexpr std::size_t longest_quote = 240;

bool within(const std::optional<Time>& time, const Facts& facts, Seconds grace) {
  return time && *time <= facts.now() && facts.now() - *time < grace;
}

const Workload* workload_of(const Ref& owner, const BackendView& backend) {
  for (const Known<Workload>& known : backend.workloads) {
    if (info(known->kind).name == owner.kind && known->meta.ref.name == owner.name) return known.object.get();
  }
  return nullptr;
}

// util/intstr: "2", or "25%" of a total. Nothing where the text is neither.
std::optional<std::int64_t> portion(std::string_view text, std::int64_t total, bool round_up) {
  const bool percent = text.ends_with('%');
  if (percent) text.remove_suffix(1);
  std::int64_t number = 0;
  if (text.empty() || text.size() > 9) return std::nullopt;
  for (const char digit : text) {
    if (digit < '0' || digit > '9') return std::nullopt;
    number = number * 10 + (digit - '0');
  }
  // A hostile number of replicas must not overflow.
  return percent ? (number * std::clamp<std::int64_t>(total, 0, 1'000'000) + (round_up ? 99 : 0)) / 100 : number;
}

// How many pods an update may take away. A Deployment rounds down, a DaemonSet up; a StatefulSet goes one by one.
std::int64_t may_be_unavailable(const Workload& workload) {
  if (workload.kind == Kind::stateful_set && workload.max_unavailable.empty()) return 1;
  return portion(workload.max_unavailable, workload.replicas, workload.kind != Kind::deployment).value_or(0);
}

// How many ready pods a budget demands of so many replicas (policy/v1: percentages are rounded up).
std::int64_t demanded(const PodDisruptionBudget& budget, std::int64_t replicas) {
  if (!budget.min_available.empty()) return portion(budget.min_available, replicas, true).value_or(0);
  if (budget.max_unavailable.empty()) return 0;
  return replicas - portion(budget.max_unavailable, replicas, true).value_or(replicas);
}

}  // namespace

bool is_meant_to_serve(const Pod& pod) { return !pod.is_finished() && !pod.meta.deleted; }

bool is_starting(const Pod& pod, const Facts& facts) {
  if (pod.is_ready()) return false;
  if (within(pod.meta.created, facts, status_grace)) return true;
  const Condition* containers = condition(pod.conditions, "ContainersReady");
  return !pod.readiness_gates.empty() && containers != nullptr && containers->status == Status::is_true &&
         within(containers->since, facts, gate_grace);
}

bool is_late(const Pod& pod, const Facts& facts) { return is_meant_to_serve(pod) && !pod.is_ready() && !is_starting(pod, facts); }

Ref owner_of(const Pod& pod) {
  const std::string& ns = pod.meta.ref.ns;
  for (const OwnerRef& owner : pod.meta.owners) {
    if (!owner.controller) continue;
    if (owner.kind == "StatefulSet") return ref(Kind::stateful_set, ns, owner.name);
    if (owner.kind == "DaemonSet") return ref(Kind::daemon_set, ns, owner.name);
    if (owner.kind != "ReplicaSet") continue;
    // A Deployment names its ReplicaSets after itself and the hash that the pods carry as a label.
    const std::string* hash = label(pod.meta.labels, "pod-template-hash");
    if (hash == nullptr || owner.name.size() <= hash->size() + 1 || !owner.name.ends_with("-" + *hash)) {
      return ref(Kind::replica_set, ns, owner.name);
    }
    return ref(Kind::deployment, ns, owner.name.substr(0, owner.name.size() - hash->size() - 1));
  }
  return pod.meta.ref;
}

bool failed_to_start(const ContainerState& state) {
  const auto never_ran = [](std::string_view reason) { return reason == "StartError" || reason == "ContainerCannotRun"; };
  return never_ran(state.terminated_reason) || (!state.running && never_ran(state.last_reason));
}

const ContainerState* crashing_container(const Known<Pod>& pod, const Facts& facts) {
  if (pod->is_ready()) return nullptr;
  for (const ContainerState& state : pod->states) {
    if (state.ready || failed_to_start(state)) continue;
    if (state.waiting_reason == "CrashLoopBackOff") return &state;
    if (state.restarts > 0 && state.exit_code.value_or(0) != 0) return &state;
    if (!state.running || state.restarts < restarts_of_a_loop || state.last_exit_code.value_or(0) == 0) continue;
    const auto ended = parse_time(pod.document->at_path(state.path + ".lastState.terminated.finishedAt").text());
    if (within(ended, facts, back_off_memory)) return &state;
  }
  return nullptr;
}

std::string PodGroup::text() const {
  if (owner.kind == "Pod") return owner.text();
  if (total == 1) return "the only pod of " + owner.text();
  if (pods.size() == total && total == 2) return "both pods of " + owner.text();
  if (pods.size() == total) return fmt::format("all {} pods of {}", total, owner.text());
  return fmt::format("{} of {} pods of {}", pods.size(), total, owner.text());
}

std::string PodGroup::path_in_owner(std::string_view path_in_pod) const {
  return owner.kind == "Pod" ? std::string(path_in_pod) : "spec.template." + std::string(path_in_pod);
}

std::string PodGroup::container_path(std::string_view container) const {
  // By its name: what was injected into the pod may have moved the others.
  if (workload != nullptr) {
    for (const Container& one : workload->containers) {
      if (one.name == container) return one.path;
    }
  }
  for (const Container& one : example()->containers) {
    if (one.name == container) return path_in_owner(one.path);
  }
  return path_in_owner("spec");
}

std::vector<PodGroup> groups_of(const BackendView& backend, const Facts& facts, const PodTest& suffers) {
  std::vector<Known<Pod>> pods;
  for (const Known<Pod>& pod : *backend.pods) {
    if (is_meant_to_serve(*pod)) pods.push_back(pod);
  }
  std::sort(pods.begin(), pods.end(),
            [](const Known<Pod>& left, const Known<Pod>& right) { return left->meta.ref < right->meta.ref; });
  std::vector<PodGroup> groups;
  for (const Known<Pod>& pod : pods) {
    const Ref owner = owner_of(*pod);
    auto group = std::find_if(groups.begin(), groups.end(), [&](const PodGroup& one) { return one.owner == owner; });
    if (group == groups.end()) {
      groups.push_back({owner, facts.document(owner), workload_of(owner, backend), {}, 0, 0});
      group = groups.end() - 1;
    }
    ++group->total;
    if (pod->is_ready() || is_starting(*pod, facts)) ++group->left;
    if (suffers(pod)) group->pods.push_back(pod);
  }
  std::erase_if(groups, [](const PodGroup& group) { return group.pods.empty(); });
  return groups;
}

Loss loss_of(const PodGroup& group, const BackendView& backend, const Facts& facts) {
  const bool serves = std::any_of(backend.pods->begin(), backend.pods->end(),
                                  [](const Known<Pod>& pod) { return is_meant_to_serve(*pod) && pod->is_ready(); });
  if (!serves) return {Impact::all, std::nullopt, {}};
  if (group.owner.kind == "Pod") return {Impact::part, std::nullopt, {}};
  if (group.workload == nullptr && backend.workloads_missing) {
    return {Impact::none, backend.workloads_missing, backend.workloads_why};
  }
  const auto left = static_cast<std::int64_t>(group.left);
  const auto total = static_cast<std::int64_t>(group.total);
  const std::int64_t replicas = group.workload != nullptr ? group.workload->replicas : total;
  const std::int64_t spare = group.workload != nullptr ? may_be_unavailable(*group.workload) : 0;
  if (left < replicas - spare) return {Impact::part, std::nullopt, {}};
  const Seen<List<PodDisruptionBudget>> budgets = facts.list<PodDisruptionBudget>(Kind::pod_disruption_budget, group.owner.ns);
  if (budgets.unknown()) return {Impact::none, budgets.wish(), budgets.why()};
  if (!budgets.present()) return {};
  for (const Known<PodDisruptionBudget>& budget : *budgets) {
    const bool covered = budget->selector.matches(group.example()->meta.labels);
    if (covered && left < demanded(*budget, replicas)) return {Impact::part, std::nullopt, {}};
  }
  return {};
}

FindingBuilder fail_pods(const PodGroup& group, std::string_view path, const BackendView& backend, const Facts& facts,
                         Verdicts& out) {
  const Loss loss = loss_of(group, backend, facts);
  if (loss.missing) out.unknown(backend.scope, *loss.missing, loss.why);
  FindingBuilder finding = out.fail(backend.scope);
  finding.object(group.owner, path)
      .severity(loss.impact == Impact::none ? Severity::warning : Severity::error)
      .impact(loss.impact)
      .certainty(Certainty::observed);
  affect(finding, group.pods);
  return finding;
}

void affect(FindingBuilder& finding, const std::vector<Known<Pod>>& pods) {
  for (std::size_t at = 0; at < pods.size() && at < most_affected; ++at) finding.affects(pods[at]->meta.ref);
}

std::optional<Known<Event>> newest_event(const Facts& facts, const Pod& pod, std::initializer_list<std::string_view> reasons,
                                         std::string_view word) {
  const Seen<List<Event>> events = facts.events(pod.meta.ref);
  if (!events.present()) return std::nullopt;
  std::optional<Known<Event>> newest;
  for (const Known<Event>& event : *events) {
    if (std::find(reasons.begin(), reasons.end(), event->reason) == reasons.end()) continue;
    if (event->message.find(word) == std::string::npos) continue;
    const bool later =
        !newest || event->last > (*newest)->last || (event->last == (*newest)->last && event->meta.ref < (*newest)->meta.ref);
    if (later) newest = event;
  }
  return newest;
}

void add_event(FindingBuilder& finding, const Known<Event>& event) {
  finding.saw(event->meta.ref, "message", event.document->at_path("message"));
}

std::string one_line(std::string_view text) { return clean_line(text, longest_quote); }

std::string last_line(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = text.find_last_of("\r\n");
    const std::string line = one_line(end == std::string_view::npos ? text : text.substr(end + 1));
    if (!line.empty() || end == std::string_view::npos) return line;
    text = text.substr(0, end);
  }
  return {};
}

std::string port_list(const std::vector<ContainerPort>& ports) {
  std::string out;
  for (const ContainerPort& port : ports) {
    if (!out.empty()) out += ", ";
    out += std::to_string(port.number);
    if (!port.name.empty()) out += " (" + port.name + ")";
  }
  return out.empty() ? "no ports" : out;
}

}  // namespace gwdoctor

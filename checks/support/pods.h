#pragma once
// What the checks of pods share: which pods of a Service suffer from something, whose they are, and what their loss
// means for the requests.

#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checks/check.h"

namespace gwdoctor {

// Neither finished nor being deleted: a pod of which somebody expects that it serves (failures/traps, 6 and 36).
[[nodiscard]] bool is_meant_to_serve(const Pod& pod);
// Not ready, and still within the time that a start takes: created less than 60 s ago (status_grace), or waiting for
// readiness gates alone since less than two minutes (failures/traps, 38).
[[nodiscard]] bool is_starting(const Pod& pod, const Facts& facts);
// Meant to serve, not ready, and no longer starting.
[[nodiscard]] bool is_late(const Pod& pod, const Facts& facts);

// The workload that made the pod, by the pod's own metadata: a Deployment by the name of its ReplicaSet, so that it is
// known even where it may not be read. The pod itself where no workload of a kind that is read owns it.
[[nodiscard]] Ref owner_of(const Pod& pod);

// The container that crashes over and over, or nullptr: it is held back (CrashLoopBackOff), has just ended badly and
// not for the first time, or runs again since less than ten minutes after three restarts. Not one that never started:
// that is pod-config-error.
[[nodiscard]] const ContainerState* crashing_container(const Known<Pod>& pod, const Facts& facts);
// True where the container's process could not be started at all: its command or working directory does not exist.
[[nodiscard]] bool failed_to_start(const ContainerState& state);

// The pods of one workload that suffer from the same thing.
struct PodGroup {
  Ref owner;
  std::shared_ptr<const Value> document;  // of the owner; nullptr where it was not read
  const Workload* workload = nullptr;     // nullptr where it was not read, or is no workload
  std::vector<Known<Pod>> pods;           // in the order of their names; never empty
  std::size_t total = 0;                  // pods of this owner that are meant to serve
  std::size_t left = 0;                   // those of them that are ready, or still starting

  [[nodiscard]] const Known<Pod>& example() const { return pods.front(); }
  // "2 of 3 pods of Deployment payments/payments-api", "the only pod of …", "both pods of …", "Pod payments/debug".
  [[nodiscard]] std::string text() const;
  // Whether a verb after text() stands in the singular.
  [[nodiscard]] bool is_single() const { return pods.size() == 1; }
  // The field of a container by its name, in the owner: spec.template.spec.containers[0].
  [[nodiscard]] std::string container_path(std::string_view container) const;
  // The field of the owner that a field of the pod was made from: spec.template.spec of spec.
  [[nodiscard]] std::string path_in_owner(std::string_view path_in_pod) const;
};

// The pods behind a Service for which the test holds, by owner. Pods that are not meant to serve are left out.
using PodTest = std::function<bool(const Known<Pod>&)>;
[[nodiscard]] std::vector<PodGroup> groups_of(const BackendView& backend, const Facts& facts, const PodTest& suffers);

// What the loss of a group means: all requests of the Service where none of its pods is ready; part of its capacity
// where the workload has fewer ready pods than replicas minus maxUnavailable, or than a PodDisruptionBudget demands;
// otherwise nothing, as in a rollout (rulings, 11).
struct Loss {
  Impact impact = Impact::none;
  // The fact that was needed to tell part from nothing, and could not be had.
  std::optional<Wish> missing;
  Why why;
};
[[nodiscard]] Loss loss_of(const PodGroup& group, const BackendView& backend, const Facts& facts);

// Begins a finding about a group: the owner with the field, the pods, severity and impact by their loss. A warning
// where enough pods are left.
FindingBuilder fail_pods(const PodGroup& group, std::string_view path, const BackendView& backend, const Facts& facts,
                         Verdicts& out);

// Names the pods as affected; of very many, the first.
void affect(FindingBuilder& finding, const std::vector<Known<Pod>>& pods);

// The newest event about a pod with one of these reasons and this word in its message. Asks for the events: only where
// something is wrong.
[[nodiscard]] std::optional<Known<Event>> newest_event(const Facts& facts, const Pod& pod,
                                                       std::initializer_list<std::string_view> reasons,
                                                       std::string_view word = {});
// Adds the event's message to the evidence.
void add_event(FindingBuilder& finding, const Known<Event>& event);

// The last line of a text with anything on it, fit for a message: of a log or a traceback the one that says it.
[[nodiscard]] std::string last_line(std::string_view text);
// The text on one line, cut where it is long.
[[nodiscard]] std::string one_line(std::string_view text);

// "8080 (http), 9090": what containers declare. "no ports" where they declare none.
[[nodiscard]] std::string port_list(const std::vector<ContainerPort>& ports);

}  // namespace gwdoctor

#include "kube/objects/pod.h"

namespace gwdoctor {

namespace {

// The containers whose ports a Service can reach: an init container that is no sidecar is gone before the pod serves.
bool serves(const Container& container) { return !container.is_init || container.is_sidecar; }

}  // namespace

bool Pod::is_ready() const {
  const Condition* ready = condition(conditions, "Ready");
  return ready != nullptr && ready->status == Condition::Status::is_true;
}

bool Pod::is_finished() const {
  if (phase == "Succeeded" || phase == "Failed") return true;
  const Condition* ready = condition(conditions, "Ready");
  return ready != nullptr && ready->status == Condition::Status::is_false && ready->reason == "PodCompleted";
}

std::optional<std::int64_t> Pod::named_port(std::string_view name) const {
  if (name.empty()) return std::nullopt;
  for (const Container& container : containers) {
    if (!serves(container)) continue;
    for (const ContainerPort& port : container.ports) {
      if (port.name == name) return port.number;
    }
  }
  return std::nullopt;
}

bool Pod::declares(std::int64_t number) const {
  for (const Container& container : containers) {
    if (!serves(container)) continue;
    for (const ContainerPort& port : container.ports) {
      if (port.number == number) return true;
    }
  }
  return false;
}

}  // namespace gwdoctor

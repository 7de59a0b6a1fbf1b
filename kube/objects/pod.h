#pragma once
// Pods, and the workloads that make them.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kube/objects/meta.h"

namespace gwdoctor {

struct ContainerPort {
  std::string name;
  std::int64_t number = 0;
  std::string protocol = "TCP";
};

struct Probe {
  std::string type;  // httpGet, tcpSocket, grpc, exec
  std::optional<std::int64_t> port;
  std::string port_name;
  std::string http_path;
  std::string scheme;  // HTTP, HTTPS; "" unless httpGet
};

struct Container {
  std::string name;
  std::string image;
  std::vector<ContainerPort> ports;
  std::optional<Probe> readiness;
  bool is_init = false;
  bool is_sidecar = false;  // an init container with restartPolicy Always
  std::string path;         // spec.containers[0]
};

struct ContainerState {
  std::string container;
  bool ready = false;
  bool is_init = false;
  std::int64_t restarts = 0;
  std::string waiting_reason;  // CrashLoopBackOff, ImagePullBackOff, …; "" where not waiting
  std::string waiting_message;
  std::string terminated_reason;  // of the current state
  std::optional<std::int64_t> exit_code;
  std::string last_reason;  // of lastState.terminated
  std::string last_message;
  std::optional<std::int64_t> last_exit_code;
  bool running = false;
  std::string path;  // status.containerStatuses[0]
};

struct Pod {
  Meta meta;
  std::string phase;
  std::string reason;  // status.reason: Evicted, …
  std::string message;
  std::string node;
  std::string ip;
  std::vector<Container> containers;  // init containers included
  std::vector<ContainerState> states;
  Conditions conditions;
  std::vector<std::string> readiness_gates;
  bool has_status = false;

  [[nodiscard]] bool is_ready() const;
  // Completed, evicted or failed for good: it neither serves nor is meant to (failures/traps, 36).
  [[nodiscard]] bool is_finished() const;
  // The port that a container declares under this name, or nothing.
  [[nodiscard]] std::optional<std::int64_t> named_port(std::string_view name) const;
  [[nodiscard]] bool declares(std::int64_t number) const;
};

// Deployment, StatefulSet, DaemonSet, ReplicaSet.
struct Workload {
  Meta meta;
  Kind kind = Kind::deployment;
  std::int64_t replicas = 1;  // wanted; for a DaemonSet status.desiredNumberScheduled
  std::int64_t ready = 0;
  std::int64_t available = 0;
  std::optional<std::int64_t> observed;  // status.observedGeneration
  std::string max_unavailable;           // of the rolling update: "25%", "1"; "" where not set
  Selector selector;
  Labels template_labels;
  std::vector<Container> containers;
  Conditions conditions;
  bool has_status = false;
};

struct PodDisruptionBudget {
  Meta meta;
  Selector selector;
  std::string min_available;  // "2", "50%", ""
  std::string max_unavailable;
};

}  // namespace gwdoctor

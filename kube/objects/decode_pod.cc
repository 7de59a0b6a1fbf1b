// Pods, the workloads that make them, and disruption budgets.

#include "kube/objects/decode.h"
#include "kube/objects/fields.h"

namespace gwdoctor {

namespace {

std::vector<ContainerPort> decode_ports(const Value& ports) {
  return decode_each(ports, "ports", [](const Value& item, const std::string&) {
    return ContainerPort{item["name"].text(), item["containerPort"].integer().value_or(0), filled_text(item["protocol"], "TCP")};
  });
}

std::optional<Probe> decode_probe(const Value& probe) {
  for (const std::string_view type : {"httpGet", "tcpSocket", "grpc", "exec"}) {
    const Value& handler = probe[type];
    if (!handler.is_object()) continue;
    Probe out;
    out.type = std::string(type);
    const IntOrString port = decode_int_or_string(handler["port"]);
    out.port = port.number;
    out.port_name = port.name;
    if (type == "httpGet") {
      out.http_path = filled_text(handler["path"], "/");
      out.scheme = filled_text(handler["scheme"], "HTTP");
    }
    return out;
  }
  return std::nullopt;
}

std::vector<Container> decode_container_list(const Value& list, const std::string& path, bool is_init) {
  return decode_each(list, path, [&](const Value& item, const std::string& at) {
    const bool is_sidecar = is_init && item["restartPolicy"].string() == "Always";  // KEP-753
    return Container{item["name"].text(),
                     item["image"].text(),
                     decode_ports(item["ports"]),
                     decode_probe(item["readinessProbe"]),
                     is_init,
                     is_sidecar,
                     at};
  });
}

ContainerState decode_state(const Value& value, const std::string& path, bool is_init) {
  const Value& waiting = value["state"]["waiting"];
  const Value& terminated = value["state"]["terminated"];
  const Value& last = value["lastState"]["terminated"];
  ContainerState out;
  out.container = value["name"].text();
  out.ready = value["ready"].boolean().value_or(false);
  out.is_init = is_init;
  out.restarts = value["restartCount"].integer().value_or(0);
  out.waiting_reason = waiting["reason"].text();
  out.waiting_message = waiting["message"].text();
  out.terminated_reason = terminated["reason"].text();
  out.exit_code = terminated["exitCode"].integer();
  out.last_reason = last["reason"].text();
  out.last_message = last["message"].text();
  out.last_exit_code = last["exitCode"].integer();
  out.running = value["state"]["running"].is_object();
  out.path = path;
  return out;
}

void decode_states(const Value& status, std::string_view field, bool is_init, std::vector<ContainerState>& out) {
  for (ContainerState& state :
       decode_each(status[field], "status." + std::string(field),
                   [&](const Value&item, const std::string&at) { return decode_state(item, at, is_init); })) {
    out.push_back(std::move(state));
  }
}

// How many pods a rolling update may take away, with the defaults of apps/v1. A StatefulSet goes one by one, and its
// field has no default outside a feature gate; a ReplicaSet has no update.
std::string decode_max_unavailable(const Value& spec, Kind kind) {
  const bool is_deployment = kind == Kind::deployment;
  const Value& strategy = spec[is_deployment ? "strategy" : "updateStrategy"];
  if (filled_text(strategy["type"], "RollingUpdate") != "RollingUpdate") return {};
  const std::string_view fallback = is_deployment ? "25%" : kind == Kind::daemon_set ? "1" : "";
  return int_or_string_text(strategy["rollingUpdate"]["maxUnavailable"], fallback);
}

void decode_counts(const Value& document, Workload& out) {
  const Value& status = document["status"];
  if (out.kind == Kind::daemon_set) {
    out.replicas = out.has_status ? status["desiredNumberScheduled"].integer().value_or(0) : 1;
    out.ready = status["numberReady"].integer().value_or(0);
    out.available = status["numberAvailable"].integer().value_or(0);
    return;
  }
  out.replicas = document["spec"]["replicas"].integer().value_or(1);
  out.ready = status["readyReplicas"].integer().value_or(0);
  out.available = status["availableReplicas"].integer().value_or(0);
}

}  // namespace

std::vector<Container> decode_containers(const Value& pod_spec, std::string_view path) {
  const std::string at(path);
  std::vector<Container> out = decode_container_list(pod_spec["containers"], at + ".containers", false);
  for (Container& container : decode_container_list(pod_spec["initContainers"], at + ".initContainers", true)) {
    out.push_back(std::move(container));
  }
  return out;
}

template <>
Pod decode<Pod>(const Value& document, Kind kind) {
  const Value& spec = document["spec"];
  const Value& status = document["status"];
  Pod out;
  out.meta = decode_meta(document, kind);
  out.phase = status["phase"].text();
  out.reason = status["reason"].text();
  out.message = status["message"].text();
  out.node = spec["nodeName"].text();
  out.ip = filled_text(status["podIP"], status["podIPs"][0]["ip"].text());
  out.containers = decode_containers(spec, "spec");
  decode_states(status, "containerStatuses", false, out.states);
  decode_states(status, "initContainerStatuses", true, out.states);
  out.conditions = decode_conditions(status["conditions"]);
  for (const Value& gate : spec["readinessGates"].items()) {
    if (const auto type = gate["conditionType"].string()) out.readiness_gates.emplace_back(*type);
  }
  out.has_status = has_written_status(status);
  return out;
}

template <>
Workload decode<Workload>(const Value& document, Kind kind) {
  const Value& spec = document["spec"];
  const Value& status = document["status"];
  Workload out;
  out.meta = decode_meta(document, kind);
  out.kind = kind;
  out.has_status = has_written_status(status);
  decode_counts(document, out);
  out.observed = status["observedGeneration"].integer();
  out.max_unavailable = decode_max_unavailable(spec, kind);
  out.selector = decode_selector(spec["selector"]);
  out.template_labels = decode_labels(spec["template"]["metadata"]["labels"]);
  out.containers = decode_containers(spec["template"]["spec"], "spec.template.spec");
  out.conditions = decode_conditions(status["conditions"]);
  return out;
}

template <>
PodDisruptionBudget decode<PodDisruptionBudget>(const Value& document, Kind kind) {
  const Value& spec = document["spec"];
  return {decode_meta(document, kind), decode_selector(spec["selector"]), int_or_string_text(spec["minAvailable"], ""),
          int_or_string_text(spec["maxUnavailable"], "")};
}

}  // namespace gwdoctor

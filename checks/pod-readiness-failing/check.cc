#include <algorithm>

#include "chain/nearest.h"
#include "checks/check.h"
#include "checks/support/pods.h"

namespace gwdoctor {

namespace {

// A container that runs and is not ready, with the probe that keeps it so.
struct Probed {
  const Container* container = nullptr;
  const ContainerState* state = nullptr;
  std::string field;  // readinessProbe, startupProbe
  const Value* probe = nullptr;
};

const Container* container_named(const Pod& pod, std::string_view name) {
  for (const Container& container : pod.containers) {
    if (container.name == name) return &container;
  }
  return nullptr;
}

// A container with a startup probe that has not passed yet is not asked whether it is ready (core/v1 Container).
Probed probed_container(const Known<Pod>& pod) {
  for (const ContainerState& state : pod->states) {
    const Container* container = container_named(*pod, state.container);
    if (!state.running || state.ready || container == nullptr || (container->is_init && !container->is_sidecar)) continue;
    const Value& spec = pod.document->at_path(container->path);
    const bool started = pod.document->at_path(state.path + ".started").boolean().value_or(true);
    for (const std::string field : {"startupProbe", "readinessProbe"}) {
      if (spec[field].is_object() && (field == "readinessProbe" || !started)) return {container, &state, field, &spec[field]};
    }
  }
  return {};
}

bool fails_its_probe(const Known<Pod>& pod, const Facts& facts) {
  if (!is_late(*pod, facts) || pod->phase != "Running" || crashing_container(pod, facts) != nullptr) return false;
  // Where another container does not run at all, that comes first.
  const bool all_run = std::all_of(pod->states.begin(), pod->states.end(),
                                   [](const ContainerState& state) { return state.is_init || state.waiting_reason.empty(); });
  return all_run && probed_container(pod).probe != nullptr;
}

std::string handler_of(const Value& probe) {
  for (const std::string type : {"httpGet", "tcpSocket", "grpc", "exec"}) {
    if (probe[type].is_object()) return type;
  }
  return {};
}

std::string port_text(const Value& probe) {
  const Value& port = probe[handler_of(probe)]["port"];
  return port.is_string() ? port.text() : std::to_string(port.integer().value_or(0));
}

std::string describe(const Value& probe) {
  const std::string type = handler_of(probe);
  if (type == "httpGet") {
    const bool secure = probe[type]["scheme"].text() == "HTTPS";
    return fmt::format("{} GET {} on port {}", secure ? "HTTPS" : "HTTP", probe[type]["path"].text("/"), port_text(probe));
  }
  if (type == "tcpSocket") return "TCP on port " + port_text(probe);
  if (type == "grpc") return "gRPC on port " + port_text(probe);
  return type == "exec" ? "a command" : "of an unknown type";
}

// The probe's port, where it is one that the container does not have.
enum class ProbePort { fits, name_missing, undeclared };

ProbePort judge_port(const Probed& probed) {
  const Value& port = (*probed.probe)[handler_of(*probed.probe)]["port"];
  const std::vector<ContainerPort>& ports = probed.container->ports;
  const auto declared = [&](auto&& test) { return std::any_of(ports.begin(), ports.end(), test); };
  if (port.is_string()) {
    const std::string name = port.text();
    return declared([&](const ContainerPort& one) { return one.name == name; }) ? ProbePort::fits : ProbePort::name_missing;
  }
  const std::optional<std::int64_t> number = port.integer();
  if (!number || ports.empty()) return ProbePort::fits;
  return declared([&](const ContainerPort& one) { return one.number == *number; }) ? ProbePort::fits : ProbePort::undeclared;
}

std::optional<ContainerPort> port_meant(const Probed& probed) {
  const std::vector<ContainerPort>& ports = probed.container->ports;
  std::vector<std::string> names;
  for (const ContainerPort& port : ports) names.push_back(port.name);
  const std::optional<std::string> near = nearest(port_text(*probed.probe), names);
  for (const ContainerPort& port : ports) {
    if (near && port.name == *near) return port;
  }
  return ports.size() == 1 ? std::optional(ports.front()) : std::nullopt;
}

Fix look_closer(const PodGroup& group, const Probed& probed) {
  const std::string pod = kubectl_object(group.example()->meta.ref);
  return by_hand(
      "make the probe ask for what the container answers, or mend what keeps it from answering",
      {"kubectl describe " + pod, fmt::format("kubectl logs {} -c {} --tail=50", pod, shell_quote(probed.container->name))});
}

Fix fix_for(const PodGroup& group, const Probed& probed, ProbePort port, const std::string& port_path) {
  const std::optional<ContainerPort> meant = port == ProbePort::fits ? std::nullopt : port_meant(probed);
  if (!meant || group.document == nullptr) return look_closer(group, probed);
  const Value target = meant->name.empty() ? Value(meant->number) : Value(meant->name);
  std::optional<Fix> fix = set_field(group.owner, *group.document, port_path, target,
                                     fmt::format("probe port {} of the container", port_list({*meant})));
  if (!fix) return look_closer(group, probed);
  // A port that is only undeclared may be open all the same: that is no proof. Nor is a pod's own probe to be changed.
  if (port == ProbePort::undeclared || group.owner.kind == "Pod") fix->patch.reset();
  return std::move(*fix);
}

// "HTTP probe failed with statuscode: 404" of "Readiness probe failed: HTTP probe failed with statuscode: 404".
std::string answer_in(const Event& event) {
  const std::size_t colon = event.message.find(": ");
  return colon == std::string::npos ? std::string() : ": " + one_line(std::string_view(event.message).substr(colon + 2));
}

void fail(const BackendView& backend, const PodGroup& group, const Facts& facts, Verdicts& out) {
  const Known<Pod>& pod = group.example();
  const Probed probed = probed_container(pod);
  const bool startup = probed.field == "startupProbe";
  const ProbePort port = judge_port(probed);
  const std::string probe_path = group.container_path(probed.container->name) + "." + probed.field;
  const std::string port_path = probe_path + "." + handler_of(*probed.probe) + ".port";
  const auto event = newest_event(facts, *pod, {"Unhealthy"}, startup ? "Startup probe" : "Readiness probe");
  std::string ports;
  if (port != ProbePort::fits) ports = "; the container declares " + port_list(probed.container->ports);
  FindingBuilder finding = fail_pods(group, port == ProbePort::fits ? probe_path : port_path, backend, facts, out);
  finding
      .says("{} {} not ready: the {} probe of container {} ({}) fails{}{}", group.text(), group.is_single() ? "is" : "are",
            startup ? "startup" : "readiness", probed.container->name, describe(*probed.probe), event ? answer_in(**event) : "",
            ports)
      .reason(startup ? "pod-startup-probe-failing" : "pod-readiness-failing")
      .saw(pod->meta.ref, probed.container->path + "." + probed.field, *probed.probe)
      .saw(pod->meta.ref, "status.conditions", pod.document->at_path("status.conditions"))
      .fix(fix_for(group, probed, port, port_path));
  if (event) add_event(finding, *event);
}

// A container runs, and its readiness or startup probe keeps it from being ready. Silent while enough pods are left, as
// in a rollout (rulings, 11), and where the Service takes pods that are not ready (failures/traps, 4).
void run(const Facts& facts, const Path& path, Verdicts& out) {
  for (const BackendView& backend : path.backends) {
    if (!backend.has_selector || backend.service->publish_not_ready) continue;
    if (backend.pods.unknown()) out.unknown(backend.scope, backend.pods);
    if (!backend.pods.present()) continue;
    bool failed = false;
    bool blind = false;
    for (const PodGroup& group : groups_of(backend, facts, [&](const Known<Pod>& pod) { return fails_its_probe(pod, facts); })) {
      const Loss loss = loss_of(group, backend, facts);
      if (loss.missing) out.unknown(backend.scope, *loss.missing, loss.why);
      blind = blind || loss.missing.has_value();
      if (loss.impact == Impact::none) continue;
      failed = true;
      fail(backend, group, facts, out);
    }
    if (!failed && !blind) out.pass(backend.scope);
  }
}

}  // namespace

extern constinit const Check pod_readiness_failing{
    .code = "pod-readiness-failing",
    .title = "pods behind a Service run, and a probe keeps them from being ready",
    .severity = Severity::error,
    .layer = Layer::pods,
    .reads = {Kind::service, Kind::pod, Kind::event, Kind::pod_disruption_budget},
    .explains = {"endpoints-not-ready", "endpoints-none"},
    .run = run,
};

}  // namespace gwdoctor

#include <algorithm>
#include <array>

#include "checks/check.h"
#include "checks/support/pods.h"
#include "checks/support/ports.h"

namespace gwdoctor {

namespace {

std::optional<std::int64_t> probed_port(const Container& container) {
  if (!container.readiness) return std::nullopt;
  if (container.readiness->port) return container.readiness->port;
  for (const ContainerPort& port : container.ports) {
    if (!port.name.empty() && port.name == container.readiness->port_name) return port.number;
  }
  return std::nullopt;
}

// A passing readiness probe shows that something listens there, whatever is declared (rulings, 13).
bool probe_passes(const std::vector<Known<Pod>>& pods, std::int64_t number) {
  return std::any_of(pods.begin(), pods.end(), [&](const Known<Pod>& pod) {
    return pod->is_ready() && std::any_of(pod->containers.begin(), pod->containers.end(),
                                          [&](const Container& container) { return probed_port(container) == number; });
  });
}

bool declared(const std::vector<Known<Pod>>& pods, std::int64_t number) {
  return std::any_of(pods.begin(), pods.end(), [&](const Known<Pod>& pod) { return pod->declares(number); });
}

// Ports for people and machines beside the requests: that only such a one is declared says nothing of the others.
bool is_auxiliary(std::string_view name) {
  constexpr std::array<std::string_view, 7> words{"metric", "prom", "admin", "health", "probe", "debug", "monitor"};
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return name.find(word) != std::string_view::npos; });
}

// The declared port that the Service was plainly meant for: its name is that of the Service port, its number is the
// Service port's, or there is no other.
const ContainerPort* port_meant(const std::vector<ContainerPort>& ports, const ServicePort& port) {
  for (const ContainerPort& one : ports) {
    if (!port.name.empty() && one.name == port.name) return &one;
  }
  for (const ContainerPort& one : ports) {
    if (one.number == port.port) return &one;
  }
  return ports.size() == 1 && !is_auxiliary(ports.front().name) ? &ports.front() : nullptr;
}

void fail(const UsedPort& used, const std::vector<Known<Pod>>& pods, Verdicts& out) {
  const BackendView& backend = *used.backend;
  const std::vector<ContainerPort> ports = declared_ports(pods, used.port->protocol);
  const ContainerPort* meant = port_meant(ports, *used.port);
  const std::string field = used.port->path + ".targetPort";
  const Known<Pod>& example = pods.front();
  FindingBuilder finding = out.fail(used.scope);
  finding.object(backend.ref, field)
      .says("targetPort {} of {} is declared by no container of its pods, which declare {}", *used.port->target_number,
            backend.ref.text(), port_list(ports))
      .reason("service-targetport-wrong")
      // A container may listen on a port that it does not declare.
      .certainty(Certainty::likely)
      .saw(backend.service, backend.ref, used.port->path)
      .saw(example->meta.ref, "spec.containers[0].ports", example.document->at_path("spec.containers[0].ports"));
  affect(finding, pods);
  if (meant == nullptr) {
    finding.severity(Severity::warning)
        .fix(by_hand("find the port that the process listens on, and name it in targetPort",
                     {fmt::format("kubectl exec {} -- sh -c 'ss -ltn || netstat -ltn'", kubectl_object(example->meta.ref))}));
    return;
  }
  finding.fix(set_field(backend.ref, backend.service.document(), field, meant->number,
                        fmt::format("send the requests to port {} of the pods", meant->number)));
}

// targetPort is a number that no container declares. Declaring is no duty (core/v1 ContainerPort), so that alone is a
// warning, and an error only where another declared port is plainly meant (rulings, 13).
void run(const Facts&, const Path& path, Verdicts& out) {
  for (const UsedPort& used : used_ports(path)) {
    if (!used.port->target_number || !used.backend->has_selector) continue;
    if (used.backend->pods.unknown()) out.unknown(used.scope, used.backend->pods);
    if (!used.backend->pods.present()) continue;
    const std::vector<Known<Pod>> pods = serving_pods(*used.backend);
    if (pods.empty()) continue;
    if (declared(pods, *used.port->target_number) || probe_passes(pods, *used.port->target_number)) {
      out.pass(used.scope);
    } else {
      fail(used, pods, out);
    }
  }
}

}  // namespace

extern constinit const Check service_target_port_mismatch{
    .code = "service-target-port-mismatch",
    .title = "targetPort is a number which no container of the pods declares",
    .severity = Severity::error,
    .layer = Layer::service,
    .reads = {Kind::service, Kind::pod},
    .explains = {"endpoints-unreachable"},
    .run = run,
};

}  // namespace gwdoctor

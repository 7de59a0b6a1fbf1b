#include <algorithm>

#include "chain/nearest.h"
#include "checks/check.h"
#include "checks/support/pods.h"
#include "checks/support/ports.h"

namespace gwdoctor {

namespace {

Value target_of(const ContainerPort& port) { return port.name.empty() ? Value(port.number) : Value(port.name); }

// The container port that the name was probably meant for: a near name, the only port, the Service port's own number.
std::optional<ContainerPort> port_meant(const std::vector<ContainerPort>& ports, const ServicePort& wanted) {
  std::vector<std::string> names;
  for (const ContainerPort& port : ports) names.push_back(port.name);
  const std::optional<std::string> near = nearest(wanted.target_name, names);
  for (const ContainerPort& port : ports) {
    if (near && port.name == *near) return port;
  }
  if (ports.size() == 1) return ports.front();
  for (const ContainerPort& port : ports) {
    if (port.number == wanted.port) return port;
  }
  return std::nullopt;
}

Fix name_it(const UsedPort& used) {
  return by_hand(fmt::format("name a container port {}, or put its number into targetPort", used.port->target_name),
                 {fmt::format("kubectl get pods -n {} -o custom-columns=NAME:.metadata.name,PORTS:.spec.containers[*].ports",
                              shell_quote(used.backend->ref.ns))});
}

FindingBuilder begin(const UsedPort& used, std::string_view reason, Verdicts& out) {
  FindingBuilder finding = out.fail(used.scope);
  finding.object(used.backend->ref, used.port->path + ".targetPort")
      .saw(used.backend->service, used.backend->ref, used.port->path)
      .reason(reason);
  return finding;
}

// The pods tell. Where only some lack the name, the others take the requests: a rollout that renamed the port.
void judge_by_pods(const UsedPort& used, Verdicts& out) {
  const std::vector<Known<Pod>> pods = serving_pods(*used.backend);
  if (pods.empty()) return;
  std::vector<Known<Pod>> lacking;
  for (const Known<Pod>& pod : pods) {
    if (!pod->named_port(used.port->target_name)) lacking.push_back(pod);
  }
  if (lacking.empty()) return out.pass(used.scope);
  const std::vector<ContainerPort> ports = declared_ports(lacking, used.port->protocol);
  const bool all = lacking.size() == pods.size();
  FindingBuilder finding = begin(used, "service-targetport-name-unresolved", out);
  finding.says("targetPort {} of {} is a port name that {} of its {} pods {}, declaring {}", used.port->target_name,
               used.backend->ref.text(), all ? "none" : std::to_string(lacking.size()), pods.size(),
               all                   ? "has"
               : lacking.size() == 1 ? "lacks"
                                     : "lack",
               port_list(ports));
  affect(finding, lacking);
  const std::optional<ContainerPort> meant = port_meant(ports, *used.port);
  if (!all || !meant) {
    finding.fix(name_it(used));
  } else {
    finding.fix(set_field(used.backend->ref, used.backend->service.document(), used.port->path + ".targetPort", target_of(*meant),
                          fmt::format("send the requests to port {} of the pods", port_list({*meant}))));
  }
  if (!all) finding.severity(Severity::warning);
}

// Without the pods, the slices tell: the controller leaves a port out whose name it could not resolve.
void judge_by_slices(const UsedPort& used, Verdicts& out) {
  const Seen<List<EndpointSlice>>& slices = used.backend->slices;
  if (!slices.present() || count_endpoints(*slices).all == 0) return out.unknown(used.scope, used.backend->pods);
  if (carries(*slices, *used.port)) return out.pass(used.scope);
  begin(used, "endpoints-port-missing", out)
      .says("targetPort {} of {} is a port name that its endpoints lack", used.port->target_name, used.backend->ref.text())
      .fix(name_it(used));
}

std::string shown(const std::string& name) { return name.empty() ? "no name" : "name " + name; }

// Slices written by hand must carry the Service port's name: proxies find the number by it (discovery.k8s.io/v1).
void judge_by_hand(const UsedPort& used, Verdicts& out) {
  const Seen<List<EndpointSlice>>& slices = used.backend->slices;
  if (slices.unknown()) out.unknown(used.scope, slices);
  if (!slices.present() || count_endpoints(*slices).all == 0) return;
  if (carries(*slices, *used.port)) return out.pass(used.scope);
  const Known<EndpointSlice>* first = nullptr;
  for (const Known<EndpointSlice>& slice : *slices) {
    if (!slice->endpoints.empty() && (first == nullptr || slice->meta.ref < (*first)->meta.ref)) first = &slice;
  }
  const Ref& object = (*first)->meta.ref;
  const bool single = (*first)->ports.size() == 1 && used.backend->service->ports.size() == 1;
  FindingBuilder finding = out.fail(used.scope);
  finding.object(object, (*first)->ports.empty() ? "ports" : "ports[0].name")
      .says("{} has no port with the {} of port {} of {}", object.text(), shown(used.port->name), used.port->port,
            used.backend->ref.text())
      .reason("endpoints-port-missing")
      .saw(object, "ports", first->document->at_path("ports"))
      .affects(used.backend->ref);
  if (single) {
    finding.fix(set_field(object, *first->document, "ports[0].name", used.port->name,
                          "give the port the name that the Service has for it"));
  } else {
    finding.fix(by_hand("give each port of the EndpointSlice the name of its Service port",
                        {"kubectl get " + kubectl_object(object) + " -o yaml"}));
  }
}

// targetPort is a name, and the pods' containers have no port of that name.
void run(const Facts&, const Path& path, Verdicts& out) {
  for (const UsedPort& used : used_ports(path)) {
    if (!used.backend->has_selector) {
      judge_by_hand(used, out);
    } else if (used.port->target_name.empty()) {
      continue;
    } else if (used.backend->pods.present()) {
      judge_by_pods(used, out);
    } else if (used.backend->pods.unknown()) {
      judge_by_slices(used, out);
    }
  }
}

}  // namespace

extern constinit const Check service_target_port_name{
    .code = "service-target-port-name",
    .title = "targetPort is a name which the pods' containers do not have",
    .severity = Severity::error,
    .layer = Layer::service,
    .reads = {Kind::service, Kind::pod, Kind::endpoint_slice},
    .explains = {"route-refs-unresolved", "endpoints-none"},
    .run = run,
};

}  // namespace gwdoctor

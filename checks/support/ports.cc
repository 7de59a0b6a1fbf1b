#include "checks/support/ports.h"

#include <algorithm>
#include <array>

#include "checks/grace.h"
#include "checks/support/pods.h"

namespace gwdoctor {

namespace {

constexpr std::array<std::string_view, 3> mesh_proxies{"istio-proxy", "linkerd-proxy", "kuma-sidecar"};

bool is_application(const Container& container) {
  if (container.is_init && !container.is_sidecar) return false;
  return std::find(mesh_proxies.begin(), mesh_proxies.end(), container.name) == mesh_proxies.end();
}

bool takes_target_port(const Path& path, const Leg& leg) {
  if (leg.ingress == no_index || path.ingresses[leg.ingress].controller == no_index) return false;
  const Controller* known = path.controllers[path.ingresses[leg.ingress].controller].known;
  return known != nullptr && known->accepts_target_port;
}

}  // namespace

const ServicePort* port_of(const Path& path, const Leg& leg, const Service& service) {
  const ServicePort* found = leg.port ? service.port(*leg.port) : service.port(std::string_view(leg.port_name));
  if (found != nullptr || !takes_target_port(path, leg)) return found;
  for (const ServicePort& port : service.ports) {
    if (leg.port && port.target_number == leg.port) return &port;
    if (!leg.port_name.empty() && port.target_name == leg.port_name) return &port;
  }
  return nullptr;
}

std::vector<UsedPort> used_ports(const Path& path) {
  std::vector<UsedPort> used;
  for (const Leg& leg : path.legs) {
    if (leg.backend == no_index) continue;
    const BackendView& backend = path.backends[leg.backend];
    if (!backend.is_service || !backend.service.present() || backend.service->is_external_name()) continue;
    const ServicePort* port = port_of(path, leg, *backend.service);
    if (port == nullptr) continue;
    const auto same = std::find_if(used.begin(), used.end(), [&](const UsedPort& one) { return one.port == port; });
    if (same == used.end()) {
      used.push_back({&backend, port, leg.scope});
    } else {
      same->scope |= leg.scope;
    }
  }
  return used;
}

std::vector<ContainerPort> declared_ports(const std::vector<Known<Pod>>& pods, std::string_view protocol) {
  std::vector<ContainerPort> ports;
  for (const Known<Pod>& pod : pods) {
    for (const Container& container : pod->containers) {
      if (!is_application(container)) continue;
      for (const ContainerPort& port : container.ports) {
        const bool known = std::any_of(ports.begin(), ports.end(), [&](const ContainerPort& one) {
          return one.number == port.number && one.name == port.name;
        });
        if (!known && port.protocol == protocol) ports.push_back(port);
      }
    }
  }
  return ports;
}

std::vector<Known<Pod>> serving_pods(const BackendView& backend) {
  std::vector<Known<Pod>> pods;
  for (const Known<Pod>& pod : *backend.pods) {
    if (is_meant_to_serve(*pod)) pods.push_back(pod);
  }
  const bool any_ready = std::any_of(pods.begin(), pods.end(), [](const Known<Pod>& pod) { return pod->is_ready(); });
  if (any_ready) std::erase_if(pods, [](const Known<Pod>& pod) { return !pod->is_ready(); });
  std::sort(pods.begin(), pods.end(),
            [](const Known<Pod>& left, const Known<Pod>& right) { return left->meta.ref < right->meta.ref; });
  return pods;
}

EndpointCount count_endpoints(const List<EndpointSlice>& slices) {
  EndpointCount count;
  for (const Known<EndpointSlice>& slice : slices) {
    for (const Endpoint& endpoint : slice->endpoints) {
      ++count.all;
      if (endpoint.terminating) ++count.terminating;
      if (endpoint.ready) ++count.ready;
      if (!endpoint.ready && !endpoint.terminating) ++count.waiting;
      if (!endpoint.ready && endpoint.terminating && endpoint.serving) ++count.draining;
    }
  }
  return count;
}

bool just_changed(const List<EndpointSlice>& slices, const Facts& facts) {
  return std::any_of(slices.begin(), slices.end(),
                     [&](const Known<EndpointSlice>& slice) { return settling(slice->meta, facts); });
}

bool carries(const List<EndpointSlice>& slices, const ServicePort& port) {
  return std::any_of(slices.begin(), slices.end(), [&](const Known<EndpointSlice>& slice) {
    return !slice->endpoints.empty() && std::any_of(slice->ports.begin(), slice->ports.end(), [&](const EndpointPort& one) {
      return one.name == port.name && one.protocol == port.protocol;
    });
  });
}

}  // namespace gwdoctor

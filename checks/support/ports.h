#pragma once
// What the checks of Service ports and of endpoints share.

#include <string>
#include <vector>

#include "chain/path.h"

namespace gwdoctor {

// The port of the Service that requests of a leg go to, or nullptr where the leg names none that the Service offers
// (service-port-not-found). ingress-nginx also takes the targetPort for the port (rulings, 14).
[[nodiscard]] const ServicePort* port_of(const Path& path, const Leg& leg, const Service& service);

// A port of a Service that some leg uses, with the streams that do.
struct UsedPort {
  const BackendView* backend = nullptr;
  const ServicePort* port = nullptr;  // of backend->service
  Scope scope;
};
// Of every Service that is there and no ExternalName: each used port once, in the order of the legs.
[[nodiscard]] std::vector<UsedPort> used_ports(const Path& path);

// The ports of this protocol that the pods' containers declare, each number once, in their order. Those of a mesh's
// injected proxy are not the application's and left out, as are init containers, which are gone before the pod serves.
[[nodiscard]] std::vector<ContainerPort> declared_ports(const std::vector<Known<Pod>>& pods, std::string_view protocol);

// The pods behind a Service that are meant to serve: the ready ones, or all where none is. In the order of their names.
[[nodiscard]] std::vector<Known<Pod>> serving_pods(const BackendView& backend);

// What the EndpointSlices of a Service hold, all of them together: the controller leaves empty ones beside full ones
// (failures/traps, 50).
struct EndpointCount {
  std::size_t all = 0;
  std::size_t ready = 0;
  std::size_t draining = 0;     // terminating, and still serving (failures/traps, 6)
  std::size_t terminating = 0;  // those included
  std::size_t waiting = 0;      // neither ready nor terminating
};
[[nodiscard]] EndpointCount count_endpoints(const List<EndpointSlice>& slices);

// Whether some slice was written less than 60 s ago (status_grace).
[[nodiscard]] bool just_changed(const List<EndpointSlice>& slices, const Facts& facts);

// Whether some slice with endpoints carries the Service port's name: that is how proxies find the number.
[[nodiscard]] bool carries(const List<EndpointSlice>& slices, const ServicePort& port);

}  // namespace gwdoctor

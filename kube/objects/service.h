#pragma once
// Service and EndpointSlice.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kube/objects/ingress.h"
#include "kube/objects/meta.h"

namespace gwdoctor {

struct ServicePort {
  std::string name;  // "" for an unnamed port
  std::int64_t port = 0;
  std::string protocol = "TCP";
  std::string app_protocol;
  // targetPort: a number, or a name of the pods' ports; the port itself where absent.
  std::optional<std::int64_t> target_number;
  std::string target_name;
  std::optional<std::int64_t> node_port;
  std::string path;  // spec.ports[0]
};

struct Service {
  Meta meta;
  std::string type = "ClusterIP";
  std::string cluster_ip;  // "None" for a headless Service
  std::string external_name;
  Labels selector;
  std::vector<ServicePort> ports;
  bool publish_not_ready = false;
  std::vector<std::string> external_ips;
  std::vector<IngressAddress> addresses;  // status.loadBalancer.ingress

  [[nodiscard]] bool is_external_name() const { return type == "ExternalName"; }
  [[nodiscard]] bool is_headless() const { return cluster_ip == "None"; }
  // The port with this number or, for a name, this non-empty name; nullptr where the Service has none such.
  [[nodiscard]] const ServicePort* port(std::int64_t number) const;
  [[nodiscard]] const ServicePort* port(std::string_view name) const;
  // "8080 (http), 9090": for messages. "no ports" where there are none.
  [[nodiscard]] std::string port_list() const;
};

struct Endpoint {
  std::vector<std::string> addresses;
  // The API's reading of absent conditions: ready true, serving as ready, terminating false.
  bool ready = true;
  bool serving = true;
  bool terminating = false;
  std::string target_kind;
  std::string target_name;
  std::string target_ns;
  std::string node;
};

struct EndpointPort {
  std::string name;
  std::optional<std::int64_t> port;  // absent: every port
  std::string protocol = "TCP";
};

struct EndpointSlice {
  Meta meta;
  std::string service;     // label kubernetes.io/service-name
  std::string managed_by;  // label endpointslice.kubernetes.io/managed-by
  std::string address_type;
  std::vector<Endpoint> endpoints;
  std::vector<EndpointPort> ports;
};

}  // namespace gwdoctor

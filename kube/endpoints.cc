#include "kube/endpoints.h"

#include <map>

namespace gwdoctor {

namespace {

Value ports_for(const Service& service, const Pod& pod) {
  Value ports{Value::Array{}};
  for (const ServicePort& port : service.ports) {
    std::optional<std::int64_t> number = port.target_number;
    if (!port.target_name.empty()) number = pod.named_port(port.target_name);
    if (!number) continue;
    Value entry{Value::Object{}};
    entry.set("name", port.name);
    entry.set("port", *number);
    entry.set("protocol", port.protocol);
    ports.push_back(std::move(entry));
  }
  return ports;
}

Value endpoint_for(const Service& service, const Pod& pod) {
  const bool terminating = pod.meta.deleted.has_value();
  const bool serving = pod.is_ready();
  Value endpoint{Value::Object{}};
  Value addresses{Value::Array{}};
  addresses.push_back(pod.ip);
  endpoint.set("addresses", std::move(addresses));
  endpoint.set_path("conditions.ready", service.publish_not_ready || (serving && !terminating));
  endpoint.set_path("conditions.serving", serving);
  endpoint.set_path("conditions.terminating", terminating);
  endpoint.set_path("targetRef.kind", "Pod");
  endpoint.set_path("targetRef.name", pod.meta.ref.name);
  endpoint.set_path("targetRef.namespace", pod.meta.ref.ns);
  endpoint.set("nodeName", pod.node);
  return endpoint;
}

}  // namespace

std::vector<Value> endpoint_slices_of(const Service& service, const std::vector<const Pod*>& pods) {
  std::vector<Value> slices;
  for (const Pod* pod : pods) {
    if (pod->ip.empty() || pod->is_finished()) continue;
    const Value ports = ports_for(service, *pod);
    const std::string_view family = pod->ip.find(':') == std::string::npos ? "IPv4" : "IPv6";
    Value* slice = nullptr;
    for (Value& candidate : slices) {
      if (candidate["ports"] == ports && candidate["addressType"].string() == family) slice = &candidate;
    }
    if (slice == nullptr) {
      Value made{Value::Object{}};
      made.set("apiVersion", "discovery.k8s.io/v1");
      made.set("kind", "EndpointSlice");
      made.set_path("metadata.namespace", service.meta.ref.ns);
      made.set_path("metadata.name", service.meta.ref.name + "-" + std::to_string(slices.size()));
      made.set_path("metadata.labels[\"kubernetes.io/service-name\"]", service.meta.ref.name);
      made.set_path("metadata.labels[\"endpointslice.kubernetes.io/managed-by\"]", "endpointslice-controller.k8s.io");
      made.set("addressType", family);
      made.set("ports", ports);
      made.set("endpoints", Value::Array{});
      slice = &slices.emplace_back(std::move(made));
    }
    Value endpoints = (*slice)["endpoints"];
    endpoints.push_back(endpoint_for(service, *pod));
    slice->set("endpoints", std::move(endpoints));
  }
  return slices;
}

}  // namespace gwdoctor

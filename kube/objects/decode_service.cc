#include "kube/objects/decode.h"
#include "kube/objects/fields.h"

namespace gwdoctor {

namespace {

ServicePort decode_port(const Value& value, const std::string& path) {
  ServicePort out;
  out.name = value["name"].text();
  out.port = value["port"].integer().value_or(0);
  out.protocol = filled_text(value["protocol"], "TCP");
  out.app_protocol = value["appProtocol"].text();
  const IntOrString target = decode_int_or_string(value["targetPort"]);
  out.target_number = target.number;
  out.target_name = target.name;
  if (!out.target_number && out.target_name.empty()) out.target_number = out.port;
  out.node_port = decode_int_or_string(value["nodePort"]).number;
  out.path = path;
  return out;
}

Endpoint decode_endpoint(const Value& value, const std::string& slice_ns) {
  const Value& conditions = value["conditions"];
  const Value& target = value["targetRef"];
  Endpoint out;
  out.addresses = decode_texts(value["addresses"]);
  out.ready = conditions["ready"].boolean().value_or(true);
  out.serving = conditions["serving"].boolean().value_or(out.ready);
  out.terminating = conditions["terminating"].boolean().value_or(false);
  out.target_kind = target["kind"].text();
  out.target_name = target["name"].text();
  if (target.is_object()) out.target_ns = filled_text(target["namespace"], slice_ns);
  out.node = value["nodeName"].text();
  return out;
}

std::string label_text(const Meta& meta, std::string_view key) {
  const std::string* found = label(meta.labels, key);
  return found != nullptr ? *found : std::string();
}

}  // namespace

template <>
Service decode<Service>(const Value& document, Kind kind) {
  const Value& spec = document["spec"];
  Service out;
  out.meta = decode_meta(document, kind);
  out.type = filled_text(spec["type"], "ClusterIP");
  out.cluster_ip = spec["clusterIP"].text();
  out.external_name = spec["externalName"].text();
  out.selector = decode_labels(spec["selector"]);
  out.ports = decode_each(spec["ports"], "spec.ports", decode_port);
  out.publish_not_ready = spec["publishNotReadyAddresses"].boolean().value_or(false);
  out.external_ips = decode_texts(spec["externalIPs"]);
  out.addresses = decode_load_balancer(document["status"]);
  return out;
}

template <>
EndpointSlice decode<EndpointSlice>(const Value& document, Kind kind) {
  EndpointSlice out;
  out.meta = decode_meta(document, kind);
  out.service = label_text(out.meta, "kubernetes.io/service-name");
  out.managed_by = label_text(out.meta, "endpointslice.kubernetes.io/managed-by");
  out.address_type = document["addressType"].text();
  out.endpoints = decode_each(document["endpoints"], "endpoints",
                              [&](const Value& item, const std::string&) { return decode_endpoint(item, out.meta.ref.ns); });
  out.ports = decode_each(document["ports"], "ports", [](const Value& item, const std::string&) {
    return EndpointPort{item["name"].text(), item["port"].integer(), filled_text(item["protocol"], "TCP")};
  });
  return out;
}

}  // namespace gwdoctor

#include "kube/objects/decode.h"
#include "kube/objects/fields.h"

namespace gwdoctor {

namespace {

IngressBackend decode_backend(const Value& value, std::string path) {
  const Value& service = value["service"];
  const Value& resource = value["resource"];
  IngressBackend out;
  out.service = service["name"].text();
  // ServiceBackendPort has one of the two; 0 is Go's way of leaving out the number.
  if (const auto number = service["port"]["number"].integer(); number && *number != 0) out.port = number;
  out.port_name = service["port"]["name"].text();
  out.resource_group = resource["apiGroup"].text();
  out.resource_kind = resource["kind"].text();
  out.resource_name = resource["name"].text();
  out.path = std::move(path);
  return out;
}

IngressPath::Type decode_path_type(const Value& value) {
  if (value.string() == "Exact") return IngressPath::Type::exact;
  if (value.string() == "Prefix") return IngressPath::Type::prefix;
  return IngressPath::Type::implementation_specific;
}

IngressRule decode_rule(const Value& value, const std::string& field) {
  IngressRule out;
  out.host = lower_case(value["host"].text());
  out.field = field;
  out.paths = decode_each(value["http"]["paths"], field + ".http.paths", [](const Value& item, const std::string& at) {
    return IngressPath{item["path"].text(), decode_path_type(item["pathType"]), decode_backend(item["backend"], at + ".backend"),
                       at};
  });
  return out;
}

IngressTls decode_tls(const Value& value, const std::string& field) {
  IngressTls out;
  for (const std::string& host : decode_texts(value["hosts"])) out.hosts.push_back(lower_case(host));
  out.secret = value["secretName"].text();
  out.field = field;
  return out;
}

std::string annotation(const Meta& meta, std::string_view key) {
  const std::string* found = label(meta.annotations, key);
  return found != nullptr ? *found : std::string();
}

}  // namespace

template <>
IngressClass decode<IngressClass>(const Value& document, Kind kind) {
  const Value& spec = document["spec"];
  IngressClass out;
  out.meta = decode_meta(document, kind);
  out.controller = spec["controller"].text();
  out.is_default = annotation(out.meta, "ingressclass.kubernetes.io/is-default-class") == "true";
  out.has_parameters = spec["parameters"].is_object();
  return out;
}

template <>
Ingress decode<Ingress>(const Value& document, Kind kind) {
  const Value& spec = document["spec"];
  Ingress out;
  out.meta = decode_meta(document, kind);
  if (const auto name = spec["ingressClassName"].string()) out.class_name = std::string(*name);
  out.class_annotation = annotation(out.meta, "kubernetes.io/ingress.class");
  if (const Value& backend = spec["defaultBackend"]; backend.is_object()) {
    out.default_backend = decode_backend(backend, "spec.defaultBackend");
  }
  out.rules = decode_each(spec["rules"], "spec.rules", decode_rule);
  out.tls = decode_each(spec["tls"], "spec.tls", decode_tls);
  out.addresses = decode_load_balancer(document["status"]);
  return out;
}

}  // namespace gwdoctor

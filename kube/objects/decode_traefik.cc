#include "kube/objects/decode.h"
#include "kube/objects/fields.h"

namespace gwdoctor {

namespace {

TraefikRef decode_reference(const Value& item, const std::string& path, const std::string& own) {
  const std::string ns = item["namespace"].text();
  return {ns.empty() ? own : ns, item["name"].text(), !ns.empty(), path};
}

std::vector<TraefikRef> decode_references(const Value& list, const std::string& path, const std::string& own) {
  return decode_each(list, path, [&](const Value& item, const std::string& at) { return decode_reference(item, at, own); });
}

TraefikBackend decode_backend(const Value& item, const std::string& path, const std::string& own) {
  TraefikBackend out;
  out.kind = filled_text(item["kind"], "Service");
  out.ns = filled_text(item["namespace"], own);
  out.names_namespace = !item["namespace"].text().empty();
  out.name = item["name"].text();
  const IntOrString port = decode_int_or_string(item["port"]);
  out.port = port.number;
  out.port_name = port.name;
  out.weight = item["weight"].integer();
  out.scheme = item["scheme"].text();
  out.native_lb = item["nativeLB"].boolean();
  out.pass_host = item["passHostHeader"].boolean();
  out.path = path;
  return out;
}

std::vector<TraefikBackend> decode_backends(const Value& list, const std::string& path, const std::string& own) {
  return decode_each(list, path, [&](const Value& item, const std::string& at) { return decode_backend(item, at, own); });
}

std::vector<HeaderField> decode_headers(const Value& object) {
  std::vector<HeaderField> out;
  for (const auto& [name, value] : object.members()) out.push_back({name, value.text()});
  return out;
}

}  // namespace

template <>
IngressRoute decode<IngressRoute>(const Value& document, Kind kind) {
  const Value& spec = document["spec"];
  IngressRoute out;
  out.meta = decode_meta(document, kind);
  const std::string& own = out.meta.ref.ns;
  out.entry_points = decode_texts(spec["entryPoints"]);
  out.routes = decode_each(spec["routes"], "spec.routes", [&](const Value& item, const std::string& path) {
    IngressRoute::Route route;
    route.match = item["match"].text();
    route.syntax = item["syntax"].text();
    route.kind = item["kind"].text();
    route.priority = item["priority"].integer().value_or(0);
    route.services = decode_backends(item["services"], path + ".services", own);
    route.middlewares = decode_references(item["middlewares"], path + ".middlewares", own);
    route.path = path;
    return route;
  });
  const Value& tls = spec["tls"];
  out.has_tls = tls.is_object();
  out.tls_secret = tls["secretName"].text();
  out.cert_resolver = tls["certResolver"].text();
  out.passthrough = tls["passthrough"].boolean().value_or(false);
  if (const std::string* name = label(out.meta.annotations, "kubernetes.io/ingress.class")) out.class_name = *name;
  return out;
}

template <>
Middleware decode<Middleware>(const Value& document, Kind kind) {
  const Value& spec = document["spec"];
  Middleware out;
  out.meta = decode_meta(document, kind);
  if (spec.members().size() == 1) out.type = spec.members().front().first;
  const Value& of = spec[out.type];
  out.prefixes = decode_texts(of[out.type == "stripPrefixRegex" ? "regex" : "prefixes"]);
  out.prefix = of["prefix"].text();
  out.to_path = of["path"].text();
  out.regex = of["regex"].text();
  out.replacement = of["replacement"].text();
  out.scheme = of["scheme"].text();
  out.port = of["port"].text();
  out.permanent = of["permanent"].boolean().value_or(false);
  out.force_slash = of["forceSlash"].boolean().value_or(true);
  out.request_headers = decode_headers(of["customRequestHeaders"]);
  out.response_headers = decode_headers(of["customResponseHeaders"]);
  out.chain = decode_references(of["middlewares"], "spec.chain.middlewares", out.meta.ref.ns);
  out.source_ranges = decode_texts(of["sourceRange"]);
  return out;
}

template <>
TraefikService decode<TraefikService>(const Value& document, Kind kind) {
  const Value& spec = document["spec"];
  TraefikService out;
  out.meta = decode_meta(document, kind);
  const std::string& own = out.meta.ref.ns;
  if (spec.members().size() == 1) out.type = spec.members().front().first;
  out.weighted = decode_backends(spec["weighted"]["services"], "spec.weighted.services", own);
  const Value& mirroring = spec["mirroring"];
  if (mirroring.is_object()) out.mirrored = decode_backend(mirroring, "spec.mirroring", own);
  out.mirrors = decode_backends(mirroring["mirrors"], "spec.mirroring.mirrors", own);
  return out;
}

}  // namespace gwdoctor

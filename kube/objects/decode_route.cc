// The five kinds of route. The defaults are those of the CRDs of Gateway API v1.6.

#include <algorithm>

#include "kube/objects/decode.h"
#include "kube/objects/fields.h"

namespace gwdoctor {

namespace {

struct Scope {
  Kind kind;
  std::string ns;

  [[nodiscard]] bool has_hostnames() const { return kind != Kind::tcp_route && kind != Kind::udp_route; }
  // TLS, TCP and UDP are passed on as they come: nothing of them is matched or changed.
  [[nodiscard]] bool has_matches() const { return kind == Kind::http_route || kind == Kind::grpc_route; }
};

ParentRef decode_parent(const Value& value, const std::string& path, const std::string& ns) {
  ParentRef out;
  static_cast<ObjectRef&>(out) = decode_ref(value, path, "gateway.networking.k8s.io", "Gateway", ns);
  out.section = value["sectionName"].text();
  out.port = value["port"].integer();
  return out;
}

std::vector<ValueMatch> decode_value_matches(const Value& matches) {
  return decode_each(matches, "", [](const Value& item, const std::string&) {
    return ValueMatch{item["name"].text(), filled_text(item["type"], "Exact"), item["value"].text()};
  });
}

ValueMatch decode_path_match(const Value& path) {
  return {"", filled_text(path["type"], "PathPrefix"), filled_text(path["value"], "/")};
}

RouteMatch decode_match(const Value& value, const std::string& path, Kind kind) {
  RouteMatch out;
  out.path_in_document = path;
  out.headers = decode_value_matches(value["headers"]);
  const Value& method = value["method"];
  if (kind == Kind::http_route) {
    out.path = decode_path_match(value["path"]);
    out.method = method.text();
    out.query = decode_value_matches(value["queryParams"]);
  } else if (method.is_object()) {
    out.grpc = ValueMatch{method["service"].text(), filled_text(method["type"], "Exact"), method["method"].text()};
  }
  return out;
}

RouteMatch default_match(Kind kind) {
  RouteMatch out;
  if (kind == Kind::http_route) out.path = ValueMatch{"", "PathPrefix", "/"};
  return out;
}

// The field of a filter that refers to another object, by the filter's type; "" where it has none.
std::string_view target_field(std::string_view type) {
  if (type == "RequestMirror") return "requestMirror";
  if (type == "ExternalAuth") return "externalAuth";
  if (type == "ExtensionRef") return "extensionRef";
  return {};
}

RouteFilter decode_filter(const Value& value, const std::string& path, const std::string& ns) {
  RouteFilter out;
  out.type = value["type"].text();
  out.path = path;
  const std::string_view field = target_field(out.type);
  if (field.empty() || !value[field].is_object()) return out;
  const std::string field_path = path + "." + std::string(field);
  if (out.type == "ExtensionRef") {
    // A LocalObjectReference: it has no namespace, and no field with a default.
    out.target = decode_ref(value[field], field_path, "", "", ns);
    out.target->ns = ns;
    out.target->names_namespace = false;
    return out;
  }
  const Value& backend = value[field]["backendRef"];
  if (!backend.is_object()) return out;
  out.target = decode_ref(backend, field_path + ".backendRef", "", "Service", ns);
  out.target_port = backend["port"].integer();
  return out;
}

std::vector<RouteFilter> decode_filters(const Value& filters, const std::string& path, const Scope& scope) {
  if (!scope.has_matches()) return {};
  return decode_each(filters, path, [&](const Value& item, const std::string& at) { return decode_filter(item, at, scope.ns); });
}

BackendRef decode_backend(const Value& value, const std::string& path, const Scope& scope) {
  BackendRef out;
  static_cast<ObjectRef&>(out) = decode_ref(value, path, "", "Service", scope.ns);
  out.port = value["port"].integer();
  // The CRD admits no other weights; sums of these do not overflow.
  out.weight = std::clamp<std::int64_t>(value["weight"].integer().value_or(1), 0, 1'000'000);
  out.filters = decode_filters(value["filters"], path + ".filters", scope);
  return out;
}

RouteRule decode_rule(const Value& value, const std::string& path, const Scope& scope) {
  RouteRule out;
  out.name = value["name"].text();
  out.path = path;
  if (scope.has_matches()) {
    out.matches = decode_each(value["matches"], path + ".matches",
                              [&](const Value& item, const std::string& at) { return decode_match(item, at, scope.kind); });
  }
  if (out.matches.empty()) out.matches.push_back(default_match(scope.kind));
  out.filters = decode_filters(value["filters"], path + ".filters", scope);
  out.backends = decode_each(value["backendRefs"], path + ".backendRefs",
                             [&](const Value& item, const std::string& at) { return decode_backend(item, at, scope); });
  return out;
}

std::vector<RouteRule> decode_rules(const Value& rules, const Scope& scope) {
  // HTTPRouteSpec.rules is the only one with a default. An empty list is written, and stays empty.
  if (scope.kind == Kind::http_route && !rules.is_array()) return {decode_rule(Value(), "spec.rules[0]", scope)};
  return decode_each(rules, "spec.rules",
                     [&](const Value& item, const std::string& path) { return decode_rule(item, path, scope); });
}

}  // namespace

template <>
Route decode<Route>(const Value& document, Kind kind) {
  const Value& spec = document["spec"];
  Route out;
  out.meta = decode_meta(document, kind);
  out.kind = kind;
  const Scope scope{kind, out.meta.ref.ns};
  out.parents = decode_each(spec["parentRefs"], "spec.parentRefs",
                            [&](const Value& item, const std::string& path) { return decode_parent(item, path, scope.ns); });
  if (scope.has_hostnames()) {
    for (const std::string& hostname : decode_texts(spec["hostnames"])) out.hostnames.push_back(lower_case(hostname));
  }
  out.rules = decode_rules(spec["rules"], scope);
  out.parent_status =
      decode_each(document["status"]["parents"], "status.parents", [&](const Value& item, const std::string& path) {
        return RouteParentStatus{decode_parent(item["parentRef"], path + ".parentRef", scope.ns), item["controllerName"].text(),
                                 decode_conditions(item["conditions"]), path};
      });
  return out;
}

}  // namespace gwdoctor

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

std::vector<HeaderField> decode_header_fields(const Value& fields) {
  return decode_each(fields, "", [](const Value& item, const std::string&) {
    return HeaderField{item["name"].text(), item["value"].text()};
  });
}

HeaderChanges decode_changes(const Value& value) {
  return {decode_header_fields(value["set"]), decode_header_fields(value["add"]), decode_texts(value["remove"])};
}

std::optional<PathChange> decode_path_change(const Value& value) {
  if (!value.is_object()) return std::nullopt;
  const bool whole = value["type"].text() == "ReplaceFullPath";
  return PathChange{whole, value[whole ? "replaceFullPath" : "replacePrefixMatch"].text()};
}

void decode_redirect(const Value& value, RouteFilter& out) {
  const auto given = [](const Value& field) {
    const auto text = field.string();
    return text && !text->empty() ? std::optional<std::string>(lower_case(*text)) : std::nullopt;
  };
  out.scheme = given(value["scheme"]);
  out.hostname = given(value["hostname"]);
  out.path_change = decode_path_change(value["path"]);
  out.port = value["port"].integer();
  out.status = value["statusCode"].integer().value_or(302);
}

// MirrorFilter: `percent`, or a fraction of 100 unless it says of what; a share is never less than none or more than all.
std::optional<double> decode_share(const Value& value) {
  const Value& fraction = value["fraction"];
  if (const auto percent = value["percent"].integer()) return std::clamp(static_cast<double>(*percent) / 100, 0.0, 1.0);
  if (!fraction.is_object()) return std::nullopt;
  const double whole = static_cast<double>(std::max<std::int64_t>(fraction["denominator"].integer().value_or(100), 1));
  return std::clamp(static_cast<double>(fraction["numerator"].integer().value_or(0)) / whole, 0.0, 1.0);
}

CorsRules decode_cors(const Value& value) {
  return {decode_texts(value["allowOrigins"]),
          decode_texts(value["allowMethods"]),
          decode_texts(value["allowHeaders"]),
          decode_texts(value["exposeHeaders"]),
          value["allowCredentials"].boolean().value_or(false),
          value["maxAge"].integer().value_or(5)};
}

// What a filter changes, by its type.
void decode_effect(const Value& value, RouteFilter& out) {
  if (out.type == "RequestHeaderModifier") out.changes = decode_changes(value["requestHeaderModifier"]);
  if (out.type == "ResponseHeaderModifier") out.changes = decode_changes(value["responseHeaderModifier"]);
  if (out.type == "RequestRedirect") decode_redirect(value["requestRedirect"], out);
  if (out.type == "RequestMirror") out.mirrored = decode_share(value["requestMirror"]);
  if (out.type == "CORS") out.cors = decode_cors(value["cors"]);
  if (out.type == "URLRewrite") decode_redirect(value["urlRewrite"], out);
}

RouteFilter decode_filter(const Value& value, const std::string& path, const std::string& ns) {
  RouteFilter out;
  out.type = value["type"].text();
  out.path = path;
  decode_effect(value, out);
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

RouteRetry decode_retry(const Value& value) {
  RouteRetry out;
  for (const Value& code : value["codes"].items()) {
    if (const auto number = code.integer()) out.codes.push_back(*number);
  }
  out.attempts = value["attempts"].integer();
  out.backoff = value["backoff"].text();
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
  out.timeouts = {value["timeouts"]["request"].text(), value["timeouts"]["backendRequest"].text()};
  if (const Value& retry = value["retry"]; retry.is_object()) out.retry = decode_retry(retry);
  if (const Value& session = value["sessionPersistence"]; session.is_object()) {
    out.persistence = {filled_text(session["type"], "Cookie"), session["sessionName"].text(), session["absoluteTimeout"].text(),
                       session["idleTimeout"].text()};
  }
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

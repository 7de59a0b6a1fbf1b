#pragma once
// Gateways with routes in YAML, and requests to them, for the tests of the router.

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "chain/router/gateway_table.h"
#include "tests/unit/world_help.h"

namespace gwdoctor::test {

// A Gateway shop/web of a class whose controller is not known, with these listeners (YAML, in one line each).
inline std::string gateway(std::string_view listeners, std::string_view controller = "example.com/any",
                           std::string_view more = "") {
  return fmt::format(R"(
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: {{name: any}}
spec: {{controllerName: {}}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {{name: web, namespace: shop, generation: 1}}
spec:
  gatewayClassName: any
  listeners:
{}
{}
)",
                     controller, listeners, more);
}

inline constexpr std::string_view http_listener =
    "  - {name: http, protocol: HTTP, port: 80, allowedRoutes: {namespaces: {from: All}}}";

// A route of the namespace shop at the Gateway; `spec` is YAML below spec, indented by two.
inline std::string route(std::string_view name, std::string_view spec, std::string_view created = "2026-11-20T09:00:00Z",
                         std::string_view kind = "HTTPRoute", std::string_view ns = "shop") {
  return fmt::format(R"(
---
apiVersion: gateway.networking.k8s.io/v1
kind: {}
metadata: {{name: {}, namespace: {}, generation: 1, creationTimestamp: {}}}
spec:
  parentRefs: [{{name: web, namespace: shop}}]
{}
)",
                     kind, name, ns, created, spec);
}

inline Request request(std::string_view host, std::string_view path = "/", std::string_view method = "GET") {
  Request out;
  out.scheme = "http";
  out.method = std::string(method);
  out.host = std::string(host);
  out.port = 80;
  const std::size_t question = path.find('?');
  out.path = std::string(path.substr(0, question));
  if (question != std::string_view::npos) out.query = std::string(path.substr(question + 1));
  return out;
}

inline Request https(std::string_view host, std::string_view path = "/") {
  Request out = request(host, path);
  out.scheme = "https";
  out.port = 443;
  out.tls = true;
  out.sni = out.host;
  return out;
}

inline Request call(std::string_view host, std::string_view path) {
  Request out = request(host, path, "POST");
  out.grpc = true;
  return out;
}

// The table of Gateway shop/web, with all that it asks for looked up.
inline GatewayTable table_from(Source& source, std::string_view ns = "shop") {
  Facts facts(noon());
  for (int round = 0; round < 20; ++round) {
    const std::shared_ptr<const GatewayTable> table = gateway_table("shop", "web", ns, facts);
    if (fetch_wanted(facts, source)) continue;
    REQUIRE(table != nullptr);
    return *table;
  }
  FAIL("the table wants more in every round");
  return {};
}

inline GatewayTable table_in(std::string_view yaml, std::string_view ns = "shop") {
  ManifestSource source = cluster(yaml);
  return table_from(source, ns);
}

inline Trace traced(const Request& request, const GatewayTable& table) {
  Question question;
  question.request = request;
  question.ns = "shop";
  return trace_gateway(question, table);
}

inline Trace traced(const Request& request, std::string_view yaml) { return traced(request, table_in(yaml)); }

// Whom the request goes to: "cart" for HTTPRoute cart, "cart#1" for its second rule; the action's name where no route takes it.
inline std::string served(const Request& request, const GatewayTable& table) {
  const Trace trace = traced(request, table);
  if (trace.outcome.route.name.empty()) return std::string(action_name(trace.outcome.action));
  const std::size_t rule = trace.outcome.rule.value_or(0);
  return trace.outcome.route.name + (rule == 0 ? "" : fmt::format("#{}", rule));
}

inline std::string served(const Request& request, std::string_view yaml) { return served(request, table_in(yaml)); }

// Why the first candidate of this route lost.
inline std::string lost(const Trace& trace, std::string_view route) {
  for (const Candidate& candidate : trace.candidates) {
    if (candidate.route.name == route) return candidate.lost;
  }
  return "not told";
}

inline bool noted(const Trace& trace, std::string_view text) {
  for (const std::string& note : trace.outcome.notes) {
    if (note.find(text) != std::string::npos) return true;
  }
  return false;
}

}  // namespace gwdoctor::test

// GRPCRoute (Gateway API v1.6).

#include <doctest/doctest.h>

#include "tests/unit/router_help.h"

using namespace gwdoctor;
using namespace gwdoctor::test;

namespace {

std::string rpc(std::string_view match) {
  return fmt::format("  - {{matches: [{{{}}}], backendRefs: [{{name: b, port: 80}}]}}\n", match);
}

std::string rpcs(std::initializer_list<std::string_view> matches) {
  std::string out = "  rules:\n";
  for (const std::string_view match : matches) out += rpc(match);
  return out;
}

std::string grpc_route(std::string_view name, std::string_view spec, std::string_view created = "2026-11-20T09:00:00Z") {
  return route(name, spec, created, "GRPCRoute");
}

constexpr std::string_view http_rule = "  rules: [{backendRefs: [{name: b, port: 80}]}]";
constexpr std::string_view grpc_rule = "  rules: [{backendRefs: [{name: b, port: 80}]}]";

// What a controller says of a route of generation 1.
std::string status(std::string_view condition) {
  return fmt::format(
      "status:\n  parents:\n  - controllerName: example.com/any\n    parentRef: {{name: web, namespace: shop}}\n"
      "    conditions: [{{{}, reason: X, observedGeneration: 1}}]\n",
      condition);
}

}  // namespace

TEST_CASE("GRPCRouteRule.matches: service and method, service, method, none, in this order") {
  const GatewayTable table = table_in(
      gateway(http_listener) +
      grpc_route("g", rpcs({"", "method: {method: Get}", "method: {service: a.S}", "method: {service: a.S, method: Get}"})));
  CHECK(served(call("x.example", "/a.S/Get"), table) == "g#3");
  CHECK(served(call("x.example", "/a.S/Put"), table) == "g#2");
  CHECK(served(call("x.example", "/a.T/Get"), table) == "g#1");
  CHECK(served(call("x.example", "/a.T/Put"), table) == "g");
  CHECK(traced(call("x.example", "/a.S/Get"), table).candidates.front().lost == "shorter method match (0 < 3)");
}

TEST_CASE("GRPCRouteRule.matches: more header matches go first, then the older route") {
  const GatewayTable table =
      table_in(gateway(http_listener) +
               grpc_route("g", rpcs({"method: {service: a.S}", "method: {service: a.S}, headers: [{name: v, value: \"1\"}]"})) +
               grpc_route("h", rpcs({"method: {service: a.S}"}), "2026-01-01T00:00:00Z"));
  Request asked = call("x.example", "/a.S/Get");
  CHECK(served(asked, table) == "h");
  asked.headers = {{"V", "1"}};
  CHECK(served(asked, table) == "g#1");
}

TEST_CASE("GRPCMethodMatch: Exact is compared with case, RegularExpression by RE2") {
  const GatewayTable table = table_in(
      gateway(http_listener) +
      grpc_route(
          "g", rpcs({"method: {service: a.S}", "method: {type: RegularExpression, service: \"b\\\\..*\", method: \"Get.*\"}"})));
  CHECK(served(call("x.example", "/a.s/Get"), table) == "not-found");
  CHECK(served(call("x.example", "/b.S/GetAll"), table) == "g#1");
  const Trace trace = traced(call("x.example", "/b.S/Put"), table);
  CHECK(trace.outcome.reason == "no rule of the routes on listener http takes the call /b.S/Put");
  CHECK(trace.candidates[0].lost == "gRPC method Put, not like Get.*");
  CHECK(trace.candidates[1].lost == "gRPC service b.S, not a.S");
}

TEST_CASE("GatewaySpec.listeners: a call that no rule takes gets UNIMPLEMENTED") {
  const Trace trace =
      traced(call("x.example", "/b.S/M"), gateway(http_listener) + grpc_route("g", rpcs({"method: {service: a.S}"})));
  CHECK(trace.outcome.action == Action::not_found);
  CHECK(trace.outcome.grpc_status == "UNIMPLEMENTED");
}

TEST_CASE("GRPCRouteRule.backendRefs: without a backend of weight, a call gets UNAVAILABLE") {
  const Outcome out = traced(call("x.example", "/a.S/M"),
                             gateway(http_listener) + grpc_route("g", "  rules: [{matches: [{method: {service: a.S}}]}]"))
                          .outcome;
  CHECK(out.action == Action::respond);
  CHECK(out.grpc_status == "UNAVAILABLE");
  CHECK_FALSE(out.status.has_value());
}

TEST_CASE("a GRPCRoute takes no request that is no gRPC call") {
  const Trace trace = traced(request("x.example", "/a.S/M"), gateway(http_listener) + grpc_route("g", std::string(grpc_rule)));
  CHECK(trace.outcome.action == Action::not_found);
  CHECK(lost(trace, "g") == "the request is no gRPC call");
}

TEST_CASE("an HTTPRoute serves gRPC calls as the HTTP requests that they are") {
  const std::string yaml =
      gateway(http_listener) +
      route("r", "  rules: [{matches: [{path: {value: /a.S}, method: POST}], backendRefs: [{name: b, port: 80}]}]");
  CHECK(served(call("x.example", "/a.S/M"), yaml) == "r");
}

TEST_CASE("GRPCRouteSpec.hostnames: of an HTTPRoute and a GRPCRoute with a hostname in common, only the older is accepted") {
  const std::string both = gateway(http_listener) + route("web", http_rule, "2026-01-01T00:00:00Z") +
                           grpc_route("calls", std::string(grpc_rule), "2026-01-02T00:00:00Z");
  const Trace trace = traced(call("x.example", "/a.S/M"), both);
  CHECK(trace.outcome.route.text() == "HTTPRoute shop/web");
  CHECK(lost(trace, "calls") ==
        "listener http has the older HTTPRoute shop/web with a hostname in common, and takes only one of an HTTPRoute and a "
        "GRPCRoute "
        "for it");
}

TEST_CASE("GRPCRouteSpec.hostnames: of the same age, the first in the alphabet is accepted") {
  const std::string both = gateway(http_listener) + route("zz", http_rule) + grpc_route("aa", std::string(grpc_rule));
  CHECK(served(call("x.example", "/a.S/M"), both) == "aa");
  CHECK(served(request("x.example"), both) == "not-found");
}

TEST_CASE("GRPCRouteSpec.hostnames: routes without a hostname in common stand side by side") {
  const std::string both = gateway(http_listener) + route("web", "  hostnames: [a.example]\n" + std::string(http_rule)) +
                           grpc_route("calls", "  hostnames: [b.example]\n" + std::string(grpc_rule));
  CHECK(served(call("b.example", "/a.S/M"), both) == "calls");
  CHECK(served(request("a.example"), both) == "web");
}

TEST_CASE("GRPCRouteSpec.hostnames: a wildcard has its names in common with an exact one") {
  const std::string both = gateway(http_listener) +
                           route("web", "  hostnames: [\"*.example\"]\n" + std::string(http_rule), "2026-01-01T00:00:00Z") +
                           grpc_route("calls", "  hostnames: [b.example]\n" + std::string(grpc_rule), "2026-01-02T00:00:00Z");
  CHECK(served(call("b.example", "/a.S/M"), both) == "web");
}

TEST_CASE("GRPCRouteSpec.hostnames: where the controller is seen to accept both, both are served, and it is told") {
  std::string calls = grpc_route("calls", std::string(grpc_rule), "2026-01-02T00:00:00Z");
  calls += status("type: Accepted, status: \"True\"");
  const std::string both = gateway(http_listener) + route("web", http_rule, "2026-01-01T00:00:00Z") + calls;
  const Trace trace = traced(call("x.example", "/a.S/M"), both);
  CHECK(trace.outcome.route.text() == "GRPCRoute shop/calls");
  CHECK(noted(trace, "HTTPRoute shop/web takes it as well"));
  CHECK(served(request("x.example"), both) == "web");
}

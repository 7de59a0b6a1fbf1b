// HTTPRouteSpec.hostnames and paths as data planes see them (Gateway API v1.6).

#include <doctest/doctest.h>

#include "tests/unit/router_help.h"

using namespace gwdoctor;
using namespace gwdoctor::test;

namespace {

constexpr std::string_view rule = "  rules: [{backendRefs: [{name: b, port: 80}]}]";

std::string on(std::string_view hostnames) { return fmt::format("  hostnames: [{}]\n{}", hostnames, rule); }

}  // namespace

TEST_CASE("HTTPRouteSpec.hostnames: a wildcard stands for labels of any depth, never for the apex") {
  const GatewayTable table = table_in(gateway(http_listener) + route("r", on("\"*.example.com\"")));
  CHECK(served(request("test.example.com"), table) == "r");
  CHECK(served(request("foo.test.example.com"), table) == "r");
  CHECK(served(request("example.com"), table) == "not-found");
  CHECK(served(request("testexample.com"), table) == "not-found");
  const Trace trace = traced(request("example.com"), table);
  CHECK(trace.outcome.reason == "no route on listener http serves host example.com");
  CHECK(lost(trace, "r") == "hostname example.com, not *.example.com");
}

TEST_CASE("HTTPRouteSpec.hostnames: the port of the Host header does not count") {
  Request asked = request("a.example");
  asked.port = 8080;
  const std::string listener = "  - {name: http, protocol: HTTP, port: 8080, hostname: a.example}";
  CHECK(served(asked, gateway(listener) + route("r", on("a.example"))) == "r");
}

TEST_CASE("HTTPRouteSpec.hostnames: what the listener does not serve is ignored") {
  const GatewayTable table = table_in(gateway("  - {name: wild, protocol: HTTP, port: 80, hostname: \"*.example.com\"}\n"
                                              "  - {name: any, protocol: HTTP, port: 80}") +
                                      route("r", on("test.example.com, test.example.net")));
  CHECK(traced(request("test.example.com"), table).outcome.listener == "wild");
  CHECK(traced(request("test.example.net"), table).outcome.listener == "any");
  REQUIRE(table.listeners[0].entries.size() == 1);
  CHECK(table.listeners[0].entries[0].hostname == "test.example.com");
}

TEST_CASE("HTTPRouteSpec.hostnames: of a wildcard route on an exact listener, the listener's name is left") {
  const GatewayTable table =
      table_in(gateway("  - {name: l, protocol: HTTP, port: 80, hostname: a.example.com}") + route("r", on("\"*.example.com\"")));
  CHECK(traced(request("a.example.com"), table).outcome.hostname == "a.example.com");
}

TEST_CASE("HTTPRouteSpec.hostnames: without any, the route takes the listener's") {
  const GatewayTable table =
      table_in(gateway("  - {name: l, protocol: HTTP, port: 80, hostname: \"*.example.com\"}") + route("r", rule));
  CHECK(traced(request("a.example.com"), table).outcome.hostname == "*.example.com");
}

TEST_CASE("HTTPRouteSpec.hostnames: a route that the listener has no name in common with is not attached") {
  const Trace trace =
      traced(request("a.example.com"),
             gateway("  - {name: l, protocol: HTTP, port: 80, hostname: \"*.example.com\"}") + route("r", on("a.example.net")));
  CHECK(trace.outcome.action == Action::not_found);
  CHECK(lost(trace, "r") == "listener l serves *.example.com, the route names a.example.net");
}

TEST_CASE("HTTPRouteRule.matches: where no rule matches, 404 with the nearest candidates first") {
  const std::string yaml =
      gateway(http_listener) +
      route("r",
            "  hostnames: [a.example]\n  rules:\n  - {matches: [{path: {value: /v1}}], backendRefs: [{name: b, port: 80}]}\n"
            "  - {matches: [{path: {value: /v3}, method: POST}], backendRefs: [{name: b, port: 80}]}\n") +
      route("other", "  hostnames: [b.example]\n  rules: [{matches: [{path: {value: /v2}}]}]");
  const Trace trace = traced(request("a.example", "/v3"), yaml);
  CHECK(trace.outcome.action == Action::not_found);
  CHECK(trace.outcome.status == 404);
  CHECK(trace.outcome.reason == "no rule of the routes on listener http takes GET /v3");
  REQUIRE(trace.candidates.size() == 3);
  CHECK(trace.candidates[0].lost == "method GET, not POST");
  CHECK(trace.candidates[1].lost == "path /v3 is not below /v1");
  CHECK(trace.candidates[2].lost == "hostname a.example, not b.example");
  CHECK_FALSE(trace.candidates[0].matched);
  CHECK(trace.candidates[0].nearness > trace.candidates[1].nearness);
}

TEST_CASE("of a request that is served, the near misses are of its host and listener alone") {
  const std::string yaml =
      gateway(http_listener) +
      route("r",
            "  hostnames: [a.example]\n  rules:\n  - {matches: [{path: {value: /v1}}], backendRefs: [{name: b, port: 80}]}\n"
            "  - {matches: [{path: {value: /v3}}], backendRefs: [{name: b, port: 80}]}\n") +
      route("other", "  hostnames: [b.example]\n  rules: [{matches: [{path: {value: /v1}}]}]");
  const Trace trace = traced(request("a.example", "/v1"), yaml);
  REQUIRE(trace.candidates.size() == 1);
  CHECK(trace.candidates[0].lost == "path /v1 is not below /v3");
}

TEST_CASE("an outcome names its match by the field in the document") {
  const std::string yaml =
      gateway(http_listener) +
      route("r",
            "  rules:\n  - {backendRefs: [{name: b, port: 80}]}\n  - {matches: [{path: {value: /a}}, {path: {value: /b}}]}\n");
  CHECK(traced(request("a.example", "/b"), yaml).outcome.field == "spec.rules[1].matches[1]");
  CHECK(traced(request("a.example", "/"), yaml).outcome.field == "spec.rules[0]");
}

TEST_CASE("a path that data planes treat differently is told with both results") {
  const std::string yaml =
      gateway(http_listener) + route("r",
                                     "  rules:\n  - {matches: [{path: {value: /a/b}}], backendRefs: [{name: b, port: 80}]}\n"
                                     "  - {matches: [{path: {value: /}}], backendRefs: [{name: b, port: 80}]}\n");
  const Trace trace = traced(request("a.example", "/a//b"), yaml);
  CHECK(trace.outcome.rule == 1);
  CHECK(noted(trace, "as it stands, rule 1 of HTTPRoute shop/r takes it; made /a/b, rule 0 of HTTPRoute shop/r takes it"));
  CHECK(traced(request("a.example", "/a/b"), yaml).outcome.notes.empty());
}

TEST_CASE("Envoy Gateway merges slashes, removes dot segments and redirects escaped slashes before it matches") {
  const GatewayTable table =
      table_in(gateway(http_listener, "gateway.envoyproxy.io/gatewayclass-controller") +
               route("r", "  rules:\n  - {matches: [{path: {value: /a/b}}], backendRefs: [{name: b, port: 80}]}\n"));
  CHECK(table.dialect.name == "Envoy Gateway");
  CHECK(served(request("a.example", "/a//b"), table) == "r");
  CHECK(served(request("a.example", "/x/../a/b"), table) == "r");
  const Trace redirected = traced(request("a.example", "/a%2Fb"), table);
  CHECK(redirected.outcome.action == Action::redirect);
  CHECK(redirected.outcome.status == 307);
  CHECK(redirected.outcome.location == "/a/b");
}

TEST_CASE("Istio does not merge slashes; NGINX Gateway Fabric decodes the path") {
  const std::string spec = route("r", "  rules:\n  - {matches: [{path: {value: /a/b}}], backendRefs: [{name: b, port: 80}]}\n");
  CHECK(served(request("a.example", "/a//b"), gateway(http_listener, "istio.io/gateway-controller") + spec) == "not-found");
  CHECK(served(request("a.example", "/x/../a/b"), gateway(http_listener, "istio.io/gateway-controller") + spec) == "r");
  CHECK(served(request("a.example", "/a%2Fb"), gateway(http_listener, "gateway.nginx.org/nginx-gateway-controller") + spec) ==
        "r");
}

TEST_CASE("a data plane that matches the decoded path sends on the one that came") {
  const std::string spec = route("r", "  rules:\n  - {matches: [{path: {value: /a/b}}], backendRefs: [{name: b, port: 80}]}\n");
  const Trace trace =
      traced(request("a.example", "/a%2Fb"), gateway(http_listener, "gateway.nginx.org/nginx-gateway-controller") + spec);
  REQUIRE(trace.outcome.rewritten);
  CHECK(trace.outcome.rewritten->path == "/a%2Fb");
}

TEST_CASE("a controller that is not known goes by the spec alone") {
  const GatewayDialect& dialect = gateway_dialect("nobody");
  CHECK(dialect.id.empty());
  CHECK(dialect.falls_back_over_hostnames);
  CHECK(dialect.isolates_listeners);
  CHECK_FALSE(dialect.regex_known);
  CHECK_FALSE(dialect.path_known);
}

TEST_CASE("every dialect is that of a controller that serves the Gateway API") {
  int found = 0;
  for (const Controller& controller : all_controllers()) {
    const GatewayDialect& dialect = gateway_dialect(controller.id);
    if (dialect.id.empty()) continue;
    CAPTURE(controller.id);
    CHECK_FALSE(controller.gateway_controllers.empty());
    CHECK_FALSE(dialect.version.empty());
    ++found;
  }
  CHECK(found == 12);
}

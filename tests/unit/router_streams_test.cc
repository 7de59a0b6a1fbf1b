// TLSRoute, TCPRoute and UDPRoute (Gateway API v1.6).

#include <doctest/doctest.h>

#include "tests/unit/router_help.h"

using namespace gwdoctor;
using namespace gwdoctor::test;

namespace {

constexpr std::string_view to_b = "  rules: [{backendRefs: [{name: b, port: 443}]}]";

constexpr std::string_view passthrough = "  - {name: tls, protocol: TLS, port: 443, tls: {mode: Passthrough}}";
constexpr std::string_view terminate =
    "  - {name: tls, protocol: TLS, port: 443, hostname: \"*.shop.example\", tls: {mode: Terminate, certificateRefs: [{name: "
    "c}]}}";

std::string tls_route(std::string_view name, std::string_view hosts, std::string_view created = "2026-11-20T09:00:00Z") {
  return route(name, fmt::format("  hostnames: [{}]\n{}", hosts, to_b), created, "TLSRoute");
}

Request stream(std::string_view scheme, std::int64_t port, std::string_view host = "a.shop.example") {
  Request out;
  out.scheme = std::string(scheme);
  out.port = port;
  out.host = std::string(host);
  out.tls = scheme == "tls";
  if (out.tls) out.sni = out.host;
  return out;
}

}  // namespace

TEST_CASE("TLSRouteSpec.hostnames: the SNI chooses the route, the most specific first") {
  const GatewayTable table = table_in(gateway(passthrough) + tls_route("wild", "\"*.shop.example\"", "2026-01-01T00:00:00Z") +
                                      tls_route("exact", "a.shop.example"));
  const Trace trace = traced(stream("tls", 443), table);
  CHECK(trace.outcome.action == Action::forward);
  CHECK(trace.outcome.route.name == "exact");
  CHECK(trace.outcome.hostname == "a.shop.example");
  CHECK(noted(trace, "TLS is passed through"));
  CHECK(lost(trace, "wild") == "less specific hostname, or created later");
  CHECK(served(stream("tls", 443, "b.shop.example"), table) == "wild");
}

TEST_CASE("TLSRouteSpec.hostnames: of equal ones, the oldest route takes the connection") {
  const std::string yaml =
      gateway(passthrough) + tls_route("young", "a.shop.example") + tls_route("old", "a.shop.example", "2026-01-01T00:00:00Z");
  CHECK(served(stream("tls", 443), yaml) == "old");
}

TEST_CASE("a name that no TLSRoute has is turned away") {
  const Trace trace = traced(stream("tls", 443, "other.example"), gateway(passthrough) + tls_route("r", "a.shop.example"));
  CHECK(trace.outcome.action == Action::reject);
  CHECK(trace.outcome.reason == "no route on listener tls serves other.example (SNI)");
  CHECK(lost(trace, "r") == "SNI other.example, not a.shop.example");
}

TEST_CASE("an https request meets a passthrough listener for its name") {
  const Trace trace = traced(https("a.shop.example"), gateway(passthrough) + tls_route("r", "a.shop.example"));
  CHECK(trace.outcome.route.name == "r");
  CHECK(trace.outcome.action == Action::forward);
}

TEST_CASE("a TLS listener that terminates takes TLSRoutes and TCPRoutes; the SNI has to be its own") {
  const std::string tcp = route("tcp", to_b, "2026-11-20T09:00:00Z", "TCPRoute");
  const Trace trace = traced(stream("tls", 443), gateway(terminate) + tcp);
  CHECK(trace.outcome.route.name == "tcp");
  CHECK(noted(trace, "TLS ends at the listener"));
  CHECK(served(stream("tls", 443), gateway(terminate) + tcp + tls_route("tls", "a.shop.example")) == "tls");
  CHECK(traced(stream("tls", 443, "other.example"), gateway(terminate) + tcp).outcome.action == Action::unreachable);
}

TEST_CASE("a TCPRoute does not attach to a TLS listener that passes through") {
  const GatewayTable table = table_in(gateway(passthrough) + route("tcp", to_b, "2026-11-20T09:00:00Z", "TCPRoute"));
  CHECK(table.listeners[0].streams.empty());
  REQUIRE(table.refused.size() == 1);
  CHECK(table.refused[0].why == "listener tls is of protocol TLS, which carries no TCPRoute");
}

TEST_CASE("TLS to an HTTPS listener is no way for another protocol") {
  const Trace trace =
      traced(stream("tls", 443), gateway("  - {name: web, protocol: HTTPS, port: 443, tls: {certificateRefs: [{name: c}]}}"));
  CHECK(trace.outcome.action == Action::reject);
}

TEST_CASE("TCPRoute: the port alone counts, and the oldest route takes all") {
  const GatewayTable table =
      table_in(gateway("  - {name: db, protocol: TCP, port: 5432}") + route("young", to_b, "2026-01-02T00:00:00Z", "TCPRoute") +
               route("old", to_b, "2026-01-01T00:00:00Z", "TCPRoute"));
  const Trace trace = traced(stream("tcp", 5432, ""), table);
  CHECK(trace.outcome.route.name == "old");
  CHECK(trace.outcome.backends.size() == 1);
  CHECK(lost(trace, "young") == "created later, or later in the alphabet: one route takes all connections");
  CHECK(traced(stream("tcp", 5433, ""), table).outcome.action == Action::unreachable);
}

TEST_CASE("UDP and TCP have ports of their own") {
  const GatewayTable table =
      table_in(gateway("  - {name: udp, protocol: UDP, port: 53}\n  - {name: tcp, protocol: TCP, port: 53}") +
               route("u", to_b, "2026-01-02T00:00:00Z", "UDPRoute") + route("t", to_b, "2026-01-02T00:00:00Z", "TCPRoute"));
  CHECK(served(stream("udp", 53, ""), table) == "u");
  CHECK(served(stream("tcp", 53, ""), table) == "t");
}

TEST_CASE("TCPRouteRule.backendRefs: without a backend of weight, connections are refused") {
  const Trace trace = traced(stream("tcp", 5432, ""), gateway("  - {name: db, protocol: TCP, port: 5432}") +
                                                          route("r", "  rules: [{backendRefs: [{name: b, port: 1, weight: 0}]}]",
                                                                "2026-01-02T00:00:00Z", "TCPRoute"));
  CHECK(trace.outcome.action == Action::reject);
}

TEST_CASE("an HTTP request to a TCP listener is carried on unread") {
  Request asked = request("a.example");
  asked.port = 8080;
  const Trace trace =
      traced(asked, gateway("  - {name: raw, protocol: TCP, port: 8080}") + route("r", to_b, "2026-01-02T00:00:00Z", "TCPRoute"));
  CHECK(trace.outcome.action == Action::forward);
  CHECK(noted(trace, "without reading it"));
}

// GatewaySpec.listeners, Listener.hostname, AllowedRoutes, ListenerSet (Gateway API v1.6): which listener a request meets.

#include <doctest/doctest.h>

#include "tests/unit/router_help.h"

using namespace gwdoctor;
using namespace gwdoctor::test;

namespace {

constexpr std::string_view all = "  rules: [{backendRefs: [{name: b, port: 80}]}]";

std::string at(std::string_view section) {
  return fmt::format("  parentRefs: [{{name: web, sectionName: {}}}]\n  rules: [{{backendRefs: [{{name: b, port: 80}}]}}]",
                     section);
}

// A route at one listener alone.
std::string route_at(std::string_view name, std::string_view section) {
  std::string text = route(name, at(section));
  const std::string parents = "  parentRefs: [{name: web, namespace: shop}]\n";
  return text.erase(text.find(parents), parents.size());
}

constexpr std::string_view two_hosts =
    "  - {name: wild, protocol: HTTP, port: 80, hostname: \"*.shop.example\"}\n"
    "  - {name: exact, protocol: HTTP, port: 80, hostname: a.shop.example}\n"
    "  - {name: any, protocol: HTTP, port: 80}";

constexpr std::string_view two_tls =
    "  - {name: wild, protocol: HTTPS, port: 443, hostname: \"*.shop.example\", tls: {certificateRefs: [{name: c}]}}\n"
    "  - {name: exact, protocol: HTTPS, port: 443, hostname: a.shop.example, tls: {certificateRefs: [{name: c}]}}";

std::string listener_set(std::string_view name, std::string_view listeners, std::string_view created = "2026-01-01T00:00:00Z",
                         std::string_view ns = "shop") {
  return fmt::format(R"(
---
apiVersion: gateway.networking.k8s.io/v1
kind: ListenerSet
metadata: {{name: {}, namespace: {}, creationTimestamp: {}}}
spec:
  parentRef: {{name: web, namespace: shop}}
  listeners: [{}]
)",
                     name, ns, created, listeners);
}

std::string set_route(std::string_view name, std::string_view set) {
  return fmt::format(R"(
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {{name: {}, namespace: shop, creationTimestamp: 2026-01-01T00:00:00Z}}
spec:
  parentRefs: [{{kind: ListenerSet, name: {}}}]
  rules: [{{backendRefs: [{{name: b, port: 80}}]}}]
)",
                     name, set);
}

constexpr std::string_view sets_from_same = "  allowedListeners: {namespaces: {from: Same}}";

}  // namespace

TEST_CASE("GatewaySpec.listeners: an exact hostname goes before a wildcard, a wildcard before none") {
  const GatewayTable table = table_in(gateway(two_hosts) + route("r", all));
  CHECK(traced(request("a.shop.example"), table).outcome.listener == "exact");
  CHECK(traced(request("b.shop.example"), table).outcome.listener == "wild");
  CHECK(traced(request("b.c.shop.example"), table).outcome.listener == "wild");
  CHECK(traced(request("shop.example"), table).outcome.listener == "any");
}

TEST_CASE("GatewaySpec.listeners: the longer of two wildcards goes first") {
  const GatewayTable table = table_in(gateway("  - {name: short, protocol: HTTP, port: 80, hostname: \"*.example\"}\n"
                                              "  - {name: long, protocol: HTTP, port: 80, hostname: \"*.shop.example\"}") +
                                      route("r", all));
  CHECK(traced(request("a.shop.example"), table).outcome.listener == "long");
}

TEST_CASE("GatewaySpec.listeners: no falling back from a more specific listener (listener isolation)") {
  GatewayTable table = table_in(gateway(two_hosts) + route_at("wild", "wild") + route_at("any", "any"));
  const Trace trace = traced(request("a.shop.example"), table);
  CHECK(trace.outcome.action == Action::not_found);
  CHECK(trace.outcome.status == 404);
  CHECK(trace.outcome.reason == "no route is attached to listener exact");
  CHECK(lost(trace, "wild") == "listener wild: hostname *.shop.example");
  table.dialect.isolates_listeners = false;
  CHECK(served(request("a.shop.example"), table) == "wild");
}

TEST_CASE("GatewaySpec.listeners: a host that no listener has gets 404") {
  const Trace trace =
      traced(request("other.example"),
             gateway("  - {name: wild, protocol: HTTP, port: 80, hostname: \"*.shop.example\"}") + route("r", all));
  CHECK(trace.outcome.action == Action::not_found);
  CHECK(trace.outcome.reason == "no listener on port 80 serves Host other.example: listener wild (*.shop.example)");
}

TEST_CASE("GatewaySpec.listeners: a port without listener answers nobody") {
  Request asked = request("a.example");
  asked.port = 8080;
  const Trace trace = traced(asked, gateway(http_listener) + route("r", all));
  CHECK(trace.outcome.action == Action::unreachable);
  CHECK(trace.outcome.reason == "Gateway shop/web has no listener on port 8080; its ports are 80 (HTTP)");
  CHECK(lost(trace, "r") == "listener http: port 80");
}

TEST_CASE("GatewaySpec.listeners: plain HTTP does not reach a TLS listener, nor TLS a plain one") {
  Request plain = request("a.shop.example");
  plain.port = 443;
  CHECK(traced(plain, gateway(two_tls) + route("r", all)).outcome.reason ==
        "port 443 of Gateway shop/web speaks HTTPS (listener wild), not http");
  Request tls = https("a.shop.example");
  tls.port = 80;
  CHECK(traced(tls, gateway(http_listener) + route("r", all)).outcome.action == Action::unreachable);
}

TEST_CASE("GatewaySpec.listeners: a protocol of the implementation's own is not predicted") {
  CHECK(traced(request("a.example"), gateway("  - {name: x, protocol: example.com/x, port: 80}")).outcome.action ==
        Action::unknown);
}

TEST_CASE("Listener.hostname: the SNI chooses the listener, exact before wildcard") {
  const GatewayTable table = table_in(gateway(two_tls) + route("r", all));
  CHECK(traced(https("a.shop.example"), table).outcome.listener == "exact");
  CHECK(traced(https("b.shop.example"), table).outcome.listener == "wild");
}

TEST_CASE("Listener.hostname: a name that no TLS listener has ends in the handshake") {
  const Trace trace = traced(https("other.example"), gateway(two_tls) + route("r", all));
  CHECK(trace.outcome.action == Action::unreachable);
  CHECK(trace.outcome.reason ==
        "the TLS handshake fails: no TLS listener on port 443 serves other.example (SNI): listener exact (a.shop.example), "
        "listener "
        "wild (*.shop.example)");
}

TEST_CASE("Listener.hostname: an address sends no SNI and meets only a listener without hostname") {
  Request asked = https("203.0.113.10");
  asked.sni.clear();
  CHECK(traced(asked, gateway(two_tls) + route("r", all)).outcome.action == Action::unreachable);
  const std::string open = "  - {name: open, protocol: HTTPS, port: 443, tls: {certificateRefs: [{name: c}]}}";
  CHECK(traced(asked, gateway(std::string(two_tls) + "\n" + open) + route("r", all)).outcome.listener == "open");
}

TEST_CASE("Listener.hostname: a Host of another listener gets 421 where that is detected") {
  Request asked = https("a.shop.example");
  asked.sni = "b.shop.example";
  GatewayTable table = table_in(gateway(two_tls) + route("r", all));
  const Trace routed = traced(asked, table);
  CHECK(routed.outcome.action == Action::forward);
  CHECK(routed.outcome.listener == "wild");
  CHECK(noted(routed, "421 (Misdirected Request)"));
  table.dialect.detects_misdirected = true;
  const Trace refused = traced(asked, table);
  CHECK(refused.outcome.action == Action::reject);
  CHECK(refused.outcome.status == 421);
}

TEST_CASE("Listener.hostname: a Host that the connection's listener does not serve, and another does, gets 421, else 404") {
  Request asked = https("b.shop.example");
  asked.sni = "a.shop.example";
  GatewayTable table = table_in(gateway(two_tls) + route("r", all));
  CHECK(traced(asked, table).outcome.action == Action::not_found);
  CHECK(noted(traced(asked, table), "421"));
  table.dialect.detects_misdirected = true;
  CHECK(traced(asked, table).outcome.status == 421);
  asked.host = "nobody.example";
  CHECK(traced(asked, table).outcome.status == 404);
  CHECK(traced(asked, table).outcome.reason ==
        "no HTTPS listener on port 443 serves Host nobody.example; the TLS connection is for a.shop.example (listener exact)");
}

TEST_CASE("Contour answers every Host that is not the SNI with 421") {
  Request asked = https("b.shop.example");
  asked.sni = "c.shop.example";
  const Trace trace = traced(asked, gateway(two_tls, "projectcontour.io/gateway-controller") + route("r", all));
  CHECK(trace.outcome.status == 421);
  CHECK(traced(https("b.shop.example"), gateway(two_tls, "projectcontour.io/gateway-controller") + route("r", all))
            .outcome.action == Action::forward);
}

TEST_CASE("AllowedRoutes.kinds: a listener for another kind does not serve the route") {
  const Trace trace = traced(
      request("a.example"),
      gateway("  - {name: http, protocol: HTTP, port: 80, allowedRoutes: {kinds: [{kind: GRPCRoute}]}}") + route("r", all));
  CHECK(trace.outcome.action == Action::not_found);
  CHECK(lost(trace, "r") == "listener http takes GRPCRoute, not HTTPRoute");
}

TEST_CASE("AllowedRoutes.namespaces: a route of another namespace is not served unless admitted") {
  const std::string foreign = route("r", all, "2026-01-01T00:00:00Z", "HTTPRoute", "other");
  const Trace refused = traced(request("a.example"), gateway("  - {name: http, protocol: HTTP, port: 80}") + foreign);
  CHECK(refused.outcome.action == Action::not_found);
  CHECK(lost(refused, "r") == "listener http takes routes from its own namespace alone, not from other");
  CHECK(served(request("a.example"), gateway(http_listener) + foreign) == "r");
}

TEST_CASE("ListenerSet: a Gateway that admits none has none") {
  const std::string set = listener_set("extra", "{name: x, protocol: HTTP, port: 8080}") + set_route("r", "extra");
  Request asked = request("a.example");
  asked.port = 8080;
  const GatewayTable closed = table_in(gateway(http_listener) + set);
  CHECK(traced(asked, closed).outcome.action == Action::unreachable);
  REQUIRE(closed.refused.size() == 1);
  CHECK(closed.refused[0].why == "allowedListeners of Gateway shop/web admits no ListenerSet from shop");
  const Trace open = traced(asked, gateway(http_listener, "example.com/any", sets_from_same) + set);
  CHECK(open.outcome.action == Action::forward);
  CHECK(open.outcome.listener_owner.text() == "ListenerSet shop/extra");
}

TEST_CASE("ListenerSet: a set of a namespace that is not admitted serves nothing") {
  const std::string set = listener_set("extra", "{name: x, protocol: HTTP, port: 8080}", "2026-01-01T00:00:00Z", "other");
  Request asked = request("a.example");
  asked.port = 8080;
  CHECK(traced(asked, gateway(http_listener, "example.com/any", sets_from_same) + set).outcome.action == Action::unreachable);
}

TEST_CASE("ListenerSetSpec.listeners: the Gateway's own listener goes before a ListenerSet's") {
  const std::string yaml = gateway(http_listener, "example.com/any", sets_from_same) +
                           listener_set("extra", "{name: http, protocol: HTTP, port: 80}") + set_route("theirs", "extra") +
                           route("ours", all, "2026-05-01T00:00:00Z");
  CHECK(served(request("a.example"), yaml) == "ours");
  CHECK(lost(traced(request("a.example"), yaml), "theirs") == "listener http of ListenerSet shop/extra is not served");
}

TEST_CASE("ListenerSetSpec.listeners: of two sets, the older is served, then the first in the alphabet") {
  const auto world = [](std::string_view first, std::string_view second) {
    return gateway(http_listener, "example.com/any", sets_from_same) +
           listener_set("a", "{name: x, protocol: HTTP, port: 8080}", first) +
           listener_set("b", "{name: x, protocol: HTTP, port: 8080}", second) + set_route("ra", "a") + set_route("rb", "b");
  };
  Request asked = request("a.example");
  asked.port = 8080;
  CHECK(served(asked, world("2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z")) == "rb");
  CHECK(served(asked, world("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z")) == "ra");
}

TEST_CASE("GatewaySpec.listeners: of listeners of one Gateway that are not distinct, none is served") {
  const Trace trace = traced(request("a.example"), gateway("  - {name: one, protocol: HTTP, port: 80}\n"
                                                           "  - {name: two, protocol: HTTP, port: 80}") +
                                                       route("r", all));
  CHECK(trace.outcome.action == Action::unreachable);
  CHECK(trace.outcome.reason == "listener one on port 80 is not served: it conflicts with another listener of the same port");
}

TEST_CASE("GatewaySpec.listeners: one of two conflicting listeners that its controller is seen to accept is served") {
  const std::string status = R"(status:
  listeners:
  - name: one
    attachedRoutes: 1
    conditions: [{type: Accepted, status: "True", reason: Accepted, observedGeneration: 1}]
)";
  const Trace trace = traced(request("a.example"), gateway("  - {name: one, protocol: HTTP, port: 80}\n"
                                                           "  - {name: two, protocol: HTTP, port: 80}",
                                                           "example.com/any", status) +
                                                       route("r", all));
  CHECK(trace.outcome.listener == "one");
}

TEST_CASE("a listener that its controller refuses is not served") {
  const std::string status = R"(status:
  listeners:
  - name: http
    attachedRoutes: 0
    conditions: [{type: Accepted, status: "False", reason: PortUnavailable, message: port 80 is taken, observedGeneration: 1}]
)";
  const Trace trace = traced(request("a.example"), gateway(http_listener, "example.com/any", status) + route("r", all));
  CHECK(trace.outcome.action == Action::unreachable);
  CHECK(trace.outcome.reason == "listener http on port 80 is not served: Accepted is False, port 80 is taken");
}

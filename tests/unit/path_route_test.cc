// The path of a route: its parents, entrances, legs and streams.
#include <doctest/doctest.h>

#include <algorithm>

#include "chain/path.h"
#include "tests/unit/world_help.h"

using namespace gwdoctor;
using namespace gwdoctor::test;

namespace {

constexpr std::string_view gateway = R"(
{apiVersion: gateway.networking.k8s.io/v1, kind: GatewayClass, metadata: {name: contour}, spec: {controllerName: projectcontour.io/gateway-controller}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: web, namespace: shop}
spec:
  gatewayClassName: contour
  listeners:
  - {name: http, protocol: HTTP, port: 80}
  - {name: https, protocol: HTTPS, port: 443, hostname: "*.shop.example", tls: {certificateRefs: [{name: shop-tls}]}}
---
)";

// A route of this spec below a Gateway that listens for plain HTTP, and for HTTPS below shop.example.
Path path_of(std::string_view spec, std::string_view more = "") {
  return path_in(
      cart_route,
      fmt::format("{}apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {{name: cart, namespace: shop}}\n"
                  "spec: {{{}}}\n{}{}",
                  gateway, spec, more.empty() ? "" : "---\n", more));
}

std::vector<std::string> entrances(const Path& path) {
  std::vector<std::string> out;
  for (const Entrance& entrance : path.entrances)
    out.push_back(entrance.scheme + "://" + entrance.host + ":" + std::to_string(entrance.port));
  return out;
}

std::vector<std::string> backends(const Path& path) {
  std::vector<std::string> out;
  for (const Leg& leg : path.legs) out.push_back(leg.backend == no_index ? "" : path.backends[leg.backend].ref.text());
  return out;
}

Scope of_leg(const Path& path, std::size_t leg) { return path.legs.at(leg).scope; }

using Words = std::vector<std::string>;

constexpr std::string_view to_cart = "parentRefs: [{name: web}], rules: [{backendRefs: [{name: cart, port: 80}]}]";

}  // namespace

TEST_CASE("a route whose target is absent or unreadable has an empty path that says so") {
  CHECK(path_in(cart_route, gateway).state == State::absent);
  ManifestSource source = cluster(gateway);
  source.deny({Kind::http_route, "", {}});
  Facts facts(noon());
  const Path path = path_in(cart_route, facts, source);
  CHECK(path.state == State::unknown);
  CHECK(path.why.reason == Why::Reason::forbidden);
  CHECK(path.streams.empty());
}

TEST_CASE("each listener that takes the route is an entrance, with the hostname in common") {
  const Path path = path_of(to_cart);
  CHECK(path.state == State::present);
  CHECK(entrances(path) == Words{"http://:80", "https://*.shop.example:443"});
  CHECK(path.streams.size() == 2);
  CHECK_FALSE(path.entrances[0].tls);
  CHECK(path.entrances[1].tls);
}

TEST_CASE("streams are every hostname of every listener times every match and backend of every rule") {
  const Path path = path_of(
      "parentRefs: [{name: web}], hostnames: [a.shop.example, b.shop.example], rules: ["
      "{matches: [{path: {value: /a}}, {path: {value: /b}}], backendRefs: [{name: one, port: 80, weight: 3}, {name: two, port: "
      "80, weight: 7}]},"
      "{backendRefs: [{name: one, port: 81}]}]");
  CHECK(path.entrances.size() == 4);
  CHECK(path.legs.size() == 5);
  CHECK(path.streams.size() == 20);
  CHECK(path.backends.size() == 2);
  CHECK(path.legs[1].total_weight == 10);
  CHECK(path.backends[0].scope.count() == 12);
  CHECK(path.backends[1].scope.count() == 8);
  CHECK(path.gateways[0].listeners[1].scope.count() == 10);
  CHECK(path.routes[0].scope.covers(path.all()));
}

TEST_CASE("a backend of weight 0 gets nothing and is no part of the path") {
  const Path path =
      path_of("parentRefs: [{name: web}], rules: [{backendRefs: [{name: one, port: 80}, {name: idle, port: 80, weight: 0}]}]");
  CHECK(backends(path) == Words{"Service shop/one"});
  CHECK(path.backends.size() == 1);
  const Path none = path_of("parentRefs: [{name: web}], rules: [{backendRefs: [{name: idle, port: 80, weight: 0}]}]");
  CHECK(backends(none) == Words{""});
  CHECK(none.legs[0].total_weight == 0);
  CHECK_FALSE(none.legs[0].redirects);
  CHECK(none.streams.size() == 2);
}

TEST_CASE("a redirect answers in place of a backend") {
  const Path path =
      path_of("parentRefs: [{name: web}], rules: [{filters: [{type: RequestRedirect, requestRedirect: {scheme: https}}]}]");
  CHECK(backends(path) == Words{""});
  CHECK(path.legs[0].redirects);
  CHECK(path.streams.size() == 2);
}

TEST_CASE("a parentRef to one listener leaves the others out") {
  const Path path = path_of("parentRefs: [{name: web, sectionName: https}], rules: [{backendRefs: [{name: cart, port: 80}]}]");
  CHECK(entrances(path) == Words{"https://*.shop.example:443"});
  CHECK_FALSE(path.gateways[0].listeners[0].on_path);
  CHECK(path.gateways[0].listeners[1].on_path);
}

TEST_CASE("a route that no listener takes still has its streams, by the listener that came nearest") {
  const Path path = path_of(
      "parentRefs: [{name: web, sectionName: https}], hostnames: [other.example], rules: [{backendRefs: [{name: cart, port: "
      "80}]}]");
  CHECK_FALSE(path.routes[0].parents[0].attached);
  CHECK(path.routes[0].parents[0].attachments[1].state == Attachment::hostname_disjoint);
  CHECK(entrances(path) == Words{"https://other.example:443"});
  const Path nowhere = path_of("parentRefs: [{name: web, sectionName: none}], rules: [{backendRefs: [{name: cart, port: 80}]}]");
  CHECK(entrances(nowhere) == Words{"://:0"});
  CHECK(nowhere.entrances[0].listener == no_index);
  CHECK(nowhere.streams.size() == 1);
}

TEST_CASE("a hostname that no listener serves is lost, while others are served") {
  const Path path = path_of(
      "parentRefs: [{name: web, sectionName: https}], hostnames: [a.shop.example, other.example], "
      "rules: [{backendRefs: [{name: cart, port: 80}]}]");
  CHECK(path.routes[0].lost_hostnames == Words{"other.example"});
  CHECK(entrances(path) == Words{"https://a.shop.example:443", "://other.example:0"});
  CHECK(path.entrances[1].parent == no_index);
  CHECK(path_of(to_cart).routes[0].lost_hostnames.empty());
}

TEST_CASE("a hostname is not lost where another parent may serve it") {
  const Path mesh = path_of(
      "parentRefs: [{name: web, sectionName: https}, {group: '', kind: Service, name: cart}], hostnames: [a.shop.example, "
      "other.example],"
      "rules: [{backendRefs: [{name: cart, port: 80}]}]");
  CHECK(mesh.routes[0].lost_hostnames.empty());
}

TEST_CASE("a Service as parent is a mesh: there is no Gateway, and traffic all the same") {
  const Path path =
      path_of("parentRefs: [{group: '', kind: Service, name: cart}], rules: [{backendRefs: [{name: cart, port: 80}]}]");
  CHECK(path.routes[0].parents[0].target == ParentView::Target::service);
  CHECK(path.gateways.empty());
  CHECK(path.streams.size() == 1);
  const Path other =
      path_of("parentRefs: [{group: example.com, kind: Mesh, name: m}], rules: [{backendRefs: [{name: cart, port: 80}]}]");
  CHECK(other.routes[0].parents[0].target == ParentView::Target::other);
}

TEST_CASE("a ListenerSet as parent brings its own listeners to its Gateway") {
  constexpr std::string_view set = R"(
apiVersion: gateway.networking.k8s.io/v1
kind: ListenerSet
metadata: {name: extra, namespace: shop}
spec:
  parentRef: {name: web}
  listeners: [{name: alt, protocol: HTTP, port: 8080}]
)";
  const Path path = path_of(
      "parentRefs: [{group: gateway.networking.k8s.io, kind: ListenerSet, name: extra}], rules: [{backendRefs: [{name: cart, "
      "port: 80}]}]",
      set);
  REQUIRE(path.routes[0].parents[0].target == ParentView::Target::listener_set);
  REQUIRE(path.gateways.size() == 1);
  REQUIRE(path.gateways[0].listeners.size() == 3);
  CHECK(path.gateways[0].listeners[2].owner.kind == "ListenerSet");
  // The Gateway's own listeners are no part of it.
  CHECK(entrances(path) == Words{"http://:8080"});
  CHECK(path.routes[0].parents[0].attachments.size() == 1);
}

TEST_CASE("a listener's certificate is for the hosts that come in by it, and its streams are the TLS ones") {
  const Path path =
      path_of("parentRefs: [{name: web}], hostnames: [a.shop.example], rules: [{backendRefs: [{name: cart, port: 80}]}]");
  REQUIRE(path.certificates.size() == 1);
  CHECK(path.certificates[0].hosts == Words{"a.shop.example"});
  CHECK(path.certificates[0].path == "spec.listeners[1].tls.certificateRefs[0]");
  CHECK(path.certificates[0].scope.count() == 1);
  CHECK(path.describe(path.certificates[0].scope) == "HTTPS requests for a.shop.example");
}

TEST_CASE("a backend in another namespace needs a grant of that namespace that names it") {
  constexpr std::string_view spec =
      "parentRefs: [{name: web}], rules: [{backendRefs: [{name: cart, namespace: stock, port: 80}]}]";
  CHECK(path_of(spec).grants.at(0).state == GrantView::State::missing);
  const auto granted = [&](std::string_view from, std::string_view to) {
    return path_of(spec, fmt::format("apiVersion: gateway.networking.k8s.io/v1beta1\nkind: ReferenceGrant\nmetadata: {{name: g, "
                                     "namespace: stock}}\n"
                                     "spec: {{from: [{{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: {}}}], to: "
                                     "[{{group: '', kind: Service{}}}]}}\n",
                                     from, to))
        .grants.at(0)
        .state;
  };
  CHECK(granted("shop", "") == GrantView::State::granted);
  CHECK(granted("shop", ", name: cart") == GrantView::State::granted);
  CHECK(granted("shop", ", name: other") == GrantView::State::mismatch);
  CHECK(granted("bank", "") == GrantView::State::mismatch);
  CHECK(path_of(to_cart).grants.empty());
}

TEST_CASE("what part of the traffic a scope is, is said in words") {
  const Path path = path_of(
      "parentRefs: [{name: web}], hostnames: [a.shop.example], rules: ["
      "{matches: [{path: {value: /a}}], backendRefs: [{name: one, port: 80, weight: 3}, {name: two, port: 80, weight: 7}]},"
      "{matches: [{path: {value: /b}}, {path: {type: Exact, value: /c}, method: POST}], backendRefs: [{name: one, port: 80}]}]");
  REQUIRE(path.legs.size() == 4);
  CHECK(path.describe(path.nothing()).empty());
  CHECK(path.describe(path.all()) == "all requests");
  CHECK(path.describe(of_leg(path, 0)) == "about 30 % of requests to /a (weight 3 of 10)");
  CHECK(path.describe(of_leg(path, 0) | of_leg(path, 1)) == "requests to /a");
  CHECK(path.describe(of_leg(path, 0) | of_leg(path, 1) | of_leg(path, 2)) == "requests to /a and requests to /b");
  CHECK(path.describe(of_leg(path, 3)) == "POST requests to exactly /c");
  CHECK(path.describe(path.gateways[0].listeners[1].scope) == "HTTPS requests for a.shop.example");
  CHECK(path.describe(path.gateways[0].listeners[0].scope) == "plain HTTP requests for a.shop.example");
  CHECK(path.describe(path.gateways[0].listeners[1].scope & of_leg(path, 2)) == "some HTTPS requests for a.shop.example");
}

#include <doctest/doctest.h>

#include "tests/unit/traefik_help.h"

using namespace traefik_test;
using dialect_test::has_note;
using dialect_test::lost;
using dialect_test::request;
using dialect_test::served;

// Traefik v3.7: pkg/middlewares/*, pkg/provider/kubernetes/crd/kubernetes_http.go (services).

namespace {

// What becomes of a request that passes one Middleware.
Trace passed(const std::string& spec, const std::string& url, const std::string& method = "GET") {
  Request sent = request(url);
  sent.method = method;
  const std::string world =
      services() + route("web", rule("PathPrefix(`/`)", "web", ", middlewares: [{name: m}]")) + middleware("m", spec);
  return traced(World{world, {}, {}}, sent);
}
std::string path_after(const std::string& spec, const std::string& url) {
  const Trace told = passed(spec, url);
  return told.outcome.rewritten ? told.outcome.rewritten->path : std::string(action_name(told.outcome.action));
}
std::string header_after(const std::string& spec, const std::string& name) {
  const Trace told = passed(spec, "http://shop.example/api/x");
  for (const HeaderField& one : told.outcome.rewritten->headers) {
    if (one.name == name) return one.value;
  }
  return {};
}

struct Row {
  const char* spec;
  const char* url;
  const char* path;
};

}  // namespace

TEST_CASE("Middlewares change the path that the backend sees") {
  const Row rows[] = {
      {"{stripPrefix: {prefixes: [/x, /api]}}", "http://a.example/api/v1?q=1", "/v1?q=1"},
      {"{stripPrefix: {prefixes: [/api]}}", "http://a.example/api", "/"},
      {"{stripPrefix: {prefixes: [/api/]}}", "http://a.example/api/v1", "/v1"},
      {"{stripPrefix: {prefixes: [/api]}}", "http://a.example/other", "/other"},
      {"{stripPrefixRegex: {regex: ['/v[0-9]+']}}", "http://a.example/v12/x", "/x"},
      {"{stripPrefixRegex: {regex: ['/v[0-9]+']}}", "http://a.example/x/v12", "/x/v12"},
      {"{addPrefix: {prefix: /base}}", "http://a.example/x", "/base/x"},
      {"{replacePath: {path: /fixed}}", "http://a.example/x?q=1", "/fixed?q=1"},
      {"{replacePathRegex: {regex: '^/a/(.*)', replacement: '/b/$1'}}", "http://a.example/a/x", "/b/x"},
      {"{replacePathRegex: {regex: '^/a/(.*)', replacement: '/b/$1'}}", "http://a.example/c", "/c"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.spec);
    CAPTURE(row.url);
    CHECK(path_after(row.spec, row.url) == row.path);
  }
  const Trace told = passed("{stripPrefix: {prefixes: [/api]}}", "http://a.example/api/x");
  CHECK(told.outcome.filters == std::vector<std::string>{"Middleware shop/m (stripPrefix)"});
  CHECK(has_note(passed("{stripPrefix: {prefixes: [/api]}}", "http://a.example/x"), "strips nothing"));
}

TEST_CASE("Middlewares change headers and the host") {
  CHECK(header_after("{stripPrefix: {prefixes: [/api]}}", "X-Forwarded-Prefix") == "/api");
  CHECK(header_after("{replacePath: {path: /x}}", "X-Replaced-Path") == "/api/x");
  CHECK(header_after("{headers: {customRequestHeaders: {X-A: '1'}}}", "X-A") == "1");
  const Trace told =
      passed("{headers: {customRequestHeaders: {Host: in.example}, customResponseHeaders: {X-B: '2', Server: ''}}}",
             "http://shop.example/");
  CHECK(told.outcome.rewritten->host == "in.example");
  CHECK(told.outcome.response_headers == std::vector<HeaderField>{{"X-B", "2"}});
  CHECK(told.outcome.response_headers_removed == std::vector<std::string>{"Server"});
}

TEST_CASE("Middlewares redirect") {
  const std::string https = "{redirectScheme: {scheme: https, permanent: true}}";
  CHECK(served(passed(https, "http://shop.example/x?q=1")) == "301 https://shop.example/x?q=1");
  CHECK(served(passed(https, "http://shop.example/x", "POST")) == "308 https://shop.example/x");
  CHECK(served(passed(https, "https://shop.example/x")) == "web");
  CHECK(served(passed("{redirectScheme: {scheme: https, port: '8443'}}", "http://shop.example/")) ==
        "302 https://shop.example:8443/");
  const std::string regex = "{redirectRegex: {regex: '^http://shop.example/(.*)', replacement: 'https://new.example/${1}'}}";
  CHECK(served(passed(regex, "http://shop.example/a/b")) == "302 https://new.example/a/b");
  CHECK(served(passed(regex, "http://other.example/")) == "web");
}

TEST_CASE("a chain is passed in its order, and what may answer is told") {
  const std::string world = services() + route("web", rule("PathPrefix(`/`)", "web", ", middlewares: [{name: all}]")) +
                            middleware("all", "{chain: {middlewares: [{name: strip}, {name: add}, {name: auth}]}}") +
                            middleware("strip", "{stripPrefix: {prefixes: [/api]}}") +
                            middleware("add", "{addPrefix: {prefix: /v1}}") + middleware("auth", "{basicAuth: {secret: users}}");
  const Trace told = traced(world, "http://shop.example/api/x");
  CHECK(told.outcome.rewritten->path == "/v1/x");
  CHECK(told.outcome.filters == std::vector<std::string>{"Middleware shop/strip (stripPrefix)", "Middleware shop/add (addPrefix)",
                                                         "Middleware shop/auth (basicAuth)"});
  CHECK(has_note(told, "Middleware shop/auth answers 401"));
  CHECK(has_note(passed("{ipAllowList: {sourceRange: [10.0.0.0/8]}}", "http://a.example/"),
                 "answers 403 to clients from elsewhere than 10.0.0.0/8"));
}

TEST_CASE("an Ingress passes the Middlewares of its annotation") {
  const std::string annotation = "{traefik.ingress.kubernetes.io/router.middlewares: 'shop-strip@kubernetescrd,auth@file'}";
  const std::string world = services() + ingress("web", "shop.example", "/api", "web", annotation);
  const Trace told = traced(world + middleware("strip", "{stripPrefix: {prefixes: [/api]}}"), "http://shop.example/api/x");
  CHECK(served(told) == "web");
  CHECK(told.outcome.rewritten->path == "/x");
  CHECK(told.outcome.filters == std::vector<std::string>{"Middleware shop/strip (stripPrefix)", "auth@file"});
  CHECK(has_note(told, "auth@file is configured outside of Kubernetes"));
  const Trace missing = traced(world, "http://shop.example/api/x");
  CHECK(missing.outcome.action == Action::not_found);
  CHECK(lost(missing, "web") == "Traefik makes no router of it: no Middleware answers to shop-strip@kubernetescrd");
  World denied{world, {{Kind::middleware, "", {}}}, {}};
  CHECK(served(traced(denied, "http://shop.example/api/x")) == "unknown");
}

TEST_CASE("several services share the requests by their weights") {
  const std::string world =
      services() +
      route("web", "{match: 'PathPrefix(`/`)', services: [{name: web, port: 80, weight: 3}, {name: api, port: http}]}");
  const Trace told = traced(world, "http://shop.example/");
  REQUIRE(told.outcome.backends.size() == 2);
  CHECK(told.outcome.backends[0].share == doctest::Approx(0.75));
  CHECK(told.outcome.backends[1].weight == 1);
  CHECK(told.outcome.backends[1].port_name == "http");
}

TEST_CASE("TraefikServices are followed to Services and mirrors") {
  const std::string to = route("web", "{match: 'PathPrefix(`/`)', services: [{name: split, kind: TraefikService}]}");
  const std::string split = traefik_service(
      "split", "{weighted: {services: [{name: web, port: 80, weight: 1}, {name: copy, kind: TraefikService, weight: 3}]}}");
  const std::string copy =
      traefik_service("copy", "{mirroring: {name: api, port: 80, mirrors: [{name: next, port: 80, percent: 10}]}}");
  const Trace told = traced(services() + to + split + copy, "http://shop.example/");
  REQUIRE(told.outcome.backends.size() == 2);
  CHECK(told.outcome.backends[1].object.name == "api");
  CHECK(told.outcome.backends[1].share == doctest::Approx(0.75));
  REQUIRE(told.outcome.mirrors.size() == 1);
  CHECK(told.outcome.mirrors[0].object.text() == "Service shop/next");
  const Trace missing = traced(services() + to + split, "http://shop.example/");
  CHECK(missing.outcome.action == Action::not_found);
  CHECK(lost(missing, "web") == "Traefik makes no router of it: TraefikService shop/copy does not exist");
}

TEST_CASE("TraefikServices that name each other end") {
  const std::string circle =
      route("web", "{match: 'PathPrefix(`/`)', services: [{name: a, kind: TraefikService}]}") +
      traefik_service("a", "{weighted: {services: [{name: b, kind: TraefikService}, {name: b, kind: TraefikService}]}}") +
      traefik_service("b", "{weighted: {services: [{name: a, kind: TraefikService}, {name: a, kind: TraefikService}]}}");
  CHECK(served(traced(services() + circle, "http://shop.example/")) == "unknown");
}

TEST_CASE("weights that are all 0 leave nobody to answer") {
  const std::string world = services() + route("web", "{match: 'PathPrefix(`/`)', services: [{name: web, port: 80, weight: 0}]}");
  CHECK(served(traced(world, "http://shop.example/")) == "503");
}

TEST_CASE("a Service that may not be read leaves no doubt about the router") {
  World world{services() + route("web", rule("PathPrefix(`/`)", "web")), {{Kind::service, "", {}}}, {}};
  const Trace told = traced(world, "http://shop.example/");
  CHECK(served(told) == "web");
  REQUIRE_FALSE(told.unread.empty());
  CHECK(told.unread.front().wish.kind == Kind::service);
}

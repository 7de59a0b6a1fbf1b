#include <doctest/doctest.h>

#include "chain/router/contour.h"
#include "chain/router/tracer.h"
#include "tests/unit/router_help.h"

using namespace gwdoctor;
using namespace gwdoctor::test;

// Contour 1.33.8 with Envoy 1.40, as seen on its traffic.

namespace {

constexpr std::string_view controller = "projectcontour.io/gateway-controller";
constexpr std::string_view old_day = "2026-11-01T09:00:00Z";

std::string contour(std::string_view listeners = http_listener) { return gateway(listeners, controller); }

// "  hostnames: […]\n  rules: [...]"
std::string spec(std::string_view hosts, std::string_view rules) {
  return fmt::format("  hostnames: [{}]\n  rules:\n{}", hosts, rules);
}

std::string rule(std::string_view matches, std::string_view more = "backendRefs: [{name: one, port: 80}]") {
  return fmt::format("  - {{matches: [{}]{}{}}}\n", matches, more.empty() ? "" : ", ", more);
}

std::string path(std::string_view value, std::string_view type = "PathPrefix", std::string_view more = "") {
  return fmt::format("{{path: {{type: {}, value: \"{}\"}}{}{}}}", type, value, more.empty() ? "" : ", ", more);
}

std::string with_header(std::string_view name, std::string_view value) {
  return fmt::format("headers: [{{name: {}, value: \"{}\"}}]", name, value);
}

std::string with_query(std::string_view value) { return fmt::format("queryParams: [{{name: a, value: \"{}\"}}]", value); }

Request with(Request sent, std::vector<HeaderField> headers) {
  sent.headers = std::move(headers);
  return sent;
}

Request named(Request sent, const std::string& authority) {
  sent.authority = authority;
  return sent;
}

Trace traced_with_backends(const Request& sent, const std::string& yaml) {
  ManifestSource source = cluster(yaml);
  Facts facts(noon());
  Question question;
  question.request = sent;
  question.ns = "shop";
  question.entry = EntryPoint{EntryPoint::Kind::gateway, "shop", "web"};
  for (int round = 0; round < 20; ++round) {
    Trace out = trace(question, facts);
    if (!fetch_wanted(facts, source)) return out;
  }
  FAIL("the trace wants more in every round");
  return {};
}

}  // namespace

TEST_CASE("Contour looks at the rules of the most specific hostname of the port alone") {
  const std::string yaml =
      contour() + route("one", spec("a.example", rule(path("/a")))) + route("wide", spec("\"*.example\"", rule(path("/"))));
  const Trace missed = traced(request("a.example", "/b"), yaml);
  CHECK(missed.outcome.action == Action::not_found);
  CHECK(noted(missed, "Contour 1.33 looks only at the rules of the most specific hostname"));
  CHECK(served(request("a.example", "/a"), yaml) == "one");
  CHECK(served(request("x.y.example", "/b"), yaml) == "wide");
}

TEST_CASE("the listeners of a port share their virtual hosts at Contour") {
  const std::string yaml = contour(
                               "  - {name: http, protocol: HTTP, port: 80}\n"
                               "  - {name: lab, protocol: HTTP, port: 80, hostname: \"*.lab.example\"}") +
                           route("any", "  rules: [{backendRefs: [{name: one, port: 80}]}]\n");
  const Trace trace = traced(request("x.lab.example"), yaml);
  CHECK(trace.outcome.route.name == "any");
  const std::string apart = contour(
                                "  - {name: http, protocol: HTTP, port: 80}\n"
                                "  - {name: lab, protocol: HTTP, port: 80, hostname: \"*.lab.example\"}") +
                            R"(
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: any, namespace: shop, generation: 1, creationTimestamp: 2026-11-20T09:00:00Z}
spec:
  parentRefs: [{name: web, namespace: shop, sectionName: http}]
  rules: [{backendRefs: [{name: one, port: 80}]}]
)";
  const Trace other = traced(request("x.lab.example"), apart);
  CHECK(other.outcome.route.name == "any");
  CHECK(noted(other, "where the Gateway API has listener lab (*.lab.example) alone take the request"));
}

TEST_CASE("a virtual host of Contour exists where a rule is served in it") {
  const std::string yaml =
      contour() + route("none", spec("a.example", rule(path("/"), ""))) + route("wide", spec("\"*.example\"", rule(path("/"))));
  const Trace trace = traced(request("a.example"), yaml);
  CHECK(trace.outcome.route.name == "wide");
  CHECK(noted(trace, "rule 0 has no backendRefs: Contour 1.33 serves no such rule"));
}

TEST_CASE("Contour takes the port out of Host, and no final dot") {
  const std::string yaml = contour() + route("one", spec("a.example", rule(path("/"))));
  CHECK(served(named(request("a.example"), "A.example:99"), yaml) == "one");
  const Trace dotted = traced(named(request("a.example"), "a.example."), yaml);
  CHECK(dotted.outcome.action == Action::not_found);
  const std::string any = yaml + route("any", "  rules: [{backendRefs: [{name: one, port: 80}]}]\n");
  CHECK(served(named(request("a.example"), "a.example."), any) == "any");
  CHECK(noted(traced(named(request("a.example"), "a.example."), any), "a.example. is another host than a.example"));
}

TEST_CASE("a wildcard of a route that is wider than the listener's does not attach at Contour") {
  CHECK(contour_hostnames("*.shop.example", {"*.example"}, {}).empty());
  CHECK(contour_hostnames("api.shop.example", {"*.shop.example"}, {}) == std::vector<std::string>{"api.shop.example"});
  CHECK(contour_hostnames("*.shop.example", {"*.shop.example", "a.b.shop.example"}, {}).size() == 2);
  CHECK(contour_hostnames("", {}, {"x.example"}) == std::vector<std::string>{""});
  const std::string yaml = contour("  - {name: http, protocol: HTTP, port: 80, hostname: \"*.shop.example\"}") +
                           route("wide", spec("\"*.example\"", rule(path("/"))));
  const Trace trace = traced(request("a.shop.example"), yaml);
  CHECK(trace.outcome.action == Action::not_found);
  CHECK(lost(trace, "wide").find("a wildcard that is wider than the listener's does not count") != std::string::npos);
}

TEST_CASE("a hostname of another listener is taken from a route at Contour, whatever the port") {
  const std::vector<std::string> others{"*.shop.example", "pay.example"};
  CHECK(contour_hostnames("", {"www.shop.example", "pay.example", "b.example"}, others) == std::vector<std::string>{"b.example"});
  CHECK(contour_hostnames("", {"*.example"}, others) == std::vector<std::string>{"*.example"});
  const std::string yaml = contour(
                               "  - {name: http, protocol: HTTP, port: 80}\n"
                               "  - {name: alt, protocol: HTTP, port: 8080, hostname: \"*.shop.example\"}") +
                           R"(
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: one, namespace: shop, generation: 1, creationTimestamp: 2026-11-20T09:00:00Z}
spec:
  parentRefs: [{name: web, namespace: shop, sectionName: http}]
  hostnames: [www.shop.example, b.example]
  rules: [{backendRefs: [{name: one, port: 80}]}]
)";
  CHECK(served(request("b.example"), yaml) == "one");
  const Trace trace = traced(request("www.shop.example"), yaml);
  CHECK(trace.outcome.action == Action::not_found);
  CHECK(noted(trace, "Contour 1.33 does not serve it under www.shop.example on listener http"));
}

TEST_CASE("Contour tries Exact, regular expressions and prefixes, the longer text first") {
  const std::string yaml =
      contour() + route("one", spec("a.example", rule(path("/v1/items")) + rule(path("/v[0-9]/.*", "RegularExpression")) +
                                                     rule(path("/v1/items/7", "Exact")) + rule(path("/a")) + rule(path("/a/")) +
                                                     rule(path("^/re$", "RegularExpression"))));
  CHECK(served(request("a.example", "/v1/items/7"), yaml) == "one#2");
  CHECK(served(request("a.example", "/v1/items/8"), yaml) == "one#1");
  CHECK(served(request("a.example", "/a"), yaml) == "one#4");
  CHECK(served(request("a.example", "/re"), yaml) == "one#5");
}

TEST_CASE("Contour goes by the index of a rule in its own route, and not by age") {
  const std::string yaml =
      contour() +
      route("old", spec("a.example", rule(path("/x")) + rule(path("/i", "PathPrefix", with_header("X-A", "a")))), old_day) +
      route("young", spec("a.example", rule(path("/i", "PathPrefix", with_header("X-B", "a")))));
  const Trace trace = traced(with(request("a.example", "/i"), {{"X-A", "a"}, {"X-B", "a"}}), yaml);
  CHECK(trace.outcome.route.name == "young");
  CHECK(lost(trace, "old") == "rule 1 of its route, against rule 0 of the other in Contour");
  CHECK(noted(trace, "where the Gateway API has it the other way round (created later"));
}

TEST_CASE("between equal paths Contour goes by the names of headers, upper case first") {
  const std::string yaml = contour() +
                           route("old", spec("a.example", rule(path("/i", "PathPrefix", with_header("X-Zed", "a")))), old_day) +
                           route("young", spec("a.example", rule(path("/i", "PathPrefix", with_header("X-Abc", "a")))));
  const Request both = with(request("a.example", "/i"), {{"X-Zed", "a"}, {"X-Abc", "a"}});
  CHECK(served(both, yaml) == "young");
  CHECK(lost(traced(both, yaml), "old") ==
        "header or query parameter matches that stand later in the order of Contour (name, type, value)");
  CHECK(served(with(request("a.example", "/i"), {{"X-Zed", "a"}}), yaml) == "old");
}

TEST_CASE("conditions that differ crosswise leave the order of Contour to chance") {
  const auto two = [](std::string_view one, std::string_view other) {
    return rule(fmt::format(
        "{{path: {{type: PathPrefix, value: /i}}, headers: [{{name: {}, value: a}}, {{name: {}, value: a}}]}}", one, other));
  };
  const std::string yaml =
      contour() + route("old", spec("a.example", two("A", "D")), old_day) + route("young", spec("a.example", two("B", "C")));
  const Trace trace = traced(with(request("a.example", "/i"), {{"A", "a"}, {"B", "a"}, {"C", "a"}, {"D", "a"}}), yaml);
  CHECK(trace.outcome.action == Action::unknown);
  CHECK(trace.outcome.reason.find("HTTPRoute shop/young") != std::string::npos);
  CHECK(trace.outcome.reason.find("HTTPRoute shop/old") != std::string::npos);
}

TEST_CASE("Contour leaves a rule out whole of which one match is there already") {
  const std::string yaml = contour() + route("cold", spec("h3.example", rule(path("/i"))), old_day) +
                           route("cnew", spec("h3.example, h4.example", rule(path("/i") + ", " + path("/j")) + rule(path("/k"))));
  CHECK(served(request("h3.example", "/i"), yaml) == "cold");
  CHECK(served(request("h4.example", "/k"), yaml) == "cnew#1");
  const Trace left = traced(request("h4.example", "/j"), yaml);
  CHECK(left.outcome.action == Action::not_found);
  CHECK(noted(
      left, "rule 0 is left out whole: its match 0 is there already for h3.example, by rule 0 of the older HTTPRoute shop/cold"));
  const std::string own = contour() + route("one", spec("a.example", rule(path("/i")) + rule(path("/i") + ", " + path("/j")) +
                                                                         rule(path("/m") + ", " + path("/m"))));
  CHECK(served(request("a.example", "/j"), own) == "not-found");
  CHECK(served(request("a.example", "/m"), own) == "one#2");
}

TEST_CASE("redirects of Contour ignore the query parameters of their matches") {
  const std::string filter = "filters: [{type: RequestRedirect, requestRedirect: {hostname: new.example}}]";
  const std::string yaml = contour() + route("one", spec("a.example", rule(path("/q", "PathPrefix", with_query("1")), filter)));
  CHECK(traced(request("a.example", "/q?a=1"), yaml).outcome.location == "http://new.example/q?a=1");
  const Trace trace = traced(request("a.example", "/q"), yaml);
  CHECK(trace.outcome.location == "http://new.example/q");
  CHECK(noted(trace, "redirects whatever the query is"));
}

TEST_CASE("Contour gives the share of backends that cannot be used to the others") {
  const std::string service = R"(
---
apiVersion: v1
kind: Service
metadata: {name: one, namespace: shop}
spec: {ports: [{port: 80}]}
)";
  const std::string refs = "backendRefs: [{name: gone, port: 80, weight: 9}, {name: one, port: 80}, {name: one, port: 81}]";
  const std::string yaml = contour() + service + route("one", spec("a.example", rule(path("/"), refs)));
  const Trace trace = traced_with_backends(request("a.example"), yaml);
  REQUIRE(trace.outcome.backends.size() == 1);
  CHECK(trace.outcome.backends.front().share == 1);
  CHECK(noted(trace, "leaves Service shop/gone out and gives the other backends its share"));
  const std::string none =
      contour() +
      route("one", spec("a.example", rule(path("/"), "backendRefs: [{name: gone, port: 80}, {name: gone, port: 81}]")));
  CHECK(traced_with_backends(request("a.example"), none).outcome.backends.size() == 2);
}

TEST_CASE("a mirror that does not exist or is not granted gets no copies, and the others do") {
  const std::string service = R"(
---
apiVersion: v1
kind: Service
metadata: {name: one, namespace: shop}
spec: {ports: [{port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: two, namespace: other}
spec: {ports: [{port: 80}]}
)";
  const auto mirror = [](std::string_view backend) {
    return fmt::format("{{type: RequestMirror, requestMirror: {{backendRef: {}}}}}", backend);
  };
  const std::string rules =
      fmt::format("filters: [{}, {}, {}], backendRefs: [{{name: one, port: 80}}]", mirror("{name: gone, port: 80}"),
                  mirror("{name: one, port: 80}"), mirror("{name: two, namespace: other, port: 80}"));
  const Trace trace =
      traced_with_backends(request("a.example"), contour() + service + route("one", spec("a.example", rule(path("/"), rules))));
  REQUIRE(trace.outcome.mirrors.size() == 1);
  CHECK(trace.outcome.mirrors.front().object.text() == "Service shop/one");
  CHECK(noted(trace, "all requests are copied to Service shop/one"));
  CHECK_FALSE(noted(trace, "all requests are copied to Service shop/gone:80"));
  CHECK(noted(trace, "no requests are copied to Service shop/gone: Service shop/gone does not exist"));
  CHECK(noted(trace, "no requests are copied to Service other/two"));
}

TEST_CASE("rules without backendRefs do not stand in the way of others at Contour") {
  const std::string yaml = contour() + route("old", spec("a.example", rule(path("/i"), "")), old_day) +
                           route("young", spec("a.example", rule(path("/i"))));
  CHECK(served(request("a.example", "/i"), yaml) == "young");
}

TEST_CASE("methods are exact at Contour, and unknown ones are refused") {
  const std::string yaml = contour() + route("one", spec("a.example", rule(path("/", "PathPrefix", "method: GET"))));
  CHECK(served(request("a.example", "/", "HEAD"), yaml) == "not-found");
  CHECK(traced(request("a.example", "/", "get"), yaml).outcome.status == 400);
}

TEST_CASE("Contour compares each line of a header by itself") {
  const std::string yaml =
      contour() + route("one", spec("a.example", rule(path("/", "PathPrefix", with_header("X-Env", "a b")))));
  const Trace lines = traced(with(request("a.example"), {{"X-Env", "x"}, {"x-env", "a b"}}), yaml);
  CHECK(lines.outcome.route.name == "one");
  CHECK(noted(lines, "Contour 1.33 compares each line of the header X-Env by itself"));
  CHECK(served(with(request("a.example"), {{"X-Env", "x,a b"}}), yaml) == "not-found");
  CHECK(served(with(request("a.example"), {{"X-Env", "A B"}}), yaml) == "not-found");
}

TEST_CASE("Contour compares the query as it is sent") {
  const std::string yaml = contour() + route("one", spec("a.example", rule(path("/q", "PathPrefix", with_query("x y"))))) +
                           route("two", spec("a.example", rule(path("/r", "PathPrefix", with_query("1")))));
  const Trace trace = traced(request("a.example", "/q?a=x+y"), yaml);
  CHECK(trace.outcome.action == Action::not_found);
  CHECK(noted(trace, "compares the query as it is sent, without decoding it"));
  CHECK(served(request("a.example", "/q?a=x%20y"), yaml) == "not-found");
  CHECK(served(request("a.example", "/r?a=1&a=2"), yaml) == "two");
  CHECK(served(request("a.example", "/r?a=2&a=1"), yaml) == "not-found");
  CHECK(served(request("a.example", "/r?%61=1"), yaml) == "not-found");
  CHECK(served(request("a.example", "/r?b=1;a=1"), yaml) == "not-found");
}

TEST_CASE("Contour replaces a prefix in its own way") {
  struct Row {
    std::string_view prefix, replacement, path, result;
  };
  const Row rows[] = {{"/a", "/", "/a", "/"},
                      {"/a", "", "/a/b", "/b"},
                      {"/a/", "/", "/a/b", "/b"},
                      {"/a/", "/", "/a", "/a"},
                      {"/", "/new", "/v1", "/newv1"},
                      {"/", "/new", "/", "/new"},
                      {"/", "/new/", "/v1", "/new/v1"},
                      {"/a", "/new", "/a", "/new"},
                      {"/a/", "/new", "/a/", "/new/"},
                      {"/a", "/new", "/a/b", "/new/b"},
                      {"/a", "/new/", "/a", "/new/"},
                      {"/a", "/new/", "/a/", "/new//"},
                      {"/a", "/new/", "/a/b", "/new//b"}};
  for (const Row& row : rows) {
    CAPTURE(row.prefix);
    CAPTURE(row.replacement);
    CAPTURE(row.path);
    CHECK(contour_replaced_prefix(row.path, row.prefix, row.replacement) == row.result);
  }
  const std::string rewrite =
      "filters: [{type: URLRewrite, urlRewrite: {path: {type: ReplacePrefixMatch, replacePrefixMatch: /new/}}}], backendRefs: "
      "[{name: "
      "one, port: 80}]";
  const Trace trace =
      traced(request("a.example", "/a/b"), contour() + route("one", spec("a.example", rule(path("/a"), rewrite))));
  CHECK(trace.outcome.rewritten->path == "/new//b");
  CHECK(noted(trace, "Contour 1.33 makes the path /new//b, where the Gateway API has /new/b"));
}

TEST_CASE("the Location of a redirect at Contour") {
  const auto location = [](const RouteFilter& filter, const std::string& authority, bool tls = false) {
    Request sent = tls ? https("a.example", "/p") : request("a.example", "/p");
    sent.authority = authority;
    return contour_redirect(filter, sent, "/p", "/").location;
  };
  RouteFilter plain;
  CHECK(location(plain, "A.example:8080") == "http://A.example:8080/p");
  RouteFilter scheme;
  scheme.scheme = "https";
  CHECK(location(scheme, "a.example:80") == "https://a.example/p");
  CHECK(location(scheme, "a.example:8080") == "https://a.example:8080/p");
  scheme.scheme = "http";
  CHECK(location(scheme, "a.example:443", true) == "http://a.example/p");
  RouteFilter port;
  port.port = 80;
  CHECK(location(port, "a.example:8080") == "http://a.example:80/p");
  port.port = 443;
  CHECK(location(port, "a.example", true) == "https://a.example:443/p");
  RouteFilter host;
  host.hostname = "b.example";
  CHECK(location(host, "a.example:8080") == "http://b.example/p");
  const std::string filter = "filters: [{type: RequestRedirect, requestRedirect: {port: 80, statusCode: 301}}]";
  const Trace trace = traced(request("a.example", "/p"), contour() + route("one", spec("a.example", rule(path("/"), filter))));
  CHECK(trace.outcome.location == "http://a.example:80/p");
  CHECK(noted(trace, "Contour 1.33 redirects to http://a.example:80/p, where the Gateway API has http://a.example/p"));
}

TEST_CASE("header filters of Contour: a second line, Host by add, urlRewrite before both") {
  const std::string filters =
      "filters: [{type: URLRewrite, urlRewrite: {hostname: url.example}}, {type: RequestHeaderModifier, requestHeaderModifier: "
      "{add: "
      "[{name: X-Env, value: b}, {name: Host, value: set.example}]}}], backendRefs: [{name: one, port: 80}]";
  const Trace trace =
      traced(with(request("a.example"), {{"X-Env", "a"}}), contour() + route("one", spec("a.example", rule(path("/"), filters))));
  CHECK(trace.outcome.rewritten->host == "url.example");
  CHECK(trace.outcome.rewritten->headers.size() == 2);
}

TEST_CASE("filters that Contour does not know are as if they were not there, even where it says Accepted False") {
  const std::string filters =
      "filters: [{type: ExtensionRef, extensionRef: {group: example.com, kind: Any, name: x}}], backendRefs: [{name: one, port: "
      "80}]";
  const std::string status = R"(
status:
  parents:
  - controllerName: projectcontour.io/gateway-controller
    parentRef: {name: web, namespace: shop}
    conditions: [{type: Accepted, status: "False", reason: UnsupportedValue, observedGeneration: 1}]
)";
  const Trace trace =
      traced(request("a.example"), contour() + route("one", spec("a.example", rule(path("/"), filters))) + status);
  CHECK(trace.outcome.action == Action::forward);
  CHECK(noted(trace, "Contour 1.33 serves the rule as if its filter ExtensionRef were not there"));
}

TEST_CASE("HTTPS of Contour: a TLS server for each hostname that is served, and 421 for any other Host") {
  const std::string yaml =
      contour(
          "  - {name: https, protocol: HTTPS, port: 443, hostname: \"*.safe.example\", tls: {certificateRefs: [{name: c}]}}") +
      route("one", spec("www.safe.example", rule(path("/"))));
  CHECK(served(https("www.safe.example"), yaml) == "one");
  CHECK(traced(https("new.safe.example"), yaml).outcome.action == Action::unreachable);
  Request other = https("api.safe.example");
  other.sni = "www.safe.example";
  CHECK(traced(other, yaml).outcome.status == 421);
  CHECK(served(named(https("www.safe.example"), "WWW.safe.example:443"), yaml) == "one");
  CHECK(traced(named(https("www.safe.example"), "www.safe.example."), yaml).outcome.status == 421);
}

TEST_CASE("one rule at two listeners of a port with other hostnames is chance at Contour") {
  const std::string yaml = contour(
                               "  - {name: http, protocol: HTTP, port: 80}\n"
                               "  - {name: lab, protocol: HTTP, port: 80, hostname: \"*.lab.example\"}") +
                           route("one", spec("x.lab.example, b.example", rule(path("/"))));
  CHECK(served(request("x.lab.example"), yaml) == "one");
  const Trace trace = traced(request("b.example"), yaml);
  CHECK(trace.outcome.action == Action::unknown);
  CHECK(trace.outcome.reason.find("chance") != std::string::npos);
}

TEST_CASE("paths as Envoy treats them before Contour's routes match") {
  struct Row {
    std::string_view path, treated;
  };
  const Row rows[] = {{"/%61", "/a"},        {"/%7e", "/~"},
                      {"/x/%2e%2E/a", "/a"}, {"/a%2fb", "/a%2fb"},
                      {"/a%5Cb", "/a%5Cb"},  {"/ok/%zz", "/ok/%zz"},
                      {"/a\\b", "/a/b"},     {"/ok/../../../ok", "/ok"},
                      {"/ok/.", "/ok/"},     {"/ok/x/..", "/ok/"},
                      {"//ok", "/ok"},       {"/a//b", "/a/b"},
                      {"//", "//"},          {"///", "//"},
                      {"/ok/..;/x", "/x"},   {"/ok/..;a=b/x", "/x"},
                      {"/ok/.;/x", "/ok/x"}, {"/ok/%2e%2e;/x", "/ok/..;/x"},
                      {"/a;b/c", "/a;b/c"},  {"/a//../b", "/a/b"},
                      {"/%2f..", "/%2f.."},  {"/a/%252e/b", "/a/%252e/b"},
                      {"/..", "/"},          {"/", "/"}};
  for (const Row& row : rows) {
    CAPTURE(row.path);
    CHECK(treat(row.path, gateway_dialect("contour").path).path == row.treated);
  }
  const std::string yaml = contour() + route("one", spec("a.example", rule(path("/", "Exact")) + rule(path("/"))));
  CHECK(served(request("a.example", "//"), yaml) == "one#1");
  CHECK(served(request("a.example", "/"), yaml) == "one");
}

TEST_CASE("what Contour does not do otherwise is told of no request") {
  const std::string yaml = contour() + route("one", spec("a.example", rule(path("/a")) + rule(path("/b"), ""))) +
                           route("two", spec("\"*.example\"", rule(path("/"))), old_day);
  CHECK(traced(request("a.example", "/a"), yaml).outcome.notes.empty());
  CHECK(traced(request("b.example", "/b"), yaml).outcome.notes.empty());
}

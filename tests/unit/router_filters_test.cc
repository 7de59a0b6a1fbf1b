// HTTPRouteFilter, HTTPBackendRef.weight, HTTPRouteRule.backendRefs (Gateway API v1.6): what a rule does to a request.

#include <doctest/doctest.h>

#include "chain/router/filters.h"
#include "tests/unit/router_help.h"

using namespace gwdoctor;
using namespace gwdoctor::test;

namespace {

// A rule by its YAML, on every path.
Outcome of(std::string_view rule, const Request& asked = request("x.example", "/foo/bar?q=1")) {
  return traced(asked, gateway(http_listener) + route("r", fmt::format("  rules: [{{{}}}]", rule))).outcome;
}

constexpr std::string_view to_b = "backendRefs: [{name: b, port: 80}]";

std::string filter(std::string_view filters) { return fmt::format("filters: [{}], {}", filters, to_b); }

std::string headers_text(const std::vector<HeaderField>& headers) {
  std::string out;
  for (const HeaderField& field : headers) out += (out.empty() ? "" : "; ") + field.name + ": " + field.value;
  return out;
}

bool noted(const Outcome& outcome, std::string_view text) {
  return std::any_of(outcome.notes.begin(), outcome.notes.end(),
                     [&](const std::string& note) { return note.find(text) != std::string::npos; });
}

Request with_headers(std::vector<HeaderField> headers) {
  Request out = request("x.example", "/foo/bar?q=1");
  out.headers = std::move(headers);
  return out;
}

}  // namespace

TEST_CASE("a rule without filters forwards the request as it came") {
  const Outcome out = of(to_b);
  CHECK(out.action == Action::forward);
  REQUIRE(out.rewritten);
  CHECK(out.rewritten->host == "x.example");
  CHECK(out.rewritten->path == "/foo/bar?q=1");
  REQUIRE(out.backends.size() == 1);
  CHECK(out.backends[0].object.text() == "Service shop/b");
  CHECK(out.backends[0].port == 80);
  CHECK(out.reason == "rule 0 of HTTPRoute shop/r takes it");
}

TEST_CASE("BackendRef.weight: shares are weights over their sum, and weight 0 gets nothing") {
  const Outcome out = of("backendRefs: [{name: a, port: 80, weight: 3}, {name: b, port: 80, weight: 0}, {name: c, port: 80}]");
  REQUIRE(out.backends.size() == 2);
  CHECK(out.backends[0].share == doctest::Approx(0.75));
  CHECK(out.backends[1].object.name == "c");
  CHECK(out.backends[1].share == doctest::Approx(0.25));
}

TEST_CASE("HTTPRouteRule.backendRefs: with weight 0 alone, or none at all, every request gets 500") {
  const Outcome zero = of("backendRefs: [{name: a, port: 80, weight: 0}]");
  CHECK(zero.action == Action::respond);
  CHECK(zero.status == 500);
  CHECK(zero.reason == "rule 0 of HTTPRoute shop/r takes it and has backendRefs of weight 0 alone");
  const Outcome none = of("matches: [{path: {value: /}}]");
  CHECK(none.status == 500);
  CHECK(none.backends.empty());
}

TEST_CASE("HTTPRouteRule.backendRefs: without any, a filter of the implementation may answer") {
  const Outcome out = of("filters: [{type: ExtensionRef, extensionRef: {group: x.example, kind: Reply, name: ok}}]");
  CHECK(out.action == Action::unknown);
}

TEST_CASE("HTTPHeaderFilter: set replaces, add appends, remove takes away, names in any case") {
  const Outcome out = of(filter("{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: A, value: new}], "
                                "add: [{name: b, value: more}, {name: d, value: one}], remove: [C]}}"),
                         with_headers({{"a", "old"}, {"a", "older"}, {"B", "some"}, {"c", "gone"}}));
  REQUIRE(out.rewritten);
  CHECK(headers_text(out.rewritten->headers) == "B: some,more; A: new; d: one");
  CHECK(out.filters == std::vector<std::string>{"RequestHeaderModifier"});
}

TEST_CASE("HTTPHeaderFilter: a name that is written and removed is told") {
  CHECK(noted(of(filter("{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: a, value: b}], remove: [A]}}")),
              "both written and removed"));
}

TEST_CASE("ResponseHeaderModifier: what is set and removed on the way back") {
  const Outcome out =
      of(filter("{type: ResponseHeaderModifier, responseHeaderModifier: {set: [{name: s, value: '1'}], "
                "add: [{name: t, value: '2'}], remove: [server]}}"));
  CHECK(headers_text(out.response_headers) == "s: 1; t: 2");
  CHECK(out.response_headers_removed == std::vector<std::string>{"server"});
}

TEST_CASE("HTTPPathModifier.replacePrefixMatch: the table of the spec") {
  struct Row {
    const char *path, *prefix, *replacement, *modified;
  };
  constexpr Row rows[] = {
      {"/foo/bar", "/foo", "/xyz", "/xyz/bar"},
      {"/foo/bar", "/foo", "/xyz/", "/xyz/bar"},
      {"/foo/bar", "/foo/", "/xyz", "/xyz/bar"},
      {"/foo/bar", "/foo/", "/xyz/", "/xyz/bar"},
      {"/foo", "/foo", "/xyz", "/xyz"},
      {"/foo/", "/foo", "/xyz", "/xyz/"},
      {"/foo/bar", "/foo", "", "/bar"},
      {"/foo/", "/foo", "", "/"},
      {"/foo", "/foo", "", "/"},
      {"/foo/", "/foo", "/", "/"},
      {"/foo", "/foo", "/", "/"},
      {"/foo/bar", "/", "/xyz", "/xyz/foo/bar"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.path);
    CAPTURE(row.prefix);
    CAPTURE(row.replacement);
    CHECK(replace_prefix(row.path, row.prefix, row.replacement) == row.modified);
  }
}

TEST_CASE("HTTPURLRewriteFilter: hostname and path are changed, the query stays") {
  const Outcome prefix = of("matches: [{path: {value: /foo}}], " +
                            filter("{type: URLRewrite, urlRewrite: {hostname: y.example, path: {type: ReplacePrefixMatch, "
                                   "replacePrefixMatch: /v2}}}"));
  REQUIRE(prefix.rewritten);
  CHECK(prefix.rewritten->host == "y.example");
  CHECK(prefix.rewritten->path == "/v2/bar?q=1");
  const Outcome full = of(filter("{type: URLRewrite, urlRewrite: {path: {type: ReplaceFullPath, replaceFullPath: /all}}}"));
  REQUIRE(full.rewritten);
  CHECK(full.rewritten->host == "x.example");
  CHECK(full.rewritten->path == "/all?q=1");
}

TEST_CASE("HTTPRequestMirrorFilter: the request is copied, in its share") {
  const Outcome all = of(filter("{type: RequestMirror, requestMirror: {backendRef: {name: m, port: 80}}}"));
  REQUIRE(all.mirrors.size() == 1);
  CHECK(all.mirrors[0].object.text() == "Service shop/m");
  CHECK(noted(all, "all requests are copied to Service shop/m:80"));
  CHECK(noted(of(filter("{type: RequestMirror, requestMirror: {backendRef: {name: m, port: 80}, percent: 20}}")),
              "20 % of requests are copied"));
  CHECK(of(filter("{type: RequestMirror, requestMirror: {backendRef: {name: m, port: 80}, percent: 0}}")).mirrors.empty());
}

TEST_CASE("filters of the implementation are named, with an effect that is not known") {
  CHECK(noted(of(filter("{type: ExtensionRef, extensionRef: {group: x.example, kind: Limit, name: slow}}")), "Limit shop/slow"));
  CHECK(noted(of(filter("{type: ExternalAuth, externalAuth: {protocol: HTTP, backendRef: {name: auth, port: 80}}}")),
              "Service shop/auth is asked first"));
  CHECK(noted(of(filter("{type: Teapot}")), "the filter Teapot is not one of the Gateway API"));
}

TEST_CASE("several filters work in the order in which they stand") {
  const Outcome out =
      of(filter("{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: a, value: b}]}}, "
                "{type: URLRewrite, urlRewrite: {hostname: y.example}}, "
                "{type: RequestMirror, requestMirror: {backendRef: {name: m, port: 80}}}"));
  CHECK(out.filters == std::vector<std::string>{"RequestHeaderModifier", "URLRewrite", "RequestMirror"});
  CHECK(out.rewritten->host == "y.example");
}

TEST_CASE("HTTPBackendRef.filters: those of the only backend work on every request, else on its share alone") {
  constexpr std::string_view modifier =
      "filters: [{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: a, value: b}]}}]";
  const Outcome one = of(fmt::format("backendRefs: [{{name: b, port: 80, {}}}]", modifier));
  CHECK(headers_text(one.rewritten->headers) == "a: b");
  const Outcome two = of(fmt::format("backendRefs: [{{name: b, port: 80, {}}}, {{name: c, port: 80}}]", modifier));
  CHECK(two.rewritten->headers.empty());
  CHECK(noted(two, "RequestHeaderModifier of Service shop/b:80 works on the requests that go there alone"));
}

TEST_CASE("HTTPCORSFilter: a preflight is answered by the data plane") {
  constexpr std::string_view cors =
      "{type: CORS, cors: {allowOrigins: [\"https://*.example\"], allowMethods: [GET, PUT], allowHeaders: [x-a], maxAge: 60, "
      "allowCredentials: true}}";
  Request preflight = with_headers(
      {{"Origin", "https://a.b.example"}, {"Access-Control-Request-Method", "PUT"}, {"Access-Control-Request-Headers", "x-a"}});
  preflight.method = "OPTIONS";
  const Outcome out = of(filter(cors), preflight);
  CHECK(out.action == Action::respond);
  CHECK(out.status == 200);
  CHECK(headers_text(out.response_headers) ==
        "Access-Control-Allow-Origin: https://a.b.example; Access-Control-Allow-Credentials: true; Access-Control-Allow-Methods: "
        "GET, "
        "PUT; Access-Control-Allow-Headers: x-a; Access-Control-Max-Age: 60");
  CHECK(out.backends.empty());
}

TEST_CASE("HTTPCORSFilter: a foreign origin gets no CORS headers") {
  constexpr std::string_view cors = "{type: CORS, cors: {allowOrigins: [\"https://*.example\"]}}";
  Request preflight = with_headers({{"Origin", "https://evil.test"}, {"Access-Control-Request-Method", "PUT"}});
  preflight.method = "OPTIONS";
  CHECK(of(filter(cors), preflight).response_headers.empty());
  const Outcome actual = of(filter(cors), with_headers({{"Origin", "http://a.example"}}));
  CHECK(actual.action == Action::forward);
  CHECK(actual.response_headers.empty());
  CHECK(noted(actual, "a browser withholds the answer"));
}

TEST_CASE("HTTPCORSFilter.allowOrigins: schemes, ports and wildcards") {
  const auto allowed = [](std::string_view one, std::string_view origin) {
    const Outcome out = of(filter(fmt::format("{{type: CORS, cors: {{allowOrigins: [\"{}\"]}}}}", one)),
                           with_headers({{"origin", std::string(origin)}}));
    return !out.response_headers.empty();
  };
  CHECK(allowed("*", "https://any.test"));
  CHECK(allowed("https://a.example", "https://a.example"));
  CHECK(allowed("https://a.example", "https://a.example:443"));
  CHECK(allowed("http://a.example:8080", "http://a.example:8080"));
  CHECK(allowed("https://*", "https://x.y"));
  CHECK_FALSE(allowed("https://a.example", "http://a.example"));
  CHECK_FALSE(allowed("https://a.example", "https://a.example:8443"));
  CHECK_FALSE(allowed("https://*.example", "https://example"));
}

TEST_CASE("HTTPCORSFilter: any origin without credentials is answered with *") {
  const Outcome out =
      of(filter("{type: CORS, cors: {allowOrigins: [\"*\"], exposeHeaders: [x-id]}}"), with_headers({{"Origin", "http://a.b"}}));
  CHECK(headers_text(out.response_headers) == "Access-Control-Allow-Origin: *; Access-Control-Expose-Headers: x-id");
}

TEST_CASE("timeouts, retries and session persistence are told") {
  const Outcome out = of(std::string(to_b) +
                         ", timeouts: {request: 10s, backendRequest: 0s}, retry: {codes: [500, 503], attempts: 3, "
                         "backoff: 100ms}, sessionPersistence: {type: Header, sessionName: x-s}");
  CHECK(noted(out, "the whole request may take 10s"));
  CHECK(noted(out, "no timeout for the answer of the backend (0s)"));
  CHECK(noted(out, "failed requests are tried again up to 3 times on 500, 503, after 100ms"));
  CHECK(noted(out, "a session keeps its backend, by Header x-s"));
}

// HTTPRouteMatch (Gateway API v1.6): whether a request meets the conditions of one match.

#include <doctest/doctest.h>

#include "tests/unit/router_help.h"

using namespace gwdoctor;
using namespace gwdoctor::test;

namespace {

using Verdict = MatchResult::Verdict;

RouteMatch on_path(std::string type, std::string value) {
  RouteMatch match;
  match.path = ValueMatch{"", std::move(type), std::move(value)};
  return match;
}

RouteMatch on_header(std::vector<ValueMatch> headers) {
  RouteMatch match;
  match.headers = std::move(headers);
  return match;
}

RouteMatch on_query(std::vector<ValueMatch> query) {
  RouteMatch match;
  match.query = std::move(query);
  return match;
}

Request with_headers(std::vector<HeaderField> headers) {
  Request out = request("x.example");
  out.headers = std::move(headers);
  return out;
}

MatchResult result(const RouteMatch& match, const Request& asked) {
  return match_request(match, Kind::http_route, asked, asked.path, GatewayDialect{});
}

bool takes(const RouteMatch& match, const Request& asked) { return result(match, asked).verdict == Verdict::yes; }

}  // namespace

TEST_CASE("HTTPPathMatch: a PathPrefix matches by path elements, whatever its trailing slash") {
  for (const char* prefix : {"/abc", "/abc/"}) {
    CAPTURE(prefix);
    const RouteMatch match = on_path("PathPrefix", prefix);
    CHECK(takes(match, request("x.example", "/abc")));
    CHECK(takes(match, request("x.example", "/abc/")));
    CHECK(takes(match, request("x.example", "/abc/def")));
    CHECK_FALSE(takes(match, request("x.example", "/abcd")));
    CHECK_FALSE(takes(match, request("x.example", "/ABC")));
  }
  CHECK(result(on_path("PathPrefix", "/v1"), request("x.example", "/v2")).failed == "path /v2 is not below /v1");
}

TEST_CASE("HTTPPathMatch: without a path, a match takes every path") {
  CHECK(takes(RouteMatch{}, request("x.example", "/any/thing")));
}

TEST_CASE("HTTPPathMatch: an Exact path is the whole path, case and trailing slash included") {
  const RouteMatch match = on_path("Exact", "/one");
  CHECK(takes(match, request("x.example", "/one")));
  CHECK(takes(match, request("x.example", "/one?query=1")));
  CHECK_FALSE(takes(match, request("x.example", "/one/")));
  CHECK_FALSE(takes(match, request("x.example", "/One")));
  CHECK(result(match, request("x.example", "/two")).failed == "path /two is not /one");
}

TEST_CASE("HTTPPathMatch: a RegularExpression takes what RE2 says") {
  CHECK(takes(on_path("RegularExpression", "/v[12]/.*"), request("x.example", "/v2/items")));
  CHECK_FALSE(takes(on_path("RegularExpression", "/v[12]/.*"), request("x.example", "/v3/items")));
  CHECK(result(on_path("RegularExpression", "/v[12]"), request("x.example", "/v3")).failed == "path /v3 does not match /v[12]");
}

TEST_CASE("HTTPPathMatch: a RegularExpression that takes a part of the path depends on how the implementation anchors it") {
  const RouteMatch match = on_path("RegularExpression", "/v1");
  const Request asked = request("x.example", "/api/v1/items");
  CHECK(result(match, asked).verdict == Verdict::unknown);
  GatewayDialect dialect;
  dialect.regex_known = true;
  const auto verdict = [&](RegexAnchors anchors) {
    dialect.regex_anchors = anchors;
    return match_request(match, Kind::http_route, asked, asked.path, dialect).verdict;
  };
  CHECK(verdict(RegexAnchors::whole_path) == Verdict::no);
  CHECK(verdict(RegexAnchors::from_start) == Verdict::no);
  CHECK(verdict(RegexAnchors::anywhere) == Verdict::yes);
}

TEST_CASE("HTTPPathMatch: a pattern beyond RE2 cannot be judged, and says why") {
  const MatchResult broken = result(on_path("RegularExpression", "/(?=v1)"), request("x.example", "/v1"));
  CHECK(broken.verdict == Verdict::unknown);
  CHECK(broken.failed.find("the regular expression /(?=v1) of the path cannot be judged by RE2's rules: ") == 0);
}

TEST_CASE("HTTPPathMatch: a type that the spec does not define cannot be judged") {
  CHECK(result(on_path("Glob", "/*"), request("x.example", "/v1")).verdict == Verdict::unknown);
}

TEST_CASE("HTTPRouteMatch.method: methods are compared with case") {
  RouteMatch match;
  match.method = "GET";
  CHECK(takes(match, request("x.example", "/", "GET")));
  CHECK_FALSE(takes(match, request("x.example", "/", "get")));
  CHECK(result(match, request("x.example", "/", "POST")).failed == "method POST, not GET");
}

TEST_CASE("HTTPHeaderMatch: the name is compared without case, the value with it") {
  const RouteMatch match = on_header({{"X-Tenant", "Exact", "blue"}});
  CHECK(takes(match, with_headers({{"x-tenant", "blue"}})));
  CHECK_FALSE(takes(match, with_headers({{"x-tenant", "Blue"}})));
  CHECK(result(match, with_headers({{"x-tenant", "green"}})).failed == "header X-Tenant is green, not blue");
  CHECK(result(match, with_headers({})).failed == "no header X-Tenant, wanted blue");
}

TEST_CASE("HTTPHeaderMatch.name: of several matches for one name, only the first counts") {
  const RouteMatch match = on_header({{"version", "Exact", "one"}, {"Version", "Exact", "two"}});
  CHECK(takes(match, with_headers({{"version", "one"}})));
  CHECK_FALSE(takes(match, with_headers({{"version", "two"}})));
}

TEST_CASE("HTTPHeaderMatch: a header sent several times is one list (RFC 9110, 5.3)") {
  const RouteMatch match = on_header({{"color", "RegularExpression", "red, ?blue"}});
  CHECK(takes(match, with_headers({{"color", "red"}, {"Color", "blue"}})));
}

TEST_CASE("HTTPHeaderMatch: all of several headers are wanted") {
  const RouteMatch match = on_header({{"a", "Exact", "1"}, {"b", "Exact", "2"}});
  CHECK(takes(match, with_headers({{"b", "2"}, {"a", "1"}})));
  const MatchResult half = result(match, with_headers({{"a", "1"}}));
  CHECK(half.verdict == Verdict::no);
  CHECK(half.met == 2);
}

TEST_CASE("HTTPQueryParamMatch: names and values are compared as they are, the first of repeated ones") {
  const RouteMatch match = on_query({{"animal", "Exact", "whale"}});
  CHECK(takes(match, request("x.example", "/?animal=whale&animal=cat")));
  CHECK_FALSE(takes(match, request("x.example", "/?animal=cat&animal=whale")));
  CHECK_FALSE(takes(match, request("x.example", "/?Animal=whale")));
  CHECK(result(match, request("x.example", "/?animal=cat")).failed == "query parameter animal is cat, not whale");
  CHECK(result(match, request("x.example", "/")).failed == "no query parameter animal, wanted whale");
}

TEST_CASE("HTTPQueryParamMatch.name: of several matches for one name, only the first counts") {
  const RouteMatch match = on_query({{"animal", "Exact", "whale"}, {"animal", "Exact", "cat"}});
  CHECK(takes(match, request("x.example", "/?animal=whale")));
  CHECK_FALSE(takes(match, request("x.example", "/?animal=cat")));
}

TEST_CASE("HTTPQueryParamMatch: a RegularExpression is one as for headers") {
  CHECK(takes(on_query({{"n", "RegularExpression", "[0-9]+"}}), request("x.example", "/?n=12")));
  CHECK_FALSE(takes(on_query({{"n", "RegularExpression", "[0-9]+"}}), request("x.example", "/?n=x")));
}

TEST_CASE("a condition that fails outweighs one that cannot be judged") {
  RouteMatch match = on_path("RegularExpression", "/(?=v1)");
  match.method = "POST";
  CHECK(result(match, request("x.example", "/v1")).verdict == Verdict::no);
}

TEST_CASE("a request goes nowhere certain where a pattern that cannot be judged stands before the match that takes it") {
  const std::string yaml =
      gateway(http_listener) +
      route("a",
            "  rules:\n  - {matches: [{path: {type: RegularExpression, value: \"/(?=v1)v1\"}, method: GET}]}\n"
            "  - {matches: [{path: {value: /v1}}], backendRefs: [{name: b, port: 80}]}\n");
  const Trace trace = traced(request("x.example", "/v1"), yaml);
  CHECK(trace.outcome.action == Action::unknown);
  CHECK(noted(trace, "if it does not, rule 1 of HTTPRoute shop/a takes the request"));
  CHECK(traced(request("x.example", "/v1", "POST"), yaml).outcome.action == Action::forward);
}

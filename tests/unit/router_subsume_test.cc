// subsumes() and example_request(): what checks make of matches.

#include <doctest/doctest.h>

#include "tests/unit/router_help.h"

using namespace gwdoctor;
using namespace gwdoctor::test;

namespace {

RouteMatch on(std::string type, std::string value, std::string method = "", std::vector<ValueMatch> headers = {},
              std::vector<ValueMatch> query = {}) {
  RouteMatch match;
  match.path = ValueMatch{"", std::move(type), std::move(value)};
  match.method = std::move(method);
  match.headers = std::move(headers);
  match.query = std::move(query);
  return match;
}

RouteMatch rpc(std::string service, std::string method, std::string type = "Exact") {
  RouteMatch match;
  match.grpc = ValueMatch{std::move(service), std::move(type), std::move(method)};
  return match;
}

bool covers_http(const RouteMatch& outer, const RouteMatch& inner) { return subsumes(outer, inner, Kind::http_route); }

// What the match's example is, and that the match takes it.
std::string example(const RouteMatch& match, Kind kind = Kind::http_route, std::string_view hostname = "a.example") {
  const std::optional<Request> made = example_request(match, kind, hostname, "http", 80);
  if (!made) return "none";
  CHECK(match_request(match, kind, *made, made->path, GatewayDialect{}).verdict == MatchResult::Verdict::yes);
  return made->method + " " + made->host + made->path + (made->query.empty() ? "" : "?" + made->query);
}

}  // namespace

TEST_CASE("a prefix takes all that a longer prefix or an exact path below it takes") {
  CHECK(covers_http(on("PathPrefix", "/a"), on("PathPrefix", "/a/b")));
  CHECK(covers_http(on("PathPrefix", "/a"), on("PathPrefix", "/a/")));
  CHECK(covers_http(on("PathPrefix", "/a/"), on("PathPrefix", "/a")));
  CHECK(covers_http(on("PathPrefix", "/a"), on("Exact", "/a/b")));
  CHECK(covers_http(RouteMatch{}, on("RegularExpression", "/x.*")));
  CHECK_FALSE(covers_http(on("PathPrefix", "/a/b"), on("PathPrefix", "/a")));
  CHECK_FALSE(covers_http(on("PathPrefix", "/a"), on("PathPrefix", "/ab")));
  CHECK_FALSE(covers_http(on("PathPrefix", "/a"), on("RegularExpression", "/a/.*")));
}

TEST_CASE("an exact path takes only itself") {
  CHECK(covers_http(on("Exact", "/a"), on("Exact", "/a")));
  CHECK_FALSE(covers_http(on("Exact", "/a"), on("Exact", "/a/")));
  CHECK_FALSE(covers_http(on("Exact", "/a"), on("PathPrefix", "/a")));
}

TEST_CASE("a regular expression takes itself, and paths that it takes whole") {
  CHECK(covers_http(on("RegularExpression", "/a[0-9]"), on("RegularExpression", "/a[0-9]")));
  CHECK(covers_http(on("RegularExpression", "/a[0-9]"), on("Exact", "/a7")));
  CHECK(covers_http(on("RegularExpression", "/.*"), on("PathPrefix", "/a")));
  CHECK_FALSE(covers_http(on("RegularExpression", "/a[0-9]"), on("Exact", "/a77")));
  CHECK_FALSE(covers_http(on("RegularExpression", "/a.*"), on("PathPrefix", "/a")));
  CHECK_FALSE(covers_http(on("RegularExpression", "/(?=a)"), on("Exact", "/a")));
}

TEST_CASE("a match without a condition takes what one with it takes, not the other way round") {
  const RouteMatch plain = on("PathPrefix", "/");
  const RouteMatch get = on("PathPrefix", "/", "GET");
  const RouteMatch header = on("PathPrefix", "/", "", {{"X-A", "Exact", "1"}});
  const RouteMatch query = on("PathPrefix", "/", "", {}, {{"q", "Exact", "1"}});
  for (const RouteMatch& narrow : {get, header, query}) {
    CHECK(covers_http(plain, narrow));
    CHECK_FALSE(covers_http(narrow, plain));
    CHECK(covers_http(narrow, narrow));
  }
  CHECK_FALSE(covers_http(get, on("PathPrefix", "/", "POST")));
}

TEST_CASE("headers are compared by name in any case, query parameters by their very name") {
  CHECK(covers_http(on("PathPrefix", "/", "", {{"X-A", "Exact", "1"}}), on("PathPrefix", "/", "", {{"x-a", "Exact", "1"}})));
  CHECK_FALSE(
      covers_http(on("PathPrefix", "/", "", {{"X-A", "Exact", "1"}}), on("PathPrefix", "/", "", {{"x-a", "Exact", "2"}})));
  CHECK(covers_http(on("PathPrefix", "/", "", {{"x", "RegularExpression", "[0-9]+"}}),
                    on("PathPrefix", "/", "", {{"x", "Exact", "12"}})));
  CHECK_FALSE(
      covers_http(on("PathPrefix", "/", "", {}, {{"Q", "Exact", "1"}}), on("PathPrefix", "/", "", {}, {{"q", "Exact", "1"}})));
}

TEST_CASE("a second match for the same header does not count on either side") {
  const RouteMatch twice = on("PathPrefix", "/", "", {{"a", "Exact", "1"}, {"A", "Exact", "2"}});
  const RouteMatch once = on("PathPrefix", "/", "", {{"a", "Exact", "1"}});
  CHECK(covers_http(twice, once));
  CHECK_FALSE(covers_http(on("PathPrefix", "/", "", {{"a", "Exact", "2"}}), twice));
}

TEST_CASE("GRPCMethodMatch: a service takes its methods") {
  const auto over = [](const RouteMatch& outer, const RouteMatch& inner) { return subsumes(outer, inner, Kind::grpc_route); };
  CHECK(over(RouteMatch{}, rpc("a.S", "M")));
  CHECK(over(rpc("a.S", ""), rpc("a.S", "M")));
  CHECK(over(rpc("", "M"), rpc("a.S", "M")));
  CHECK(over(rpc("a\\..*", "", "RegularExpression"), rpc("a.S", "M")));
  CHECK_FALSE(over(rpc("a.S", "M"), rpc("a.S", "")));
  CHECK_FALSE(over(rpc("a.S", ""), RouteMatch{}));
  CHECK_FALSE(over(rpc("a.S", ""), rpc("a.T", "")));
}

TEST_CASE("an example request has what its match needs, and nothing else") {
  CHECK(example(RouteMatch{}) == "GET a.example/");
  CHECK(example(on("PathPrefix", "/v1", "DELETE")) == "DELETE a.example/v1");
  CHECK(example(on("Exact", "/v1/", "", {{"x-a", "Exact", "1"}}, {{"q", "Exact", "a b&c"}})) == "GET a.example/v1/?q=a%20b%26c");
  CHECK(example(RouteMatch{}, Kind::http_route, "*.shop.example") == "GET any.shop.example/");
  CHECK(example(RouteMatch{}, Kind::http_route, "") == "GET any.invalid/");
}

TEST_CASE("an example is made of a regular expression that is a plain word or has an open end") {
  CHECK(example(on("RegularExpression", "^/api/v1$")) == "GET a.example/api/v1");
  CHECK(example(on("RegularExpression", "/api/v1\\.0/.*")) == "GET a.example/api/v1.0/");
  CHECK(example(on("RegularExpression", "/api(/.*)?")) == "GET a.example/api");
  CHECK(example(on("RegularExpression", "/v[12]")) == "none");
  CHECK(example(on("RegularExpression", "(")) == "none");
  CHECK(example(on("PathPrefix", "/", "", {{"a", "RegularExpression", "x+"}})) == "none");
}

TEST_CASE("an example of a GRPCRoute match is a call") {
  CHECK(example(rpc("a.S", "M"), Kind::grpc_route) == "POST a.example/a.S/M");
  CHECK(example(rpc("a.S", ""), Kind::grpc_route) == "POST a.example/a.S/Call");
  CHECK(example(RouteMatch{}, Kind::grpc_route) == "POST a.example/any.Service/Call");
}

TEST_CASE("an example over TLS names its host in the handshake") {
  const std::optional<Request> made = example_request(RouteMatch{}, Kind::http_route, "a.example", "https", 443);
  REQUIRE(made);
  CHECK(made->tls);
  CHECK(made->sni == "a.example");
  CHECK(made->port == 443);
}

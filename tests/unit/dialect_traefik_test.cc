#include <doctest/doctest.h>

#include "tests/unit/dialect_help.h"

using namespace dialect_test;

// Traefik v3.7: reference/routing-configuration (rules and priority: "the priority is directly equal to the length of the rule"),
// providers/kubernetes-ingress (strictPrefixMatching off by default), annotations router.*.

namespace {

constexpr const char* router = "traefik.ingress.kubernetes.io/router.";

IngressTable traefik(std::vector<std::shared_ptr<const Ingress>> ingresses) { return table("traefik", std::move(ingresses)); }

}  // namespace

TEST_CASE("Traefik takes prefixes by their characters") {
  using Type = IngressPath::Type;
  const std::vector<std::string> paths{"/api", "/api/", "/apix", "/api/v2", "/api/v2/x", "/api/v22"};
  const Serves by_characters{{"/api", "api"},   {"/api/", "api"},    {"/apix", "api"},
                             {"/api/v2", "v2"}, {"/api/v2/x", "v2"}, {"/api/v22", "v2"}};
  CHECK(serves_api("traefik", Type::prefix, "", paths) == by_characters);
  CHECK(serves_api("traefik", Type::implementation_specific, "", paths) == by_characters);
  CHECK(
      serves_api("traefik", Type::prefix, "/", paths) ==
      Serves{{"/api", "404"}, {"/api/", "api"}, {"/apix", "404"}, {"/api/v2", "api"}, {"/api/v2/x", "v2"}, {"/api/v22", "api"}});
  CHECK(
      serves_api("traefik", Type::exact, "", paths) ==
      Serves{{"/api", "api"}, {"/api/", "404"}, {"/apix", "404"}, {"/api/v2", "v2"}, {"/api/v2/x", "404"}, {"/api/v22", "404"}});
}

TEST_CASE("a prefix by characters that the standard would not take is told") {
  const IngressTable of = traefik({Made("web").rule("shop.example", {prefix("/api", "api")})});
  CHECK(has_note(trace(of, "http://shop.example/apix"), "strictPrefixMatching"));
  CHECK_FALSE(has_note(trace(of, "http://shop.example/api/x"), "strictPrefixMatching"));
}

TEST_CASE("the longer rule goes first, whatever its host") {
  const IngressTable of = traefik({Made("long").rule("", {prefix("/a/very/long/path/without/a/host", "long")}),
                                   Made("host").rule("shop.example", {prefix("/", "host")})});
  const Trace told = trace(of, "http://shop.example/a/very/long/path/without/a/host/x");
  CHECK(served(told) == "long");
  CHECK(lost(told, "host") == "shorter rule (39 < 46 characters of PathPrefix(`/a/very/long/path/without/a/host`))");
  CHECK(served(of, "http://shop.example/x") == "host");
}

TEST_CASE("Exact has the shorter matcher, so that a prefix of its length goes first") {
  // Path(`/api`) against PathPrefix(`/api`).
  const IngressTable of = traefik({Made("web").rule("shop.example", {exact("/api", "exact"), prefix("/api", "prefix")})});
  CHECK(served(of, "http://shop.example/api") == "prefix");
}

TEST_CASE("router.priority goes before the length, and 0 is none") {
  const IngressTable of =
      traefik({Made("low").rule("shop.example", {prefix("/api/v2", "long")}),
               Made("high").rule("shop.example", {prefix("/", "high")}).note(std::string(router) + "priority", "1000"),
               Made("zero").rule("other.example", {prefix("/", "zero")}).note(std::string(router) + "priority", "0")});
  const Trace told = trace(of, "http://shop.example/api/v2");
  CHECK(served(told) == "high");
  CHECK(lost(told, "low").starts_with("lower priority ("));
  CHECK(served(of, "http://other.example/") == "zero");
}

TEST_CASE("pathmatcher holds for ImplementationSpecific alone") {
  const Made web = Made("web")
                       .rule("shop.example", {specific("^/v[0-9]+$", "regex"), prefix("/p", "prefix")})
                       .note(std::string(router) + "pathmatcher", "PathRegexp");
  const IngressTable of = traefik({web});
  CHECK(served(of, "http://shop.example/v12") == "regex");
  CHECK(served(of, "http://shop.example/v12/x") == "404");
  CHECK(served(of, "http://shop.example/p/x") == "prefix");
}

TEST_CASE("router.tls and router.entrypoints keep a router to its entry points") {
  const IngressTable of =
      traefik({Made("tls").rule("tls.example", {prefix("/", "tls")}).note(std::string(router) + "tls", "true"),
               Made("web").rule("web.example", {prefix("/", "web")}).note(std::string(router) + "entrypoints", "web"),
               Made("both").rule("both.example", {prefix("/", "both")})});
  CHECK(served(of, "http://tls.example/") == "404");
  CHECK(lost(trace(of, "http://tls.example/"), "tls") == "router.tls keeps it to https");
  CHECK(served(of, "https://tls.example/") == "tls");
  CHECK(served(of, "https://web.example/") == "404");
  CHECK(served(of, "http://web.example/") == "web");
  CHECK(has_note(trace(of, "https://both.example/"), "entry point has TLS on"));
}

TEST_CASE("two rules of one length that take the request leave it open who serves") {
  const IngressTable of =
      traefik({Made("a").rule("shop.example", {prefix("/", "a")}), Made("b").rule("shop.example", {prefix("/", "b")})});
  CHECK(served(of, "http://shop.example/") == "unknown");
}

TEST_CASE("a wildcard host takes one label and the default backend is the last") {
  const IngressTable of = traefik({Made("wild").rule("*.example", {prefix("/", "wild")}), Made("rest").default_backend("rest"),
                                   Made("mixed").default_backend("mixed").rule("m.test", {prefix("/", "m")})});
  CHECK(served(of, "http://a.example/") == "wild");
  CHECK(served(of, "http://b.a.example/") == "rest");
  REQUIRE(of.dropped.size() == 1);
  CHECK(of.dropped.front().entry.ingress->meta.ref.name == "mixed");
}

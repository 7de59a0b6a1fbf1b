#include <doctest/doctest.h>

#include "tests/unit/dialect_help.h"

using namespace dialect_test;

// Kong Ingress Controller 3.5 and Kong Gateway 3: the sources that chain/dialects/kong.cc names.

namespace {

IngressTable kong(std::vector<std::shared_ptr<const Ingress>> ingresses) { return table("kong", std::move(ingresses)); }

}  // namespace

TEST_CASE("Kong takes Prefix by elements and ImplementationSpecific by characters") {
  using Type = IngressPath::Type;
  const std::vector<std::string> paths{"/api", "/api/", "/apix", "/api/v2", "/api/v2/x", "/api/v22"};
  const Serves below{{"/api", "api"},   {"/api/", "api"},    {"/apix", "404"},
                     {"/api/v2", "v2"}, {"/api/v2/x", "v2"}, {"/api/v22", "api"}};
  CHECK(serves_api("kong", Type::prefix, "", paths) == below);
  CHECK(serves_api("kong", Type::prefix, "/", paths) == below);
  CHECK(serves_api("kong", Type::implementation_specific, "", paths) ==
        Serves{{"/api", "api"}, {"/api/", "api"}, {"/apix", "api"}, {"/api/v2", "v2"}, {"/api/v2/x", "v2"}, {"/api/v22", "v2"}});
  CHECK(
      serves_api("kong", Type::exact, "", paths) ==
      Serves{{"/api", "api"}, {"/api/", "404"}, {"/apix", "404"}, {"/api/v2", "v2"}, {"/api/v2/x", "404"}, {"/api/v22", "404"}});
}

TEST_CASE("a path that begins with /~ is a regular expression from the start of the path, and goes before prefixes") {
  const IngressTable of =
      kong({Made("web").rule("shop.example", {specific("/~/v[0-9]+", "regex"), prefix("/v1/a/long/prefix", "prefix")})});
  const Trace told = trace(of, "http://shop.example/v1/a/long/prefix/x");
  CHECK(served(told) == "regex");
  CHECK(told.candidates.front().lost.starts_with("a prefix after a regular expression"));
  CHECK(served(of, "http://shop.example/x/v1") == "404");
}

TEST_CASE("konghq.com/regex-priority orders regular expressions, the greater first") {
  const IngressTable of =
      kong({Made("low").rule("shop.example", {specific("/~/v.*", "low")}),
            Made("high").rule("shop.example", {specific("/~/v1.*", "high")}).note("konghq.com/regex-priority", "10")});
  const Trace told = trace(of, "http://shop.example/v1");
  CHECK(served(told) == "high");
  CHECK(lost(told, "low") == "lower konghq.com/regex-priority (0 < 10)");
}

TEST_CASE("a host goes before none, and a plain one before a wildcard; no path of it is no end") {
  const IngressTable of =
      kong({Made("any").rule("", {prefix("/a/b/c", "any")}), Made("wild").rule("*.example", {prefix("/a/b", "wild")}),
            Made("one").rule("shop.example", {prefix("/a", "one")})});
  CHECK(served(of, "http://shop.example/a/b/c") == "one");
  CHECK(served(of, "http://b.example/a/b/c") == "wild");
  CHECK(served(of, "http://b.test/a/b/c") == "any");
}

TEST_CASE("methods are a condition, and more conditions go first") {
  const IngressTable of = kong({Made("all").rule("shop.example", {prefix("/api", "all")}),
                                Made("get").rule("shop.example", {prefix("/", "get")}).note("konghq.com/methods", "GET,HEAD")});
  const Trace told = trace(of, "http://shop.example/api/x");
  CHECK(served(told) == "get");
  CHECK(lost(told, "all") == "fewer conditions");
  Request post = request("http://shop.example/api/x");
  post.method = "POST";
  CHECK(served(trace(of, post)) == "all");
}

TEST_CASE("protocols https alone answers plain requests with 426, or redirects by its code") {
  const Made web = Made("web").rule("shop.example", {prefix("/", "web")}).note("konghq.com/protocols", "https");
  CHECK(served(kong({web}), "http://shop.example/") == "426");
  CHECK(served(kong({web}), "https://shop.example/") == "web");
  CHECK(served(kong({Made(web).note("konghq.com/https-redirect-status-code", "308")}), "http://shop.example/a") ==
        "308 https://shop.example/a");
}

TEST_CASE("strip-path takes the path of the rule away") {
  const IngressTable of = kong({Made("web").rule("shop.example", {prefix("/api", "api")}).note("konghq.com/strip-path", "true")});
  CHECK(trace(of, "http://shop.example/api/v1?x").outcome.rewritten->path == "/v1?x");
  CHECK(trace(of, "http://shop.example/api").outcome.rewritten->path == "/");
}

TEST_CASE("the path of a Prefix itself is a regular expression to Kong and goes before a longer plain prefix of characters") {
  const IngressTable of = kong({Made("plain").rule("shop.example", {specific("/api", "plain")}),
                                Made("elements").rule("shop.example", {prefix("/api", "elements")})});
  CHECK(served(of, "http://shop.example/api") == "elements");
  CHECK(served(of, "http://shop.example/apix") == "plain");
}

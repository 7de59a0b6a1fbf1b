#include <doctest/doctest.h>

#include "tests/unit/dialect_help.h"

using namespace dialect_test;

// haproxytech/kubernetes-ingress v3.1 ("haproxy") and jcmoraisjr/haproxy-ingress v0.15 ("haproxy-ingress"): the sources that
// chain/dialects/haproxy.cc names.

TEST_CASE("HAProxy's own controller takes ImplementationSpecific by characters, without the slash at its end") {
  using Type = IngressPath::Type;
  const std::vector<std::string> paths{"/api", "/api/", "/apix", "/api/v2", "/api/v2/x", "/api/v22"};
  const Serves below{{"/api", "api"},   {"/api/", "api"},    {"/apix", "404"},
                     {"/api/v2", "v2"}, {"/api/v2/x", "v2"}, {"/api/v22", "api"}};
  const Serves by_characters{{"/api", "api"},   {"/api/", "api"},    {"/apix", "api"},
                             {"/api/v2", "v2"}, {"/api/v2/x", "v2"}, {"/api/v22", "v2"}};
  for (const std::string end : {"", "/"}) {
    CHECK(serves_api("haproxy", Type::prefix, end, paths) == below);
    CHECK(serves_api("haproxy", Type::implementation_specific, end, paths) == by_characters);
  }
  CHECK(
      serves_api("haproxy", Type::exact, "", paths) ==
      Serves{{"/api", "api"}, {"/api/", "404"}, {"/apix", "404"}, {"/api/v2", "v2"}, {"/api/v2/x", "404"}, {"/api/v22", "404"}});
}

TEST_CASE("HAProxy's own controller chooses the host first: exact, then one label's wildcard, then none") {
  const IngressTable of =
      table("haproxy", {Made("any").rule("", {prefix("/", "any")}), Made("wild").rule("*.example", {prefix("/", "wild")}),
                        Made("one").rule("shop.example", {prefix("/api", "api")})});
  CHECK(served(of, "http://shop.example/x") == "404");
  CHECK(served(of, "http://b.example/x") == "wild");
  CHECK(served(of, "http://a.b.example/x") == "any");
}

TEST_CASE("HAProxy's own controller redirects where it is told to, and is told to be likely to where spec.tls is") {
  const Made web = Made("web").rule("shop.example", {prefix("/", "web")}).tls({"shop.example"});
  CHECK(has_note(trace(table("haproxy", {web}), "http://shop.example/"), "redirects to https unless"));
  CHECK(served(table("haproxy", {Made(web).note("haproxy.org/ssl-redirect", "true")}), "http://shop.example/a") ==
        "302 https://shop.example/a");
}

TEST_CASE("HAProxy Ingress takes ImplementationSpecific by characters without case, unless path-type says otherwise") {
  using Type = IngressPath::Type;
  const auto of = [](const std::string& type) {
    Made web("web");
    web.rule("shop.example", {specific("/api", "api")});
    if (!type.empty()) web.note("haproxy-ingress.github.io/path-type", type);
    return table("haproxy-ingress", {web});
  };
  CHECK(served(of(""), "http://shop.example/APIx") == "api");
  CHECK(served(of("prefix"), "http://shop.example/apix") == "404");
  CHECK(served(of("prefix"), "http://shop.example/api/x") == "api");
  CHECK(served(of("exact"), "http://shop.example/api/x") == "404");
  const IngressTable both =
      table("haproxy-ingress",
            {Made("web").rule("shop.example", {path("/api", Type::prefix, "api"), path("/api/v2", Type::prefix, "v2")})});
  CHECK(served(both, "http://shop.example/api/v2/x") == "v2");
  CHECK(served(both, "http://shop.example/api/v22") == "api");
}

TEST_CASE("HAProxy Ingress tries wildcard hosts after all others, and regular expressions after prefixes") {
  const IngressTable of =
      table("haproxy-ingress",
            {Made("wild").rule("*.example", {prefix("/", "wild")}), Made("one").rule("shop.example", {prefix("/api", "api")}),
             Made("regex").rule("r.example", {specific("/a.*", "regex")}).note("haproxy-ingress.github.io/path-type", "regex"),
             Made("plain").rule("r.example", {prefix("/a", "plain")})});
  CHECK(served(of, "http://shop.example/x") == "wild");
  CHECK(served(of, "http://r.example/a") == "plain");
  CHECK(served(of, "http://r.example/ab") == "regex");
}

TEST_CASE("HAProxy Ingress redirects a host of spec.tls with 302") {
  const Made web = Made("web").rule("shop.example", {prefix("/", "web")}).tls({"shop.example"});
  CHECK(served(table("haproxy-ingress", {web}), "http://shop.example/a") == "302 https://shop.example/a");
  CHECK(served(table("haproxy-ingress", {Made(web).note("haproxy-ingress.github.io/ssl-redirect", "false")}),
               "http://shop.example/a") == "web");
}

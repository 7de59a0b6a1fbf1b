#include <doctest/doctest.h>

#include "tests/unit/dialect_help.h"

using namespace dialect_test;

// ingress-nginx v1.15: docs/user-guide/ingress-path-matching.md, docs/user-guide/nginx-configuration/annotations.md and the
// sources that chain/dialects/nginx.h names.

namespace {

IngressTable nginx(std::vector<std::shared_ptr<const Ingress>> ingresses) { return table("ingress-nginx", std::move(ingresses)); }

}  // namespace

TEST_CASE("ingress-nginx takes Prefix and ImplementationSpecific by path elements") {
  using Type = IngressPath::Type;
  const Serves expected{{"/api", "api"},    {"/api/", "api"},    {"/apix", "404"},    {"/api/v2", "v2"},
                        {"/api/v2/", "v2"}, {"/api/v2/x", "v2"}, {"/api/v22", "api"}, {"/API", "404"}};
  // tls turns every plain request away; these tables have none for the host that is asked.
  const auto serves = [&](Type type, const std::string& end) {
    const IngressTable of =
        nginx({Made("web").rule("shop.example", {path("/api" + end, type, "api"), path("/api/v2" + end, type, "v2")})});
    Serves out;
    for (const auto& [one, service] : expected) out.emplace_back(one, served(of, "http://shop.example" + one));
    return out;
  };
  CHECK(serves(Type::prefix, "") == expected);
  CHECK(serves(Type::implementation_specific, "") == expected);
  // A location that ends with a slash: nginx answers the path without it with 301 (ngx_http_core_module, location); /api/v2 is
  // taken by the shorter location's characters, but for that answer.
  const Serves slashed{{"/api", "301 http://shop.example/api/"},
                       {"/api/", "api"},
                       {"/apix", "404"},
                       {"/api/v2", "301 http://shop.example/api/v2/"},
                       {"/api/v2/", "v2"},
                       {"/api/v2/x", "v2"},
                       {"/api/v22", "api"},
                       {"/API", "404"}};
  CHECK(serves(Type::prefix, "/") == slashed);
  CHECK(serves(Type::implementation_specific, "/") == slashed);
  const Serves exactly{{"/api", "api"},     {"/api/", "404"},     {"/apix", "404"},    {"/api/v2", "v2"},
                       {"/api/v2/", "404"}, {"/api/v2/x", "404"}, {"/api/v22", "404"}, {"/API", "404"}};
  CHECK(serves(Type::exact, "") == exactly);
}

TEST_CASE("one use-regex makes every path of the host a regular expression without case") {
  const IngressTable of =
      nginx({Made("plain", 0).rule("shop.example", {exact("/api", "api")}).rule("other.example", {exact("/api", "api")}),
             Made("regex", 5).rule("shop.example", {specific("/v[0-9]+/x", "versions")}).nginx("use-regex", "true")});
  CHECK(served(of, "http://shop.example/V12/X/y") == "versions");
  // "location ~* ^/api": what begins with it, in any case.
  CHECK(served(of, "http://shop.example/APIARY") == "api");
  CHECK(served(of, "http://other.example/APIARY") == "404");
}

TEST_CASE("regular expressions are tried by their length, not by what they take") {
  const IngressTable of =
      nginx({Made("web")
                 .rule("shop.example", {specific("/foo/bar/bar", "bars"), specific("/foo/bar/[A-Z0-9]{3}", "three"),
                                        specific("/foo/bar/.+", "rest")})
                 .nginx("use-regex", "true")});
  CHECK(served(of, "http://shop.example/foo/bar/bar") == "three");
  CHECK(served(of, "http://shop.example/foo/bar/x") == "rest");
  const Trace told = trace(of, "http://shop.example/foo/bar/bar");
  CHECK(told.candidates.front().lost == "shorter regular expression (12 < 20)");
}

TEST_CASE("a regular expression beyond RE2 makes the outcome unknown, not wrong") {
  const IngressTable of = nginx(
      {Made("web").rule("shop.example", {specific("/(?!admin).*", "all"), specific("/x", "x")}).nginx("use-regex", "true")});
  const Trace told = trace(of, "http://shop.example/a");
  CHECK(served(told) == "unknown");
  CHECK(told.outcome.reason.find("cannot be evaluated here") != std::string::npos);
}

TEST_CASE("rewrite-target puts the groups of the path in and keeps the query") {
  const IngressTable of =
      nginx({Made("web").rule("shop.example", {specific("/something(/|$)(.*)", "app")}).nginx("rewrite-target", "/$2")});
  CHECK(trace(of, "http://shop.example/something").outcome.rewritten->path == "/");
  CHECK(trace(of, "http://shop.example/something/new?x=1").outcome.rewritten->path == "/new?x=1");
}

TEST_CASE("rewrite-target without a group makes one path of all, and is told") {
  const IngressTable of = nginx({Made("web").rule("shop.example", {prefix("/app", "app")}).nginx("rewrite-target", "/")});
  const Trace told = trace(of, "http://shop.example/app/x/y.css");
  CHECK(told.outcome.rewritten->path == "/");
  CHECK(has_note(told, "takes no group of the path"));
}

TEST_CASE("rewrite-target holds for every path of its Ingress, also for one without the groups that it names") {
  const IngressTable of = nginx(
      {Made("web").rule("shop.example", {specific("/app(/|$)(.*)", "app"), prefix("/", "root")}).nginx("rewrite-target", "/$2")});
  CHECK_FALSE(has_note(trace(of, "http://shop.example/app/x"), "takes no group"));
  const Trace told = trace(of, "http://shop.example/other");
  CHECK(served(told) == "root");
  CHECK(told.outcome.rewritten->path == "/");
  CHECK(has_note(told, "takes no group of the path"));
}

TEST_CASE("without a rewrite the backend sees the path as it was sent") {
  const IngressTable of = nginx({Made("web").rule("shop.example", {prefix("/a", "a"), prefix("/a/b", "b")})});
  const Trace told = trace(of, "http://shop.example/x/..//a/%62?q");
  CHECK(served(told) == "b");
  CHECK(told.outcome.rewritten->path == "/x/..//a/%62?q");
  CHECK(has_note(told, "matches the path as /a/b"));
}

TEST_CASE("the oldest Ingress keeps a host and path, in whatever namespace") {
  const IngressTable of = nginx({Made("new", 9, "a").rule("shop.example", {prefix("/", "new"), prefix("/only", "only")}),
                                 Made("old", 1, "z").rule("shop.example", {prefix("/", "old")})});
  const Trace told = trace(of, "http://shop.example/");
  CHECK(served(told) == "old");
  CHECK(lost(told, "new") == "the older Ingress z/old has the same host and path");
  CHECK(served(of, "http://shop.example/only") == "only");
  REQUIRE(of.dropped.size() == 1);
  CHECK(of.dropped.front().by.name == "old");
}

TEST_CASE("a path of the same text and another type is another location") {
  const IngressTable of = nginx({Made("old", 1).rule("shop.example", {prefix("/a", "below")}),
                                 Made("new", 2).rule("shop.example", {exact("/a", "itself")})});
  CHECK(served(of, "http://shop.example/a") == "itself");
  CHECK(served(of, "http://shop.example/a/b") == "below");
}

TEST_CASE("a host without a path for the request never gets to another host's rules") {
  const IngressTable of =
      nginx({Made("any", 0).rule("", {prefix("/", "any")}), Made("wild", 1).rule("*.example", {prefix("/", "wild")}),
             Made("one", 2).rule("shop.example", {prefix("/api", "api")})});
  const Trace told = trace(of, "http://shop.example/other");
  CHECK(served(told) == "404");
  CHECK(told.outcome.reason.find("default backend - 404") != std::string::npos);
  CHECK(lost(told, "any") == "requests for shop.example go to the rules of host shop.example alone");
  CHECK(served(of, "http://b.example/other") == "wild");
  CHECK(served(of, "http://a.b.example/other") == "any");
}

TEST_CASE("spec.defaultBackend serves the hosts of its Ingress and the requests for no host") {
  const IngressTable of = nginx({Made("web").default_backend("rest").rule("shop.example", {prefix("/api", "api")}),
                                 Made("late", 5).rule("late.example", {prefix("/api", "late")})});
  CHECK(served(of, "http://shop.example/x") == "rest");
  CHECK(served(of, "http://nobody.example/x") == "rest");
  CHECK(served(of, "http://late.example/x") == "404");
}

TEST_CASE("an Ingress without rules takes / of requests for any host") {
  const IngressTable of = nginx({Made("rule", 0).rule("", {prefix("/", "rule")}), Made("all", 5).default_backend("all")});
  CHECK(served(of, "http://nobody.example/x") == "all");
  CHECK(lost(trace(of, "http://nobody.example/x"), "rule").find("default backend, which takes /") != std::string::npos);
}

TEST_CASE("an alias has the paths of its host, unless a host has its name") {
  const IngressTable of =
      nginx({Made("web").rule("shop.example", {prefix("/", "shop")}).nginx("server-alias", "store.example, taken.example"),
             Made("own", 5).rule("taken.example", {prefix("/", "own")})});
  CHECK(served(of, "http://store.example/") == "shop");
  CHECK(served(of, "http://taken.example/") == "own");
}

TEST_CASE("spec.tls redirects plain requests with 308 unless the annotation says no") {
  const auto redirected = [](Made web) {
    return served(nginx({web.rule("shop.example", {prefix("/", "web")})}), "http://shop.example/a?x=1");
  };
  CHECK(redirected(Made("web").tls({"shop.example"})) == "308 https://shop.example/a?x=1");
  CHECK(redirected(Made("web").tls({"shop.example"}).nginx("ssl-redirect", "false")) == "web");
  CHECK(redirected(Made("web")) == "web");
  CHECK(redirected(Made("web").nginx("force-ssl-redirect", "true")) == "308 https://shop.example/a?x=1");
}

TEST_CASE("a path that no rule takes is redirected to https before it gets its 404") {
  const IngressTable of = nginx({Made("web").rule("shop.example", {prefix("/api", "api")}).tls({"shop.example"})});
  CHECK(served(of, "http://shop.example/x") == "308 https://shop.example/x");
  CHECK(served(of, "https://shop.example/x") == "404");
}

TEST_CASE("app-root, permanent-redirect, temporal-redirect and from-to-www-redirect answer themselves") {
  const IngressTable of = nginx({
      Made("root").rule("root.example", {prefix("/app", "app")}).nginx("app-root", "/app").tls({"root.example"}),
      Made("gone").rule("gone.example", {prefix("/", "x")}).nginx("permanent-redirect", "https://new.example$request_uri"),
      Made("away").rule("away.example", {prefix("/", "x")}).nginx("temporal-redirect", "https://new.example/"),
      Made("code")
          .rule("code.example", {prefix("/", "x")})
          .nginx("permanent-redirect", "https://n.example")
          .nginx("permanent-redirect-code", "308"),
      Made("www").rule("bare.example", {prefix("/", "x")}).nginx("from-to-www-redirect", "true"),
  });
  CHECK(served(of, "http://root.example/") == "302 http://root.example/app");
  CHECK(served(of, "http://gone.example/a?b") == "301 https://new.example/a?b");
  CHECK(served(of, "http://away.example/a") == "302 https://new.example/");
  CHECK(served(of, "http://code.example/a") == "308 https://n.example");
  CHECK(served(of, "https://www.bare.example/a?b") == "308 https://bare.example/a?b");
}

TEST_CASE("https for a host without spec.tls is served with the default certificate") {
  const IngressTable of = nginx({Made("web").rule("shop.example", {prefix("/", "web")})});
  const Trace told = trace(of, "https://shop.example/");
  CHECK(served(told) == "web");
  CHECK(has_note(told, "default certificate"));
}

TEST_CASE("upstream-vhost changes the host, other annotations are told") {
  const IngressTable of = nginx({Made("web")
                                     .rule("shop.example", {prefix("/", "web")})
                                     .nginx("upstream-vhost", "inner.example")
                                     .nginx("auth-url", "http://auth/")
                                     .nginx("backend-protocol", "HTTPS")
                                     .nginx("whitelist-source-range", "10.0.0.0/8")});
  const Trace told = trace(of, "http://shop.example/");
  CHECK(told.outcome.rewritten->host == "inner.example");
  CHECK(has_note(told, "auth-url"));
  CHECK(has_note(told, "spoken to in HTTPS"));
  CHECK(has_note(told, "10.0.0.0/8"));
}

TEST_CASE("a regular expression takes all of another only where that is plain") {
  const IngressTable of =
      nginx({Made("web")
                 .rule("shop.example", {specific("/api/v2/.*", "v2"), specific("/api", "api"), specific("/v[0-9]/x", "v")})
                 .nginx("use-regex", "true")});
  REQUIRE(of.entries.size() == 3);
  CHECK(of.entries[0].backend().service == "v2");
  CHECK(of.entries[1].backend().service == "v");
  CHECK(takes_all_of(of.entries[2], of.entries[2], of));
  CHECK_FALSE(takes_all_of(of.entries[0], of.entries[2], of));
  CHECK_FALSE(takes_all_of(of.entries[1], of.entries[0], of));
}

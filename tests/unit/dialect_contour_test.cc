#include <doctest/doctest.h>

#include "tests/unit/dialect_help.h"

using namespace dialect_test;

// Contour v1.33.8: the sources that chain/dialects/contour.cc names.

namespace {

IngressTable contour(std::vector<std::shared_ptr<const Ingress>> ingresses) { return table("contour", std::move(ingresses)); }

}  // namespace

TEST_CASE("Contour takes Prefix by elements and ImplementationSpecific by characters") {
  using Type = IngressPath::Type;
  const std::vector<std::string> paths{"/api", "/api/", "/apix", "/api/v2", "/api/v2/x", "/api/v22"};
  CHECK(serves_api("contour", Type::prefix, "", paths) ==
        Serves{{"/api", "api"}, {"/api/", "api"}, {"/apix", "404"}, {"/api/v2", "v2"}, {"/api/v2/x", "v2"}, {"/api/v22", "api"}});
  CHECK(serves_api("contour", Type::prefix, "/", paths) == serves_api("contour", Type::prefix, "", paths));
  CHECK(serves_api("contour", Type::implementation_specific, "", paths) ==
        Serves{{"/api", "api"}, {"/api/", "api"}, {"/apix", "api"}, {"/api/v2", "v2"}, {"/api/v2/x", "v2"}, {"/api/v22", "v2"}});
  CHECK(
      serves_api("contour", Type::implementation_specific, "/", paths) ==
      Serves{{"/api", "404"}, {"/api/", "api"}, {"/apix", "404"}, {"/api/v2", "api"}, {"/api/v2/x", "v2"}, {"/api/v22", "api"}});
  CHECK(
      serves_api("contour", Type::exact, "", paths) ==
      Serves{{"/api", "api"}, {"/api/", "404"}, {"/apix", "404"}, {"/api/v2", "v2"}, {"/api/v2/x", "404"}, {"/api/v22", "404"}});
}

TEST_CASE(
    "ImplementationSpecific with characters of a regular expression is one, of the whole path, after Exact and before prefixes") {
  const IngressTable of =
      contour({Made("web").rule("shop.example", {specific("/v[0-9]+", "number"), exact("/v1", "one"),
                                                 prefix("/v2/and/more/of/it", "prefix"), specific("/v2.*", "two")})});
  CHECK(served(of, "http://shop.example/v1") == "one");
  CHECK(served(of, "http://shop.example/v3") == "number");
  CHECK(served(of, "http://shop.example/v3/x") == "404");
  CHECK(served(of, "http://shop.example/v2/and/more/of/it") == "two");
}

TEST_CASE("a longer prefix of Contour loses to a regular expression") {
  const IngressTable of =
      contour({Made("web").rule("shop.example", {prefix("/v2/more", "prefix"), specific("/v[0-9]/[a-z]*", "regex")})});
  const Trace told = trace(of, "http://shop.example/v2/more");
  CHECK(served(told) == "regex");
  CHECK(told.candidates.front().lost == "a prefix after a regular expression");
}

TEST_CASE("Contour chooses the virtual host first and takes one label for a wildcard") {
  const IngressTable of =
      contour({Made("any").rule("", {prefix("/", "any")}), Made("wild").rule("*.example", {prefix("/", "wild")}),
               Made("one").rule("shop.example", {prefix("/api", "api")})});
  CHECK(served(of, "http://shop.example/other") == "404");
  CHECK(served(of, "http://b.example/other") == "wild");
  const Trace deep = trace(of, "http://a.b.example/other");
  CHECK(served(deep) == "404");
  CHECK(lost(deep, "wild") ==
        "Contour takes one label of lower case, as it is sent, for the wildcard of *.example, and a.b.example has another");
  CHECK(served(of, "http://else.test/") == "any");
}

TEST_CASE("Contour serves https for the very hosts of spec.tls alone") {
  const IngressTable of = contour({Made("web").rule("shop.example", {prefix("/", "web")}).tls({"shop.example"}),
                                   Made("bare").rule("bare.example", {prefix("/", "bare")}),
                                   Made("wild").rule("a.wild.example", {prefix("/", "wild")}).tls({"*.wild.example"})});
  CHECK(served(of, "https://shop.example/") == "web");
  CHECK(served(of, "http://shop.example/") == "web");
  CHECK(served(of, "https://bare.example/") == "unreachable");
  CHECK(served(of, "https://a.wild.example/") == "unreachable");
}

TEST_CASE("Contour redirects by force-ssl-redirect and leaves plain http out by allow-http") {
  const IngressTable of =
      contour({Made("up").rule("up.example", {prefix("/", "up")}).note("ingress.kubernetes.io/force-ssl-redirect", "true"),
               Made("no").rule("no.example", {prefix("/", "no")}).note("kubernetes.io/ingress.allow-http", "false")});
  CHECK(served(of, "http://up.example/a?b") == "301 https://up.example/a?b");
  CHECK(served(of, "http://no.example/") == "404");
}

TEST_CASE("of two Ingresses with the same path Contour keeps either, and nobody can say which") {
  const IngressTable of =
      contour({Made("a").rule("shop.example", {prefix("/", "a")}), Made("b").rule("shop.example", {prefix("/", "b")})});
  const Trace told = trace(of, "http://shop.example/");
  CHECK(served(told) == "unknown");
  CHECK(told.outcome.reason.find("same host and path") != std::string::npos);
  const IngressTable same = contour({Made("a").rule("shop.example", {prefix("/x", "a"), prefix("/x/", "b")})});
  CHECK(served(same, "http://shop.example/x") == "b");
}

TEST_CASE("the default backend of Contour takes what no host has") {
  const IngressTable of = contour({Made("web").default_backend("rest").rule("shop.example", {prefix("/api", "api")})});
  CHECK(served(of, "http://shop.example/x") == "404");
  CHECK(served(of, "http://else.example/x") == "rest");
}

TEST_CASE("Contour matches the path without dot segments and double slashes") {
  const IngressTable of = contour({Made("web").rule("shop.example", {prefix("/a/b", "ab")})});
  const Trace told = trace(of, "http://shop.example/x/..//a//b");
  CHECK(served(told) == "ab");
  CHECK(told.outcome.rewritten->path == "/a/b");
}

namespace {

IngressTable without_services(IngressTable table, const std::string& gone) {
  table.facts.backend_problem = [gone](const IngressEntry& entry) {
    return entry.backend().service == gone ? "Service shop/" + gone + " does not exist" : std::string();
  };
  return table;
}

Request named(Request sent, const std::string& authority) {
  sent.authority = authority;
  return sent;
}

}  // namespace

TEST_CASE("Contour has no route for a path whose Service does not exist") {
  const IngressTable of = without_services(
      contour({Made("web").rule("shop.example", {prefix("/", "all"), prefix("/api", "gone")}),
               Made("lost").rule("lost.example", {prefix("/", "gone")}), Made("any").rule("", {exact("/x", "any")})}),
      "gone");
  CHECK(served(of, "http://shop.example/api") == "all");
  CHECK(lost(trace(of, "http://shop.example/api"), "web") ==
        "Contour has no route for a backend that does not exist: Service shop/gone does not exist");
  CHECK(served(of, "http://lost.example/x") == "any");
  const Trace told = trace(of, "http://lost.example/y");
  CHECK(served(told) == "404");
  CHECK(told.outcome.route.name == "lost");
  CHECK(told.outcome.reason.find("Service shop/gone does not exist") != std::string::npos);
}

TEST_CASE("a wildcard of Contour takes one label of lower case as it is sent, and a final dot is another host") {
  const IngressTable of =
      contour({Made("wild").rule("*.k2.example", {prefix("/", "wild")}), Made("one").rule("a.k2.example", {prefix("/a", "one")}),
               Made("any").rule("", {prefix("/", "any")})});
  CHECK(served(trace(of, named(request("http://x.k2.example/"), "x.k2.example:99"))) == "wild");
  CHECK(served(trace(of, named(request("http://x.k2.example/"), "X.k2.example"))) == "404");
  CHECK(served(of, "http://x.y.k2.example/") == "404");
  CHECK(served(of, "http://a.k2.example/") == "404");
  CHECK(served(trace(of, named(request("http://a.k2.example/a"), "A.K2.example"))) == "one");
  CHECK(served(trace(of, named(request("http://a.k2.example/a"), "a.k2.example."))) == "any");
}

TEST_CASE("TLS of Contour: the paths of every Ingress, a readable Secret, and 421 for another Host") {
  IngressTable of = contour({Made("web").rule("shop.example", {prefix("/", "web")}).tls({"shop.example"}),
                             Made("more").rule("shop.example", {prefix("/more", "more")}),
                             Made("bad").rule("bad.example", {prefix("/", "bad")}).tls({"bad.example"}, "gone"),
                             Made("bare").rule("x.example", {prefix("/", "x")}).tls({"empty.example"}),
                             Made("any").rule("", {prefix("/", "any")}).tls({})});
  of.facts.secret_problem = [](const Ingress&, const IngressTls& tls) {
    return tls.secret == "gone" ? std::string("Secret shop/gone: it does not exist") : std::string();
  };
  CHECK(served(of, "https://shop.example/more") == "more");
  CHECK(served(of, "https://bad.example/") == "unreachable");
  CHECK(served(of, "http://bad.example/") == "bad");
  CHECK(served(of, "https://empty.example/") == "unreachable");
  CHECK(served(of, "https://else.example/") == "unreachable");
  Request other = request("https://bad.example/");
  other.sni = "shop.example";
  const Trace told = trace(of, other);
  CHECK(told.outcome.action == Action::reject);
  CHECK(told.outcome.status == 421);
  CHECK(served(trace(of, named(request("https://shop.example/"), "SHOP.example:443"))) == "web");
}

TEST_CASE("force-ssl-redirect of Contour keeps every port but 80, and allow-http leaves a host to the rules for any") {
  const IngressTable of =
      contour({Made("up").rule("up.example", {prefix("/", "up")}).note("ingress.kubernetes.io/force-ssl-redirect", "true"),
               Made("no").rule("no.example", {prefix("/", "no")}).note("kubernetes.io/ingress.allow-http", "false"),
               Made("any").rule("", {prefix("/", "any")})});
  CHECK(served(trace(of, named(request("http://up.example/p"), "up.example:80"))) == "301 https://up.example/p");
  CHECK(served(trace(of, named(request("http://up.example/p"), "up.example:8080"))) == "301 https://up.example:8080/p");
  CHECK(served(of, "http://no.example/") == "any");
}

TEST_CASE("paths of Contour's Ingresses by their type and text") {
  const IngressTable of =
      contour({Made("web").rule("p.example", {prefix("/foo", "one"), specific("/foo/", "two"), specific("/bar", "three"),
                                              prefix("/baz/", "baz"), exact("/ex/", "ex"), specific("/st/*", "st"),
                                              specific("/a.c", "dot"), specific("/same", "later"), prefix("/same", "first")})});
  const std::vector<std::pair<std::string, std::string>> rows{
      {"/foo", "one"},  {"/foo/", "two"}, {"/foo/x", "two"},  {"/foobar", "404"}, {"/barx", "three"}, {"/baz", "baz"},
      {"/bazx", "404"}, {"/ex", "404"},   {"/ex/", "ex"},     {"/st", "st"},      {"/st/", "st"},     {"/st/x", "404"},
      {"/a.c", "dot"},  {"/abc", "404"},  {"/same", "first"}, {"/samey", "later"}};
  for (const auto& [sent, service] : rows) {
    CAPTURE(sent);
    CHECK(served(of, "http://p.example" + sent) == service);
  }
}

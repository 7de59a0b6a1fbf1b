#include <doctest/doctest.h>

#include "tests/unit/dialect_help.h"

using namespace dialect_test;

// AWS Load Balancer Controller v3.0: docs/guide/ingress/annotations.md and the sources that chain/dialects/alb.h names.

namespace {

Made alb(const std::string& name, const std::string& group = "one") {
  return Made(name).note("alb.ingress.kubernetes.io/group.name", group);
}
std::string key(const std::string& of) { return "alb.ingress.kubernetes.io/" + of; }
IngressTable albs(std::vector<std::shared_ptr<const Ingress>> ingresses) {
  return table("aws-load-balancer-controller", std::move(ingresses));
}
IngressPath action(const std::string& at, const std::string& name) {
  IngressPath out = exact(at, name);
  out.backend.port.reset();
  out.backend.port_name = "use-annotation";
  return out;
}

}  // namespace

TEST_CASE("ALB takes Prefix as two patterns, ImplementationSpecific as it is written") {
  using Type = IngressPath::Type;
  const std::vector<std::string> paths{"/api", "/api/", "/apix", "/api/v2", "/api/v2/x", "/api/v22"};
  const std::string id = "aws-load-balancer-controller";
  const Serves below{{"/api", "api"},   {"/api/", "api"},    {"/apix", "404"},
                     {"/api/v2", "v2"}, {"/api/v2/x", "v2"}, {"/api/v22", "api"}};
  CHECK(serves_api(id, Type::prefix, "", paths) == below);
  CHECK(serves_api(id, Type::prefix, "/", paths) == below);
  const Serves itself{{"/api", "api"},   {"/api/", "404"},     {"/apix", "404"},
                      {"/api/v2", "v2"}, {"/api/v2/x", "404"}, {"/api/v22", "404"}};
  CHECK(serves_api(id, Type::exact, "", paths) == itself);
  CHECK(serves_api(id, Type::implementation_specific, "", paths) == itself);
  // As written: the shorter pattern stands first and takes all.
  CHECK(
      serves_api(id, Type::implementation_specific, "*", paths) ==
      Serves{{"/api", "api"}, {"/api/", "api"}, {"/apix", "api"}, {"/api/v2", "api"}, {"/api/v2/x", "api"}, {"/api/v22", "api"}});
}

TEST_CASE("the wildcards of ALB take any characters, and one") {
  const IngressTable of = albs({alb("web").rule("*.example", {specific("/img/*.png", "png"), specific("/v?/x", "version")})});
  CHECK(served(of, "http://a.b.example/img/a/b.png") == "png");
  CHECK(served(of, "http://a.example/v2/x") == "version");
  CHECK(served(of, "http://a.example/v22/x") == "404");
}

TEST_CASE("a group's rules stand by group.order, then by namespace and name") {
  const IngressTable of = albs({alb("a").rule("shop.example", {prefix("/", "a")}).note(key("group.order"), "10"),
                                alb("z").rule("shop.example", {prefix("/", "z")}).note(key("group.order"), "-1"),
                                alb("b").rule("shop.example", {prefix("/", "b")}).note(key("group.order"), "10")});
  const Trace told = trace(of, "http://shop.example/x");
  CHECK(served(told) == "z");
  CHECK(lost(told, "a") == "later in group one (group.order 10 after -1)");
  REQUIRE(of.entries.size() == 3);
  CHECK(of.entries[1].ingress->meta.ref.name == "a");
}

TEST_CASE("the rules of an Ingress stand as written, and in a rule Exact before Prefix before ImplementationSpecific") {
  const IngressTable of = albs(
      {alb("web")
           .rule("shop.example", {specific("/*", "any"), prefix("/a", "short"), prefix("/a/b", "long"), exact("/a/b", "exact")})
           .rule("", {prefix("/", "later")})});
  CHECK(served(of, "http://shop.example/a/b") == "exact");
  CHECK(served(of, "http://shop.example/a/b/c") == "long");
  CHECK(served(of, "http://shop.example/z") == "any");
  CHECK(served(of, "http://other.example/z") == "later");
}

TEST_CASE("Ingresses of other groups have load balancers of their own") {
  const IngressTable of = albs({alb("a", "one").rule("shop.example", {prefix("/", "a")}).address("192.0.2.1"),
                                alb("b", "two").rule("shop.example", {prefix("/b", "b")}).address("192.0.2.2")});
  Request sent = request("http://shop.example/b");
  sent.address = "192.0.2.2";
  CHECK(served(trace(of, sent)) == "b");
  sent.address = "192.0.2.1";
  const Trace told = trace(of, sent);
  CHECK(served(told) == "a");
  CHECK(lost(told, "b") == "another load balancer (two)");
  sent.address.reset();
  CHECK(has_note(trace(of, sent), "other load balancers of this class"));
}

TEST_CASE("actions answer, redirect and share among target groups") {
  const IngressTable of = albs(
      {alb("web")
           .rule("shop.example", {action("/503", "down"), action("/eks", "away"), action("/two", "two"), action("/bad", "bad")})
           .note(key("actions.down"), R"({"type":"fixed-response","fixedResponseConfig":{"statusCode":"503"}})")
           .note(
               key("actions.away"),
               R"({"type":"redirect","redirectConfig":{"host":"aws.example","path":"/x/#{path}","port":"443","protocol":"HTTPS","query":"k=v","statusCode":"HTTP_302"}})")
           .note(
               key("actions.two"),
               R"({"type":"forward","forwardConfig":{"targetGroups":[{"serviceName":"a","servicePort":"http","weight":20},{"serviceName":"b","servicePort":80,"weight":60}]}})")});
  CHECK(served(of, "http://shop.example/503") == "503");
  CHECK(served(of, "http://shop.example/eks?q") == "302 https://aws.example/x/eks?k=v");
  const Trace two = trace(of, "http://shop.example/two");
  REQUIRE(two.outcome.backends.size() == 2);
  CHECK(two.outcome.backends[0].object.name == "a");
  CHECK(two.outcome.backends[0].port_name == "http");
  CHECK(two.outcome.backends[0].share == 0.25);
  CHECK(two.outcome.backends[1].share == 0.75);
  CHECK(served(of, "http://shop.example/bad") == "unknown");
}

TEST_CASE("conditions ask for more, and their hosts and paths stand beside the rule's") {
  const IngressTable of = albs(
      {alb("web")
           .rule("www.example", {exact("/one", "one"), exact("/two", "two"), exact("/three", "three"), exact("/four", "four"),
                                 exact("/five", "five")})
           .note(key("conditions.one"), R"([{"field":"host-header","hostHeaderConfig":{"values":["anno.example"]}}])")
           .note(key("conditions.two"), R"([{"field":"path-pattern","pathPatternConfig":{"values":["/anno/*"]}}])")
           .note(
               key("conditions.three"),
               R"([{"field":"http-header","httpHeaderConfig":{"httpHeaderName":"X-A","values":["1*"]}},{"field":"http-request-method","httpRequestMethodConfig":{"Values":["GET"]}}])")
           .note(key("conditions.four"),
                 R"([{"field":"query-string","queryStringConfig":{"values":[{"key":"a","value":"1"},{"value":"z"}]}}])")
           .note(key("conditions.five"), R"([{"field":"source-ip","sourceIpConfig":{"values":["192.0.2.0/24"]}}])")});
  CHECK(served(of, "http://anno.example/one") == "one");
  CHECK(served(of, "http://anno.example/two") == "404");
  CHECK(served(of, "http://www.example/anno/x") == "two");
  CHECK(served(of, "http://www.example/three") == "404");
  CHECK(served(trace(of, request("http://www.example/three", {{"x-a", "12"}}))) == "three");
  CHECK(served(of, "http://www.example/four?b=2&a=1") == "four");
  CHECK(served(of, "http://www.example/four?q=z") == "four");
  CHECK(served(of, "http://www.example/four?a=2") == "404");
  CHECK(served(of, "http://www.example/five") == "unknown");
}

TEST_CASE("ssl-redirect of one Ingress holds for the whole group") {
  const Made one = alb("a").rule("shop.example", {prefix("/", "a")}).note(key("listen-ports"), R"([{"HTTP":80},{"HTTPS":443}])");
  const Made two = alb("b")
                       .rule("other.example", {prefix("/", "b")})
                       .note(key("listen-ports"), R"([{"HTTP":80},{"HTTPS":443}])")
                       .note(key("ssl-redirect"), "443");
  const IngressTable of = albs({one, two});
  CHECK(served(of, "http://shop.example/x?y") == "301 https://shop.example/x?y");
  CHECK(served(of, "https://shop.example/x") == "a");
  CHECK(served(of, "http://nobody.example/x") == "301 https://nobody.example/x");
}

TEST_CASE("a listener is there for the ports of the annotations alone") {
  const IngressTable plain = albs({alb("a").rule("shop.example", {prefix("/", "a")})});
  CHECK(served(plain, "http://shop.example/") == "a");
  CHECK(served(plain, "https://shop.example/") == "unreachable");
  const IngressTable tls =
      albs({alb("a").rule("shop.example", {prefix("/", "a")}).note(key("certificate-arn"), "arn:aws:acm:x")});
  CHECK(served(tls, "http://shop.example/") == "unreachable");
  CHECK(served(tls, "https://shop.example/") == "a");
}

TEST_CASE("wildcards in Exact and Prefix are refused") {
  const IngressTable of = albs({alb("a").rule("shop.example", {prefix("/a/*", "a")})});
  REQUIRE(of.dropped.size() == 1);
  CHECK(of.dropped.front().why.find("refused") != std::string::npos);
}

TEST_CASE("EKS Auto Mode has the rules of the same controller") {
  CHECK(served(table("eks-auto-mode", {alb("a").rule("", {specific("/*", "a")})}), "http://x.example/y") == "a");
}

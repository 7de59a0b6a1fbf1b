#include <doctest/doctest.h>

#include "tests/unit/dialect_help.h"

using namespace dialect_test;

// GKE Ingress: ingress-gce v1.36, validateAndGetPaths; Google Cloud, URL maps.

TEST_CASE("GKE takes Prefix by elements, and ImplementationSpecific exactly unless it ends with /*") {
  using Type = IngressPath::Type;
  const std::vector<std::string> paths{"/api", "/api/", "/apix", "/api/v2", "/api/v2/x", "/api/v22"};
  const Serves below{{"/api", "api"},   {"/api/", "api"},    {"/apix", "404"},
                     {"/api/v2", "v2"}, {"/api/v2/x", "v2"}, {"/api/v22", "api"}};
  const Serves itself{{"/api", "api"},   {"/api/", "404"},     {"/apix", "404"},
                      {"/api/v2", "v2"}, {"/api/v2/x", "404"}, {"/api/v22", "404"}};
  CHECK(serves_api("gke", Type::prefix, "", paths) == below);
  CHECK(serves_api("gke", Type::prefix, "/", paths) == below);
  CHECK(serves_api("gke", Type::exact, "", paths) == itself);
  CHECK(serves_api("gke", Type::implementation_specific, "", paths) == itself);
  CHECK(
      serves_api("gke", Type::implementation_specific, "/*", paths) ==
      Serves{{"/api", "404"}, {"/api/", "api"}, {"/apix", "404"}, {"/api/v2", "api"}, {"/api/v2/x", "v2"}, {"/api/v22", "api"}});
}

TEST_CASE("an ImplementationSpecific path without /* is told to take nothing below it") {
  const IngressTable of = table("gke", {Made("web").rule("shop.example", {specific("/api", "api"), specific("", "rest")})});
  CHECK(has_note(trace(of, "http://shop.example/api"), "exact to GKE"));
  CHECK(served(of, "http://shop.example/api/x") == "rest");
}

TEST_CASE("an exact path goes before /*, however short") {
  const IngressTable of = table("gke", {Made("web").rule("shop.example", {specific("/*", "all"), exact("/", "root"),
                                                                          specific("/a/*", "below"), exact("/a/b", "one")})});
  CHECK(served(of, "http://shop.example/") == "root");
  CHECK(served(of, "http://shop.example/a/b") == "one");
  CHECK(served(of, "http://shop.example/a/c") == "below");
}

TEST_CASE("each Ingress of GKE has a load balancer of its own") {
  const IngressTable of = table("gke", {Made("a", 0).rule("shop.example", {prefix("/", "a")}).address("192.0.2.1"),
                                        Made("b", 1).rule("shop.example", {prefix("/b", "b")}).address("192.0.2.2")});
  Request sent = request("http://shop.example/b");
  sent.address = "192.0.2.1";
  CHECK(served(trace(of, sent)) == "a");
  sent.address = "192.0.2.2";
  CHECK(served(trace(of, sent)) == "b");
  sent.path = "/x";
  CHECK(served(trace(of, sent)) == "404");
}

TEST_CASE("GKE chooses the host rule first, and the default backend takes the rest") {
  const IngressTable of = table("gke", {Made("web")
                                            .default_backend("rest")
                                            .rule("shop.example", {prefix("/api", "api")})
                                            .rule("*.example", {prefix("/", "wild")})});
  CHECK(served(of, "http://shop.example/x") == "rest");
  CHECK(served(of, "http://a.b.example/x") == "wild");
  CHECK(served(of, "http://b.test/x") == "rest");
}

TEST_CASE("GKE has https where a certificate is named, and http unless allow-http is false") {
  const auto serves = [](const Made& web, const std::string& url) { return served(table("gke", {web}), url); };
  const Made plain = Made("web").rule("shop.example", {prefix("/", "web")});
  CHECK(serves(plain, "https://shop.example/") == "unreachable");
  CHECK(serves(Made(plain).note("networking.gke.io/managed-certificates", "m"), "https://shop.example/") == "web");
  CHECK(serves(Made(plain).tls({}).note("kubernetes.io/ingress.allow-http", "false"), "http://shop.example/") == "404");
}

TEST_CASE("a star anywhere but at the end is refused") {
  const IngressTable of = table("gke", {Made("web").rule("shop.example", {specific("/a/*/b", "a"), prefix("/x/*", "x")})});
  CHECK(of.dropped.size() == 2);
}

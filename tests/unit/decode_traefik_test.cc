#include <doctest/doctest.h>

#include "tests/unit/decode_help.h"

using namespace gwdoctor;
using test::decoded;
using test::parsed;

namespace {

constexpr std::string_view route = R"json({
  "metadata": {"name": "web", "namespace": "shop", "annotations": {"kubernetes.io/ingress.class": "traefik-internal"}},
  "spec": {"entryPoints": ["websecure"], "tls": {"secretName": "web-tls"}, "routes": [null,
    {"match": "Host(`shop.example`)", "kind": "Rule", "priority": 12, "middlewares": [{"name": "strip"}, {"name": "auth", "namespace": "edge"}],
     "services": [{"name": "web", "port": "http", "weight": 3}, {"kind": "TraefikService", "name": "split", "namespace": "x", "port": 80}]}]}})json";

}  // namespace

TEST_CASE("an IngressRoute is read with namespaces filled in") {
  const IngressRoute read = decoded<IngressRoute>(route, Kind::ingress_route);
  CHECK(read.entry_points == std::vector<std::string>{"websecure"});
  CHECK(read.has_tls);
  CHECK(read.tls_secret == "web-tls");
  CHECK(read.class_name == "traefik-internal");
  REQUIRE(read.routes.size() == 1);
  const IngressRoute::Route& one = read.routes[0];
  CHECK(one.path == "spec.routes[1]");
  CHECK(one.match == "Host(`shop.example`)");
  CHECK(one.priority == 12);
  REQUIRE(one.middlewares.size() == 2);
  CHECK(one.middlewares[0].ns == "shop");
  CHECK_FALSE(one.middlewares[0].names_namespace);
  CHECK(one.middlewares[1].ns == "edge");
  REQUIRE(one.services.size() == 2);
  CHECK(one.services[0].kind == "Service");
  CHECK(one.services[0].port_name == "http");
  CHECK(one.services[0].weight == 3);
  CHECK(one.services[1].kind == "TraefikService");
  CHECK(one.services[1].ns == "x");
  CHECK(one.services[1].port == 80);
  test::decode_hostile<IngressRoute>(parsed(route), Kind::ingress_route);
}

TEST_CASE("a Middleware says its type and the settings of it") {
  const auto read = [](std::string_view spec) {
    return decoded<Middleware>(R"({"metadata": {"name": "m", "namespace": "n"}, "spec": )" + std::string(spec) + "}",
                               Kind::middleware);
  };
  const Middleware strip = read(R"({"stripPrefix": {"prefixes": ["/a", "/b"]}})");
  CHECK(strip.type == "stripPrefix");
  CHECK(strip.prefixes == std::vector<std::string>{"/a", "/b"});
  CHECK(read(R"({"redirectScheme": {"scheme": "https", "permanent": true}})").permanent);
  CHECK(read(R"({"chain": {"middlewares": [{"name": "x"}]}})").chain.size() == 1);
  CHECK(read(R"({"headers": {"customRequestHeaders": {"X-A": "b"}}})").request_headers == std::vector<HeaderField>{{"X-A", "b"}});
  CHECK(read(R"({"stripPrefix": {}, "addPrefix": {}})").type == "");
  test::decode_hostile<Middleware>(parsed(R"({"spec": {"headers": {"customRequestHeaders": {"X-A": "b"}}}})"), Kind::middleware);
}

TEST_CASE("a TraefikService is read by its kind of sharing") {
  const TraefikService split = decoded<TraefikService>(
      R"({"metadata": {"namespace": "n"}, "spec": {"weighted": {"services": [{"name": "a", "port": 80, "weight": 0}, {"name": "b"}]}}})",
      Kind::traefik_service);
  CHECK(split.type == "weighted");
  REQUIRE(split.weighted.size() == 2);
  CHECK(split.weighted[0].weight == 0);
  CHECK_FALSE(split.weighted[1].weight);
  const TraefikService mirror = decoded<TraefikService>(
      R"({"metadata": {"namespace": "n"}, "spec": {"mirroring": {"name": "a", "mirrors": [{"name": "b"}]}}})",
      Kind::traefik_service);
  REQUIRE(mirror.mirrored);
  CHECK(mirror.mirrored->name == "a");
  CHECK(mirror.mirrors.size() == 1);
}

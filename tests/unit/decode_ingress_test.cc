#include <doctest/doctest.h>

#include "tests/unit/decode_help.h"

using namespace gwdoctor;
using test::decoded;
using test::parsed;
using Type = IngressPath::Type;

namespace {

constexpr std::string_view full = R"({
  "metadata": {"name": "shop", "namespace": "web", "annotations": {"kubernetes.io/ingress.class": "nginx"}},
  "spec": {
    "ingressClassName": "public",
    "defaultBackend": {"resource": {"apiGroup": "k8s.example", "kind": "Bucket", "name": "static"}},
    "tls": [{"hosts": ["Shop.Example"], "secretName": "shop-tls"}, {}],
    "rules": [
      {"host": "Shop.Example.", "http": {"paths": [
        {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "shop", "port": {"number": 8080}}}},
        null,
        {"path": "/x", "pathType": "Exact", "backend": {"service": {"name": "shop", "port": {"name": "http"}}}},
        {"backend": {"service": {"name": "shop"}}}]}},
      null,
      {}]},
  "status": {"loadBalancer": {"ingress": [{"ip": "203.0.113.9"}, {"hostname": "lb.example"}]}}})";

}  // namespace

TEST_CASE("an Ingress is read with the place of each rule, path and backend") {
  const Ingress ingress = decoded<Ingress>(full, Kind::ingress);
  REQUIRE(ingress.rules.size() == 2);
  CHECK(ingress.rules[0].host == "shop.example.");
  CHECK(ingress.rules[0].field == "spec.rules[0]");
  CHECK(ingress.rules[1].host == "");
  CHECK(ingress.rules[1].paths.empty());
  CHECK(ingress.rules[1].field == "spec.rules[2]");
  const std::vector<IngressPath>& paths = ingress.rules[0].paths;
  REQUIRE(paths.size() == 3);
  CHECK(paths[0].path == "/");
  CHECK(paths[0].type == Type::prefix);
  CHECK(paths[0].field == "spec.rules[0].http.paths[0]");
  CHECK(paths[0].backend.service == "shop");
  CHECK(paths[0].backend.port == 8080);
  CHECK(paths[0].backend.path == "spec.rules[0].http.paths[0].backend");
  CHECK(paths[1].type == Type::exact);
  CHECK(paths[1].field == "spec.rules[0].http.paths[2]");
  CHECK_FALSE(paths[1].backend.port);
  CHECK(paths[1].backend.port_name == "http");
  CHECK(paths[2].path == "");
  CHECK(paths[2].type == Type::implementation_specific);
}

TEST_CASE("an Ingress names its class by field or by annotation") {
  const Ingress both = decoded<Ingress>(full, Kind::ingress);
  CHECK(both.class_name == "public");
  CHECK(both.class_annotation == "nginx");
  const Ingress none = decoded<Ingress>(R"({"spec": {"ingressClassName": 5}})", Kind::ingress);
  CHECK_FALSE(none.class_name);
  CHECK(none.class_annotation == "");
  CHECK_FALSE(none.default_backend);
}

TEST_CASE("an Ingress's default backend, certificates and addresses are read") {
  const Ingress ingress = decoded<Ingress>(full, Kind::ingress);
  REQUIRE(ingress.default_backend);
  CHECK(ingress.default_backend->service == "");
  CHECK(ingress.default_backend->resource_group == "k8s.example");
  CHECK(ingress.default_backend->resource_kind == "Bucket");
  CHECK(ingress.default_backend->resource_name == "static");
  CHECK(ingress.default_backend->path == "spec.defaultBackend");
  REQUIRE(ingress.tls.size() == 2);
  CHECK(ingress.tls[0].hosts == std::vector<std::string>{"shop.example"});
  CHECK(ingress.tls[0].secret == "shop-tls");
  CHECK(ingress.tls[0].field == "spec.tls[0]");
  CHECK(ingress.tls[1].secret == "");
  REQUIRE(ingress.addresses.size() == 2);
  CHECK(ingress.addresses[0].ip == "203.0.113.9");
  CHECK(ingress.addresses[1].hostname == "lb.example");
}

TEST_CASE("an IngressClass is the default by an annotation that says true") {
  struct Row {
    const char* annotation;
    bool is_default;
  };
  for (const Row& row : {Row{R"("true")", true}, Row{R"("false")", false}, Row{R"("True")", false}, Row{"true", false}}) {
    CAPTURE(row.annotation);
    const auto ingress_class =
        decoded<IngressClass>(R"({"metadata": {"annotations": {"ingressclass.kubernetes.io/is-default-class": )" +
                                  std::string(row.annotation) + R"(}}, "spec": {"controller": "k8s.io/ingress-nginx"}})",
                              Kind::ingress_class);
    CHECK(ingress_class.is_default == row.is_default);
    CHECK(ingress_class.controller == "k8s.io/ingress-nginx");
    CHECK_FALSE(ingress_class.has_parameters);
  }
  CHECK(decoded<IngressClass>(R"({"spec": {"parameters": {"kind": "P", "name": "p"}}})", Kind::ingress_class).has_parameters);
}

TEST_CASE("wrong types anywhere in an Ingress or its class are absent fields") {
  test::decode_hostile<Ingress>(parsed(full), Kind::ingress);
  test::decode_hostile<IngressClass>(
      parsed(R"({"metadata": {"annotations": {"ingressclass.kubernetes.io/is-default-class": "true"}},
    "spec": {"controller": "c", "parameters": {"name": "p"}}})"),
      Kind::ingress_class);
}

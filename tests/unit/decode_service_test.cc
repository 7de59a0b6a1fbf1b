#include <doctest/doctest.h>

#include "tests/unit/decode_help.h"

using namespace gwdoctor;
using test::decoded;
using test::parsed;

namespace {

constexpr std::string_view full = R"({
  "metadata": {"name": "api", "namespace": "payments"},
  "spec": {
    "type": "LoadBalancer", "clusterIP": "10.0.0.1", "selector": {"app": "api", "tier": 5}, "publishNotReadyAddresses": true,
    "externalIPs": ["198.51.100.7", null],
    "ports": [{"name": "http", "port": 8080, "targetPort": "web", "nodePort": 30080, "appProtocol": "kubernetes.io/h2c"},
              null, {"port": 9090, "protocol": "UDP", "targetPort": 9}]},
  "status": {"loadBalancer": {"ingress": [{"ip": "203.0.113.9"}]}}})";

constexpr std::string_view slice = R"({
  "metadata": {"name": "api-x", "namespace": "payments",
    "labels": {"kubernetes.io/service-name": "api", "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io"}},
  "addressType": "IPv4",
  "endpoints": [{"addresses": ["10.1.0.1"], "conditions": {"ready": true, "serving": true, "terminating": false},
                 "targetRef": {"kind": "Pod", "name": "api-1", "namespace": "payments"}, "nodeName": "n1"}, null,
                {"addresses": ["10.1.0.2"], "targetRef": {"kind": "Pod", "name": "api-2"}}],
  "ports": [{"name": "http", "port": 8080, "protocol": "TCP"}, {}]})";

Service service_with(const std::string& ports) {
  return decoded<Service>(R"({"spec": {"ports": )" + ports + "}}", Kind::service);
}

}  // namespace

TEST_CASE("a Service is read whole") {
  const Service service = decoded<Service>(full, Kind::service);
  CHECK(service.type == "LoadBalancer");
  CHECK(service.cluster_ip == "10.0.0.1");
  CHECK(service.selector == Labels{{"app", "api"}});
  CHECK(service.publish_not_ready);
  CHECK(service.external_ips == std::vector<std::string>{"198.51.100.7"});
  CHECK(service.addresses.at(0).ip == "203.0.113.9");
  REQUIRE(service.ports.size() == 2);
  CHECK(service.ports[0].target_name == "web");
  CHECK_FALSE(service.ports[0].target_number);
  CHECK(service.ports[0].protocol == "TCP");
  CHECK(service.ports[0].node_port == 30080);
  CHECK(service.ports[0].app_protocol == "kubernetes.io/h2c");
  CHECK(service.ports[0].path == "spec.ports[0]");
  CHECK(service.ports[1].protocol == "UDP");
  CHECK(service.ports[1].target_number == 9);
  CHECK_FALSE(service.ports[1].node_port);
  CHECK(service.ports[1].path == "spec.ports[2]");
}

TEST_CASE("a Service without a type is a ClusterIP") {
  for (const char* spec : {"{}", R"({"type": ""})", R"({"type": null})", R"({"type": 1})"}) {
    CAPTURE(spec);
    const Service service = decoded<Service>(R"({"spec": )" + std::string(spec) + "}", Kind::service);
    CHECK(service.type == "ClusterIP");
    CHECK_FALSE(service.is_external_name());
    CHECK_FALSE(service.is_headless());
  }
  const Service external = decoded<Service>(R"({"spec": {"type": "ExternalName", "externalName": "db.example"}})", Kind::service);
  CHECK(external.is_external_name());
  CHECK(external.external_name == "db.example");
  CHECK(decoded<Service>(R"({"spec": {"clusterIP": "None"}})", Kind::service).is_headless());
}

TEST_CASE("a targetPort is a number or a name, and the port itself where absent") {
  struct Row {
    const char* target;
    std::optional<std::int64_t> number;
    const char* name;
  };
  const Row rows[] = {
      {"8443", 8443, ""},
      {R"("web")", std::nullopt, "web"},
      {"null", 80, ""},
      {"0", 80, ""},
      {R"("")", 80, ""},
      {"[]", 80, ""},
      {"true", 80, ""},
      {"1.5", 80, ""},
      // The API server takes no name without a letter, and never reads one as a number.
      {R"("8080")", std::nullopt, "8080"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.target);
    const Service service = service_with(R"([{"port": 80, "targetPort": )" + std::string(row.target) + "}]");
    CHECK(service.ports.at(0).target_number == row.number);
    CHECK(service.ports[0].target_name == row.name);
  }
}

TEST_CASE("a Service's port is found by number or by name") {
  const Service service = decoded<Service>(full, Kind::service);
  REQUIRE(service.port(8080) != nullptr);
  CHECK(service.port(8080)->name == "http");
  REQUIRE(service.port("http") != nullptr);
  CHECK(service.port("http")->port == 8080);
  CHECK(service.port(80) == nullptr);
  CHECK(service.port("web") == nullptr);
  // The second port has no name, and no name asks for it.
  CHECK(service.port("") == nullptr);
}

TEST_CASE("a Service's ports are listed for messages") {
  CHECK(decoded<Service>(full, Kind::service).port_list() == "8080 (http), 9090");
  CHECK(decoded<Service>("{}", Kind::service).port_list() == "no ports");
}

TEST_CASE("an EndpointSlice is read whole") {
  const EndpointSlice decoded_slice = decoded<EndpointSlice>(slice, Kind::endpoint_slice);
  CHECK(decoded_slice.service == "api");
  CHECK(decoded_slice.managed_by == "endpointslice-controller.k8s.io");
  CHECK(decoded_slice.address_type == "IPv4");
  REQUIRE(decoded_slice.endpoints.size() == 2);
  CHECK(decoded_slice.endpoints[0].addresses == std::vector<std::string>{"10.1.0.1"});
  CHECK(decoded_slice.endpoints[0].target_kind == "Pod");
  CHECK(decoded_slice.endpoints[0].target_name == "api-1");
  CHECK(decoded_slice.endpoints[0].node == "n1");
  CHECK(decoded_slice.endpoints[1].target_ns == "payments");
  REQUIRE(decoded_slice.ports.size() == 2);
  CHECK(decoded_slice.ports[0].port == 8080);
  CHECK_FALSE(decoded_slice.ports[1].port);
  CHECK(decoded_slice.ports[1].protocol == "TCP");
  CHECK(decoded_slice.ports[1].name == "");
}

TEST_CASE("an endpoint's absent conditions read as the API says") {
  struct Row {
    const char* conditions;
    bool ready;
    bool serving;
    bool terminating;
  };
  const Row rows[] = {
      {"null", true, true, false},
      {"{}", true, true, false},
      {R"({"ready": null, "serving": null, "terminating": null})", true, true, false},
      {R"({"ready": false})", false, false, false},
      {R"({"ready": false, "serving": true, "terminating": true})", false, true, true},
      {R"({"serving": false})", true, false, false},
      {R"({"ready": "false"})", true, true, false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.conditions);
    const auto one =
        decoded<EndpointSlice>(R"({"endpoints": [{"conditions": )" + std::string(row.conditions) + "}]}", Kind::endpoint_slice);
    CHECK(one.endpoints.at(0).ready == row.ready);
    CHECK(one.endpoints[0].serving == row.serving);
    CHECK(one.endpoints[0].terminating == row.terminating);
  }
}

TEST_CASE("wrong types anywhere in a Service or an EndpointSlice are absent fields") {
  test::decode_hostile<Service>(parsed(full), Kind::service);
  test::decode_hostile<EndpointSlice>(parsed(slice), Kind::endpoint_slice);
  CHECK(decoded<EndpointSlice>(R"({"endpoints": null, "ports": null})", Kind::endpoint_slice).endpoints.empty());
}

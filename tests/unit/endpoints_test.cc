#include "kube/endpoints.h"

#include <doctest/doctest.h>

#include "kube/objects/decode.h"
#include "tests/unit/world_help.h"

using namespace gwdoctor;
using namespace gwdoctor::test;

namespace {

Pod pod(std::string_view name, std::string_view ip, std::string_view more = "") {
  return decode<Pod>(
      document(fmt::format("metadata: {{namespace: shop, name: {}}}\n"
                           "spec: {{nodeName: n1, containers: [{{name: main, ports: [{{name: web, containerPort: 8080}}]}}]}}\n"
                           "status: {{phase: Running, podIP: '{}', conditions: [{{type: Ready, status: 'True'}}]}}\n{}",
                           name, ip, more)),
      Kind::pod);
}

Pod unready(std::string_view name) {
  Pod out = pod(name, "10.1.0.9");
  out.conditions.front().status = Condition::Status::is_false;
  return out;
}

Service service(std::string_view spec = "ports: [{name: http, port: 80, targetPort: 8080}]") {
  return decode<Service>(
      document(fmt::format("metadata: {{namespace: shop, name: cart}}\nspec: {{selector: {{app: cart}}, {}}}", spec)),
      Kind::service);
}

std::vector<EndpointSlice> slices(const Service& of, const std::vector<Pod>& pods) {
  std::vector<const Pod*> pointers;
  for (const Pod& one : pods) pointers.push_back(&one);
  std::vector<EndpointSlice> out;
  for (const Value& made : endpoint_slices_of(of, pointers)) out.push_back(decode<EndpointSlice>(made, Kind::endpoint_slice));
  return out;
}

Endpoint only(const std::vector<EndpointSlice>& all) {
  REQUIRE(all.size() == 1);
  REQUIRE(all.front().endpoints.size() == 1);
  return all.front().endpoints.front();
}

}  // namespace

TEST_CASE("ready pods stand in one slice with the Service's target port") {
  const std::vector<EndpointSlice> made = slices(service(), {pod("a", "10.1.0.1"), pod("b", "10.1.0.2")});
  REQUIRE(made.size() == 1);
  CHECK(made[0].service == "cart");
  CHECK(made[0].meta.ref.ns == "shop");
  CHECK(made[0].address_type == "IPv4");
  REQUIRE(made[0].ports.size() == 1);
  CHECK(made[0].ports[0].name == "http");
  CHECK(made[0].ports[0].port == 8080);
  REQUIRE(made[0].endpoints.size() == 2);
  CHECK(made[0].endpoints[1].addresses == std::vector<std::string>{"10.1.0.2"});
  CHECK(made[0].endpoints[1].target_name == "b");
  CHECK(made[0].endpoints[1].ready);
}

TEST_CASE("a named target port is what each pod calls so, and a pod without it is in a slice without that port") {
  Pod other = pod("b", "10.1.0.2");
  other.containers.front().ports.front().number = 9090;
  Pod nameless = pod("c", "10.1.0.3");
  nameless.containers.front().ports.front().name = "admin";
  const std::vector<EndpointSlice> made =
      slices(service("ports: [{name: http, port: 80, targetPort: web}]"), {pod("a", "10.1.0.1"), other, nameless});
  REQUIRE(made.size() == 3);
  CHECK(made[0].ports.front().port == 8080);
  CHECK(made[1].ports.front().port == 9090);
  CHECK(made[2].ports.empty());
  CHECK(made[2].endpoints.front().target_name == "c");
  CHECK(made[0].meta.ref.name != made[1].meta.ref.name);
  CHECK(made[1].meta.ref.name != made[2].meta.ref.name);
}

TEST_CASE("a target port that is not written is the port itself") {
  const std::vector<EndpointSlice> made = slices(service("ports: [{port: 80}]"), {pod("a", "10.1.0.1")});
  REQUIRE(made.size() == 1);
  CHECK(made[0].ports.front().port == 80);
  CHECK(made[0].ports.front().name.empty());
}

TEST_CASE("a pod that is not ready is an endpoint that is neither ready nor serving") {
  const Endpoint endpoint = only(slices(service(), {unready("a")}));
  CHECK_FALSE(endpoint.ready);
  CHECK_FALSE(endpoint.serving);
  CHECK_FALSE(endpoint.terminating);
}

TEST_CASE("publishNotReadyAddresses makes every endpoint ready, and serving stays what the pod is") {
  const Service headless = service("publishNotReadyAddresses: true, ports: [{port: 80}]");
  const Endpoint endpoint = only(slices(headless, {unready("a")}));
  CHECK(endpoint.ready);
  CHECK_FALSE(endpoint.serving);
  Pod leaving = pod("b", "10.1.0.2");
  leaving.meta.deleted = noon();
  CHECK(only(slices(headless, {leaving})).ready);
}

TEST_CASE("a pod that is being deleted still serves and is not ready") {
  Pod leaving = pod("a", "10.1.0.1");
  leaving.meta.deleted = noon();
  const Endpoint endpoint = only(slices(service(), {leaving}));
  CHECK_FALSE(endpoint.ready);
  CHECK(endpoint.serving);
  CHECK(endpoint.terminating);
}

TEST_CASE("IPv6 addresses stand in slices of their own type") {
  const std::vector<EndpointSlice> made = slices(service(), {pod("a", "10.1.0.1"), pod("b", "fd00::b")});
  REQUIRE(made.size() == 2);
  CHECK(made[0].address_type == "IPv4");
  CHECK(made[1].address_type == "IPv6");
  CHECK(made[1].endpoints.front().addresses == std::vector<std::string>{"fd00::b"});
}

TEST_CASE("a pod without an address, or one that has finished, is no endpoint") {
  Pod done = pod("b", "10.1.0.2");
  done.phase = "Succeeded";
  CHECK(slices(service(), {pod("a", ""), done}).empty());
}

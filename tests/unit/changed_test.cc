#include "report/changed.h"

#include <doctest/doctest.h>

#include "tests/unit/world_help.h"

using namespace gwdoctor;
using namespace gwdoctor::test;

namespace {

Value service(std::string_view managed) {
  Value out = document(
      "{metadata: {name: cart}, type: Opaque, spec: {selector: {app: cart}, type: NodePort, finalizers: [a, b], ports: [{name: "
      "http, port: 80}, "
      "{name: admin, port: 81}]}, status: {phase: up}}");
  out.set_path("metadata.managedFields", document(managed));
  return out;
}

std::string writer(const Value& document, std::string_view path) {
  const std::optional<Changed> changed = last_change(document, path);
  return changed ? changed->manager : "";
}

constexpr std::string_view ten = "time: '2026-11-23T10:00:00Z'";
constexpr std::string_view eleven = "time: '2026-11-23T11:00:00Z'";

}  // namespace

TEST_CASE("the manager that owns a field is named with its time") {
  const Value one = service(fmt::format("[{{manager: helm, {}, fieldsV1: {{f:spec: {{f:type: {{}}}}}}}}]", ten));
  const std::optional<Changed> changed = last_change(one, "spec.type");
  REQUIRE(changed.has_value());
  CHECK(changed->manager == "helm");
  CHECK(changed->time == *parse_time("2026-11-23T10:00:00Z"));
}

TEST_CASE("of several owners the newest is named, and others' fields are not theirs") {
  const Value two =
      service(fmt::format("[{{manager: kubectl, {}, fieldsV1: {{f:spec: {{f:type: {{}}}}}}}}, {{manager: helm, {}, fieldsV1: "
                          "{{f:spec: {{f:type: {{}}, f:selector: "
                          "{{f:app: {{}}}}}}}}}}]",
                          eleven, ten));
  CHECK(writer(two, "spec.type") == "kubectl");
  CHECK(writer(two, "spec.selector.app") == "helm");
}

TEST_CASE("an element of a keyed list is found by its keys, wherever it stands") {
  const Value keyed = service(fmt::format(
      "[{{manager: kubectl, {}, fieldsV1: {{f:spec: {{f:ports: {{'k:{{\"port\":81}}': {{'.': {{}}, f:port: {{}}}}}}}}}}}}, "
      "{{manager: helm, {}, fieldsV1: {{f:spec: {{f:ports: {{'k:{{\"port\":80}}': {{'.': {{}}, f:port: {{}}, f:name: "
      "{{}}}}}}}}}}}}]",
      eleven, ten));
  CHECK(writer(keyed, "spec.ports[0].port") == "helm");
  CHECK(writer(keyed, "spec.ports[1].port") == "kubectl");
  // The name of the second port is nobody's: its owner wrote other fields of it.
  CHECK(writer(keyed, "spec.ports[1].name").empty());
}

TEST_CASE("an element of a set is found by its value") {
  const Value set =
      service(fmt::format("[{{manager: helm, {}, fieldsV1: {{f:spec: {{f:finalizers: {{'v:\"b\"': {{}}}}}}}}}}]", ten));
  CHECK(writer(set, "spec.finalizers[1]") == "helm");
  CHECK(writer(set, "spec.finalizers[0]").empty());
}

TEST_CASE("a list without keys is owned as a whole, and whoever owns it wrote what is in it") {
  const Value atomic = service(fmt::format("[{{manager: argocd, {}, fieldsV1: {{f:spec: {{f:ports: {{}}}}}}}}]", ten));
  CHECK(writer(atomic, "spec.ports[1].port") == "argocd");
  CHECK(writer(atomic, "spec.selector.app").empty());
}

TEST_CASE("writers of the status do not count for a field outside it") {
  const Value both = service(fmt::format(
      "[{{manager: helm, {}, fieldsV1: {{f:spec: {{f:type: {{}}}}}}}}, "
      "{{manager: contour, subresource: status, {}, fieldsV1: {{f:spec: {{f:type: {{}}}}, f:status: {{f:phase: {{}}}}}}}}]",
      ten, eleven));
  CHECK(writer(both, "spec.type") == "helm");
  CHECK(writer(both, "") == "helm");
  CHECK(writer(both, "status.phase") == "contour");
}

TEST_CASE("the whole object is whose spec was written last") {
  const Value two =
      service(fmt::format("[{{manager: helm, {}, fieldsV1: {{f:spec: {{f:type: {{}}}}}}}}, {{manager: labeller, {}, fieldsV1: "
                          "{{f:metadata: {{f:labels: {{}}}}}}}}]",
                          ten, eleven));
  CHECK(writer(two, "") == "helm");
}

TEST_CASE("a field right below the root is owned like any other") {
  const Value secret = service(fmt::format("[{{manager: kubectl-create, {}, fieldsV1: {{f:type: {{}}, f:data: {{}}}}}}]", ten));
  CHECK(writer(secret, "type") == "kubectl-create");
  CHECK(writer(secret, "stringData").empty());
}

TEST_CASE("where nobody is named, or what is named makes no sense, nobody wrote it") {
  CHECK_FALSE(last_change(document("{spec: {type: NodePort}}"), "spec.type").has_value());
  CHECK_FALSE(last_change(Value(), "spec.type").has_value());
  for (const char* managed : {"[]", "7", "[7, null, {}]", "[{manager: helm, time: yesterday, fieldsV1: {f:spec: {f:type: {}}}}]",
                              "[{manager: helm, time: '2026-11-23T10:00:00Z', fieldsV1: 7}]"}) {
    CHECK(writer(service(managed), "spec.type").empty());
  }
  const Value broken = service(
      fmt::format("[{{manager: helm, {}, fieldsV1: {{f:spec: {{f:ports: {{'k:{{': {{f:port: {{}}}}, 'v:[': {{}}}}}}}}}}]", ten));
  CHECK(writer(broken, "spec.ports[0].port").empty());
}

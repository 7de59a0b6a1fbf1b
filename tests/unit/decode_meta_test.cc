#include <doctest/doctest.h>

#include "kube/objects/fields.h"
#include "tests/unit/decode_help.h"

using namespace gwdoctor;
using test::decoded;
using test::parsed;

namespace {

constexpr std::string_view full = R"({
  "apiVersion": "gateway.networking.k8s.io/v1beta1", "kind": "Gateway",
  "metadata": {
    "name": "public-web", "namespace": "platform-ingress", "uid": "13e28982", "generation": 3,
    "creationTimestamp": "2026-11-23T10:00:00Z", "deletionTimestamp": "2026-11-23T11:00:00Z",
    "labels": {"app": "web", "tier": "front"},
    "annotations": {"note": "a", "kubectl.kubernetes.io/last-applied-configuration": "{\"data\":1}"},
    "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web-1", "controller": true}, {"kind": "X"}],
    "managedFields": [
      {"manager": "kubectl", "time": "2026-11-23T10:01:00Z"},
      {"manager": "edit", "time": "2026-11-23T10:03:00Z", "subresource": "scale"},
      {"manager": "helm", "time": "2026-11-23T10:02:00Z"},
      {"manager": "contour", "time": "2026-11-23T10:59:00Z", "subresource": "status"}]}})";

}  // namespace

TEST_CASE("metadata is read whole") {
  const Meta meta = decode_meta(parsed(full), Kind::gateway);
  CHECK(meta.ref == Ref{"gateway.networking.k8s.io/v1beta1", "Gateway", "platform-ingress", "public-web", ""});
  CHECK(meta.uid == "13e28982");
  CHECK(meta.generation == 3);
  CHECK(meta.created == parse_time("2026-11-23T10:00:00Z"));
  CHECK(meta.deleted == parse_time("2026-11-23T11:00:00Z"));
  CHECK(meta.labels == Labels{{"app", "web"}, {"tier", "front"}});
  REQUIRE(meta.owners.size() == 2);
  CHECK(meta.owners[0].api_version == "apps/v1");
  CHECK(meta.owners[0].name == "web-1");
  CHECK(meta.owners[0].controller);
  CHECK_FALSE(meta.owners[1].controller);
  CHECK_FALSE(meta.settling);
}

TEST_CASE("an object changed when somebody last wrote its spec, not when a controller wrote its status") {
  CHECK(decode_meta(parsed(full), Kind::gateway).changed == parse_time("2026-11-23T10:03:00Z"));
  CHECK_FALSE(decode_meta(parsed(R"({"metadata": {"name": "a"}})"), Kind::gateway).changed);
  CHECK_FALSE(
      decode_meta(parsed(R"({"metadata": {"managedFields": [{"time": "soon"}, {"time": 5}, null]}})"), Kind::gateway).changed);
}

TEST_CASE("the annotation that repeats the whole object is not kept") {
  CHECK(decode_meta(parsed(full), Kind::gateway).annotations == Labels{{"note", "a"}});
}

TEST_CASE("an item of a list gets its kind from the list") {
  const Meta meta = decode_meta(parsed(R"({"metadata": {"name": "contour"}})"), Kind::gateway_class);
  CHECK(meta.ref == ref(Kind::gateway_class, "", "contour"));
  CHECK(decode_meta(parsed(R"({"apiVersion": "", "kind": 5})"), Kind::pod).ref == ref(Kind::pod, "", ""));
}

TEST_CASE("a kind without namespaces has none, whatever is written") {
  CHECK(decode_meta(parsed(R"({"metadata": {"name": "a", "namespace": "b"}})"), Kind::name_space).ref.ns == "");
}

TEST_CASE("of a label written twice the later one counts") {
  CHECK(decode_labels(parsed(R"({"a": "1", "b": "2", "c": 3, "d": null})")) == Labels{{"a", "1"}, {"b", "2"}});
  const Value twice(Value::Object{{"a", Value("1")}, {"b", Value("2")}, {"a", Value("3")}});
  CHECK(decode_labels(twice) == Labels{{"b", "2"}, {"a", "3"}});
}

TEST_CASE("conditions are read with what their writer left out") {
  const Conditions conditions = decode_conditions(parsed(R"([
    {"type": "Accepted", "status": "True", "reason": "Accepted", "message": "fine", "observedGeneration": 2,
     "lastTransitionTime": "2026-11-23T10:49:19Z"},
    {"type": "Programmed", "status": "False"}, {"type": "Odd", "status": "true"}, {"type": "Bool", "status": true},
    {"status": "True"}, null, "Ready"])"));
  REQUIRE(conditions.size() == 4);
  CHECK(conditions[0].status == Condition::Status::is_true);
  CHECK(conditions[0].reason == "Accepted");
  CHECK(conditions[0].message == "fine");
  CHECK(conditions[0].observed == 2);
  CHECK(conditions[0].since == parse_time("2026-11-23T10:49:19Z"));
  CHECK(conditions[1].status == Condition::Status::is_false);
  CHECK_FALSE(conditions[1].observed);
  CHECK_FALSE(conditions[1].since);
  CHECK(conditions[2].status == Condition::Status::unknown);
  CHECK(conditions[3].status == Condition::Status::unknown);
  CHECK(decode_conditions(Value("Ready")).empty());
}

TEST_CASE("a status is written once somebody wrote more than Go's zeros and the CRD's default") {
  struct Row {
    const char* status;
    bool written;
  };
  const Row rows[] = {
      {R"(null)", false},
      {R"({})", false},
      {R"("Ready")", false},
      {R"({"replicas": 0, "availableReplicas": 0, "loadBalancer": {}, "conditions": [], "phase": ""})", false},
      {R"({"conditions": [{"type": "Accepted", "status": "Unknown", "reason": "Pending", "message": "Waiting for controller",
           "lastTransitionTime": "1970-01-01T00:00:00Z"}]})",
       false},
      {R"({"conditions": [{"type": "Accepted", "status": "Unknown", "reason": "Pending", "message": "Waiting for controller",
           "lastTransitionTime": "2026-11-23T10:49:19Z"}]})",
       true},
      {R"({"conditions": [{"type": "Accepted", "status": "True", "reason": "Accepted"}]})", true},
      {R"({"observedGeneration": 1})", true},
      {R"({"addresses": [{"value": "203.0.113.20"}]})", true},
      {R"({"phase": "Pending"})", true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.status);
    CHECK(has_written_status(parsed(row.status)) == row.written);
  }
}

TEST_CASE("an event was last seen at the first of its times that is set") {
  struct Row {
    const char* event;
    const char* last;
    std::int64_t count;
  };
  const Row rows[] = {
      {R"({"lastTimestamp": "2026-11-23T10:00:02Z", "firstTimestamp": "2026-11-23T10:00:01Z", "count": 4})",
       "2026-11-23T10:00:02Z", 4},
      {R"({"lastTimestamp": null, "eventTime": "2026-11-23T10:00:03.123456Z", "count": 0,
           "series": {"count": 9, "lastObservedTime": "2026-11-23T10:00:05.000000Z"}})",
       "2026-11-23T10:00:05Z", 9},
      {R"({"lastTimestamp": null, "eventTime": "2026-11-23T10:00:03.123456Z"})", "2026-11-23T10:00:03Z", 1},
      {R"({"metadata": {"creationTimestamp": "2026-11-23T10:00:00Z"}, "count": "many"})", "2026-11-23T10:00:00Z", 1},
  };
  for (const Row& row : rows) {
    CAPTURE(row.event);
    const Event event = decoded<Event>(row.event, Kind::event);
    CHECK(event.last == parse_time(row.last));
    CHECK(event.count == row.count);
  }
}

TEST_CASE("an event names its object") {
  const Event event = decoded<Event>(R"({"type": "Warning", "reason": "SyncLoadBalancerFailed", "message": "quota",
    "involvedObject": {"kind": "Service", "namespace": "payments", "name": "api"}})",
                                     Kind::event);
  CHECK(event.type == "Warning");
  CHECK(event.reason == "SyncLoadBalancerFailed");
  CHECK(event.message == "quota");
  CHECK(event.object_kind == "Service");
  CHECK(event.object_ns == "payments");
  CHECK(event.object_name == "api");
}

TEST_CASE("a CRD tells the versions it serves") {
  const auto crd = decoded<CustomResourceDefinition>(R"({"metadata": {"name": "gateways.gateway.networking.k8s.io"},
    "spec": {"group": "gateway.networking.k8s.io", "names": {"kind": "Gateway"},
      "versions": [{"name": "v1", "served": true}, {"name": "v1alpha2", "served": false}, {"name": "v1beta1", "served": true}, 5]}})",
                                                     Kind::custom_resource_definition);
  CHECK(crd.group == "gateway.networking.k8s.io");
  CHECK(crd.kind == "Gateway");
  CHECK(crd.served_versions == std::vector<std::string>{"v1", "v1beta1"});
}

TEST_CASE("wrong types anywhere in metadata, events or definitions are absent fields") {
  test::decode_hostile<Namespace>(parsed(full), Kind::name_space);
  test::decode_hostile<Event>(parsed(R"({"involvedObject": {"name": "a"}, "series": {"count": 1}, "eventTime": null})"),
                              Kind::event);
  test::decode_hostile<CustomResourceDefinition>(
      parsed(R"({"spec": {"group": "g", "names": {"kind": "K"}, "versions": [{"name": "v1", "served": true}]}})"),
      Kind::custom_resource_definition);
}

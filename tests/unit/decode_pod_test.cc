#include <doctest/doctest.h>

#include "tests/unit/decode_help.h"

using namespace gwdoctor;
using test::decoded;
using test::parsed;

namespace {

constexpr std::string_view full = R"({
  "metadata": {"name": "api-1", "namespace": "payments"},
  "spec": {
    "nodeName": "n1", "readinessGates": [{"conditionType": "target-health.elbv2.k8s.aws/x"}, {}],
    "initContainers": [{"name": "migrate", "image": "m", "ports": [{"name": "web", "containerPort": 1}]},
                       {"name": "mesh", "restartPolicy": "Always", "ports": [{"name": "proxy", "containerPort": 15001}]}],
    "containers": [{"name": "api", "image": "api:1", "ports": [{"name": "web", "containerPort": 8080}, {"containerPort": 53, "protocol": "UDP"}],
                    "readinessProbe": {"httpGet": {"path": "/ready", "port": "web"}, "periodSeconds": 5}}, null]},
  "status": {
    "phase": "Running", "podIPs": [{"ip": "10.1.0.1"}], "reason": "r", "message": "m",
    "conditions": [{"type": "Ready", "status": "True"}],
    "initContainerStatuses": [{"name": "migrate", "ready": true, "state": {"terminated": {"exitCode": 0, "reason": "Completed"}}}],
    "containerStatuses": [{"name": "api", "ready": false, "restartCount": 7,
      "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}},
      "lastState": {"terminated": {"exitCode": 137, "reason": "OOMKilled", "message": "gone"}}},
      {"name": "side", "ready": true, "state": {"running": {}}}]}})";

constexpr std::string_view deployment = R"({
  "metadata": {"name": "api", "namespace": "payments"},
  "spec": {"replicas": 3, "selector": {"matchLabels": {"app": "api"}},
    "template": {"metadata": {"labels": {"app": "api"}}, "spec": {"containers": [{"name": "api"}], "initContainers": [{"name": "i"}]}}},
  "status": {"observedGeneration": 2, "readyReplicas": 2, "availableReplicas": 1, "conditions": [{"type": "Available", "status": "False"}]}})";

}  // namespace

TEST_CASE("a pod's containers are read, init containers marked as such") {
  const Pod pod = decoded<Pod>(full, Kind::pod);
  REQUIRE(pod.containers.size() == 3);
  CHECK(pod.containers[0].name == "api");
  CHECK(pod.containers[0].image == "api:1");
  CHECK(pod.containers[0].path == "spec.containers[0]");
  CHECK_FALSE(pod.containers[0].is_init);
  CHECK(pod.containers[0].ports.at(0).protocol == "TCP");
  CHECK(pod.containers[0].ports.at(1).protocol == "UDP");
  CHECK(pod.containers[1].path == "spec.initContainers[0]");
  CHECK(pod.containers[1].is_init);
  CHECK_FALSE(pod.containers[1].is_sidecar);
  CHECK(pod.containers[2].is_sidecar);
}

TEST_CASE("a pod's status is read") {
  const Pod pod = decoded<Pod>(full, Kind::pod);
  CHECK(pod.has_status);
  CHECK(pod.phase == "Running");
  CHECK(pod.reason == "r");
  CHECK(pod.message == "m");
  CHECK(pod.node == "n1");
  CHECK(pod.ip == "10.1.0.1");
  CHECK(pod.is_ready());
  CHECK(pod.readiness_gates == std::vector<std::string>{"target-health.elbv2.k8s.aws/x"});
  REQUIRE(pod.states.size() == 3);
  CHECK(pod.states[0].container == "api");
  CHECK(pod.states[0].restarts == 7);
  CHECK_FALSE(pod.states[0].ready);
  CHECK_FALSE(pod.states[0].running);
  CHECK(pod.states[0].waiting_reason == "CrashLoopBackOff");
  CHECK(pod.states[0].waiting_message == "back-off");
  CHECK(pod.states[0].last_reason == "OOMKilled");
  CHECK(pod.states[0].last_message == "gone");
  CHECK(pod.states[0].last_exit_code == 137);
  CHECK_FALSE(pod.states[0].exit_code);
  CHECK(pod.states[0].path == "status.containerStatuses[0]");
  CHECK(pod.states[1].running);
  CHECK(pod.states[2].is_init);
  CHECK(pod.states[2].terminated_reason == "Completed");
  CHECK(pod.states[2].exit_code == 0);
  CHECK(pod.states[2].path == "status.initContainerStatuses[0]");
}

TEST_CASE("a pod's ports are those of the containers that stay") {
  const Pod pod = decoded<Pod>(full, Kind::pod);
  CHECK(pod.named_port("web") == 8080);
  CHECK(pod.named_port("proxy") == 15001);
  CHECK_FALSE(pod.named_port("http"));
  CHECK_FALSE(pod.named_port(""));
  CHECK(pod.declares(8080));
  CHECK(pod.declares(15001));
  CHECK_FALSE(pod.declares(1));
  CHECK_FALSE(pod.declares(80));
}

TEST_CASE("readiness probes of every type are read") {
  struct Row {
    const char* probe;
    const char* type;
    std::optional<std::int64_t> port;
    const char* port_name;
    const char* path;
    const char* scheme;
  };
  const Row rows[] = {
      {R"({"httpGet": {"port": 8080}})", "httpGet", 8080, "", "/", "HTTP"},
      {R"({"httpGet": {"port": "web", "path": "/r", "scheme": "HTTPS"}})", "httpGet", std::nullopt, "web", "/r", "HTTPS"},
      {R"({"tcpSocket": {"port": 5432}})", "tcpSocket", 5432, "", "", ""},
      {R"({"grpc": {"port": 50051}})", "grpc", 50051, "", "", ""},
      {R"({"exec": {"command": ["true"]}})", "exec", std::nullopt, "", "", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.probe);
    const Pod pod = decoded<Pod>(R"({"spec": {"containers": [{"readinessProbe": )" + std::string(row.probe) + "}]}}", Kind::pod);
    REQUIRE(pod.containers.at(0).readiness);
    const Probe& probe = *pod.containers[0].readiness;
    CHECK(probe.type == row.type);
    CHECK(probe.port == row.port);
    CHECK(probe.port_name == row.port_name);
    CHECK(probe.http_path == row.path);
    CHECK(probe.scheme == row.scheme);
  }
  CHECK_FALSE(
      decoded<Pod>(R"({"spec": {"containers": [{"readinessProbe": {"httpGet": 5}}]}})", Kind::pod).containers.at(0).readiness);
}

TEST_CASE("a pod that is done is finished, one that is merely not ready is not") {
  struct Row {
    const char* status;
    bool finished;
    bool ready;
  };
  const Row rows[] = {
      {R"({"phase": "Succeeded"})", true, false},
      {R"({"phase": "Failed", "reason": "Evicted"})", true, false},
      {R"({"conditions": [{"type": "Ready", "status": "False", "reason": "PodCompleted"}]})", true, false},
      {R"({"phase": "Running", "conditions": [{"type": "Ready", "status": "False", "reason": "ContainersNotReady"}]})", false,
       false},
      {R"({"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]})", false, true},
      {R"({"phase": "Pending"})", false, false},
      {R"({})", false, false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.status);
    const Pod pod = decoded<Pod>(R"({"status": )" + std::string(row.status) + "}", Kind::pod);
    CHECK(pod.is_finished() == row.finished);
    CHECK(pod.is_ready() == row.ready);
  }
  CHECK_FALSE(decoded<Pod>(R"({"spec": {}, "status": {}})", Kind::pod).has_status);
}

TEST_CASE("a Deployment is read with its template and status") {
  const Workload workload = decoded<Workload>(deployment, Kind::deployment);
  CHECK(workload.kind == Kind::deployment);
  CHECK(workload.meta.ref == ref(Kind::deployment, "payments", "api"));
  CHECK(workload.replicas == 3);
  CHECK(workload.ready == 2);
  CHECK(workload.available == 1);
  CHECK(workload.observed == 2);
  CHECK(workload.has_status);
  CHECK(workload.max_unavailable == "25%");
  CHECK(workload.selector.matches({{"app", "api"}}));
  CHECK_FALSE(workload.selector.matches({}));
  CHECK(workload.template_labels == Labels{{"app", "api"}});
  REQUIRE(workload.containers.size() == 2);
  CHECK(workload.containers[0].path == "spec.template.spec.containers[0]");
  CHECK(workload.containers[1].path == "spec.template.spec.initContainers[0]");
  CHECK(workload.containers[1].is_init);
  CHECK(workload.conditions.size() == 1);
}

TEST_CASE("a workload without replicas wants one, and zero is zero") {
  CHECK(decoded<Workload>("{}", Kind::deployment).replicas == 1);
  CHECK(decoded<Workload>(R"({"spec": {"replicas": null}})", Kind::stateful_set).replicas == 1);
  CHECK(decoded<Workload>(R"({"spec": {"replicas": 0}})", Kind::deployment).replicas == 0);
  CHECK_FALSE(decoded<Workload>("{}", Kind::deployment).selector.matches({{"app", "api"}}));
}

TEST_CASE("a DaemonSet wants what is scheduled, or one while nobody wrote its status") {
  const auto seen = decoded<Workload>(R"({"spec": {"replicas": 9}, "status": {"desiredNumberScheduled": 3, "numberReady": 2,
    "numberAvailable": 1, "currentNumberScheduled": 3, "numberMisscheduled": 0}})",
                                      Kind::daemon_set);
  CHECK(seen.replicas == 3);
  CHECK(seen.ready == 2);
  CHECK(seen.available == 1);
  CHECK(seen.has_status);
  const auto fresh = decoded<Workload>(R"({"status": {"desiredNumberScheduled": 0, "numberReady": 0, "numberMisscheduled": 0}})",
                                       Kind::daemon_set);
  CHECK_FALSE(fresh.has_status);
  CHECK(fresh.replicas == 1);
  CHECK(decoded<Workload>(R"({"status": {"observedGeneration": 1, "desiredNumberScheduled": 0}})", Kind::daemon_set).replicas ==
        0);
}

TEST_CASE("how many pods a rolling update may take away") {
  struct Row {
    Kind kind;
    const char* spec;
    const char* text;
  };
  const Row rows[] = {
      {Kind::deployment, R"({})", "25%"},
      {Kind::deployment, R"({"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0}}})", "0"},
      {Kind::deployment, R"({"strategy": {"rollingUpdate": {"maxUnavailable": "50%"}}})", "50%"},
      {Kind::deployment, R"({"strategy": {"rollingUpdate": {"maxUnavailable": []}}})", "25%"},
      {Kind::deployment, R"({"strategy": {"type": "Recreate"}})", ""},
      {Kind::daemon_set, R"({})", "1"},
      {Kind::daemon_set, R"({"updateStrategy": {"rollingUpdate": {"maxUnavailable": 2}}})", "2"},
      {Kind::daemon_set, R"({"updateStrategy": {"type": "OnDelete"}})", ""},
      {Kind::stateful_set, R"({})", ""},
      {Kind::stateful_set, R"({"updateStrategy": {"rollingUpdate": {"maxUnavailable": 2}}})", "2"},
      {Kind::replica_set, R"({})", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.spec);
    CHECK(decoded<Workload>(R"({"spec": )" + std::string(row.spec) + "}", row.kind).max_unavailable == row.text);
  }
}

TEST_CASE("a PodDisruptionBudget is read, and without a selector selects nothing") {
  const auto budget = decoded<PodDisruptionBudget>(
      R"({"metadata": {"name": "b"}, "spec": {"minAvailable": "50%", "maxUnavailable": 1, "selector": {"matchLabels": {"app": "api"}}}})",
      Kind::pod_disruption_budget);
  CHECK(budget.min_available == "50%");
  CHECK(budget.max_unavailable == "1");
  CHECK(budget.selector.matches({{"app", "api"}}));
  CHECK_FALSE(decoded<PodDisruptionBudget>("{}", Kind::pod_disruption_budget).selector.matches({{"app", "api"}}));
  CHECK(decoded<PodDisruptionBudget>(R"({"spec": {"selector": {}}})", Kind::pod_disruption_budget).selector.matches({}));
}

TEST_CASE("wrong types anywhere in a pod, a workload or a budget are absent fields") {
  test::decode_hostile<Pod>(parsed(full), Kind::pod);
  for (const Kind kind : {Kind::deployment, Kind::daemon_set}) test::decode_hostile<Workload>(parsed(deployment), kind);
  test::decode_hostile<PodDisruptionBudget>(parsed(R"({"spec": {"minAvailable": 1, "selector": {"matchLabels": {"a": "b"}}}})"),
                                            Kind::pod_disruption_budget);
}

#include <doctest/doctest.h>

#include "kube/discovery.h"
#include "tests/unit/fake_transport.h"

using namespace gwdoctor;

namespace {

const std::string gateway_group = "gateway.networking.k8s.io";

HttpResponse groups(const std::map<std::string, std::vector<FakeVersion>>& content) {
  return reply(200, aggregated(content), aggregated_type);
}

HttpResponse core() { return groups({{"", {{"v1", {"services", "pods", "secrets", "namespaces", "events"}}}}}); }

}  // namespace

TEST_CASE("aggregated discovery is asked for by two requests") {
  const std::vector<HttpRequest> requests = Discovery::first_requests();
  REQUIRE(requests.size() == 2);
  CHECK(requests[0].path == "/api");
  CHECK(requests[1].path == "/apis");
  CHECK(requests[1].accept ==
        "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
        "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json");
}

TEST_CASE("the first understood version that is served is used") {
  Discovery discovery;
  CHECK(discovery
            .take({core(), groups({{gateway_group,
                                    {{"v1", {"gateways", "httproutes"}},
                                     {"v1beta1", {"gateways", "referencegrants"}},
                                     {"v1alpha2", {"tcproutes", "tlsroutes"}}}}})})
            .empty());
  CHECK(discovery[Kind::service].version == "v1");
  CHECK(discovery[Kind::gateway].version == "v1");
  CHECK(discovery[Kind::reference_grant].version == "v1beta1");
  CHECK(discovery[Kind::tls_route].version == "v1alpha2");
  CHECK(discovery[Kind::udp_route].state == State::absent);
  CHECK(discovery[Kind::deployment].state == State::absent);
  CHECK(discovery.complete());
}

TEST_CASE("a stale version leaves unknown what no current one has") {
  Discovery discovery;
  static_cast<void>(discovery.take(
      {core(),
       groups({{gateway_group, {{"v1", {"gateways", "httproutes"}, true}, {"v1beta1", {"gateways", "referencegrants"}}}}})}));
  CHECK(discovery[Kind::gateway].state == State::present);
  CHECK(discovery[Kind::gateway].version == "v1beta1");
  CHECK(discovery[Kind::http_route].state == State::unknown);
  CHECK(discovery[Kind::http_route].why.message.find("stale") != std::string::npos);
  CHECK(discovery[Kind::tcp_route].state == State::unknown);
  CHECK(discovery[Kind::deployment].state == State::absent);
  CHECK_FALSE(discovery.complete());
}

TEST_CASE("an older server is asked for the groups and versions that are read, and no others") {
  Discovery discovery;
  const std::vector<HttpRequest> more =
      discovery.take({reply(200, R"({"kind":"APIVersions","versions":["v1"]})"), reply(200, R"({"kind":"APIGroupList","groups":[
          {"name":"apps","versions":[{"version":"v1"},{"version":"v1beta2"}]},
          {"name":"metrics.k8s.io","versions":[{"version":"v1beta1"}]},
          {"name":"gateway.networking.k8s.io","versions":[{"version":"v1"},{"version":"v1beta1"}]}]})")});
  std::vector<std::string> paths;
  for (const HttpRequest& request : more) paths.push_back(request.path);
  CHECK(paths == std::vector<std::string>{"/api/v1", "/apis/apps/v1", "/apis/gateway.networking.k8s.io/v1",
                                          "/apis/gateway.networking.k8s.io/v1beta1"});
  CHECK(discovery[Kind::ingress].state == State::absent);

  const auto resources = [](const std::string& list) {
    return reply(200, R"({"kind":"APIResourceList","resources":[)" + list + "]}");
  };
  discovery.take_legacy({resources(R"({"name":"services"},{"name":"pods"},{"name":"pods/status"})"),
                         resources(R"({"name":"deployments"})"), resources(R"({"name":"httproutes"})"), reply(503, "", "")});
  CHECK(discovery[Kind::service].state == State::present);
  CHECK(discovery[Kind::secret].state == State::absent);
  CHECK(discovery[Kind::deployment].version == "v1");
  CHECK(discovery[Kind::stateful_set].state == State::absent);
  CHECK(discovery[Kind::http_route].version == "v1");
  // It may be served in the version that did not answer.
  CHECK(discovery[Kind::reference_grant].state == State::unknown);
  CHECK(discovery[Kind::reference_grant].why.message.find("503") != std::string::npos);
}

TEST_CASE("discovery that fails on one side leaves the other usable") {
  Discovery discovery;
  static_cast<void>(discovery.take({core(), reply(403, status_body(403, "Forbidden", "no"))}));
  CHECK(discovery[Kind::pod].state == State::present);
  CHECK(discovery[Kind::gateway].state == State::unknown);
  CHECK(discovery[Kind::gateway].why.reason == Why::Reason::forbidden);
  CHECK(discovery[Kind::gateway].why.needs == Needs{"get", "", "/apis", ""});
}

TEST_CASE("an answer that is no discovery never proves a kind absent") {
  for (const HttpResponse& answer : {reply(200, "<html>", "text/html"), reply(200, "{", aggregated_type), reply(200, "{}"),
                                     reply(200, "[]", aggregated_type), reply(404, "404 page not found\n", "text/plain"),
                                     reply(500, ""), reply(200, R"({"kind":"PodList","items":[]})", aggregated_type),
                                     reply(200, R"({"kind":"APIGroupList","groups":7})"), reply(302, "", "")}) {
    Discovery discovery;
    CHECK(discovery.take({answer, answer}).empty());
    CHECK(discovery[Kind::service].state == State::unknown);
    CHECK(discovery[Kind::http_route].state == State::unknown);
  }
  Discovery discovery;
  static_cast<void>(discovery.take({fail(ErrorKind::timeout, "late"), fail(ErrorKind::timeout, "late")}));
  CHECK(discovery[Kind::service].why.reason == Why::Reason::timeout);
}

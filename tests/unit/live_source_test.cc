#include <doctest/doctest.h>

#include "kube/live_source.h"
#include "tests/unit/fake_transport.h"

using namespace gwdoctor;

namespace {

using Paths = std::vector<std::string>;

Wish object(Kind kind, const std::string& ns, const std::string& name) {
  Wish wish;
  wish.kind = kind;
  wish.ns = ns;
  wish.name = name;
  return wish;
}

Wish list(Kind kind, const std::string& ns, const std::string& selector = "") {
  Wish wish;
  wish.what = Wish::What::list;
  wish.kind = kind;
  wish.ns = ns;
  wish.selector = selector;
  return wish;
}

Wish served(Kind kind) {
  Wish wish;
  wish.what = Wish::What::served;
  wish.kind = kind;
  return wish;
}

const Wish a_service = object(Kind::service, "payments", "payments-api");
const std::string service_path = "/api/v1/namespaces/payments/services/payments-api";
const std::string pods_path = "/api/v1/namespaces/payments/pods?limit=500";
const std::string service_body =
    R"({"kind":"Service","apiVersion":"v1","metadata":{"name":"payments-api","namespace":"payments"}})";

std::string pod_page(const Paths& names, const std::string& next = "") {
  std::string items;
  for (const std::string& name : names) {
    items += (items.empty() ? "" : ",") + std::string(R"({"metadata":{"namespace":"payments","name":")") + name +
             R"(","managedFields":[{"manager":"kubelet"}]}})";
  }
  return R"({"kind":"PodList","apiVersion":"v1","metadata":{"continue":")" + next + R"("},"items":[)" + items + "]}";
}

// A cluster with discovery, and a source over it.
struct Cluster {
  std::shared_ptr<FakeTransport> transport = std::make_shared<FakeTransport>();
  LiveSource source{transport};

  Cluster() {
    transport->on("/api",
                  reply(200, aggregated({{"", {{"v1", {"services", "pods", "secrets", "namespaces"}}}}}), aggregated_type));
    transport->on("/apis",
                  reply(200,
                        aggregated({{"gateway.networking.k8s.io",
                                     {{"v1", {"gateways", "httproutes", "gatewayclasses"}}, {"v1beta1", {"referencegrants"}}}}}),
                        aggregated_type));
  }
  Answer ask(const Wish& wish) { return source.fill({wish}).at(0); }
};

}  // namespace

TEST_CASE("the first batch and discovery are one round") {
  Cluster cluster;
  cluster.transport->on(service_path, reply(200, service_body));
  const std::vector<Answer> answers = cluster.source.fill({a_service, served(Kind::http_route), served(Kind::ingress)});
  CHECK(cluster.transport->rounds == std::vector<Paths>{{"/api", "/apis", service_path}});
  REQUIRE(answers.size() == 3);
  CHECK(answers[0].state == State::present);
  REQUIRE(answers[0].documents.size() == 1);
  CHECK(answers[0].documents[0]["metadata"]["name"].text() == "payments-api");
  CHECK(answers[1].state == State::present);
  CHECK(answers[1].version == "v1");
  CHECK(answers[2].state == State::absent);
  CHECK(cluster.source.stats().rounds == 1);
  CHECK(cluster.source.stats().requests == 3);
  CHECK(cluster.source.stats().bytes > service_body.size());
  CHECK_FALSE(cluster.source.fatal());
}

TEST_CASE("a kind served in an older version is asked for again in that one") {
  Cluster cluster;
  const std::string path = "/apis/gateway.networking.k8s.io/v1beta1/namespaces/payments/referencegrants/g";
  cluster.transport->on(path, reply(200, R"({"kind":"ReferenceGrant","apiVersion":"gateway.networking.k8s.io/v1beta1",
      "metadata":{"name":"g","namespace":"payments"}})"));
  CHECK(cluster.ask(object(Kind::reference_grant, "payments", "g")).state == State::present);
  REQUIRE(cluster.transport->rounds.size() == 2);
  CHECK(cluster.transport->rounds[1] == Paths{path});
}

TEST_CASE("a kind that is not served is absent, and is not asked for twice") {
  Cluster cluster;
  CHECK(cluster.ask(list(Kind::tcp_route, "payments")).state == State::absent);
  CHECK(cluster.ask(object(Kind::tcp_route, "payments", "x")).state == State::absent);
  CHECK(cluster.transport->rounds.size() == 1);
}

TEST_CASE("403 for a kind that discovery does not serve is absence") {
  Cluster cluster;
  cluster.transport->on("/apis/networking.k8s.io/v1/namespaces/payments/ingresses?limit=500",
                        reply(403, status_body(403, "Forbidden", "no")));
  CHECK(cluster.ask(list(Kind::ingress, "payments")).state == State::absent);
}

TEST_CASE("a missing object is absent and a forbidden one is unknown") {
  Cluster cluster;
  cluster.transport->on(service_path,
                        reply(404, status_body(404, "NotFound", "x", R"({"name":"payments-api","kind":"services"})")));
  CHECK(cluster.ask(a_service).state == State::absent);
  cluster.transport->on("/api/v1/namespaces/payments/secrets/s", reply(403, status_body(403, "Forbidden", "no")));
  const Answer answer = cluster.ask(object(Kind::secret, "payments", "s"));
  CHECK(answer.state == State::unknown);
  CHECK(answer.why.needs == Needs{"get", "", "secrets", "payments"});
}

TEST_CASE("a served kind whose path is not found stays unknown") {
  Cluster cluster;
  const Answer answer = cluster.ask(a_service);  // the transport knows no such path
  CHECK(answer.state == State::unknown);
  CHECK(answer.why.reason == Why::Reason::error);
}

TEST_CASE("without the right to discover, what the API server knows in no version is absent") {
  auto transport = std::make_shared<FakeTransport>();
  const HttpResponse forbidden = reply(403, status_body(403, "Forbidden", "no"));
  transport->on("/api", forbidden);
  transport->on("/apis", forbidden);
  const std::string beta = "/apis/gateway.networking.k8s.io/v1beta1/namespaces/payments/httproutes/r";
  transport->on(beta, reply(200, R"({"kind":"HTTPRoute","apiVersion":"gateway.networking.k8s.io/v1beta1",
      "metadata":{"name":"r","namespace":"payments"}})"));
  LiveSource source{transport};
  const std::vector<Answer> answers =
      source.fill({object(Kind::http_route, "payments", "r"), list(Kind::tcp_route, ""), served(Kind::pod)});
  CHECK(answers[0].state == State::present);
  CHECK(answers[1].state == State::absent);
  CHECK(answers[2].state == State::unknown);
  CHECK(answers[2].why.reason == Why::Reason::forbidden);
}

TEST_CASE("where discovery failed, a path that is not found proves nothing") {
  auto transport = std::make_shared<FakeTransport>();  // 404 for all: the address is not that of an API
  LiveSource source{transport};
  const std::vector<Answer> answers = source.fill({a_service, list(Kind::http_route, ""), served(Kind::gateway)});
  for (const Answer& answer : answers) CHECK(answer.state == State::unknown);
}

TEST_CASE("discovery that failed is asked again with the next batch, but not for ever") {
  auto transport = std::make_shared<FakeTransport>();
  transport->on("/api", reply(503, ""));
  transport->on("/apis", reply(503, ""));
  LiveSource source{transport};
  for (int round = 0; round < 6; ++round) CHECK(source.fill({served(Kind::pod)})[0].state == State::unknown);
  CHECK(transport->rounds.size() == 3);
}

TEST_CASE("the pages of several lists are read side by side") {
  Cluster cluster;
  const std::string services_path = "/api/v1/services?limit=500";
  cluster.transport->on(pods_path, reply(200, pod_page({"a", "b"}, "next/1")));
  cluster.transport->on(pods_path + "&continue=next%2F1", reply(200, pod_page({"c"})));
  cluster.transport->on(services_path,
                        reply(200, R"({"kind":"ServiceList","apiVersion":"v1","metadata":{"continue":"s"},"items":null})"));
  cluster.transport->on(services_path + "&continue=s",
                        reply(200, R"({"kind":"ServiceList","apiVersion":"v1","metadata":{},"items":[]})"));
  const std::vector<Answer> answers = cluster.source.fill({list(Kind::pod, "payments"), list(Kind::service, "")});
  CHECK(answers[0].documents.size() == 3);
  CHECK(answers[0].documents[2]["kind"].text() == "Pod");
  CHECK(answers[0].documents[2]["apiVersion"].text() == "v1");
  CHECK(answers[1].state == State::present);
  CHECK(answers[1].documents.empty());
  REQUIRE(cluster.transport->rounds.size() == 2);
  CHECK(cluster.transport->rounds[1] == Paths{pods_path + "&continue=next%2F1", services_path + "&continue=s"});
}

TEST_CASE("a continue token that expires starts the list again, without doubling what was read") {
  Cluster cluster;
  cluster.transport->on(pods_path, reply(200, pod_page({"a"}, "t")));
  cluster.transport->on(pods_path + "&continue=t", reply(410, status_body(410, "Expired", "too old")));
  cluster.transport->on(pods_path + "&continue=t", reply(200, pod_page({"b"})));
  const Answer answer = cluster.ask(list(Kind::pod, "payments"));
  CHECK(answer.state == State::present);
  CHECK(answer.documents.size() == 2);
}

TEST_CASE("a list whose token always expires is unknown, never a part of itself") {
  Cluster cluster;
  cluster.transport->on(pods_path, reply(200, pod_page({"a"}, "t")));
  cluster.transport->on(pods_path + "&continue=t", reply(410, status_body(410, "Expired", "too old")));
  const Answer answer = cluster.ask(list(Kind::pod, "payments"));
  CHECK(answer.state == State::unknown);
  CHECK(answer.why.reason == Why::Reason::expired);
  CHECK(answer.documents.empty());
  CHECK(cluster.transport->rounds.size() == 6);
}

TEST_CASE("a page that fails makes the whole list unknown") {
  Cluster cluster;
  cluster.transport->on(pods_path, reply(200, pod_page({"a"}, "t")));
  cluster.transport->on(pods_path + "&continue=t", fail(ErrorKind::timeout, "late"));
  const Answer answer = cluster.ask(list(Kind::pod, "payments"));
  CHECK(answer.state == State::unknown);
  CHECK(answer.why.reason == Why::Reason::timeout);
  CHECK(answer.documents.empty());
}

TEST_CASE("a list that repeats its page ends as unknown") {
  Cluster cluster;
  cluster.transport->on(pods_path, reply(200, pod_page({"a"}, "t")));
  cluster.transport->on(pods_path + "&continue=t", reply(200, pod_page({"a"}, "t")));
  CHECK(cluster.ask(list(Kind::pod, "payments")).state == State::unknown);
}

TEST_CASE("a 200 that is not the object asked for is unknown") {
  for (const HttpResponse& wrong :
       {reply(200, service_body, "text/html"), reply(200, service_body, ""), reply(200, service_body.substr(0, 40)),
        reply(200, ""), reply(200, "null"), reply(200, R"({"kind":"Status","apiVersion":"v1"})"),
        reply(200, R"({"kind":"Service","apiVersion":"v2","metadata":{"name":"payments-api","namespace":"payments"}})"),
        reply(200, R"({"kind":"Service","apiVersion":"v1","metadata":{"name":"other","namespace":"payments"}})"),
        reply(200, R"({"kind":"Service","apiVersion":"v1","metadata":{"name":"payments-api","namespace":"other"}})"),
        reply(302, "", ""), reply(204, "", "")}) {
    Cluster cluster;
    cluster.transport->on(service_path, wrong);
    const Answer answer = cluster.ask(a_service);
    CHECK(answer.state == State::unknown);
    CHECK(answer.why.reason == Why::Reason::error);
    CHECK_FALSE(answer.why.message.empty());
    CHECK(answer.documents.empty());
  }
}

TEST_CASE("a 200 that is not the list asked for is unknown, never empty") {
  for (const std::string& wrong :
       {std::string(R"({"kind":"PodList","apiVersion":"v1","metadata":{}})"),
        std::string(R"({"kind":"Pod","apiVersion":"v1","items":[]})"),
        std::string(R"({"kind":"PodList","apiVersion":"v2","items":[]})"),
        std::string(R"({"kind":"PodList","apiVersion":"v1","items":{}})"),
        std::string(R"({"kind":"PodList","apiVersion":"v1","items":[7]})"), std::string("[]"), std::string("{"),
        std::string(R"({"kind":"PodList","apiVersion":"v1","items":[{"metadata":{"name":"a","namespace":"other"}}]})"),
        std::string(
            R"({"kind":"PodList","apiVersion":"v1","items":[{"kind":"Secret","metadata":{"name":"a","namespace":"payments"}}]})"),
        std::string(R"({"kind":"PodList","apiVersion":"v1","items":[{"metadata":{"name":"a","namespace":"payments"}})")}) {
    CAPTURE(wrong);
    Cluster cluster;
    cluster.transport->on(pods_path, reply(200, wrong));
    const Answer answer = cluster.ask(list(Kind::pod, "payments"));
    CHECK(answer.state == State::unknown);
    CHECK(answer.why.reason == Why::Reason::error);
    CHECK(answer.documents.empty());
  }
}

TEST_CASE("selectors, tokens and names are percent-encoded") {
  Wish wish = list(Kind::pod, "payments", "app in (a,b),!canary");
  wish.fields = "involvedObject.name=x";
  CHECK(request_path(wish, "v1", 500, "t=/+") ==
        "/api/v1/namespaces/payments/pods?limit=500&labelSelector=app%20in%20%28a%2Cb%29%2C%21canary"
        "&fieldSelector=involvedObject.name%3Dx&continue=t%3D%2F%2B");
  CHECK(request_path(object(Kind::gateway, "a b", "c?d"), "v1", 500, "") ==
        "/apis/gateway.networking.k8s.io/v1/namespaces/a%20b/gateways/c%3Fd");
  CHECK(request_path(list(Kind::gateway_class, "ignored"), "v1", 7, "") ==
        "/apis/gateway.networking.k8s.io/v1/gatewayclasses?limit=7");
}

TEST_CASE("a name that no object can have is absent without a request") {
  Cluster cluster;
  for (const char* name : {"", ".", "..", "a/b", "a%2fb"}) {
    CHECK(cluster.ask(object(Kind::service, "payments", name)).state == State::absent);
    CHECK(cluster.ask(object(Kind::service, name, "payments-api")).state == State::absent);
  }
  CHECK(cluster.transport->rounds.empty());
}

TEST_CASE("what arrives is redacted at once, in objects and in lists") {
  Cluster cluster;
  const std::string item =
      R"("metadata":{"name":"s","namespace":"payments"},"type":"Opaque","data":{"password":"aHVudGVyMg=="}})";
  cluster.transport->on("/api/v1/namespaces/payments/secrets/s", reply(200, R"({"kind":"Secret","apiVersion":"v1",)" + item));
  cluster.transport->on("/api/v1/namespaces/payments/secrets?limit=500",
                        reply(200, R"({"kind":"SecretList","apiVersion":"v1","metadata":{},"items":[{)" + item + "]}"));
  const std::vector<Answer> answers =
      cluster.source.fill({object(Kind::secret, "payments", "s"), list(Kind::secret, "payments")});
  for (const Answer& answer : answers) {
    REQUIRE(answer.documents.size() == 1);
    CHECK(answer.documents[0]["data"]["password"].text() == "REDACTED");
  }
}

TEST_CASE("managed fields stay unless they are not wanted") {
  Cluster cluster;
  cluster.transport->on(pods_path, reply(200, pod_page({"a"})));
  CHECK(cluster.ask(list(Kind::pod, "payments")).documents.at(0)["metadata"].find("managedFields") != nullptr);
  LiveOptions options;
  options.keep_managed_fields = false;
  LiveSource thrifty(cluster.transport, options);
  CHECK(thrifty.fill({list(Kind::pod, "payments")})[0].documents.at(0)["metadata"].find("managedFields") == nullptr);
}

TEST_CASE("a server that answers nothing in the first round is fatal") {
  auto transport = std::make_shared<FakeTransport>();
  const Error lost{ErrorKind::timeout, "the API server did not answer"};
  for (const char* path : {"/api", "/apis", service_path.c_str()}) transport->on(path, tl::unexpected<Error>(lost));
  LiveSource source{transport};
  const std::vector<Answer> answers = source.fill({a_service, served(Kind::pod)});
  REQUIRE(source.fatal());
  CHECK(source.fatal()->kind == ErrorKind::unreachable);
  CHECK(source.fatal()->message == lost.message);
  for (const Answer& answer : answers) CHECK(answer.state == State::unknown);
  // Nobody knocks at that door again.
  CHECK(source.fill({a_service})[0].state == State::unknown);
  CHECK(transport->rounds.size() == 1);
}

TEST_CASE("refused credentials in the first round are fatal as such") {
  auto transport = std::make_shared<FakeTransport>();
  transport->on("/api", fail(ErrorKind::server, "broken off"));
  transport->on("/apis", fail(ErrorKind::unauthorized, "You must be logged in to the server (Unauthorized)"));
  transport->on(service_path, reply(401, ""));
  LiveSource source{transport};
  static_cast<void>(source.fill({a_service}));
  REQUIRE(source.fatal());
  CHECK(source.fatal()->kind == ErrorKind::unauthorized);
}

TEST_CASE("one answer is enough not to be fatal, and a later failure never is") {
  Cluster cluster;
  cluster.transport->on(service_path, fail(ErrorKind::unreachable, "lost"));
  CHECK(cluster.ask(a_service).state == State::unknown);
  CHECK_FALSE(cluster.source.fatal());
  CHECK(cluster.ask(a_service).state == State::unknown);
  CHECK_FALSE(cluster.source.fatal());
}

#include <doctest/doctest.h>

#include "kube/live_source.h"
#include "kube/objects/decode.h"
#include "kube/observation.h"
#include "kube/proxy_answer.h"
#include "tests/unit/fake_transport.h"

using namespace gwdoctor;

namespace {

const Wish health = wish_of(ProxyQuestion{Kind::service, "payments", "api", "http", "", "/healthz?full=1"});
const std::string health_path = "/api/v1/namespaces/payments/services/api:http/proxy/healthz?full=1";

Answer answer_to(HttpResponse response, const Wish& wish = health) { return answer_of_proxy(response, wish, Time{}); }

ProxyAnswer decoded(const Answer& answer) {
  REQUIRE(answer.state == State::present);
  return decode<ProxyAnswer>(answer.documents.at(0), Kind::service);
}

std::string path_of(const ProxyQuestion& question) { return proxy_path(wish_of(question)); }

}  // namespace

TEST_CASE("the path of a request through the API server names scheme, port and path") {
  CHECK(proxy_path(health) == health_path);
  CHECK(path_of({Kind::pod, "payments", "api-1", "8080", "https", "/"}) ==
        "/api/v1/namespaces/payments/pods/https:api-1:8080/proxy/");
}

TEST_CASE("a name or path that would lead elsewhere is not sent") {
  CHECK(path_of({Kind::service, "a", "b", "80", "", "/x/../../secrets"}).empty());
  CHECK(path_of({Kind::service, "a", "b", "80", "", "/x/%2E%2e/y"}).empty());
  CHECK(path_of({Kind::service, "a", "b", "80", "", "/./x"}).empty());
  CHECK(path_of({Kind::service, "a", "b", "80", "", "x"}).empty());
  CHECK(path_of({Kind::service, "a", "b", "80", "", "/x#y"}).empty());
  CHECK(path_of({Kind::service, "a", "b", "80", "", "/x\r\ny"}).empty());
  CHECK(path_of({Kind::service, "a/b", "c", "80", "", "/"}).empty());
  CHECK(path_of({Kind::service, "a", "..", "80", "", "/"}).empty());
  CHECK(path_of({Kind::service, "a", "b", "80/x", "", "/"}).empty());
  CHECK_FALSE(path_of({Kind::service, "a", "b", "80", "", "/x?y=../z"}).empty());
}

TEST_CASE("whatever the backend answers, it was reached") {
  for (const int status : {200, 301, 404, 500, 503}) {
    const ProxyAnswer got = decoded(answer_to(reply(status, "hello", "text/plain")));
    CHECK(got.reached);
    CHECK(got.status == status);
    CHECK(got.body == "hello");
    CHECK(got.content_type == "text/plain");
    CHECK(got.observed.vantage == "the API server");
  }
  CHECK(decoded(answer_to(reply(200, std::string(4000, 'x'), "text/plain"))).body_cut);
}

TEST_CASE("the API server's own failure to reach anybody is told, with its reason") {
  const ProxyAnswer none =
      decoded(answer_to(reply(503, status_body(503, "ServiceUnavailable", "no endpoints available for service \\\"api\\\""))));
  CHECK_FALSE(none.reached);
  CHECK(none.detail == "no endpoints available for service \"api\"");
  const ProxyAnswer refused = decoded(
      answer_to(reply(503, status_body(503, "ServiceUnavailable",
                                       "error trying to reach service: dial tcp 10.0.0.1:80: connect: connection refused"))));
  CHECK_FALSE(refused.reached);
  CHECK(refused.detail == "dial tcp 10.0.0.1:80: connect: connection refused");
  const ProxyAnswer text = decoded(answer_to(reply(502, "error trying to reach service: EOF", "text/plain")));
  CHECK_FALSE(text.reached);
  CHECK(text.detail == "EOF");
}

TEST_CASE("a missing right is unknown with the permission, a backend's own 403 is an answer") {
  const Answer answer = answer_to(reply(
      403, status_body(
               403, "Forbidden",
               "services \\\"api\\\" is forbidden: User \\\"jane\\\" cannot get resource \\\"services/proxy\\\" in API group")));
  CHECK(answer.state == State::unknown);
  CHECK(answer.why.reason == Why::Reason::forbidden);
  REQUIRE(answer.why.needs.has_value());
  CHECK(*answer.why.needs == Needs{"get", "", "services/proxy", "payments"});
  CHECK(decoded(answer_to(reply(403, "go away", "text/html"))).reached);
  CHECK(decoded(answer_to(reply(403, status_body(403, "Forbidden", "a backend that is an API server")))).reached);
}

TEST_CASE("an object that does not exist was not reached") {
  const ProxyAnswer got = decoded(answer_to(
      reply(404, status_body(404, "NotFound", "services \\\"api\\\" not found", R"({"name":"api","kind":"services"})"))));
  CHECK_FALSE(got.reached);
  CHECK(got.detail == "services \"api\" not found");
}

TEST_CASE("a request that got no answer is unknown") {
  const Answer answer = answer_of_proxy(fail(ErrorKind::timeout, "no answer"), health, Time{});
  CHECK(answer.state == State::unknown);
  CHECK(answer.why.reason == Why::Reason::timeout);
}

TEST_CASE("the live source sends proxy wishes and leaves other probes alone") {
  auto transport = std::make_shared<FakeTransport>();
  transport->on("/api", reply(200, aggregated({{"", {{"v1", {"services", "pods"}}}}}), aggregated_type));
  transport->on("/apis", reply(200, aggregated({}), aggregated_type));
  transport->on(health_path, reply(200, "ok", "text/plain"));
  LiveSource source(transport);
  const std::vector<Answer> answers = source.fill(
      {health, wish_of(DnsQuestion{"pay.example", ""}), wish_of(ProxyQuestion{Kind::service, "a", "b", "80", "", "/../x"})});
  CHECK(decoded(answers[0]).body == "ok");
  CHECK(answers[1].state == State::unknown);
  CHECK(answers[1].why.reason == Why::Reason::not_collected);
  CHECK(answers[2].state == State::unknown);
}

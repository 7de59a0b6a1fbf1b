#include <doctest/doctest.h>

#include "kube/api_error.h"
#include "kube/clean.h"
#include "tests/unit/fake_transport.h"

using namespace gwdoctor;

namespace {

Wish service_wish() {
  Wish wish;
  wish.kind = Kind::service;
  wish.ns = "payments";
  wish.name = "payments-api";
  return wish;
}

Wish list_wish(Kind kind, const std::string& ns) {
  Wish wish;
  wish.what = Wish::What::list;
  wish.kind = kind;
  wish.ns = ns;
  return wish;
}

Why why_of(const HttpResponse& response, const Wish& wish = service_wish()) {
  const Answer answer = answer_of_failure(response, wish);
  REQUIRE(answer.state == State::unknown);
  return answer.why;
}

}  // namespace

TEST_CASE("a 404 whose Status names the object proves that it is absent") {
  const HttpResponse response = reply(404, status_body(404, "NotFound", R"(services \"payments-api\" not found)",
                                                       R"({"name":"payments-api","kind":"services"})"));
  CHECK(answer_of_failure(response, service_wish()).state == State::absent);
}

TEST_CASE("a 404 that names no object says only that the resource is not served") {
  CHECK(why_of(reply(404, status_body(404, "NotFound", "the server could not find the requested resource"))).reason ==
        Why::Reason::not_served);
  CHECK(why_of(reply(404, "404 page not found\n", "text/plain; charset=utf-8")).reason == Why::Reason::not_served);
}

TEST_CASE("a 404 that proves nothing about the object is an error") {
  CHECK(why_of(reply(404, "<html>gone</html>", "text/html")).reason == Why::Reason::error);
  CHECK(why_of(reply(404, "nothing here", "text/plain")).reason == Why::Reason::error);
  CHECK(why_of(reply(404, "")).reason == Why::Reason::error);
  CHECK(why_of(reply(404, status_body(404, "NotFound", "x", R"({"name":"other","kind":"services"})"))).reason ==
        Why::Reason::error);
  CHECK(why_of(reply(404, status_body(404, "NotFound", "x", R"({"name":"payments-api","kind":"namespaces"})"))).reason ==
        Why::Reason::error);
}

TEST_CASE("a 404 on a list never means that it is empty") {
  const HttpResponse response = reply(404, status_body(404, "NotFound", "x", R"({"name":"","kind":"pods"})"));
  CHECK(answer_of_failure(response, list_wish(Kind::pod, "payments")).state == State::unknown);
}

TEST_CASE("a 403 carries the permission as RBAC names it") {
  const HttpResponse response = reply(403, status_body(403, "Forbidden", "no"));
  CHECK(why_of(response).reason == Why::Reason::forbidden);
  CHECK(why_of(response).needs == Needs{"get", "", "services", "payments"});
  CHECK(why_of(response, list_wish(Kind::endpoint_slice, "payments")).needs ==
        Needs{"list", "discovery.k8s.io", "endpointslices", "payments"});
  CHECK(why_of(response, list_wish(Kind::http_route, "")).needs == Needs{"list", "gateway.networking.k8s.io", "httproutes", ""});
  Wish cluster_wide;
  cluster_wide.kind = Kind::gateway_class;
  cluster_wide.ns = "ignored";
  cluster_wide.name = "contour";
  CHECK(why_of(response, cluster_wide).needs == Needs{"get", "gateway.networking.k8s.io", "gatewayclasses", ""});
  Wish name_space;
  name_space.kind = Kind::name_space;
  name_space.name = "payments";
  CHECK(why_of(response, name_space).needs == Needs{"get", "", "namespaces", "payments"});
  Wish served;
  served.what = Wish::What::served;
  served.kind = Kind::http_route;
  CHECK(why_of(response, served).needs == Needs{"get", "", "/apis", ""});
}

TEST_CASE("the server's message is quoted without terminal control") {
  const Why why =
      why_of(reply(403, status_body(403, "Forbidden", R"(services is \u001b[31mforbidden\u001b[0m\r\nfor\u202e you)")));
  CHECK(why.message == "services is [31mforbidden [0m for you");
}

TEST_CASE("a 403 without a Status still says what was not allowed") {
  const Why why = why_of(reply(403, "<html>", "text/html"));
  CHECK(why.reason == Why::Reason::forbidden);
  CHECK(why.message.starts_with("not allowed to get services in payments"));
  CHECK(why.message.find("text/html") != std::string::npos);
}

TEST_CASE("each status has its reason") {
  CHECK(why_of(reply(410, status_body(410, "Expired", "too old"))).reason == Why::Reason::expired);
  CHECK(why_of(reply(504, status_body(504, "Timeout", "slow"))).reason == Why::Reason::timeout);
  CHECK(why_of(reply(408, "")).reason == Why::Reason::timeout);
  CHECK(why_of(reply(401, "")).reason == Why::Reason::error);
  CHECK(why_of(reply(429, "")).reason == Why::Reason::error);
  const Why failed = why_of(reply(500, status_body(500, "InternalError", "etcdserver: leader changed")));
  CHECK(failed.reason == Why::Reason::error);
  CHECK(failed.message == "the API server answered 500 Internal Server Error: etcdserver: leader changed");
  CHECK(why_of(reply(502, "<html>", "text/html")).message ==
        "the API server answered 502 Bad Gateway with text/html instead of JSON: is a proxy or a login page in between?");
}

TEST_CASE("a throttled request names the flow schema") {
  HttpResponse response = reply(429, status_body(429, "TooManyRequests", "later"));
  response.headers.emplace_back("x-kubernetes-pf-flowschema-uid", "d1b2");
  CHECK(why_of(response).message.find("d1b2") != std::string::npos);
}

TEST_CASE("a redirect is named without its query and is not followed") {
  HttpResponse response = reply(302, "", "");
  response.headers.emplace_back("location", "https://login.example/auth?session=abc");
  const Why why = why_of(response);
  CHECK(why.message.find("https://login.example/auth,") != std::string::npos);
  CHECK(why.message.find("abc") == std::string::npos);
}

TEST_CASE("a request without an answer keeps its kind of failure") {
  CHECK(answer_of_error({ErrorKind::timeout, "late"}).why.reason == Why::Reason::timeout);
  CHECK(answer_of_error({ErrorKind::unreachable, "lost"}).why.reason == Why::Reason::error);
  CHECK(answer_of_error({ErrorKind::unreachable, "lost"}).why.message == "lost");
}

TEST_CASE("a clean line is one line of well-formed UTF-8, cut at a character") {
  CHECK(clean_line(" a\t\n b\x7f"
                   "c\x1b]0;x\x07 ") == "a b c ]0;x");
  CHECK(clean_line("caf\xC3\xA9 \xFF \xC0\xAF") == "caf\xC3\xA9 \xEF\xBF\xBD \xEF\xBF\xBD\xEF\xBF\xBD");
  CHECK(clean_line("\xC2\x9B"
                   "31m") == "31m");  // CSI as one C1 character
  CHECK(clean_line("abcdef", 4) == "abc…");
  CHECK(clean_line("a\xC3\xA9\xC3\xA9\xC3\xA9", 5).starts_with("a\xC3\xA9"));
}

TEST_CASE("a wish is named in the words of people") {
  CHECK(service_wish().text() == "Service payments/payments-api");
  Wish pods = list_wish(Kind::pod, "payments");
  pods.selector = "app=payments-api";
  CHECK(pods.text() == "pods in payments with app=payments-api");
  CHECK(list_wish(Kind::pod, "").text() == "pods in all namespaces");
  CHECK(list_wish(Kind::gateway_class, "").text() == "gatewayclasses");
  Wish events = list_wish(Kind::event, "payments");
  events.fields = "involvedObject.name=x";
  CHECK(events.text() == "events in payments where involvedObject.name=x");
  CHECK(reason_name(Why::Reason::not_collected) == "not-collected");
  CHECK(reason_name(Why::Reason::not_served) == "not-served");
}

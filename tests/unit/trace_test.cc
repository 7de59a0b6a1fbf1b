// From the words of `trace` to the outcome, with the facts about backends.

#include <doctest/doctest.h>

#include "cmd/question.h"
#include "report/diagnose.h"
#include "report/sent.h"
#include "report/trace_json.h"
#include "report/tracing.h"
#include "tests/unit/world_help.h"

using namespace gwdoctor;
using namespace gwdoctor::test;

namespace {

Question ask(const std::string& url, TraceFlags flags = {}) {
  const Result<Question> question = question_of(flags, url, "shop");
  REQUIRE_MESSAGE(question.has_value(), (question ? std::string() : question.error().message));
  return *question;
}

std::vector<Diagnosis> traced(const std::string& url, std::string_view world, TraceFlags flags = {},
                              const std::vector<Kind>& denied = {}) {
  ManifestSource source = cluster(world);
  for (const Kind kind : denied) source.deny({kind, {}, {}});
  Facts facts(noon());
  std::vector<Diagnosis> out;
  for (const Target& target : trace_targets(ask(url, std::move(flags)), facts, source))
    out.push_back(diagnose(target, facts, source, {}).diagnosis);
  return out;
}

Diagnosis one(const std::string& url, std::string_view world) {
  std::vector<Diagnosis> all = traced(url, world);
  REQUIRE(all.size() == 1);
  REQUIRE(all.front().trace != nullptr);
  return all.front();
}

std::vector<std::string> causes(const Diagnosis& diagnosis) {
  std::vector<std::string> out;
  for (const Argued& argued : diagnosis.findings) {
    if (argued.role == Role::cause) out.emplace_back(argued.finding.check->code);
  }
  return out;
}

std::string with_ingress(const std::string& host) {
  return shop() + R"(
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: nginx}
spec: {controller: k8s.io/ingress-nginx}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: old, namespace: shop, creationTimestamp: 2026-11-20T09:00:00Z}
spec:
  ingressClassName: nginx
  rules:
  - host: )" +
         host + R"(
    http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: cart, port: {number: 80}}}}]}
status: {loadBalancer: {ingress: [{ip: 203.0.113.77}]}}
)";
}

}  // namespace

TEST_CASE("a request is followed to the ready endpoints of its backend") {
  const Diagnosis diagnosis = one("http://shop.example/basket?x=1", shop());
  const Outcome& outcome = diagnosis.trace->outcome;
  CHECK(outcome.action == Action::forward);
  CHECK(outcome.route.name == "cart");
  CHECK(outcome.listener == "http");
  CHECK(outcome.hostname == "shop.example");
  CHECK(outcome.matched == "requests to /");
  REQUIRE(outcome.backends.size() == 1);
  CHECK(outcome.backends.front().ready_endpoints == 2);
  CHECK(diagnosis.target.name == "cart");
  CHECK(diagnosis.verdict == Verdict::healthy);
}

TEST_CASE("a backend that does not exist answers 500, and its own code tells why") {
  const Diagnosis diagnosis =
      one("http://shop.example/", with(shop(), "backendRefs: [{name: cart,", "backendRefs: [{name: kart,"));
  CHECK(diagnosis.trace->outcome.action == Action::respond);
  CHECK(diagnosis.trace->outcome.status == 500);
  CHECK(diagnosis.verdict == Verdict::broken);
  CHECK(causes(diagnosis) == std::vector<std::string>{"service-not-found"});
}

TEST_CASE("of weighted backends only the share of the missing one fails") {
  // Contour, whose Gateway it is elsewhere, gives the share of the missing one to the other.
  const std::string weighted =
      with(shop(), "[{name: cart, port: 80}]", "[{name: cart, port: 80, weight: 3}, {name: kart, port: 80}]");
  const Diagnosis diagnosis =
      one("http://shop.example/", with(weighted, "controllerName: projectcontour.io/gateway-controller}\nstatus",
                                       "controllerName: example.com/any}\nstatus"));
  const Outcome& outcome = diagnosis.trace->outcome;
  CHECK(outcome.action == Action::forward);
  REQUIRE(outcome.backends.size() == 2);
  CHECK(outcome.backends[0].problem.empty());
  CHECK(outcome.backends[0].share == doctest::Approx(0.75));
  CHECK(outcome.backends[1].problem == "Service shop/kart does not exist");
  CHECK(diagnosis.verdict == Verdict::degraded);
}

TEST_CASE("a reference that no ReferenceGrant lets through is told as the backend's problem") {
  const std::string world = with(shop(), "[{name: cart, port: 80}]", "[{name: cart, namespace: other, port: 80}]");
  const Diagnosis diagnosis = one("http://shop.example/", world);
  CHECK(diagnosis.trace->outcome.status == 500);
  CHECK(diagnosis.trace->outcome.backends.front().problem.find("ReferenceGrant") != std::string::npos);
}

TEST_CASE("without a ready endpoint a 503 is predicted") {
  std::string world = shop();
  for (const char* name : {"cart-1", "cart-2"}) {
    const std::string target = std::string("targetRef: {kind: Pod, namespace: shop, name: ") + name + "}}";
    const std::size_t at = world.find(target);
    REQUIRE(at != std::string::npos);
    world.replace(world.rfind("ready: true, serving: true", at), 26, "ready: false, serving: false");
  }
  const Diagnosis diagnosis = one("http://shop.example/", world);
  CHECK(diagnosis.trace->outcome.action == Action::forward);
  CHECK(diagnosis.trace->outcome.status == 503);
  CHECK(diagnosis.trace->outcome.backends.front().ready_endpoints == 0);
  CHECK(diagnosis.verdict == Verdict::broken);
}

TEST_CASE("faults of rules that the request does not take are not told") {
  const std::string world = with(shop(), "rules: [{backendRefs: [{name: cart, port: 80}]}]",
                                 "rules: [{matches: [{path: {value: /a}}], backendRefs: [{name: cart, port: 80}]}, "
                                 "{matches: [{path: {value: /b}}], backendRefs: [{name: gone, port: 80}]}]");
  CHECK(one("http://shop.example/a", world).verdict == Verdict::healthy);
  CHECK(one("http://shop.example/b", world).verdict == Verdict::broken);
}

TEST_CASE("what keeps the intended route out is the cause, and the request that nobody takes its consequence") {
  std::string world = with(shop(), "listeners: [{name: http, protocol: HTTP, port: 80}]",
                           "listeners: [{name: http, protocol: HTTP, port: 80, allowedRoutes: {namespaces: {from: Selector, "
                           "selector: {matchLabels: {public: \"true\"}}}}}]");
  world += "\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {kubernetes.io/metadata.name: shop}}\n";
  const Diagnosis diagnosis = one("http://shop.example/", world);
  CHECK(diagnosis.trace->outcome.action == Action::not_found);
  CHECK(causes(diagnosis) == std::vector<std::string>{"route-not-allowed"});
  CHECK(diagnosis.target.name == "cart");
}

TEST_CASE("a hostname that another listener serves is no risk of this request") {
  std::string world = with(shop(), "listeners: [{name: http, protocol: HTTP, port: 80}]",
                           "listeners: [{name: http, protocol: HTTP, port: 80}, {name: pay, protocol: HTTP, port: 80, hostname: "
                           "\"*.pay.example\"}]");
  world = with(world, "hostnames: [shop.example]", "hostnames: [www.pay.example, shop.example]");
  const Diagnosis diagnosis = one("http://www.pay.example/", world);
  CHECK(diagnosis.trace->outcome.listener == "pay");
  for (const Argued& argued : diagnosis.findings) CHECK(argued.finding.check->code != "route-hostname-mismatch");
}

TEST_CASE("an entrance with a rule for the host is traced, one without is not") {
  const std::vector<Diagnosis> gateway = traced("http://shop.example/", with_ingress("old.example"));
  REQUIRE(gateway.size() == 1);
  CHECK(gateway.front().trace->outcome.gateway.kind == "Gateway");
  const std::vector<Diagnosis> ingress = traced("http://old.example/", with_ingress("old.example"));
  REQUIRE(ingress.size() == 1);
  CHECK(ingress.front().trace->outcome.gateway.kind == "IngressClass");
  CHECK(ingress.front().trace->outcome.route.name == "old");
}

TEST_CASE("every entrance that takes the request is traced, unless an address or a name says which") {
  const std::string world = with_ingress("shop.example");
  CHECK(traced("http://shop.example/", world).size() == 2);
  TraceFlags flags;
  flags.resolve = {"shop.example:80:203.0.113.77"};
  const std::vector<Diagnosis> addressed = traced("http://shop.example/", world, flags);
  REQUIRE(addressed.size() == 1);
  CHECK(addressed.front().trace->outcome.gateway.kind == "IngressClass");
  TraceFlags named;
  named.gateway = "web";
  const std::vector<Diagnosis> by_name = traced("http://shop.example/", world, named);
  REQUIRE(by_name.size() == 1);
  CHECK(by_name.front().trace->outcome.gateway.kind == "Gateway");
}

TEST_CASE("without any entrance the request reaches nothing") {
  const std::vector<Diagnosis> all =
      traced("http://shop.example/", "apiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: shop}\nspec: {}\n");
  REQUIRE(all.size() == 1);
  CHECK(all.front().trace->outcome.action == Action::unreachable);
  CHECK(all.front().verdict == Verdict::broken);
}

TEST_CASE("what may not be read never makes a request look served or refused") {
  for (const Kind kind : {Kind::gateway, Kind::http_route, Kind::ingress, Kind::service, Kind::gateway_class}) {
    CAPTURE(info(kind).name);
    const std::string& url = kind == Kind::ingress ? "http://elsewhere.example/" : "http://shop.example/";
    for (const Diagnosis& diagnosis : traced(url, shop(), {}, {kind})) {
      CHECK(diagnosis.verdict == Verdict::unknown);
      CHECK_FALSE(diagnosis.unknowns.empty());
    }
  }
}

TEST_CASE("credentials among the headers are not printed") {
  TraceFlags flags;
  flags.headers = {"Authorization: Bearer hunter2", "x-team: blue"};
  const std::vector<Diagnosis> all = traced("http://shop.example/", shop(), flags);
  REQUIRE(all.size() == 1);
  const Value request = trace_value(all.front())["request"];
  CHECK(request["headers"][0]["value"].text() == "REDACTED");
  CHECK(request["headers"][1]["value"].text() == "blue");
}

TEST_CASE("two ways to name the entrance at once are refused") {
  TraceFlags flags;
  flags.gateway = "web";
  flags.ingress_class = "nginx";
  CHECK_FALSE(question_of(flags, "http://shop.example/", "shop").has_value());
}

namespace {

Trace predicted(Action action, std::optional<std::int64_t> status = {}) {
  Trace trace;
  trace.request.scheme = "http";
  trace.request.host = "shop.example";
  trace.outcome.action = action;
  trace.outcome.status = status;
  return trace;
}

ExchangeAnswer answered(int status, std::vector<HeaderField> headers = {}, std::string body = {}) {
  ExchangeAnswer answer;
  answer.result = HttpResult::answered;
  answer.status = status;
  answer.headers = std::move(headers);
  answer.body = std::move(body);
  return answer;
}

ExchangeAnswer silent() {
  ExchangeAnswer answer;
  answer.result = HttpResult::refused;
  answer.detail = "connection refused";
  return answer;
}

}  // namespace

TEST_CASE("an answer is compared with the prediction") {
  const HeaderField envoy{"server", "envoy"};
  struct Row {
    Trace trace;
    ExchangeAnswer answer;
    std::optional<bool> agrees;
  };
  Trace redirect = predicted(Action::redirect, 301);
  redirect.outcome.location = "https://shop.example/";
  for (const Row& row :
       {Row{predicted(Action::forward), answered(200), true},
        Row{predicted(Action::forward), answered(503, {envoy}, "no healthy upstream"), false},
        Row{predicted(Action::forward), silent(), false},
        Row{predicted(Action::forward), answered(404, {}, "{\"error\": 1}"), std::nullopt},
        Row{predicted(Action::forward, 503), answered(503, {envoy}, "no healthy upstream"), true},
        Row{redirect, answered(301, {{"location", "https://shop.example/"}}), true},
        Row{redirect, answered(301, {{"location", "https://shop.example/login"}}), false},
        Row{predicted(Action::respond, 500), answered(500), true}, Row{predicted(Action::respond, 500), answered(200), false},
        Row{predicted(Action::not_found), answered(404), true}, Row{predicted(Action::not_found), answered(200), false},
        Row{predicted(Action::unreachable), silent(), true}, Row{predicted(Action::unreachable), answered(200), false},
        Row{predicted(Action::unknown), answered(200), std::nullopt}}) {
    CAPTURE(action_name(row.trace.outcome.action));
    CAPTURE(row.answer.status);
    const Sent sent = judge_answer(row.trace, row.answer, {});
    CHECK(sent.agrees == row.agrees);
    CHECK(sent.differences.empty() == (row.agrees != false));
  }
}

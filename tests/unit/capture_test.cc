#include "kube/capture.h"

#include <doctest/doctest.h>

#include "kube/json.h"
#include "tests/unit/world_help.h"

using namespace gwdoctor;
using namespace gwdoctor::test;

namespace {

Wish object(Kind kind, std::string ns, std::string name) {
  return {Wish::What::object, kind, std::move(ns), std::move(name), {}, {}};
}
Wish list(Kind kind, std::string ns, std::string selector = {}, std::string fields = {}) {
  return {Wish::What::list, kind, std::move(ns), {}, std::move(selector), std::move(fields)};
}
Wish served(Kind kind) { return {Wish::What::served, kind, {}, {}, {}, {}}; }

Value service(std::string_view name) {
  return document(fmt::format("{{apiVersion: v1, kind: Service, metadata: {{namespace: shop, name: {}}}}}", name));
}

// Written to a file and read again.
CaptureSource replay(const Facts& facts) {
  const Result<Value> text = parse_json(write_json(capture_document(facts)));
  REQUIRE(text.has_value());
  CHECK(is_capture(*text));
  Result<CaptureSource> source = CaptureSource::parse(*text, "run.json");
  REQUIRE_MESSAGE(source.has_value(), (source ? std::string() : source.error().message));
  return std::move(*source);
}

Result<CaptureSource> edited(std::string_view facts) {
  return CaptureSource::parse(
      document(fmt::format("{{apiVersion: gwdoctor.dev/v1, kind: Capture, takenAt: '2026-11-23T12:00:00Z', facts: {}}}", facts)),
      "run.json");
}

Answer ask(CaptureSource& source, const Wish& wish) { return source.fill({wish}).front(); }

}  // namespace

TEST_CASE("every fact of a run comes back from its capture as it was") {
  Facts facts(noon());
  const Why why{Why::Reason::forbidden, "may not list pods", Needs{"list", "", "pods", "shop"}};
  facts.store(object(Kind::service, "shop", "cart"), {State::present, {service("cart")}, {}, {}});
  facts.store(object(Kind::gateway_class, "", "gone"), {State::absent, {}, {}, {}});
  facts.store(list(Kind::pod, "shop", "app=cart"), {State::unknown, {}, {}, why});
  facts.store(list(Kind::event, "shop", "", "involvedObject.name=cart"), {State::present, {}, {}, {}});
  facts.store(served(Kind::http_route), {State::present, {}, "v1", {}});
  facts.store(served(Kind::tcp_route), {State::absent, {}, {}, {}});
  CaptureSource source = replay(facts);
  CHECK(source.now() == noon());
  const auto stored = facts.stored();
  REQUIRE(stored.size() == 6);
  for (const auto& [wish, before] : stored) {
    CAPTURE(wish.text());
    const Answer after = ask(source, wish);
    CHECK(after.state == before.state);
    CHECK(after.documents == before.documents);
    CHECK(after.version == before.version);
    if (after.state != State::unknown) continue;
    CHECK(after.why.reason == before.why.reason);
    CHECK(after.why.message == before.why.message);
    CHECK(after.why.needs == before.why.needs);
  }
}

TEST_CASE("each reason for not knowing survives") {
  using Reason = Why::Reason;
  for (const Reason reason : {Reason::forbidden, Reason::timeout, Reason::not_served, Reason::not_collected, Reason::expired,
                              Reason::vantage, Reason::pending, Reason::error}) {
    Facts facts(noon());
    facts.store(object(Kind::pod, "shop", "a"), {State::unknown, {}, {}, {reason, "m", std::nullopt}});
    CaptureSource source = replay(facts);
    CHECK(ask(source, object(Kind::pod, "shop", "a")).why.reason == reason);
    CHECK_FALSE(ask(source, object(Kind::pod, "shop", "a")).why.needs.has_value());
  }
}

TEST_CASE("two captures of the same facts are the same text") {
  Facts one(noon());
  one.store(object(Kind::service, "shop", "a"), {State::present, {service("a")}, {}, {}});
  one.store(object(Kind::service, "shop", "b"), {State::absent, {}, {}, {}});
  Facts other(noon());
  other.store(object(Kind::service, "shop", "b"), {State::absent, {}, {}, {}});
  other.store(object(Kind::service, "shop", "a"), {State::present, {service("a")}, {}, {}});
  CHECK(write_json(capture_document(one)) == write_json(capture_document(other)));
}

TEST_CASE("what the run never asked for is unknown, unless a complete list tells") {
  Facts facts(noon());
  facts.store(list(Kind::service, "shop"), {State::present, {service("cart"), service("admin")}, {}, {}});
  CaptureSource source = replay(facts);
  CHECK(ask(source, object(Kind::service, "shop", "admin")).state == State::present);
  CHECK(ask(source, object(Kind::service, "shop", "admin")).documents.front()["metadata"]["name"].text() == "admin");
  CHECK(ask(source, object(Kind::service, "shop", "gone")).state == State::absent);
  const Answer elsewhere = ask(source, object(Kind::service, "infra", "cart"));
  CHECK(elsewhere.state == State::unknown);
  CHECK(elsewhere.why.reason == Why::Reason::not_collected);
  CHECK(elsewhere.why.message == "the capture does not hold Service infra/cart");
  CHECK(ask(source, served(Kind::service)).state == State::unknown);
  CHECK(source.refs(Kind::service).size() == 2);
}

TEST_CASE("what a person wrote into a capture is redacted all the same") {
  Result<CaptureSource> source =
      edited(R"([{what: object, resource: secrets, namespace: shop, name: s, state: present, documents: [
    {apiVersion: v1, kind: Secret, metadata: {namespace: shop, name: s}, data: {password: aHVudGVyMg==}}]}])");
  REQUIRE(source.has_value());
  CHECK(ask(*source, object(Kind::secret, "shop", "s")).documents.front()["data"]["password"].text() == "REDACTED");
}

TEST_CASE("a file that is no capture of this version is an error that names it and says what is wrong") {
  CHECK_FALSE(is_capture(document("{apiVersion: v1, kind: List}")));
  const auto message = [](std::string_view yaml) {
    const Result<CaptureSource> source = CaptureSource::parse(document(yaml), "run.json");
    REQUIRE_FALSE(source.has_value());
    CHECK(source.error().kind == ErrorKind::input);
    CHECK(source.error().message.starts_with("run.json: "));
    return source.error().message;
  };
  CHECK(message("{apiVersion: gwdoctor.dev/v9, kind: Capture, takenAt: '2026-11-23T12:00:00Z', facts: []}")
            .find("gwdoctor.dev/v9") != std::string::npos);
  CHECK(message("{apiVersion: gwdoctor.dev/v1, kind: Capture, facts: []}").find("takenAt") != std::string::npos);
  CHECK(message("{apiVersion: gwdoctor.dev/v1, kind: Capture, takenAt: '2026-11-23T12:00:00Z'}").find("facts") !=
        std::string::npos);
}

TEST_CASE("facts of a newer program are passed over") {
  Result<CaptureSource> source =
      edited(R"([{what: watch, resource: pods, state: present}, {what: list, resource: widgets.example.com, state: present},
    {what: list, resource: pods, namespace: shop, state: guessed}, 7, null])");
  REQUIRE(source.has_value());
  CHECK(ask(*source, list(Kind::pod, "shop")).state == State::unknown);
}

TEST_CASE("an edited capture never makes the program take what is not there for present") {
  Result<CaptureSource> source = edited(R"([{what: object, resource: services, namespace: shop, name: cart, state: present},
    {what: object, resource: services, namespace: shop, name: open, state: wanted}])");
  REQUIRE(source.has_value());
  Facts facts(noon());
  (void)facts.service("shop", "cart");
  (void)facts.service("shop", "open");
  CHECK(fetch_wanted(facts, *source));
  CHECK(facts.service("shop", "cart").unknown());
  CHECK_FALSE(facts.service("shop", "cart").present());
  CHECK(facts.service("shop", "open").unknown());
  CHECK_FALSE(facts.service("shop", "open").why().message.empty());
  CHECK(facts.take_wanted().empty());
}

#include "report/diagnose.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/unit/world_help.h"

using namespace gwdoctor;
using namespace gwdoctor::test;

namespace {

Diagnosis diagnosed(const std::string& world, const DiagnoseOptions& options = {}, std::initializer_list<Kind> denied = {}) {
  ManifestSource source = cluster(world);
  for (const Kind kind : denied) source.deny({kind, "", {}});
  Facts facts(noon());
  const Diagnosed result = diagnose(cart_route, facts, source, options);
  CHECK(result.target == State::present);
  return result.diagnosis;
}

std::vector<std::string> codes(const Diagnosis& diagnosis, Role role) {
  std::vector<std::string> out;
  for (const Argued& argued : diagnosis.findings) {
    if (argued.role == role) out.emplace_back(argued.finding.check->code);
  }
  std::sort(out.begin(), out.end());
  return out;
}

// The route names the container's port …
std::string wrong_port(std::string world = shop()) {
  return with(std::move(world), "{name: cart, port: 80}]}]", "{name: cart, port: 8080}]}]");
}

// … and the Service selects no pod.
std::string wrong_selector(std::string world = shop()) {
  return with(with(std::move(world), "selector: {app: cart}\n", "selector: {app: car}\n"),
              "endpoints:\n- {addresses: [10.1.0.11]", "endpoints: []\nunused:\n- {addresses: [10.1.0.11]");
}

// What the controller says of either.
std::string refused(std::string world) {
  return with(
      std::move(world), "{type: ResolvedRefs, status: \"True\", reason: ResolvedRefs}]\n---\napiVersion: v1\nkind: Service",
      "{type: ResolvedRefs, status: \"False\", reason: BackendNotFound, message: no}]\n---\napiVersion: v1\nkind: Service");
}

std::string annotated(std::string world, std::string_view codes) {
  return with(std::move(world), "kind: Service\nmetadata: {name: cart,",
              fmt::format("kind: Service\nmetadata: {{name: cart, annotations: {{gwdoctor.dev/ignore: '{}'}},", codes));
}

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("a route through which all requests pass is healthy, and the summary says where they end") {
  const Diagnosis diagnosis = diagnosed(shop());
  CHECK(diagnosis.verdict == Verdict::healthy);
  CHECK(diagnosis.findings.empty());
  CHECK(diagnosis.unknowns.empty());
  CHECK_FALSE(diagnosis.together.has_value());
  CHECK(diagnosis.summary.starts_with("all requests reach "));
  CHECK(diagnosis.taken_at == noon());
}

TEST_CASE("two faults at once are two causes, each fix is proved, and together they make it healthy") {
  const Diagnosis diagnosis = diagnosed(wrong_selector(wrong_port()));
  CHECK(diagnosis.verdict == Verdict::broken);
  CHECK(codes(diagnosis, Role::cause) == Words{"service-port-not-found", "service-selector-mismatch"});
  for (const Argued& argued : diagnosis.findings) {
    if (argued.role != Role::cause) continue;
    CAPTURE(std::string(argued.finding.check->code));
    REQUIRE(argued.trial.has_value());
    CHECK(argued.trial->verified == true);
    CHECK(argued.trial->restores == Restores::none);
    CHECK(argued.breaks == "all requests");
    CHECK_FALSE(argued.rank_reason.empty());
  }
  REQUIRE(diagnosis.together.has_value());
  CHECK(diagnosis.together->fixes == std::vector<int>{1, 2});
  CHECK(diagnosis.together->verdict == Verdict::healthy);
  CHECK(diagnosis.summary.find("(and 1 more cause)") != std::string::npos);
}

TEST_CASE("what a cause explains stands under it, and a fold never hides a second root") {
  const Diagnosis diagnosis = diagnosed(refused(wrong_selector(wrong_port())));
  CHECK(codes(diagnosis, Role::cause) == Words{"service-port-not-found", "service-selector-mismatch"});
  CHECK(codes(diagnosis, Role::consequence) == Words{"endpoints-none", "route-refs-unresolved"});
  int rank = 0;
  for (const Argued& argued : diagnosis.findings) {
    CHECK(argued.rank == ++rank);
    CHECK(argued.explained_by.has_value() == (argued.role == Role::consequence));
    if (!argued.explained_by) continue;
    const Argued& root = diagnosis.findings.at(static_cast<std::size_t>(*argued.explained_by - 1));
    CHECK(root.role == Role::cause);
    CHECK_FALSE(root.explained_by.has_value());
    CHECK(argued.rank > root.rank);
  }
}

TEST_CASE("one fault of two rules degrades, and the summary says what fails") {
  const Diagnosis diagnosis = diagnosed(with(shop(), "rules: [{backendRefs: [{name: cart, port: 80}]}]",
                                             "rules: [{backendRefs: [{name: cart, port: 80}]}, {matches: [{path: {value: /v2}}], "
                                             "backendRefs: [{name: cart, port: 8080}]}]"));
  CHECK(diagnosis.verdict == Verdict::degraded);
  REQUIRE(codes(diagnosis, Role::cause) == Words{"service-port-not-found"});
  CHECK(diagnosis.findings.front().breaks == "requests to /v2");
  CHECK(diagnosis.summary.starts_with("requests to /v2 fail: "));
  CHECK(diagnosis.findings.front().trial->restores == Restores::all);
}

TEST_CASE("an annotation on the object suppresses a code there, and it is counted") {
  const Diagnosis diagnosis = diagnosed(annotated(wrong_selector(wrong_port()), "some-other, service-selector-mismatch"));
  CHECK(codes(diagnosis, Role::cause) == Words{"endpoints-none", "service-port-not-found"});
  REQUIRE(diagnosis.suppressed.size() == 1);
  CHECK(diagnosis.suppressed.front().code == "service-selector-mismatch");
  CHECK(diagnosis.suppressed.front().object.text() == "Service shop/cart");
  // The word must be the whole code, on the object of the finding.
  CHECK(diagnosed(annotated(wrong_selector(), "service-selector")).suppressed.empty());
  CHECK(diagnosed(annotated(wrong_port(), "service-port-not-found")).suppressed.empty());
}

TEST_CASE("a code that is ignored is counted, and no longer changes the verdict") {
  DiagnoseOptions options;
  options.ignore = {"service-port-not-found"};
  const Diagnosis diagnosis = diagnosed(wrong_port(), options);
  CHECK(diagnosis.findings.empty());
  CHECK(diagnosis.verdict == Verdict::healthy);
  CHECK(diagnosis.suppressed.size() == 1);
}

TEST_CASE("with codes selected, nothing else is heard of, nor counted as suppressed") {
  DiagnoseOptions options;
  options.select = {"service-selector-mismatch"};
  const Diagnosis diagnosis = diagnosed(wrong_selector(wrong_port()), options);
  CHECK(codes(diagnosis, Role::cause) == Words{"service-selector-mismatch"});
  CHECK(diagnosis.findings.size() == 1);
  CHECK(diagnosis.suppressed.empty());
}

TEST_CASE("a fact that is missing makes the verdict unknown, unless its kind is accepted") {
  const Diagnosis blind = diagnosed(shop(), {}, {Kind::service});
  CHECK(blind.verdict == Verdict::unknown);
  REQUIRE_FALSE(blind.unknowns.empty());
  CHECK(blind.unknowns.front().fact == "Service shop/cart");
  CHECK(blind.unknowns.front().why.reason == Why::Reason::forbidden);
  CHECK(blind.summary.starts_with("nothing wrong was found, but Service shop/cart could not be read"));
  DiagnoseOptions options;
  options.accept_unknown = {Kind::service};
  const Diagnosis accepted = diagnosed(shop(), options, {Kind::service});
  CHECK(accepted.verdict == Verdict::healthy);
  CHECK(accepted.unknowns.empty());
  CHECK(accepted.accepted_unknowns == Words{"Service shop/cart"});
}

TEST_CASE("each missing fact is named once, however many checks wanted it") {
  const Diagnosis blind = diagnosed(shop(), {}, {Kind::service, Kind::gateway});
  Words facts;
  for (const Unknown& unknown : blind.unknowns) facts.push_back(unknown.fact);
  std::sort(facts.begin(), facts.end());
  CHECK(std::adjacent_find(facts.begin(), facts.end()) == facts.end());
}

TEST_CASE("fixes are not tried where nobody wants it") {
  DiagnoseOptions options;
  options.try_fixes = false;
  const Diagnosis diagnosis = diagnosed(wrong_port(), options);
  CHECK_FALSE(diagnosis.findings.at(0).trial.has_value());
  CHECK_FALSE(diagnosis.together.has_value());
}

TEST_CASE("a target that is absent, or may not be read, gives no verdict") {
  ManifestSource source = cluster(shop());
  Facts facts(noon());
  const Diagnosed gone = diagnose({Kind::http_route, "shop", "gone"}, facts, source, {});
  CHECK(gone.target == State::absent);
  CHECK(gone.diagnosis.verdict == Verdict::unknown);
  source.deny({Kind::http_route, "", {}});
  Facts denied(noon());
  const Diagnosed blind = diagnose(cart_route, denied, source, {});
  CHECK(blind.target == State::unknown);
  REQUIRE(blind.diagnosis.unknowns.size() == 1);
  CHECK(blind.diagnosis.unknowns.front().fact == "HTTPRoute shop/cart");
}

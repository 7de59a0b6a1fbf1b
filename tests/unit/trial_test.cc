#include "report/trial.h"

#include <doctest/doctest.h>

#include "tests/unit/world_help.h"

using namespace gwdoctor;
using namespace gwdoctor::test;

namespace {

const Ref route = ref(Kind::http_route, "shop", "cart");

// A world in which the route names a port that the Service does not offer.
struct Broken {
  ManifestSource source;
  Facts facts{noon()};
  Examination examined;

  explicit Broken(const std::string& world = with(shop(), "{name: cart, port: 80}]}]", "{name: cart, port: 8080}]}]"))
      : source(cluster(world)), examined(examine(cart_route, facts, &source)) {}

  // The finding of this code, with another fix.
  [[nodiscard]] Finding finding(std::string_view code) const {
    for (const Finding& one : examined.verdicts.findings()) {
      if (one.check->code == code) return one;
    }
    FAIL("no finding " << std::string(code));
    return {};
  }
  [[nodiscard]] Trial attempt(const Finding& finding, Source* from) const {
    return try_fix(cart_route, facts, from, examined, finding, {&finding});
  }
};

Finding with_patch(Finding finding, const Ref& object, std::string_view merge) {
  finding.fix = Fix{"try this", {}, Patch{object, document(merge)}};
  return finding;
}

}  // namespace

TEST_CASE("a fix that mends the fault is verified, and says what it restores") {
  Broken world;
  const Trial trial = world.attempt(world.finding("service-port-not-found"), &world.source);
  CHECK(trial.verified == true);
  CHECK(trial.restores == Restores::all);
}

TEST_CASE("a fix that changes nothing about the fault is not verified") {
  Broken world;
  const Finding finding = with_patch(world.finding("service-port-not-found"), route, "{metadata: {labels: {a: b}}}");
  const Trial trial = world.attempt(finding, &world.source);
  CHECK(trial.verified == false);
  CHECK(trial.restores == Restores::none);
}

TEST_CASE("a fix that puts another fault in the place of the first is not verified") {
  Broken world;
  const Finding finding =
      with_patch(world.finding("service-port-not-found"), route, "{spec: {rules: [{backendRefs: [{name: gone, port: 80}]}]}}");
  CHECK(world.attempt(finding, &world.source).verified == false);
}

TEST_CASE("a fix must take along what the finding explains") {
  Broken world;
  const Finding finding = world.finding("service-port-not-found");
  Finding other = finding;
  other.path = "spec.elsewhere";
  CHECK(try_fix(cart_route, world.facts, &world.source, world.examined, finding, {&finding, &other}).verified == true);
  const Finding useless = with_patch(finding, route, "{metadata: {labels: {a: b}}}");
  CHECK(try_fix(cart_route, world.facts, &world.source, world.examined, useless, {&other}).verified == true);
  CHECK(try_fix(cart_route, world.facts, &world.source, world.examined, useless, {&other, &finding}).verified == false);
}

TEST_CASE("a fix without a patch is not tried") {
  Broken world;
  Finding finding = world.finding("service-port-not-found");
  finding.fix->patch.reset();
  CHECK_FALSE(world.attempt(finding, &world.source).verified.has_value());
  finding.fix.reset();
  CHECK_FALSE(world.attempt(finding, &world.source).verified.has_value());
}

TEST_CASE("a fix into what may not be read is neither verified nor refuted") {
  Broken world(with(shop(), "{name: cart, port: 80}]}]", "{name: gone, port: 80}]}]"));
  const Finding finding =
      with_patch(world.finding("service-not-found"), route, "{spec: {rules: [{backendRefs: [{name: cart, port: 80}]}]}}");
  CHECK(world.attempt(finding, &world.source).verified == true);
  Broken blind(with(shop(), "{name: cart, port: 80}]}]", "{name: gone, port: 80}]}]"));
  blind.source.deny({Kind::endpoint_slice, "", {}});
  blind.source.deny({Kind::pod, "", {}});
  CHECK_FALSE(blind.attempt(finding, &blind.source).verified.has_value());
}

TEST_CASE("several fixes are tried together") {
  Broken world(with(with(with(shop(), "{name: cart, port: 80}]}]", "{name: cart, port: 8080}]}]"), "selector: {app: cart}\n",
                         "selector: {app: car}\n"),
                    "endpoints:\n- {addresses: [10.1.0.11]", "endpoints: []\nunused:\n- {addresses: [10.1.0.11]"));
  const Patch port{route, document("{spec: {rules: [{backendRefs: [{name: cart, port: 80}]}]}}")};
  const Patch selector{ref(Kind::service, "shop", "cart"), document("{spec: {selector: {app: cart}}}")};
  CHECK(try_together(cart_route, world.facts, &world.source, {port}) == Verdict::broken);
  CHECK(try_together(cart_route, world.facts, &world.source, {selector}) == Verdict::broken);
  CHECK(try_together(cart_route, world.facts, &world.source, {port, selector}) == Verdict::healthy);
  CHECK(try_together(cart_route, world.facts, &world.source, {{route, Value()}}) == Verdict::unknown);
}

#include "checks/engine.h"

#include <doctest/doctest.h>

#include <set>

#include "tests/unit/world_help.h"

using namespace gwdoctor;
using namespace gwdoctor::test;

namespace {

// Answers from a small cluster and keeps count.
class Counting final : public Source {
 public:
  explicit Counting(ManifestSource inner) : inner_(std::move(inner)) {}
  std::vector<Answer> fill(const std::vector<Wish>& wishes) override {
    ++rounds;
    for (const Wish& wish : wishes) twice = twice || !asked.insert(wish).second;
    return inner_.fill(wishes);
  }
  Time now() const override { return inner_.now(); }

  int rounds = 0;
  bool twice = false;
  std::set<Wish> asked;

 private:
  ManifestSource inner_;
};

// Gives fewer answers than it was asked for, and one that is none.
class Mute final : public Source {
 public:
  std::vector<Answer> fill(const std::vector<Wish>&) override { return {Answer{State::wanted, {}, {}, {}}}; }
  Time now() const override { return noon(); }
};

std::vector<std::string> codes(const Examination& examined) {
  std::vector<std::string> out;
  for (const Finding& finding : examined.verdicts.findings()) out.emplace_back(finding.check->code);
  return out;
}

}  // namespace

TEST_CASE("rounds go on until nothing more is wanted, and no fact is asked for twice") {
  Counting source{cluster(shop())};
  Facts facts(noon());
  const Examination examined = examine(cart_route, facts, &source);
  CHECK(examined.path.state == State::present);
  CHECK(codes(examined).empty());
  CHECK(examined.rounds == source.rounds);
  CHECK(source.rounds >= 3);
  CHECK_FALSE(source.twice);
  CHECK(facts.take_wanted().empty());
  SUBCASE("and what is known already costs no round") { CHECK(examine(cart_route, facts, &source).rounds == 0); }
}

TEST_CASE("without a source, what is wanted stays unknown with that reason") {
  Facts facts(noon());
  const Examination examined = examine(cart_route, facts, nullptr);
  CHECK(examined.path.state == State::unknown);
  CHECK(examined.path.why.message == "not looked up");
  CHECK(facts.take_wanted().empty());
}

TEST_CASE("a run that is out of rounds ends, and what it still wanted is unknown") {
  Counting source{cluster(shop())};
  Facts facts(noon());
  const Examination examined = examine(cart_route, facts, &source, 1);
  CHECK(source.rounds == 1);
  CHECK_FALSE(examined.verdicts.blinds().empty());
  CHECK(facts.take_wanted().empty());
}

TEST_CASE("a source that gives no answer leaves the facts unknown, and the run ends") {
  Mute source;
  Facts facts(noon());
  const Examination examined = examine(cart_route, facts, &source);
  CHECK(examined.path.state == State::unknown);
  CHECK(facts.take_wanted().empty());
}

TEST_CASE("one fault that several rules meet is one finding, with the streams of all") {
  const std::string rules =
      "rules: [{matches: [{path: {value: /a}}], backendRefs: [{name: gone, port: 80}]}, {matches: [{path: {value: /b}}], "
      "backendRefs: [{name: cart, port: 80}]},"
      " {matches: [{path: {value: /c}}, {path: {value: /d}}], backendRefs: [{name: cart, port: 81}]}]";
  ManifestSource source = cluster(with(shop(), "rules: [{backendRefs: [{name: cart, port: 80}]}]", rules));
  Facts facts(noon());
  const Examination examined = examine(cart_route, facts, &source);
  const auto count = [&](std::string_view code) {
    const std::vector<std::string> all = codes(examined);
    return std::count(all.begin(), all.end(), code);
  };
  CHECK(count("service-not-found") == 1);
  REQUIRE(count("service-port-not-found") == 1);
  for (const Finding& finding : examined.verdicts.findings()) {
    if (finding.check->code == "service-port-not-found")
      CHECK(examined.path.describe(finding.scope) == "requests to /c and requests to /d");
  }
}

TEST_CASE("a finding is built up in words, with the severity and impact of its check unless told another") {
  static constexpr Check warning{.code = "some-check", .title = "a title", .severity = Severity::warning};
  Verdicts out;
  out.begin(warning);
  const Ref object = ref(Kind::service, "shop", "cart");
  out.fail(Scope(1, true))
      .object(object, "spec.type")
      .says("is {}", 5)
      .saw(object, "spec.type", Value("x"))
      .affects(object)
      .affects(object)
      .reason("finer");
  out.fail(Scope(1, true)).object(object).says("broken").severity(Severity::error).certainty(Certainty::likely);
  out.fail(Scope(1, true)).object(object).says("hurt").severity(Severity::error).impact(Impact::part);
  REQUIRE(out.findings().size() == 3);
  const Finding& first = out.findings()[0];
  CHECK(first.check == &warning);
  CHECK(first.impact == Impact::none);
  CHECK(first.message == "is 5");
  CHECK(first.affects.size() == 1);
  CHECK(first.reason == "finer");
  CHECK(out.findings()[1].impact == Impact::all);
  CHECK(out.findings()[1].certainty == Certainty::likely);
  CHECK(out.findings()[2].impact == Impact::part);
  out.pass(Scope(1, true));
  out.unknown(Scope(1, true), Wish{}, Why{});
  CHECK(out.passes().size() == 1);
  CHECK(out.blinds().front().check == &warning);
}

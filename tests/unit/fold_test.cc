#include "report/fold.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace gwdoctor;

namespace {

constexpr Check selector{.code = "selector", .title = "a title", .explains = {"empty", "refused/selector-only"}};
constexpr Check empty{.code = "empty", .title = "a title", .explains = {"refused"}};
constexpr Check refused{.code = "refused", .title = "a title"};
constexpr std::string_view askers[] = {"empty", "refused"};
constexpr Check symptom{.code = "symptom", .title = "a title", .explained_by = askers};
constexpr Check left{.code = "left", .title = "a title", .explains = {"right"}};
constexpr Check right{.code = "right", .title = "a title", .explains = {"left"}};

const Ref cart = ref(Kind::service, "shop", "cart");
const Ref admin = ref(Kind::service, "shop", "admin");

Scope streams(std::initializer_list<std::size_t> which) {
  Scope scope(4);
  for (const std::size_t stream : which) scope.add(stream);
  return scope;
}

Finding finding(const Check& check, const Scope& scope, const Ref& object = cart) {
  Finding out;
  out.check = &check;
  out.scope = scope;
  out.object = object;
  return out;
}

using Folded = std::vector<std::optional<std::size_t>>;

}  // namespace

TEST_CASE("a finding is folded under the one that explains it where both touch a stream") {
  CHECK(fold({finding(selector, streams({0, 1})), finding(empty, streams({1}))}) == Folded{std::nullopt, 0});
  CHECK(fold({finding(empty, streams({1})), finding(selector, streams({0, 1}))}) == Folded{1, std::nullopt});
  CHECK(fold({finding(selector, streams({0})), finding(empty, streams({1}))}) == Folded{std::nullopt, std::nullopt});
  CHECK(fold({}).empty());
}

TEST_CASE("findings of one object never explain one another for that alone") {
  CHECK(fold({finding(refused, streams({0})), finding(refused, streams({0}))}) == Folded{std::nullopt, std::nullopt});
}

TEST_CASE("chains of explanation lead to one root") {
  const Folded folded = fold({finding(refused, streams({0})), finding(empty, streams({0})), finding(selector, streams({0}))});
  CHECK(folded == Folded{1, 2, std::nullopt});
  CHECK(root_of(folded, 0) == 2);
  CHECK(root_of(folded, 2) == 2);
}

TEST_CASE("an entry with a reason explains findings of that reason only") {
  Finding other = finding(refused, streams({0}));
  CHECK_FALSE(explains(finding(selector, streams({0})), other));
  other.reason = "selector-only";
  CHECK(explains(finding(selector, streams({0})), other));
  other.reason = "selector";
  CHECK_FALSE(explains(finding(selector, streams({0})), other));
}

TEST_CASE("what is only likely explains nothing, what was observed does") {
  Finding cause = finding(selector, streams({0}));
  cause.certainty = Certainty::likely;
  CHECK_FALSE(explains(cause, finding(empty, streams({0}))));
  cause.certainty = Certainty::observed;
  CHECK(explains(cause, finding(empty, streams({0}))));
}

TEST_CASE("a risk explains no fault") {
  Finding risk = finding(selector, streams({0}));
  risk.severity = Severity::warning;
  CHECK_FALSE(explains(risk, finding(empty, streams({0}))));
  Finding other = finding(empty, streams({0}));
  other.severity = Severity::warning;
  CHECK(explains(risk, other));
}

TEST_CASE("of several explanations the narrowest is taken, then the first") {
  CHECK(fold({finding(selector, streams({0, 1, 2})), finding(selector, streams({0})), finding(empty, streams({0}))}) ==
        Folded{std::nullopt, std::nullopt, 1});
  CHECK(fold({finding(selector, streams({0})), finding(selector, streams({0})), finding(empty, streams({0}))}) ==
        Folded{std::nullopt, std::nullopt, 0});
}

TEST_CASE("findings without streams are folded by the objects that they share") {
  CHECK(fold({finding(selector, Scope(4)), finding(empty, Scope(4))}) == Folded{std::nullopt, 0});
  CHECK(fold({finding(selector, Scope(4)), finding(empty, Scope(4), admin)}) == Folded{std::nullopt, std::nullopt});
  Finding affecting = finding(selector, streams({0}));
  affecting.affects = {admin};
  CHECK(fold({affecting, finding(empty, Scope(4), admin)}) == Folded{std::nullopt, 0});
}

TEST_CASE("no circle comes about, whatever explains what: one of them stays a root") {
  const Folded folded = fold({finding(left, streams({0})), finding(right, streams({0}))});
  CHECK(std::count(folded.begin(), folded.end(), std::nullopt) == 1);
  const Folded many = fold(
      {finding(left, streams({0})), finding(right, streams({0})), finding(left, streams({0})), finding(right, streams({0}))});
  CHECK(std::count(many.begin(), many.end(), std::nullopt) >= 1);
  for (std::size_t at = 0; at < many.size(); ++at) CHECK_FALSE(many[root_of(many, at)].has_value());
}

TEST_CASE("what clients see names its own explainers, and a finding may narrow them") {
  Finding seen = finding(symptom, streams({0}));
  CHECK(explains(finding(empty, streams({0})), seen));
  CHECK(explains(finding(refused, streams({0})), seen));
  CHECK_FALSE(explains(finding(selector, streams({0})), seen));
  seen.explained_by = {"refused"};
  CHECK_FALSE(explains(finding(empty, streams({0})), seen));
  CHECK(fold({finding(refused, streams({0})), seen}) == Folded{std::nullopt, 0});
  // A code that the check does not list explains none of its findings.
  seen.explained_by = {"selector"};
  CHECK_FALSE(explains(finding(selector, streams({0})), seen));
}

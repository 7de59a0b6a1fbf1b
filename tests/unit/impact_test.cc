#include "report/impact.h"

#include <doctest/doctest.h>

using namespace gwdoctor;

namespace {

constexpr Check plain{.code = "plain", .title = "a title"};
constexpr Check hint{.code = "hint", .title = "a title", .advice = true};

Finding finding(Impact impact, std::initializer_list<std::size_t> streams, Severity severity = Severity::error) {
  Finding out;
  out.check = &plain;
  out.impact = impact;
  out.severity = severity;
  for (const std::size_t stream : streams) out.scope.add(stream);
  return out;
}

}  // namespace

TEST_CASE("all streams stopped is broken, some or in part is degraded") {
  struct Row {
    std::vector<Finding> findings;
    Verdict verdict;
  };
  const Row rows[] = {
      {{}, Verdict::healthy},
      {{finding(Impact::all, {0, 1})}, Verdict::broken},
      {{finding(Impact::all, {0}), finding(Impact::all, {1})}, Verdict::broken},
      {{finding(Impact::all, {0})}, Verdict::degraded},
      {{finding(Impact::part, {0, 1})}, Verdict::degraded},
      {{finding(Impact::all, {0}), finding(Impact::part, {1})}, Verdict::degraded},
      {{finding(Impact::all, {})}, Verdict::degraded},
      {{finding(Impact::none, {0, 1}, Severity::warning)}, Verdict::at_risk},
      {{finding(Impact::none, {0, 1}, Severity::info)}, Verdict::healthy},
  };
  for (const Row& row : rows) CHECK(judge(row.findings, 2, false) == row.verdict);
}

TEST_CASE("a missing fact makes unknown what would be healthy or at risk, and never excuses what is broken") {
  CHECK(judge({}, 2, true) == Verdict::unknown);
  CHECK(judge({finding(Impact::none, {0}, Severity::warning)}, 2, true) == Verdict::unknown);
  CHECK(judge({finding(Impact::all, {0})}, 2, true) == Verdict::degraded);
  CHECK(judge({finding(Impact::all, {0, 1})}, 2, true) == Verdict::broken);
}

TEST_CASE("advice changes no verdict") {
  Finding advice = finding(Impact::all, {0, 1});
  advice.check = &hint;
  CHECK(judge({advice}, 2, false) == Verdict::healthy);
  advice.impact = Impact::none;
  advice.severity = Severity::warning;
  CHECK(judge({advice}, 2, false) == Verdict::healthy);
}

TEST_CASE("a target without any stream is broken by what stops it, and healthy without") {
  CHECK(judge({finding(Impact::all, {})}, 0, false) == Verdict::broken);
  CHECK(judge({}, 0, false) == Verdict::healthy);
}

TEST_CASE("the damage tells what is stopped from what is hurt") {
  const Damage all = damage({finding(Impact::all, {0}), finding(Impact::part, {1}), finding(Impact::none, {2})}, 3);
  CHECK(all.stopped.has(0));
  CHECK(all.stopped.count() == 1);
  CHECK(all.hurt.has(1));
  CHECK(all.hurt.count() == 1);
  CHECK(all.part);
  CHECK(working({finding(Impact::all, {0, 1, 2})}, 3) == Restores::none);
  CHECK(working({finding(Impact::all, {0})}, 3) == Restores::some);
  CHECK(working({finding(Impact::none, {0})}, 3) == Restores::all);
}

TEST_CASE("the verdict of a list is its worst item's, and an unknown is worse than a risk") {
  const auto worst = [](std::initializer_list<Verdict> verdicts) {
    std::vector<Diagnosis> diagnoses;
    for (const Verdict verdict : verdicts) diagnoses.emplace_back().verdict = verdict;
    return worst_verdict(diagnoses);
  };
  CHECK(worst({}) == Verdict::healthy);
  CHECK(worst({Verdict::healthy, Verdict::at_risk}) == Verdict::at_risk);
  CHECK(worst({Verdict::unknown, Verdict::at_risk}) == Verdict::unknown);
  CHECK(worst({Verdict::unknown, Verdict::degraded}) == Verdict::degraded);
  CHECK(worst({Verdict::broken, Verdict::degraded, Verdict::unknown}) == Verdict::broken);
}

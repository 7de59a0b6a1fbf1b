#include <doctest/doctest.h>

#include "cmd/output.h"

using namespace gwdoctor;

namespace {

constexpr Check plain{.code = "plain", .title = "a title"};
constexpr Check hint{.code = "hint", .title = "a title", .advice = true};

Argued finding(Severity severity, const Check& check = plain) {
  Argued out;
  out.finding.check = &check;
  out.finding.severity = severity;
  return out;
}

Diagnosis diagnosis(Verdict verdict, std::vector<Argued> findings = {}) {
  Diagnosis out;
  out.verdict = verdict;
  out.findings = std::move(findings);
  return out;
}

constexpr FailOn levels[] = {FailOn::error, FailOn::warning, FailOn::unknown, FailOn::never};

}  // namespace

TEST_CASE("each verdict has its exit code at each threshold") {
  struct Row {
    Diagnosis diagnosis;
    Exit exits[4];  // error, warning, unknown, never
  };
  const Argued error = finding(Severity::error);
  const Argued warning = finding(Severity::warning);
  const Row rows[] = {
      {diagnosis(Verdict::healthy), {Exit::ok, Exit::ok, Exit::ok, Exit::ok}},
      {diagnosis(Verdict::healthy, {finding(Severity::info)}), {Exit::ok, Exit::ok, Exit::ok, Exit::ok}},
      {diagnosis(Verdict::at_risk, {warning}), {Exit::ok, Exit::findings, Exit::ok, Exit::ok}},
      {diagnosis(Verdict::degraded, {error}), {Exit::findings, Exit::findings, Exit::findings, Exit::ok}},
      {diagnosis(Verdict::broken, {error, warning}), {Exit::findings, Exit::findings, Exit::findings, Exit::ok}},
      {diagnosis(Verdict::unknown), {Exit::unknown, Exit::unknown, Exit::findings, Exit::ok}},
      {diagnosis(Verdict::unknown, {warning}), {Exit::unknown, Exit::findings, Exit::findings, Exit::ok}},
      {diagnosis(Verdict::healthy, {finding(Severity::warning, hint)}), {Exit::ok, Exit::ok, Exit::ok, Exit::ok}},
  };
  for (const Row& row : rows) {
    for (std::size_t at = 0; at < std::size(levels); ++at) {
      CAPTURE(std::string(verdict_name(row.diagnosis.verdict)));
      CAPTURE(at);
      CHECK(static_cast<int>(exit_code({row.diagnosis}, levels[at])) == static_cast<int>(row.exits[at]));
    }
  }
}

TEST_CASE("of several diagnoses findings count before what is unknown") {
  const Diagnosis broken = diagnosis(Verdict::broken, {finding(Severity::error)});
  CHECK(exit_code({diagnosis(Verdict::unknown), broken}, FailOn::error) == Exit::findings);
  CHECK(exit_code({diagnosis(Verdict::healthy), diagnosis(Verdict::unknown)}, FailOn::error) == Exit::unknown);
  CHECK(exit_code({}, FailOn::error) == Exit::ok);
}

TEST_CASE("the codes are the numbers of the contract") {
  CHECK(static_cast<int>(Exit::ok) == 0);
  CHECK(static_cast<int>(Exit::findings) == 1);
  CHECK(static_cast<int>(Exit::usage) == 2);
  CHECK(static_cast<int>(Exit::unreachable) == 3);
  CHECK(static_cast<int>(Exit::unknown) == 4);
  CHECK(static_cast<int>(Exit::internal) == 70);
  CHECK(static_cast<int>(Exit::interrupted) == 130);
}

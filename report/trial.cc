#include "report/trial.h"

#include <algorithm>

#include "report/impact.h"

namespace gwdoctor {

namespace {

// A mended world may need facts that the broken one did not: a Service that was not on the path before.
constexpr int max_trial_rounds = 4;

bool same(const Finding& left, const Finding& right) {
  return left.check == right.check && left.object == right.object && left.path == right.path;
}

bool among(const Finding& finding, const std::vector<Finding>& findings) {
  return std::any_of(findings.begin(), findings.end(), [&](const Finding& other) { return same(finding, other); });
}

// What is pending waits for a controller that the trial assumes to do its work.
bool blind(const Verdicts& verdicts) {
  return std::any_of(verdicts.blinds().begin(), verdicts.blinds().end(),
                     [](const Blind& one) { return one.why.reason != Why::Reason::pending; });
}

}  // namespace

Trial try_fix(const Target& target, const Facts& facts, Source* source, const Examination& before, const Finding& finding,
              const Expected& expected) {
  Trial trial;
  if (!finding.fix || !finding.fix->patch) return trial;
  Facts mended = facts.patched({*finding.fix->patch});
  const Examination after = examine(target, mended, source, max_trial_rounds);
  const std::vector<Finding>& left = after.verdicts.findings();
  trial.restores = after.path.state == State::present ? working(left, after.path.streams.size()) : Restores::none;
  const bool gone = std::none_of(expected.begin(), expected.end(), [&](const Finding* one) { return among(*one, left); });
  const bool clean = std::all_of(left.begin(), left.end(), [&](const Finding& one) {
    return one.severity < Severity::warning || among(one, before.verdicts.findings());
  });
  trial.verified = gone && clean;
  if (*trial.verified && blind(after.verdicts) && !blind(before.verdicts)) trial.verified.reset();
  return trial;
}

Verdict try_together(const Target& target, const Facts& facts, Source* source, const std::vector<Patch>& patches) {
  Facts mended = facts.patched(patches);
  const Examination after = examine(target, mended, source, max_trial_rounds);
  if (after.path.state != State::present) return Verdict::unknown;
  return judge(after.verdicts.findings(), after.path.streams.size(), blind(after.verdicts));
}

}  // namespace gwdoctor

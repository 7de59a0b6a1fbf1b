#include "report/impact.h"

#include <algorithm>

namespace gwdoctor {

Damage damage(const std::vector<Finding>& findings, std::size_t streams) {
  Damage out{Scope(streams), Scope(streams), false};
  for (const Finding& finding : findings) {
    if (finding.impact == Impact::none || finding.check->advice) continue;
    if (finding.impact == Impact::all) out.stopped |= finding.scope;
    if (finding.impact == Impact::part) out.hurt |= finding.scope;
    // A fault that no stream can be counted for hurts all the same.
    out.part = out.part || finding.impact == Impact::part || !finding.scope.any();
  }
  return out;
}

Restores working(const std::vector<Finding>& findings, std::size_t streams) {
  const Damage all = damage(findings, streams);
  const std::size_t stopped = all.stopped.count();
  if (streams != 0 && stopped >= streams) return Restores::none;
  if (stopped == 0 && !all.part) return Restores::all;
  return streams == 0 ? Restores::none : Restores::some;
}

Verdict judge(const std::vector<Finding>& findings, std::size_t streams, bool blind) {
  switch (working(findings, streams)) {
    case Restores::none:
      return Verdict::broken;
    case Restores::some:
      return Verdict::degraded;
    case Restores::all:
      break;
  }
  if (blind) return Verdict::unknown;
  const bool risk = std::any_of(findings.begin(), findings.end(), [](const Finding& finding) {
    return finding.severity >= Severity::warning && !finding.check->advice;
  });
  return risk ? Verdict::at_risk : Verdict::healthy;
}

}  // namespace gwdoctor

#pragma once
// From findings to a verdict: by counting the streams that still work.

#include <vector>

#include "checks/engine.h"
#include "report/diagnosis.h"

namespace gwdoctor {

// The streams that some finding stops altogether, and those that it hurts in part.
struct Damage {
  Scope stopped;
  Scope hurt;
  bool part = false;  // some finding hurts without stopping a whole stream
};
[[nodiscard]] Damage damage(const std::vector<Finding>& findings, std::size_t streams);

// How much of the target's traffic works in spite of these findings.
[[nodiscard]] Restores working(const std::vector<Finding>& findings, std::size_t streams);

// The verdict of the contract. `blind`: needed facts are missing.
[[nodiscard]] Verdict judge(const std::vector<Finding>& findings, std::size_t streams, bool blind);

}  // namespace gwdoctor

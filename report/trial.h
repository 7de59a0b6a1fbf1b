#pragma once
// Proves fixes: each is applied to a copy of the facts, and everything runs again.

#include <vector>

#include "checks/engine.h"
#include "report/diagnosis.h"

namespace gwdoctor {

// The findings that `finding` explains, itself included: what its fix must make go away.
using Expected = std::vector<const Finding*>;

// `source`, where given, is asked for what the mended world needs and nobody fetched yet.
[[nodiscard]] Trial try_fix(const Target& target, const Facts& facts, Source* source, const Examination& before,
                            const Finding& finding, const Expected& expected);

// The verdict with all of these patches applied.
[[nodiscard]] Verdict try_together(const Target& target, const Facts& facts, Source* source, const std::vector<Patch>& patches);

}  // namespace gwdoctor

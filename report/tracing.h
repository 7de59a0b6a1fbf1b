#pragma once
// From a question to the targets that answer it: one an entrance.

#include <vector>

#include "chain/path.h"

namespace gwdoctor {

// Looks up the entrances that take the request. At least one target: that there is no entrance is an answer as well.
[[nodiscard]] std::vector<Target> trace_targets(const Question& question, Facts& facts, Source& source);

}  // namespace gwdoctor

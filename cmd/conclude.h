#pragma once
// How every command that diagnoses ends.

#include <chrono>
#include <vector>

#include "cmd/options.h"
#include "kube/facts.h"
#include "report/diagnose.h"

namespace gwdoctor {

[[nodiscard]] DiagnoseOptions diagnose_options(const Options& options);

// Counts what it cost since `start`, writes the capture, prints the report, and gives the exit code.
[[nodiscard]] Exit conclude(std::vector<Diagnosis> diagnoses, bool list, const Facts& facts, const Source& source,
                            std::chrono::steady_clock::time_point start, const Options& options);

}  // namespace gwdoctor

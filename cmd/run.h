#pragma once
// The verbs. Each takes the options, prints its report to standard output, and answers with the exit code.

#include <string>
#include <vector>

#include "cmd/options.h"

namespace gwdoctor {

// From the words of the command line to the exit code; whatever happens inside, it is one of the contract's.
[[nodiscard]] int run(const std::vector<std::string>& words);

// route, ingress, gateway, service (cmd/diagnose_command.cc).
[[nodiscard]] Exit run_diagnose(const Options& options);
// trace (cmd/trace_command.cc).
[[nodiscard]] Exit run_trace(const Options& options);
// scan (cmd/scan_command.cc).
[[nodiscard]] Exit run_scan(const Options& options);
// explain (cmd/explain_command.cc).
[[nodiscard]] Exit run_explain(const Options& options);
// version (cmd/version_command.cc).
[[nodiscard]] Exit run_version(const Options& options);

}  // namespace gwdoctor

#pragma once
// From a target and the facts to a diagnosis.

#include <set>
#include <string>

#include "checks/engine.h"
#include "report/diagnosis.h"

namespace gwdoctor {

struct DiagnoseOptions {
  std::set<std::string, std::less<>> select;  // codes; empty: all
  std::set<std::string, std::less<>> ignore;  // codes
  std::set<Kind> accept_unknown;              // kinds whose lack is accepted (--accept-unknown)
  bool try_fixes = true;
};

// Looks up what it needs from `source`, round by round; argues; tries the fixes. A target that is absent or unknown
// gives a Diagnosis with the verdict unknown and `path_state` says which.
struct Diagnosed {
  Diagnosis diagnosis;
  State target = State::unknown;  // present, absent or unknown
};
[[nodiscard]] Diagnosed diagnose(const Target& target, Facts& facts, Source& source, const DiagnoseOptions& options);

}  // namespace gwdoctor

#pragma once
// Redirects without end that --probe http ran into.

#include <vector>

#include "checks/check.h"
#include "checks/support/visits.h"

namespace gwdoctor {

struct SeenLoop {
  const Visit* visit = nullptr;  // of those that end in it, the shortest
  Scope scope;                   // of all of them
  bool is_told = false;          // by a finding that foresaw it
};

// Every loop that is met at the target's own entrance, each once. A loop in which an answer sets a cookie is none: a client keeps
// it and is told by it.
[[nodiscard]] std::vector<SeenLoop> loops_seen(const Visits& visits);
// The status and the Location of each answer in it.
void add_evidence(const SeenLoop& loop, FindingBuilder& finding);
// One that no object foretells: at the field that holds the hostname.
void report_seen(const SeenLoop& loop, const Visits& visits, const Path& path, Verdicts& out);

}  // namespace gwdoctor

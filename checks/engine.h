#pragma once
// Runs path and checks over the facts until nothing more is wanted. Both start anew in every round, so that there is
// no half-built state; a round is one round trip for everything asked for in it.

#include "checks/check.h"
#include "kube/source.h"

namespace gwdoctor {

struct Examination {
  Path path;
  Verdicts verdicts;
  int rounds = 0;
};

// `source` nullptr: what is wanted stays unknown. `max_rounds` bounds what hostile or looping objects can cost; each of ten
// redirects that are followed takes one.
[[nodiscard]] Examination examine(const Target& target, Facts& facts, Source* source, int max_rounds = 24);

// Fetches what is wanted now, in one round. False where nothing was wanted.
bool fetch_wanted(Facts& facts, Source& source);

}  // namespace gwdoctor

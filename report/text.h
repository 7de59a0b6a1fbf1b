#pragma once
// The report for people: the answer first, the chain, the causes with their fixes, then what else there is to know.

#include <string>
#include <vector>

#include "report/diagnosis.h"
#include "report/style.h"

namespace gwdoctor {

// One target in full. A quiet style leaves the answer and the causes.
[[nodiscard]] std::string render_text(const Diagnosis& diagnosis, const Style& style);
// Several targets: a line each, the worst first; then every cause once, with the targets that it concerns; then counts.
[[nodiscard]] std::string render_text(const std::vector<Diagnosis>& diagnoses, const Style& style);

// One request at several entrances: each in full.
[[nodiscard]] std::string render_traces(const std::vector<Diagnosis>& diagnoses, const Style& style);

}  // namespace gwdoctor

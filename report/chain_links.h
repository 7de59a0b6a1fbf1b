#pragma once
// The chain as the report draws it: a link for every layer, with what stands there and how it is.

#include <vector>

#include "checks/engine.h"
#include "report/diagnosis.h"

namespace gwdoctor {

// One link for every layer of the contract, outermost first. A layer that nobody looked at is `skipped`.
[[nodiscard]] std::vector<Link> chain_links(const Examination& examined);

// "payments-api:8080, 2 of 2 endpoints ready": where the requests of the target end, for the summary.
[[nodiscard]] std::string destination(const Path& path);

}  // namespace gwdoctor

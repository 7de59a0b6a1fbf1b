#pragma once
// A traced request as the contract has it: docs/schema/diagnosis.schema.json, "Trace".

#include <vector>

#include "report/diagnosis.h"

namespace gwdoctor {

// {"apiVersion", "kind": "Trace", "request", "outcome", "candidates", "diagnosis"}; diagnosis.trace is set.
[[nodiscard]] Value trace_value(const Diagnosis& diagnosis);
// {"apiVersion", "kind": "TraceList", "verdict", "items"}: a request with several entrances.
[[nodiscard]] Value trace_list_value(const std::vector<Diagnosis>& diagnoses);

}  // namespace gwdoctor

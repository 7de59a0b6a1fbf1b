#pragma once
// What the checks of workloads without pods share.

#include <string>

#include "checks/check.h"

namespace gwdoctor {

// Who scales the workload to zero on purpose and up again on demand, by its labels and annotations: "KEDA", "Knative",
// or "" where nobody is known to (failures/traps, 37).
[[nodiscard]] std::string autoscaler_of(const Workload& workload);

// The workloads that should make the pods of a Service which has none that are meant to serve, and every one of them wants
// zero: in the order of their names. Empty where some wants pods, or where there are pods.
[[nodiscard]] std::vector<Known<Workload>> scaled_to_zero(const BackendView& backend);

}  // namespace gwdoctor

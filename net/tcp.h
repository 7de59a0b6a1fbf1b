#pragma once
// TCP connections that are made and closed again: nothing is sent.

#include <vector>

#include "kube/objects/observed.h"
#include "net/patience.h"

namespace gwdoctor {

// All at once; the answers in the order of the questions.
[[nodiscard]] std::vector<TcpAnswer> probe_tcp(const std::vector<TcpQuestion>& questions, const Patience& patience);

// The time now, to the second, for Observed::at.
[[nodiscard]] Time observation_time();

}  // namespace gwdoctor

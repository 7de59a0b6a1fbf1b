#pragma once
// What explains an answer of the data plane or of a server, for Check::explained_by.

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace gwdoctor {

// Faults that keep requests from a backend that serves.
inline constexpr std::array<std::string_view, 19> backend_faults{"endpoints-none",
                                                                 "endpoints-not-ready",
                                                                 "endpoints-unreachable",
                                                                 "grant-mismatch",
                                                                 "grant-missing",
                                                                 "pod-config-error",
                                                                 "pod-crash-looping",
                                                                 "pod-image-pull",
                                                                 "pod-readiness-failing",
                                                                 "pod-unschedulable",
                                                                 "policy-backend-tls-invalid",
                                                                 "route-backend-kind",
                                                                 "route-refs-unresolved",
                                                                 "service-not-found",
                                                                 "service-port-not-found",
                                                                 "service-selector-mismatch",
                                                                 "service-target-port-mismatch",
                                                                 "service-target-port-name",
                                                                 "workload-scaled-to-zero"};

// The codes of both lists, in their order.
template <std::size_t left_size, std::size_t right_size>
[[nodiscard]] constexpr auto joined(const std::array<std::string_view, left_size>& left,
                                    const std::array<std::string_view, right_size>& right) {
  std::array<std::string_view, left_size + right_size> out{};
  std::copy(right.begin(), right.end(), std::copy(left.begin(), left.end(), out.begin()));
  return out;
}

}  // namespace gwdoctor

#pragma once
// What explains what: findings that another one makes expected are folded under it.

#include <optional>
#include <string_view>
#include <vector>

#include "checks/check.h"

namespace gwdoctor {

// One of Check::explains, taken apart: "route-refs-unresolved" or "endpoints-none/reason".
[[nodiscard]] bool explains(const Finding& cause, const Finding& other);

// For each finding the index of the one that explains it directly, or nothing for a root. Only findings that are
// proved or observed explain, and only what shares a stream with them (or, where neither touches one, the same
// object). Of several, the one whose scope is narrowest, then the first. No finding is folded twice or in a circle.
[[nodiscard]] std::vector<std::optional<std::size_t>> fold(const std::vector<Finding>& findings);

// The root that a finding stands under, itself where it is one.
[[nodiscard]] std::size_t root_of(const std::vector<std::optional<std::size_t>>& folded, std::size_t index);

}  // namespace gwdoctor

#pragma once
// What a plain YAML scalar means.

#include <string_view>

#include "kube/value.h"

namespace gwdoctor {

// The value of a plain scalar in the dialect of kubectl: YAML 1.1 booleans, nulls and numbers, but neither sexagesimal
// numbers nor timestamps, which stay strings. An integer beyond 64 signed bits becomes a real.
[[nodiscard]] Value resolve_plain(std::string_view text);

// True where some reader of YAML 1.1 or 1.2 takes the plain scalar for something else than this string.
[[nodiscard]] bool is_ambiguous(std::string_view text);

}  // namespace gwdoctor

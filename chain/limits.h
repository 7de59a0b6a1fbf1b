#pragma once
// How much of a hostile path is looked at. A HTTPRoute that the CRD admits has at most some two thousand legs.

#include <cstddef>

namespace gwdoctor {

// A crossing of every entrance of a route with every leg of it could explode, and each check looks at each. A path that
// has this many entrances, legs or streams holds others that were left out: no check may call it healthy (checks/engine.cc).
inline constexpr std::size_t max_streams = 5'000;

// Of listeners that exclude each other, how many each one remembers.
inline constexpr std::size_t max_conflicts = 64;

}  // namespace gwdoctor

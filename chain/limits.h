#pragma once
// How much of a hostile path is looked at.

#include <cstddef>

namespace gwdoctor {

// A crossing of every entrance of a route with every leg of it could explode. A path that has this many streams holds
// others that were not counted: no check may call it healthy (checks/engine.cc).
inline constexpr std::size_t max_streams = 50'000;

}  // namespace gwdoctor

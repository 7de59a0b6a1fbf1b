#pragma once
// The smallest part of a world in which something still holds.

#include <functional>

#include "tests/router/world.h"

namespace gwdoctor {

// Leaves out documents, elements of lists and fields, one after the other, as long as `holds` is true of what is left. `holds`
// sees whole documents only: kind, metadata.name and metadata.namespace stay.
[[nodiscard]] World minimised(World world, const std::function<bool(const World&)>& holds);

}  // namespace gwdoctor

#pragma once
// Streams and entrances of one route of the path.

#include <cstddef>
#include <vector>

#include "chain/path.h"

namespace gwdoctor {

// The entrances of a route that a listener takes, one for each listener and hostname.
[[nodiscard]] std::vector<std::size_t> attached_entrances(std::size_t route, const Path& path);
// The streams of the route through the listener and hostname of an entrance.
[[nodiscard]] Scope streams_of(std::size_t entrance, const Path& path);
// Gateway API: the older route goes first, then the one whose namespace/name comes first in the alphabet. A route that is not
// created yet will be the younger one.
[[nodiscard]] bool goes_before(const Route& left, const Route& right);

}  // namespace gwdoctor

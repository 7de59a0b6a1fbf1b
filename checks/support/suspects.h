#pragma once
// Which backends of a route a condition is about. Conditions name none in a field of their own: what tells is the
// message, the reason, or that there is only one.

#include <cstddef>
#include <string>
#include <vector>

#include "chain/path.h"

namespace gwdoctor {

struct Suspects {
  std::vector<const Leg*> legs;  // those that requests go to
  std::string path;              // the narrowest field that holds all of them: spec.rules[0].backendRefs[1]
  bool idle = false;             // backends are meant to which no request goes: weight 0 (failures/traps, 14)
  bool mirror = false;           // the target of a RequestMirror is meant: no answer depends on it
  bool sure = false;             // each of the legs is meant; otherwise at least one of them
};
[[nodiscard]] Suspects suspects_of(const Condition& condition, std::size_t route, const Path& path);

}  // namespace gwdoctor

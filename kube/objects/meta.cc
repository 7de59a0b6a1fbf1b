#include "kube/objects/meta.h"

#include <algorithm>

namespace gwdoctor {

const Condition* condition(const Conditions& conditions, std::string_view type) {
  const auto found = std::find_if(conditions.begin(), conditions.end(), [&](const Condition& one) { return one.type == type; });
  return found == conditions.end() ? nullptr : &*found;
}

bool is_crd_default(const Condition& condition) {
  return condition.reason == "Pending" && condition.message == "Waiting for controller" && condition.since == Time{};
}

}  // namespace gwdoctor

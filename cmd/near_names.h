#pragma once
// What there is, for whoever asked for what there is not.

#include <string>
#include <vector>

namespace gwdoctor {

// A line of its own: the name that was probably meant, else the first of those that there are; "" where there is none.
[[nodiscard]] std::string near_names(const std::string& wanted, std::vector<std::string> names);

}  // namespace gwdoctor

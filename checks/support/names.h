#pragma once
// Lists of names for messages and guesses.

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "kube/facts.h"

namespace gwdoctor {

// "a", "a and b", "a, b and c"; beyond `most`, "a, b, c and 4 more". `none` where there is nothing.
[[nodiscard]] std::string join_names(const std::vector<std::string>& names, std::string_view none = "none", std::size_t most = 5);

// The names of the objects of a list, sorted; empty where it could not be read.
template <class T>
[[nodiscard]] std::vector<std::string> names_of(const Seen<List<T>>& list) {
  std::vector<std::string> names;
  if (!list.present()) return names;
  for (const Known<T>& known : *list) names.push_back(known->meta.ref.name);
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace gwdoctor

#include "cmd/near_names.h"

#include <fmt/format.h>

#include <algorithm>

#include "chain/nearest.h"

namespace gwdoctor {

namespace {

constexpr std::size_t most_names = 10;

}  // namespace

std::string near_names(const std::string& wanted, std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  if (const std::optional<std::string> meant = nearest(wanted, names)) return fmt::format("\ndid you mean {}?", *meant);
  if (names.empty()) return {};
  std::string out = "\nthere are:";
  for (std::size_t at = 0; at < names.size() && at < most_names; ++at) out += " " + names[at];
  if (names.size() > most_names) out += fmt::format(" and {} more", names.size() - most_names);
  return out;
}

}  // namespace gwdoctor

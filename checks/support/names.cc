#include "checks/support/names.h"

#include <fmt/format.h>

namespace gwdoctor {

std::string join_names(const std::vector<std::string>& names, std::string_view none, std::size_t most) {
  if (names.empty()) return std::string(none);
  const std::size_t shown = std::min(names.size(), most);
  std::string out;
  for (std::size_t at = 0; at < shown; ++at) {
    if (at > 0) out += at + 1 == names.size() ? " and " : ", ";
    out += names[at];
  }
  return names.size() > shown ? fmt::format("{} and {} more", out, names.size() - shown) : out;
}

}  // namespace gwdoctor

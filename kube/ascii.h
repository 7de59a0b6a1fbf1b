#pragma once
// Letters without regard to case: of ASCII alone, whatever the locale. Host names (RFC 4343), header names (RFC 9110, 5.1) and
// the words of Kubernetes compare so.

#include <algorithm>
#include <string>
#include <string_view>

namespace gwdoctor {

[[nodiscard]] constexpr char lower_case(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

[[nodiscard]] inline std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& letter : out) letter = lower_case(letter);
  return out;
}

[[nodiscard]] inline bool same_ascii(std::string_view left, std::string_view right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](char one, char other) { return lower_case(one) == lower_case(other); });
}

}  // namespace gwdoctor

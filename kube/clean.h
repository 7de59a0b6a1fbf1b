#pragma once
// Text that somebody else wrote (the API server, a proxy, a login page) made fit for one line of ours.

#include <cstddef>
#include <string>
#include <string_view>

namespace gwdoctor {

inline constexpr std::size_t message_limit = 400;

// One line without terminal control: C0, C1, DEL, line separators and bidirectional overrides become a space or
// vanish, runs of white space become one, bytes that are not UTF-8 become U+FFFD. Cut after `limit` bytes, at a
// character, with "…" at the end.
[[nodiscard]] std::string clean_line(std::string_view text, std::size_t limit = message_limit);

}  // namespace gwdoctor

#pragma once
// What is said of a word of the command line that is not taken.

#include <cstdint>
#include <string>
#include <string_view>

#include "kube/error.h"

namespace gwdoctor {

inline constexpr std::size_t longest_word = 64U * 1024;

// ErrorKind::usage, "error: " before the message.
[[nodiscard]] tl::unexpected<Error> refuse(const std::string& message);
// In quotes, fit for a terminal and not endless.
[[nodiscard]] std::string quoted(std::string_view text);
// Fails where the text is longer than longest_word or holds a control character (C0, DEL); a tab is none where `may_have_tabs`.
// `what` it is, for the error: "the URL", "header 3". The text itself is not quoted.
[[nodiscard]] Result<void> check_word(std::string_view what, std::string_view text, bool may_have_tabs = false);

// One run of digits as a port.
[[nodiscard]] Result<std::int64_t> parse_port(std::string_view what, std::string_view text);

[[nodiscard]] std::string_view trimmed(std::string_view text);  // of spaces and tabs
[[nodiscard]] bool is_token(std::string_view text);             // RFC 9110, 5.6.2

}  // namespace gwdoctor

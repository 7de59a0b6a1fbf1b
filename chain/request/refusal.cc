#include "chain/request/refusal.h"

#include <fmt/format.h>

#include <algorithm>

#include "kube/ascii.h"
#include "kube/clean.h"

namespace gwdoctor {

tl::unexpected<Error> refuse(const std::string& message) { return fail(ErrorKind::usage, "error: " + message); }

std::string quoted(std::string_view text) {
  constexpr std::size_t shown = 80;
  return fmt::format("\"{}\"", clean_line(text.substr(0, 4 * shown), shown));
}

Result<void> check_word(std::string_view what, std::string_view text, bool may_have_tabs) {
  if (text.size() > longest_word)
    return refuse(fmt::format("{} is {} bytes long, at most {} are taken", what, text.size(), longest_word));
  const auto found = std::find_if(text.begin(), text.end(), [&](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && !(may_have_tabs && c == '\t')) || byte == 0x7f;
  });
  if (found == text.end()) return {};
  return refuse(fmt::format("{} has a control character (0x{:02x}) at byte {}", what, static_cast<unsigned char>(*found),
                            found - text.begin() + 1));
}

Result<std::int64_t> parse_port(std::string_view what, std::string_view text) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  std::int64_t port = 0;
  if (!text.empty() && std::all_of(text.begin(), text.end(), is_digit)) {
    for (const char digit : text) port = std::min<std::int64_t>(port * 10 + (digit - '0'), 65536);
    if (port >= 1 && port <= 65535) return port;
  }
  return refuse(fmt::format("invalid port {} in {}, expected a number from 1 to 65535", quoted(text), what));
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool is_token(std::string_view text) {
  static constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (lower_case(c) >= 'a' && lower_case(c) <= 'z') || marks.find(c) != std::string_view::npos;
  });
}

}  // namespace gwdoctor

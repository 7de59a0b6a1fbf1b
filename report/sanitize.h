#pragma once
// Text from a cluster is written by whoever may write an object: it is made harmless before a terminal sees it.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gwdoctor {

// A character that a terminal acts on, or that hides or reorders what stands around it: C0, DEL, C1, line and
// paragraph separators, bidi controls (UAX #9), zero-width and tag characters, noncharacters. Newline and tab are too.
[[nodiscard]] bool is_unsafe(char32_t code);

enum class Charset { ascii, utf8 };

// One harmless line: escape sequences (ECMA-48, in both of their forms) are taken out whole, white space becomes
// a space, other unsafe characters vanish, invalid UTF-8 becomes U+FFFD. In ASCII what has no equivalent becomes "?":
// on a terminal of eight bits the bytes of UTF-8 may be controls.
[[nodiscard]] std::string sanitize(std::string_view text, Charset charset = Charset::utf8);

// True where a text of several lines can be printed as it is, so that what is copied is what was meant.
[[nodiscard]] bool is_safe_to_copy(std::string_view text, Charset charset = Charset::utf8);

// Columns on a terminal: combining marks take none, East Asian wide characters and emoji two (UAX #11, simplified).
[[nodiscard]] std::size_t display_width(std::string_view text);

// The text, or as much of its start as fits into `columns` together with `ellipsis`.
[[nodiscard]] std::string cut(std::string_view text, std::size_t columns, std::string_view ellipsis);

// The text in lines of at most `columns`, the first of at most `first`, broken at spaces; a word that fits no line is
// broken anywhere. Never empty.
[[nodiscard]] std::vector<std::string> wrap(std::string_view text, std::size_t columns, std::size_t first);
[[nodiscard]] std::vector<std::string> wrap(std::string_view text, std::size_t columns);

}  // namespace gwdoctor

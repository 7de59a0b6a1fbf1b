#pragma once
// The patterns of Traefik v2, those of gorilla/mux: "{name:pattern}" and "{name}" in a path or host.

#include <optional>
#include <string>
#include <string_view>

namespace gwdoctor {

// The regular expression of a template, without anchors. `separator`: what a name without a pattern stops at. Nothing where the
// braces are not balanced.
[[nodiscard]] std::optional<std::string> template_regex(std::string_view text, char separator);

// As Go's regexp.ReplaceAllString: every match of the pattern, $1, ${1} and $$ in the replacement expanded as Go does, which
// takes
// "$1x" for a group called 1x. Nothing where the pattern cannot be evaluated.
[[nodiscard]] std::optional<std::string> replace_all(std::string_view pattern, std::string_view text,
                                                     std::string_view replacement);

}  // namespace gwdoctor

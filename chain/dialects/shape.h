#pragma once
// Paths as data planes match them, and regular expressions within the bounds of RE2.

#include <string>
#include <string_view>
#include <vector>

#include "chain/dialects/ingress_table.h"

namespace gwdoctor {

enum class Anchors { anywhere, start, whole };

// The result of a regular expression, with what its groups took ("" for those that took nothing; 0 is the whole match).
struct PatternMatch {
  IngressDialect::Match::Verdict verdict = IngressDialect::Match::Verdict::no;
  std::string why;  // it is unknown
  std::vector<std::string> groups;
};
// Unknown where RE2 does not take the pattern (look-around and back-references of PCRE) or it is longer than a controller's would
// be.
[[nodiscard]] PatternMatch match_pattern(std::string_view pattern, std::string_view text, Anchors anchors, bool folds_case);

// "*" stands for any characters, "?" for one.
[[nodiscard]] bool match_glob(std::string_view glob, std::string_view text);

// Whether the shape takes the path; `failed` says why not, or why that is unknown.
[[nodiscard]] IngressDialect::Match match_shape(const PathShape& shape, std::string_view path);
// True where every path that `inner` takes is taken by `outer`.
[[nodiscard]] bool shape_takes_all_of(const PathShape& outer, const PathShape& inner);

// True where the text has characters that mean something in a regular expression, "." apart.
[[nodiscard]] bool has_regex_characters(std::string_view text);
// Without slashes at its end; "/" stays.
[[nodiscard]] std::string_view without_end_slashes(std::string_view path);

}  // namespace gwdoctor

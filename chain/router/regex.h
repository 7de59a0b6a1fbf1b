#pragma once
// Regular expressions as data planes run them: RE2's syntax, which Envoy's, Go's and most others' are or come near to.

#include <string>
#include <string_view>

#include "chain/router/gateway_dialect.h"

namespace gwdoctor {

struct RegexAnswer {
  enum class Verdict { yes, no, broken };
  Verdict verdict = Verdict::no;
  std::string error;  // why the pattern cannot be judged, in one line
};

// Whether the pattern takes the text.
[[nodiscard]] RegexAnswer regex_matches(std::string_view pattern, std::string_view text, RegexAnchors anchors);
// True where the pattern is one that takes every text that begins with "/": ".*", "/.*" and their like.
[[nodiscard]] bool takes_every_path(std::string_view pattern);
// A text that the whole pattern takes, where it is a plain word, or one with an open end ("/api/.*"); "" where none is found.
[[nodiscard]] std::string plain_text_of(std::string_view pattern);

}  // namespace gwdoctor

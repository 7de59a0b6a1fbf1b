#pragma once
// Regular expressions of routes and Ingresses, by RE2, and whether one can be compiled. The dialect is the implementation's
// choice (Gateway API v1.6, PathMatchRegularExpression): RE2 in Envoy, Go's regexp (of the same syntax) in Traefik, PCRE in
// nginx, and others.

#include <optional>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}  // namespace re2

namespace gwdoctor {

// The pattern, compiled and kept for the next request; ask ok() of it. Never hangs: RE2 is linear in the text, and its memory is
// bounded. Valid until the next call.
[[nodiscard]] const re2::RE2& compiled_regex(std::string_view pattern, bool folds_case = false);

// What is wrong with an expression that RE2 does not compile.
struct RegexFault {
  std::string why;        // "missing closing ): /api/(v1", on one line
  bool re2_only = false;  // PCRE and others may know what RE2 does not: look-around, back-references, possessive repetition
};
// Nothing where RE2 compiles it.
[[nodiscard]] std::optional<RegexFault> regex_fault(std::string_view pattern);

// True for a controller's row (chain/controllers.h) whose data plane compiles expressions with RE2 or a library of its syntax.
[[nodiscard]] bool compiles_with_re2(std::string_view controller_id);

}  // namespace gwdoctor

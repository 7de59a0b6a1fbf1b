#pragma once
// UTF-8 (RFC 3629), one code point at a time.

#include <optional>
#include <string_view>

namespace gwdoctor {

// Takes the first code point off a text that is not empty. Nothing, with one byte taken off, where the text does not
// start with a well-formed one: overlong forms, surrogates and values beyond U+10FFFF are not.
[[nodiscard]] std::optional<char32_t> next_code_point(std::string_view& text);

}  // namespace gwdoctor

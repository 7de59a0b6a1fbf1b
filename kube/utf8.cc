#include "kube/utf8.h"

#include <cstddef>

namespace gwdoctor {

namespace {

struct Form {
  std::size_t length;
  char32_t bits;      // those of the first byte
  char32_t smallest;  // a smaller value has a shorter form
};

std::optional<Form> form_of(unsigned char first) {
  if (first < 0x80) return Form{1, first, 0};
  if ((first & 0xe0) == 0xc0) return Form{2, static_cast<char32_t>(first & 0x1f), 0x80};
  if ((first & 0xf0) == 0xe0) return Form{3, static_cast<char32_t>(first & 0x0f), 0x800};
  if ((first & 0xf8) == 0xf0) return Form{4, static_cast<char32_t>(first & 0x07), 0x10000};
  return std::nullopt;
}

std::optional<char32_t> decode(const Form& form, std::string_view text) {
  if (text.size() < form.length) return std::nullopt;
  char32_t code = form.bits;
  for (const char byte : text.substr(1, form.length - 1)) {
    const auto next = static_cast<unsigned char>(byte);
    if ((next & 0xc0) != 0x80) return std::nullopt;
    code = (code << 6) | static_cast<char32_t>(next & 0x3f);
  }
  const bool is_surrogate = code >= 0xd800 && code <= 0xdfff;
  if (code < form.smallest || is_surrogate || code > 0x10ffff) return std::nullopt;
  return code;
}

}  // namespace

std::optional<char32_t> next_code_point(std::string_view& text) {
  const std::optional<Form> form = form_of(static_cast<unsigned char>(text.front()));
  const std::optional<char32_t> code = form ? decode(*form, text) : std::nullopt;
  text.remove_prefix(code ? form->length : 1);
  return code;
}

}  // namespace gwdoctor

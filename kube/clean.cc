#include "kube/clean.h"

#include <optional>

#include "kube/utf8.h"

namespace gwdoctor {

namespace {

bool is_space(char32_t code) {
  return code <= 0x20 || code == 0x7F || (code >= 0x80 && code <= 0xA0) || code == 0x2028 || code == 0x2029;
}

// Direction marks and invisible characters can make a line read as something that it is not (CVE-2021-42574).
bool is_deceptive(char32_t code) {
  return (code >= 0x200B && code <= 0x200F) || (code >= 0x202A && code <= 0x202E) || (code >= 0x2060 && code <= 0x206F) ||
         code == 0x061C || code == 0xFEFF || (code >= 0xE0000 && code <= 0xE007F);
}

}  // namespace

std::string clean_line(std::string_view text, std::size_t limit) {
  std::string out;
  bool space = false;
  while (!text.empty()) {
    const std::string_view before = text;
    const std::optional<char32_t> code = next_code_point(text);
    const std::string_view bytes = code ? before.substr(0, before.size() - text.size()) : std::string_view("\xEF\xBF\xBD");
    if (code && is_space(*code)) {
      space = true;
      continue;
    }
    if (code && is_deceptive(*code)) continue;
    if (out.size() + bytes.size() + 1 > limit) return out + "…";
    if (space && !out.empty()) out += ' ';
    space = false;
    out += bytes;
  }
  return out;
}

}  // namespace gwdoctor

#include "report/sanitize.h"

#include <algorithm>
#include <array>
#include <optional>

#include "kube/utf8.h"

namespace gwdoctor {

namespace {

struct Rune {
  char32_t code = 0xfffd;
  std::size_t size = 1;
  bool valid = false;
};

Rune first_rune(std::string_view text) {
  std::string_view rest = text;
  const std::optional<char32_t> code = next_code_point(rest);
  return code ? Rune{*code, text.size() - rest.size(), true} : Rune{};
}

struct Range {
  char32_t first;
  char32_t last;
};

template <std::size_t size>
bool within(const std::array<Range, size>& ranges, char32_t code) {
  return std::any_of(ranges.begin(), ranges.end(), [&](const Range& range) { return code >= range.first && code <= range.last; });
}

constexpr std::array unsafe_ranges = {Range{0x00, 0x1f},      Range{0x7f, 0x9f},     Range{0xad, 0xad},     Range{0x61c, 0x61c},
                                      Range{0x180e, 0x180e},  Range{0x200b, 0x200f}, Range{0x2028, 0x202e}, Range{0x2060, 0x206f},
                                      Range{0xfdd0, 0xfdef},  Range{0xfeff, 0xfeff}, Range{0xfff0, 0xfffb}, Range{0xfffe, 0xffff},
                                      Range{0xe0000, 0xe007f}};

constexpr std::array narrow_ranges = {
    Range{0x300, 0x36f},   Range{0x483, 0x489},   Range{0x591, 0x5bd},   Range{0x5bf, 0x5bf},    Range{0x5c1, 0x5c7},
    Range{0x610, 0x61a},   Range{0x64b, 0x65f},   Range{0x670, 0x670},   Range{0x6d6, 0x6dc},    Range{0x6df, 0x6e8},
    Range{0x93c, 0x93c},   Range{0x941, 0x948},   Range{0x94d, 0x94d},   Range{0xe31, 0xe31},    Range{0xe34, 0xe3a},
    Range{0xe47, 0xe4e},   Range{0x1ab0, 0x1aff}, Range{0x1dc0, 0x1dff}, Range{0x20d0, 0x20ff},  Range{0x302a, 0x302d},
    Range{0x3099, 0x309a}, Range{0xfe00, 0xfe0f}, Range{0xfe20, 0xfe2f}, Range{0xe0100, 0xe01ef}};

constexpr std::array wide_ranges = {
    Range{0x1100, 0x115f},   Range{0x231a, 0x231b},   Range{0x2e80, 0x303e},   Range{0x3041, 0x4dbf},
    Range{0x4e00, 0xa4cf},   Range{0xa960, 0xa97c},   Range{0xac00, 0xd7a3},   Range{0xf900, 0xfaff},
    Range{0xfe30, 0xfe6f},   Range{0xff01, 0xff60},   Range{0xffe0, 0xffe6},   Range{0x1f300, 0x1f64f},
    Range{0x1f680, 0x1f6ff}, Range{0x1f900, 0x1f9ff}, Range{0x1fa70, 0x1faff}, Range{0x20000, 0x3fffd}};

// More marks on one letter are no writing, only a mess on the lines around it.
constexpr int most_marks = 4;

std::size_t rune_width(char32_t code) {
  if (code < 0x300) return 1;
  if (within(narrow_ranges, code)) return 0;
  return within(wide_ranges, code) ? 2 : 1;
}

std::string_view ascii_for(char32_t code) {
  switch (code) {
    case 0xa0:
      return " ";
    case 0xb7:
      return "-";
    case 0xd7:
      return "x";
    case 0x2010:
    case 0x2011:
    case 0x2012:
    case 0x2013:
    case 0x2014:
      return "-";
    case 0x2018:
    case 0x2019:
      return "'";
    case 0x201c:
    case 0x201d:
      return "\"";
    case 0x2026:
      return "...";
    case 0x2192:
      return "->";
    default:
      return "?";
  }
}

// Finds escape sequences. Remembers that no terminator is left, so that a text of nothing but openings stays linear.
class EscapeScanner {
 public:
  explicit EscapeScanner(std::string_view text) : text_(text) {}

  // The length of the sequence at `at`, or 0 where none begins there. An open string loses its introducer only:
  // what follows is then plain text, and nothing is hidden.
  std::size_t length(std::size_t at) {
    const Rune rune = first_rune(text_.substr(at));
    if (rune.code == 0x1b) return after_escape(at);
    if (rune.code == 0x9b) return control_sequence(at, rune.size);
    if (rune.valid && is_string_opener(rune.code)) return control_string(at, rune.size);
    return 0;
  }

 private:
  static bool is_string_opener(char32_t c1) { return c1 == 0x90 || c1 == 0x98 || (c1 >= 0x9d && c1 <= 0x9f); }
  [[nodiscard]] unsigned char byte(std::size_t at) const {
    return at < text_.size() ? static_cast<unsigned char>(text_[at]) : '\0';
  }

  // ECMA-48, 5.3: the introducer in two bytes, or an escape of intermediates and a final byte.
  std::size_t after_escape(std::size_t at) {
    const unsigned char next = byte(at + 1);
    if (next == '[') return control_sequence(at, 2);
    if (next >= 0x40 && next <= 0x5f && is_string_opener(next + 0x40u)) return control_string(at, 2);
    std::size_t end = at + 1;
    while (byte(end) >= 0x20 && byte(end) <= 0x2f) ++end;
    if (byte(end) >= 0x30 && byte(end) <= 0x7e) return end + 1 - at;
    return 1;
  }

  // ECMA-48, 5.4: parameters, intermediates, one final byte.
  std::size_t control_sequence(std::size_t at, std::size_t introducer) const {
    std::size_t end = at + introducer;
    while (byte(end) >= 0x30 && byte(end) <= 0x3f) ++end;
    while (byte(end) >= 0x20 && byte(end) <= 0x2f) ++end;
    if (byte(end) >= 0x40 && byte(end) <= 0x7e) ++end;
    return end - at;
  }

  // ECMA-48, 5.6: up to the string terminator; terminals take a BEL for it as well.
  std::size_t control_string(std::size_t at, std::size_t introducer) {
    if (!terminator_left_) return introducer;
    for (std::size_t end = at + introducer; end < text_.size(); ++end) {
      if (text_[end] == '\a') return end + 1 - at;
      if (text_.substr(end, 2) == "\x1b\\" || text_.substr(end, 2) == "\xc2\x9c") return end + 2 - at;
    }
    terminator_left_ = false;
    return introducer;
  }

  std::string_view text_;
  bool terminator_left_ = true;
};

bool is_space(char32_t code) { return (code >= 0x09 && code <= 0x0d) || code == 0x85 || code == 0x2028 || code == 0x2029; }

// Where the line that starts with `text` ends: at most `columns` wide, before a space if there is one, after at
// least one character.
std::size_t line_length(std::string_view text, std::size_t columns) {
  std::size_t at = 0;
  std::size_t width = 0;
  std::size_t space = std::string_view::npos;
  while (at < text.size()) {
    const Rune rune = first_rune(text.substr(at));
    if (rune.code == ' ') space = at;
    width += rune_width(rune.code);
    if (width > columns && at > 0) return space != std::string_view::npos && space > 0 ? space : at;
    at += rune.size;
  }
  return at;
}

std::string collapse_spaces(std::string_view text) {
  std::string out;
  for (const char letter : text) {
    if (letter != ' ') {
      out += letter;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

}  // namespace

bool is_unsafe(char32_t code) { return within(unsafe_ranges, code) || (code & 0xfffeu) == 0xfffeu; }

std::string sanitize(std::string_view text, Charset charset) {
  std::string out;
  out.reserve(text.size());
  EscapeScanner escapes(text);
  int marks = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    if (const std::size_t length = escapes.length(at); length > 0) {
      at += length;
      continue;
    }
    const Rune rune = first_rune(text.substr(at));
    const std::string_view bytes = text.substr(at, rune.size);
    at += rune.size;
    if (is_unsafe(rune.code) && !is_space(rune.code)) continue;
    marks = rune_width(rune.code) == 0 ? marks + 1 : 0;
    if (marks > most_marks) continue;
    if (is_space(rune.code)) {
      out += ' ';
    } else if (rune.code < 0x80) {
      out += bytes;
    } else if (charset == Charset::ascii) {
      out += ascii_for(rune.code);
    } else {
      out += rune.valid ? bytes : std::string_view("\xef\xbf\xbd");
    }
  }
  return out;
}

bool is_safe_to_copy(std::string_view text, Charset charset) {
  while (!text.empty()) {
    const Rune rune = first_rune(text);
    if (!rune.valid || (charset == Charset::ascii && rune.code >= 0x80)) return false;
    if (is_unsafe(rune.code) && rune.code != '\n' && rune.code != '\t') return false;
    text.remove_prefix(rune.size);
  }
  return true;
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const Rune rune = first_rune(text);
    width += rune_width(rune.code);
    text.remove_prefix(rune.size);
  }
  return width;
}

std::string cut(std::string_view text, std::size_t columns, std::string_view ellipsis) {
  const std::size_t reserved = std::min(display_width(ellipsis), columns);
  std::size_t width = 0;
  std::size_t fits = 0;  // the bytes that leave room for the ellipsis
  std::size_t at = 0;
  while (at < text.size()) {
    const Rune rune = first_rune(text.substr(at));
    width += rune_width(rune.code);
    if (width > columns) return std::string(text.substr(0, fits)) + std::string(reserved > 0 ? ellipsis : std::string_view());
    at += rune.size;
    if (width + reserved <= columns) fits = at;
  }
  return std::string(text);
}

std::vector<std::string> wrap(std::string_view text, std::size_t columns, std::size_t first) {
  std::vector<std::string> lines;
  const std::string collapsed = collapse_spaces(text);
  std::string_view rest = collapsed;
  do {
    const std::size_t room = std::max<std::size_t>(lines.empty() ? first : columns, 1);
    std::size_t length = line_length(rest, room);
    // A word that a whole line would take is not broken for the sake of a short first one.
    const bool broken = length < rest.size() && rest[length] != ' ';
    if (broken && lines.empty() && first < columns) length = 0;
    lines.emplace_back(rest.substr(0, length));
    rest.remove_prefix(length);
    if (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
  } while (!rest.empty());
  return lines;
}

std::vector<std::string> wrap(std::string_view text, std::size_t columns) { return wrap(text, columns, columns); }

}  // namespace gwdoctor

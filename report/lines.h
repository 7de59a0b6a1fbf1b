#pragma once
// Writes a report for people line by line: wrapped, indented, coloured, and harmless.

#include <string>
#include <string_view>

#include "report/sanitize.h"
#include "report/style.h"

namespace gwdoctor {

class Lines {
 public:
  explicit Lines(const Style& style) : style_(style) {}

  [[nodiscard]] const Style& style() const { return style_; }
  [[nodiscard]] bool is_wide() const { return style_.detail == Detail::wide; }
  [[nodiscard]] std::string_view ellipsis() const { return style_.utf8 ? "…" : "..."; }

  // Text from outside as one harmless line of at most `columns`; in a wide report 20 times as long.
  [[nodiscard]] std::string safe(std::string_view text, std::size_t columns = 400) const;
  [[nodiscard]] Ink paint(Tone tone, std::string_view text) const { return ink(style_, tone, text); }
  [[nodiscard]] Ink spaces(std::size_t columns) const { return {std::string(columns, ' '), columns}; }
  // The text and spaces up to `columns`.
  [[nodiscard]] Ink padded(Tone tone, std::string_view text, std::size_t columns) const;

  // An empty line, unless one was just written or nothing was.
  void blank();
  void line(const Ink& ink);
  // A line that is printed as it is.
  void raw(std::string_view text);
  // `text` wrapped: the first line after `lead`, the others after `hang`. `text` must be safe.
  void paragraph(const Ink& lead, const Ink& hang, std::string_view text, Tone tone = Tone::plain);
  void heading(std::string_view text);

  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  Style style_;
  std::string out_;
};

}  // namespace gwdoctor

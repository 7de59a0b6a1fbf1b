#include "report/lines.h"

#include <algorithm>

namespace gwdoctor {

std::string Lines::safe(std::string_view text, std::size_t columns) const {
  const std::size_t limit = is_wide() ? columns * 20 : columns;
  // No character takes more than 4 bytes and 4 marks; the rest of an enormous text is not even looked at.
  const std::string clean = sanitize(text.substr(0, limit * 20), style_.utf8 ? Charset::utf8 : Charset::ascii);
  return cut(clean, limit, ellipsis());
}

Ink Lines::padded(Tone tone, std::string_view text, std::size_t columns) const {
  const Ink out = paint(tone, text);
  return out + spaces(columns > out.width ? columns - out.width : 0);
}

void Lines::blank() {
  if (!out_.empty() && !out_.ends_with("\n\n")) out_ += '\n';
}

void Lines::line(const Ink& ink) {
  out_ += ink.text;
  while (out_.ends_with(' ')) out_.pop_back();
  out_ += '\n';
}

void Lines::raw(std::string_view text) { out_.append(text).append(1, '\n'); }

void Lines::paragraph(const Ink& lead, const Ink& hang, std::string_view text, Tone tone) {
  constexpr std::size_t least = 16;  // columns; where an indent leaves less, lines are longer than the style's width
  const std::size_t left = style_.width > lead.width ? style_.width - lead.width : 0;
  const std::size_t room = std::max(style_.width > hang.width ? style_.width - hang.width : 0, least);
  // A long lead stands alone, and the text begins below it.
  const std::size_t first = left >= least ? left : lead.width > hang.width ? 0 : least;
  bool is_first = true;
  for (const std::string& part : wrap(text, room, first)) {
    line((is_first ? lead : hang) + paint(tone, part));
    is_first = false;
  }
}

void Lines::heading(std::string_view text) {
  blank();
  line(paint(Tone::strong, text));
  blank();
}

}  // namespace gwdoctor

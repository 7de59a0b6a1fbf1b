#include <algorithm>

#include "report/text_parts.h"

namespace gwdoctor {

namespace {

struct Strokes {
  std::string_view line;    // between layers
  std::string_view branch;  // to a layer that traffic reaches
  std::string_view last;
  std::string_view cut;  // where no traffic comes by any more
};
constexpr Strokes drawn{"│", "├─", "└─", "┊"};
constexpr Strokes typed{"|", "|-", "`-", ":"};

constexpr std::size_t stroke_width = 3;

struct Sign {
  std::string_view drawn;
  std::string_view typed;
  Tone tone;
};

Sign sign_of(LayerState state) {
  switch (state) {
    case LayerState::ok:
      return {"✓", "+", Tone::good};
    case LayerState::warning:
      return {"!", "!", Tone::warning};
    case LayerState::error:
      return {"✗", "x", Tone::bad};
    case LayerState::unknown:
      return {"?", "?", Tone::unknown};
    case LayerState::skipped:
      return {"·", "-", Tone::dim};
  }
  return {" ", " ", Tone::plain};
}

bool is_shown(const Link& link) { return link.state != LayerState::skipped || !link.objects.empty() || !link.detail.empty(); }

std::string words_of(const Lines& lines, const Link& link) {
  std::string out = names_of(lines, link.objects, 3);
  const std::string detail = lines.safe(link.detail, 200);
  if (!out.empty() && !detail.empty()) out += ": ";
  return out + detail;
}

}  // namespace

void write_chain(Lines& lines, const Diagnosis& diagnosis) {
  std::vector<const Link*> shown;
  std::size_t layer_width = 0;
  for (const Link& link : diagnosis.chain) {
    if (!is_shown(link)) continue;
    shown.push_back(&link);
    layer_width = std::max(layer_width, layer_name(link.layer).size());
  }
  if (shown.empty()) return;
  const bool utf8 = lines.style().utf8;
  const Strokes& strokes = utf8 ? drawn : typed;
  lines.blank();
  lines.line(lines.spaces(2) + lines.paint(Tone::dim, "request"));
  lines.line(lines.spaces(2) + lines.paint(Tone::dim, strokes.line));
  bool is_cut = false;  // where nothing gets through, the line ends at the first layer that stops it
  for (const Link* link : shown) {
    const bool is_last = link == shown.back();
    const Sign sign = sign_of(link->state);
    const std::string_view stroke = is_cut ? strokes.cut : is_last ? strokes.last : strokes.branch;
    is_cut = is_cut || (diagnosis.verdict == Verdict::broken && link->state == LayerState::error);
    const std::string_view below = is_last ? "" : is_cut ? strokes.cut : strokes.line;
    const Ink lead = lines.spaces(2) + lines.padded(Tone::dim, stroke, stroke_width) +
                     lines.paint(sign.tone, utf8 ? sign.drawn : sign.typed) + lines.spaces(1) +
                     lines.padded(Tone::plain, layer_name(link->layer), layer_width + 2) +
                     lines.padded(sign.tone, layer_state_name(link->state), 9);
    const Ink hang = lines.spaces(2) + lines.padded(Tone::dim, below, stroke_width) + lines.spaces(lead.width - 2 - stroke_width);
    lines.paragraph(lead, hang, words_of(lines, *link), link->state == LayerState::skipped ? Tone::dim : Tone::plain);
  }
}

}  // namespace gwdoctor

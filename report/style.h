#pragma once
// How a report may look, decided once for the whole run: colour, width, characters. A pure function of where it goes.

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace gwdoctor {

enum class ColorFlag { automatic, always, never };
// The value of --color; nothing where it is none of auto, always, never.
[[nodiscard]] std::optional<ColorFlag> color_flag(std::string_view word);

// What is known of the place where the report goes.
struct Outlet {
  ColorFlag color = ColorFlag::automatic;
  std::map<std::string, std::string, std::less<>> variables;
  bool is_terminal = false;
  std::optional<int> columns;  // of the terminal, where it tells
};
// The variables that decide_style() reads, and the terminal behind a file descriptor.
[[nodiscard]] Outlet read_outlet(ColorFlag color, int descriptor);

enum class Detail {
  quiet,  // the answer and the causes
  normal,
  wide,  // nothing cut, and why each finding ranks where it does
};

struct Style {
  bool color = false;
  bool utf8 = false;
  std::size_t width = 80;  // columns; commands to paste are never wrapped to it
  Detail detail = Detail::normal;
};

// Colour: --color, then NO_COLOR (no-color.org), CLICOLOR_FORCE, FORCE_COLOR, CLICOLOR=0 (bixense.com/clicolors),
// TERM=dumb, and last whether it is a terminal. Width: COLUMNS, the terminal's, or 80; from 60 to 120.
// UTF-8: where the first of LC_ALL, LC_CTYPE, LANG that is set says so (POSIX, 8.2); ASCII otherwise.
[[nodiscard]] Style decide_style(const Outlet& outlet);

// What colour underlines; a mark or a word always says the same.
enum class Tone { plain, strong, dim, good, warning, bad, unknown };

// A piece of a line: its bytes, colours among them, and the columns that it takes.
struct Ink {
  std::string text;
  std::size_t width = 0;
};
// `text` must be safe to print (sanitize.h).
[[nodiscard]] Ink ink(const Style& style, Tone tone, std::string_view text);
[[nodiscard]] Ink operator+(Ink left, const Ink& right);

}  // namespace gwdoctor

#include "report/style.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstdlib>

#include "report/sanitize.h"

namespace gwdoctor {

namespace {

constexpr std::array variable_names = {"NO_COLOR", "CLICOLOR_FORCE", "FORCE_COLOR", "CLICOLOR", "TERM",
                                       "COLUMNS",  "LC_ALL",         "LC_CTYPE",    "LANG"};
constexpr int narrowest = 60;  // below it nothing reads well, and the terminal may wrap
constexpr int widest = 120;    // longer lines are hard to read

std::string_view variable(const Outlet& outlet, std::string_view name) {
  const auto found = outlet.variables.find(name);
  return found == outlet.variables.end() ? std::string_view() : std::string_view(found->second);
}

bool is_forced(std::string_view value) { return !value.empty() && value != "0"; }

bool wants_color(const Outlet& outlet) {
  if (outlet.color != ColorFlag::automatic) return outlet.color == ColorFlag::always;
  if (!variable(outlet, "NO_COLOR").empty()) return false;
  if (is_forced(variable(outlet, "CLICOLOR_FORCE"))) return true;
  if (is_forced(variable(outlet, "FORCE_COLOR"))) return true;
  if (variable(outlet, "CLICOLOR") == "0") return false;
  if (variable(outlet, "TERM") == "dumb") return false;
  return outlet.is_terminal;
}

bool speaks_utf8(const Outlet& outlet) {
  for (const std::string_view name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string_view value = variable(outlet, name);
    if (value.empty()) continue;
    std::string lower(value);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
    return lower.find("utf-8") != std::string::npos || lower.find("utf8") != std::string::npos;
  }
  return false;
}

std::size_t decide_width(const Outlet& outlet) {
  const std::string_view text = variable(outlet, "COLUMNS");
  int columns = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), columns);
  if (error != std::errc() || end != text.data() + text.size() || columns <= 0) columns = outlet.columns.value_or(0);
  if (columns <= 0) return 80;
  return static_cast<std::size_t>(std::clamp(columns, narrowest, widest));
}

std::string_view color_code(Tone tone) {
  switch (tone) {
    case Tone::plain:
      return "";
    case Tone::strong:
      return "1";
    case Tone::dim:
      return "2";
    case Tone::good:
      return "32";
    case Tone::warning:
      return "33";
    case Tone::bad:
      return "1;31";
    case Tone::unknown:
      return "36";
  }
  return "";
}

}  // namespace

std::optional<ColorFlag> color_flag(std::string_view word) {
  if (word == "auto") return ColorFlag::automatic;
  if (word == "always") return ColorFlag::always;
  if (word == "never") return ColorFlag::never;
  return std::nullopt;
}

Outlet read_outlet(ColorFlag color, int descriptor) {
  Outlet outlet;
  outlet.color = color;
  for (const char* name : variable_names) {
    if (const char* value = std::getenv(name)) outlet.variables.emplace(name, value);
  }
  outlet.is_terminal = isatty(descriptor) == 1;
  winsize size{};
  if (outlet.is_terminal && ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    outlet.columns = size.ws_col;
  }
  return outlet;
}

Style decide_style(const Outlet& outlet) {
  Style style;
  style.color = wants_color(outlet);
  style.utf8 = speaks_utf8(outlet);
  style.width = decide_width(outlet);
  return style;
}

Ink ink(const Style& style, Tone tone, std::string_view text) {
  const std::string_view code = color_code(tone);
  Ink out{std::string(text), display_width(text)};
  if (style.color && !code.empty() && !text.empty()) out.text = "\x1b[" + std::string(code) + "m" + out.text + "\x1b[0m";
  return out;
}

Ink operator+(Ink left, const Ink& right) {
  left.text += right.text;
  left.width += right.width;
  return left;
}

}  // namespace gwdoctor

#include "report/style.h"

#include <doctest/doctest.h>

using namespace gwdoctor;

namespace {

using Variables = std::map<std::string, std::string, std::less<>>;

Outlet terminal(Variables variables) {
  return {.color = ColorFlag::automatic, .variables = std::move(variables), .is_terminal = true, .columns = std::nullopt};
}
Outlet file(Variables variables) {
  Outlet outlet = terminal(std::move(variables));
  outlet.is_terminal = false;
  return outlet;
}

bool colors(const Outlet& outlet) { return decide_style(outlet).color; }
std::size_t width(const Outlet& outlet) { return decide_style(outlet).width; }
bool utf8(Variables variables) { return decide_style(file(std::move(variables))).utf8; }

}  // namespace

TEST_CASE("a terminal gets colours, a file none") {
  CHECK(colors(terminal({})));
  CHECK_FALSE(colors(file({})));
}

TEST_CASE("--color is stronger than every variable") {
  Outlet always = file({{"NO_COLOR", "1"}, {"TERM", "dumb"}});
  always.color = ColorFlag::always;
  CHECK(colors(always));
  Outlet never = terminal({{"CLICOLOR_FORCE", "1"}, {"FORCE_COLOR", "1"}});
  never.color = ColorFlag::never;
  CHECK_FALSE(colors(never));
}

TEST_CASE("NO_COLOR is stronger than the variables that force colours, unless it is empty") {
  CHECK_FALSE(colors(terminal({{"NO_COLOR", "1"}, {"CLICOLOR_FORCE", "1"}, {"FORCE_COLOR", "1"}})));
  CHECK_FALSE(colors(terminal({{"NO_COLOR", "0"}})));
  CHECK(colors(terminal({{"NO_COLOR", ""}})));
}

TEST_CASE("CLICOLOR_FORCE and FORCE_COLOR give colours to a file, unless they are 0 or empty") {
  CHECK(colors(file({{"CLICOLOR_FORCE", "1"}})));
  CHECK(colors(file({{"FORCE_COLOR", "3"}})));
  CHECK(colors(file({{"FORCE_COLOR", "true"}, {"CLICOLOR", "0"}, {"TERM", "dumb"}})));
  CHECK_FALSE(colors(file({{"CLICOLOR_FORCE", "0"}, {"FORCE_COLOR", ""}})));
}

TEST_CASE("CLICOLOR=0 and TERM=dumb take the colours from a terminal") {
  CHECK_FALSE(colors(terminal({{"CLICOLOR", "0"}})));
  CHECK(colors(terminal({{"CLICOLOR", "1"}})));
  CHECK_FALSE(colors(file({{"CLICOLOR", "1"}})));
  CHECK_FALSE(colors(terminal({{"TERM", "dumb"}})));
}

TEST_CASE("the words of --color") {
  CHECK(color_flag("auto") == ColorFlag::automatic);
  CHECK(color_flag("always") == ColorFlag::always);
  CHECK(color_flag("never") == ColorFlag::never);
  CHECK_FALSE(color_flag("yes").has_value());
}

TEST_CASE("the width is that of COLUMNS, then of the terminal, then 80") {
  Outlet outlet = terminal({{"COLUMNS", "100"}});
  outlet.columns = 70;
  CHECK(width(outlet) == 100);
  outlet.variables.clear();
  CHECK(width(outlet) == 70);
  outlet.columns.reset();
  CHECK(width(outlet) == 80);
}

TEST_CASE("a COLUMNS that is no number of columns is passed over") {
  for (const char* value : {"", "wide", "-5", "0", "80x", "99999999999999999999"}) CHECK(width(file({{"COLUMNS", value}})) == 80);
}

TEST_CASE("the width stays between 60 and 120") {
  CHECK(width(file({{"COLUMNS", "20"}})) == 60);
  CHECK(width(file({{"COLUMNS", "400"}})) == 120);
}

TEST_CASE("UTF-8 is what the locale says, LC_ALL before LC_CTYPE before LANG") {
  CHECK(utf8({{"LANG", "en_GB.UTF-8"}}));
  CHECK(utf8({{"LC_CTYPE", "C.utf8"}, {"LANG", "C"}}));
  CHECK_FALSE(utf8({{"LC_ALL", "C"}, {"LC_CTYPE", "C.utf8"}, {"LANG", "en_GB.UTF-8"}}));
  CHECK(utf8({{"LC_ALL", ""}, {"LANG", "de_DE.UTF-8"}}));
  CHECK_FALSE(utf8({{"LANG", "de_DE.ISO-8859-1"}}));
  CHECK_FALSE(utf8({}));
}

TEST_CASE("ink counts columns, not the bytes of colours and letters") {
  const Style color{.color = true, .utf8 = true, .width = 80, .detail = Detail::normal};
  const Ink red = ink(color, Tone::bad, "✗ é");
  CHECK(red.text == "\x1b[1;31m✗ é\x1b[0m");
  CHECK(red.width == 3);
  CHECK(ink(color, Tone::plain, "a").text == "a");
  CHECK(ink(color, Tone::bad, "").text.empty());
  CHECK(ink(Style{}, Tone::bad, "a").text == "a");
}

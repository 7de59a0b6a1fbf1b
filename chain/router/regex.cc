#include "chain/router/regex.h"

#include <re2/re2.h>

#include <array>

#include "chain/regex.h"

namespace gwdoctor {

namespace {

re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

RegexAnswer regex_matches(std::string_view pattern, std::string_view text, RegexAnchors anchors) {
  const RE2& regex = compiled_regex(pattern);
  if (!regex.ok()) return {RegexAnswer::Verdict::broken, regex.error()};
  const RE2::Anchor anchor = anchors == RegexAnchors::whole_path   ? RE2::ANCHOR_BOTH
                             : anchors == RegexAnchors::from_start ? RE2::ANCHOR_START
                                                                   : RE2::UNANCHORED;
  const bool taken = regex.Match(piece(text), 0, text.size(), anchor, nullptr, 0);
  return {taken ? RegexAnswer::Verdict::yes : RegexAnswer::Verdict::no, {}};
}

bool takes_every_path(std::string_view pattern) {
  if (pattern.starts_with('^')) pattern.remove_prefix(1);
  if (pattern.ends_with('$')) pattern.remove_suffix(1);
  constexpr std::array<std::string_view, 5> all{".*", "/.*", "(.*)", "/(.*)", "(/.*)"};
  for (const std::string_view one : all) {
    if (pattern == one) return true;
  }
  return false;
}

std::string plain_text_of(std::string_view pattern) {
  const std::string_view whole = pattern;
  if (pattern.starts_with('^')) pattern.remove_prefix(1);
  if (pattern.ends_with('$')) pattern.remove_suffix(1);
  constexpr std::array<std::string_view, 5> open_ends{"(/.*)?", "(.*)", "(|/.*)", "(/|$)", ".*"};
  for (const std::string_view end : open_ends) {
    if (!pattern.ends_with(end)) continue;
    pattern.remove_suffix(end.size());
    break;
  }
  std::string text;
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    char letter = pattern[at];
    if (letter == '\\') {
      if (++at == pattern.size() || std::isalnum(static_cast<unsigned char>(pattern[at])) != 0) return {};
      letter = pattern[at];
    } else if (std::string_view(".*+?()[]{}|^$").find(letter) != std::string_view::npos) {
      return {};
    }
    text += letter;
  }
  const bool taken = regex_matches(whole, text, RegexAnchors::whole_path).verdict == RegexAnswer::Verdict::yes;
  return taken ? text : std::string();
}

}  // namespace gwdoctor

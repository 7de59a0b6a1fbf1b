#include "chain/router/regex.h"

#include <re2/re2.h>

#include <array>
#include <map>
#include <memory>

namespace gwdoctor {

namespace {

constexpr std::int64_t regex_memory = 1 << 20;
constexpr std::size_t kept_patterns = 4096;

const RE2& compiled(std::string_view pattern) {
  thread_local std::map<std::string, std::unique_ptr<RE2>, std::less<>> kept;
  if (const auto found = kept.find(pattern); found != kept.end()) return *found->second;
  if (kept.size() >= kept_patterns) kept.clear();
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(regex_memory);
  std::string text(pattern);
  auto made = std::make_unique<RE2>(text, options);
  return *kept.emplace(std::move(text), std::move(made)).first->second;
}

re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

RegexAnswer regex_matches(std::string_view pattern, std::string_view text, RegexAnchors anchors) {
  const RE2& regex = compiled(pattern);
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

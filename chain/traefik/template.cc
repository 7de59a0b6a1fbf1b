#include "chain/traefik/template.h"

#include <re2/re2.h>

#include <algorithm>
#include <map>
#include <vector>

#include "chain/regex.h"
#include "kube/ascii.h"

namespace gwdoctor {

namespace {

constexpr std::size_t longest_pattern = 4096;
constexpr std::size_t most_groups = 20;

bool is_word(char letter) { return is_alphanumeric(letter) || letter == '_'; }

// What a group's name or number stands for; "" for one that there is not.
std::string group_named(std::string_view name, const std::vector<re2::StringPiece>& groups,
                        const std::map<std::string, int>& named) {
  std::size_t number = groups.size();
  const bool digits = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (digits && name.size() < 4) {
    number = static_cast<std::size_t>(std::stoi(std::string(name)));
  } else if (const auto found = named.find(std::string(name)); found != named.end()) {
    number = static_cast<std::size_t>(found->second);
  }
  if (number >= groups.size() || groups[number].data() == nullptr) return {};
  return std::string(groups[number].data(), groups[number].size());
}

std::string expanded(std::string_view text, const std::vector<re2::StringPiece>& groups,
                     const std::map<std::string, int>& named) {
  std::string out;
  while (!text.empty()) {
    const std::size_t dollar = std::min(text.find('$'), text.size());
    out += text.substr(0, dollar);
    text.remove_prefix(dollar);
    if (text.empty()) break;
    text.remove_prefix(1);
    if (text.starts_with('$')) {
      out += '$';
      text.remove_prefix(1);
      continue;
    }
    const bool braces = text.starts_with('{');
    const std::string_view rest = text.substr(braces ? 1 : 0);
    std::size_t end = 0;
    while (end < rest.size() && is_word(rest[end])) ++end;
    if (end == 0 || (braces && (end >= rest.size() || rest[end] != '}'))) {
      out += '$';
      continue;
    }
    out += group_named(rest.substr(0, end), groups, named);
    text.remove_prefix(end + (braces ? 2 : 0));
  }
  return out;
}

}  // namespace

std::optional<std::string> template_regex(std::string_view text, char separator) {
  std::string out;
  while (!text.empty()) {
    const std::size_t open = std::min(text.find_first_of("{}"), text.size());
    out += RE2::QuoteMeta(re2::StringPiece(text.data(), open));
    text.remove_prefix(open);
    if (text.empty()) break;
    if (text.front() == '}') return std::nullopt;
    std::size_t end = 0;
    int depth = 0;
    for (; end < text.size(); ++end) {
      depth += text[end] == '{' ? 1 : text[end] == '}' ? -1 : 0;
      if (depth == 0) break;
    }
    if (end == text.size()) return std::nullopt;
    const std::string_view inner = text.substr(1, end - 1);
    const std::size_t colon = inner.find(':');
    out += colon == std::string_view::npos ? std::string("([^") + separator + "]+)"
                                           : "(" + std::string(inner.substr(colon + 1)) + ")";
    text.remove_prefix(end + 1);
  }
  return out;
}

std::optional<std::string> replace_all(std::string_view pattern, std::string_view text, std::string_view replacement) {
  if (pattern.size() > longest_pattern) return std::nullopt;
  const RE2& regex = compiled_regex(pattern);
  if (!regex.ok()) return std::nullopt;
  const std::map<std::string, int> named = regex.NamedCapturingGroups();
  std::vector<re2::StringPiece> groups(
      std::min<std::size_t>(static_cast<std::size_t>(regex.NumberOfCapturingGroups()) + 1, most_groups));
  const re2::StringPiece piece(text.data(), text.size());
  std::string out;
  std::size_t at = 0;
  std::size_t copied = 0;
  while (at <= text.size() &&
         regex.Match(piece, at, text.size(), RE2::UNANCHORED, groups.data(), static_cast<int>(groups.size()))) {
    const auto start = static_cast<std::size_t>(groups.front().data() - text.data());
    const std::size_t end = start + groups.front().size();
    // An empty match right after the last one is none.
    const bool counts = end > start || start > copied || copied == 0;
    if (counts) {
      out += text.substr(copied, start - copied);
      out += expanded(replacement, groups, named);
      copied = end;
    }
    at = end > start ? end : end + 1;
  }
  if (copied < text.size()) out += text.substr(copied);
  return out;
}

}  // namespace gwdoctor

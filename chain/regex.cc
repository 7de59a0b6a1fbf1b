#include "chain/regex.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>

namespace gwdoctor {

namespace {

// Faults of the grammar that all dialects have in common. PCRE begins its verbs with "(*".
bool is_common(RE2::ErrorCode code, std::string_view pattern) {
  switch (code) {
    case RE2::ErrorMissingBracket:
    case RE2::ErrorMissingParen:
    case RE2::ErrorUnexpectedParen:
    case RE2::ErrorTrailingBackslash:
      return true;
    case RE2::ErrorRepeatArgument:
      return pattern.find("(*") == std::string_view::npos;
    default:
      return false;
  }
}

// Newer versions of RE2 and Go's regexp know (?<name>…) beside (?P<name>…). Look-behind, (?<= and (?<!, stays what it is.
std::string with_old_names(std::string_view pattern) {
  std::string out;
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    out += pattern[at];
    if (!pattern.substr(0, at + 1).ends_with("(?") || !pattern.substr(at + 1).starts_with('<')) continue;
    const std::string_view after = pattern.substr(at + 2);
    if (!after.starts_with('=') && !after.starts_with('!')) out += 'P';
  }
  return out;
}

constexpr std::int64_t regex_memory = 1 << 20;
constexpr std::size_t kept_patterns = 4096;

}  // namespace

const RE2& compiled_regex(std::string_view pattern, bool folds_case) {
  using Kept = std::map<std::string, std::unique_ptr<RE2>, std::less<>>;
  thread_local std::array<Kept, 2> by_case;
  Kept& kept = by_case[folds_case ? 1 : 0];
  if (const auto found = kept.find(pattern); found != kept.end()) return *found->second;
  if (kept.size() >= kept_patterns) kept.clear();
  RE2::Options options;
  options.set_log_errors(false);
  options.set_case_sensitive(!folds_case);
  options.set_max_mem(regex_memory);
  std::string text(pattern);
  auto made = std::make_unique<RE2>(text, options);
  return *kept.emplace(std::move(text), std::move(made)).first->second;
}

std::optional<RegexFault> regex_fault(std::string_view pattern) {
  RE2::Options options;
  options.set_log_errors(false);
  const std::string text = with_old_names(pattern);
  const RE2 expression(text, options);
  if (expression.ok()) return std::nullopt;
  return RegexFault{expression.error(), !is_common(expression.error_code(), pattern)};
}

// Envoy's engine is RE2; Traefik and the agentgateway have libraries with the same syntax.
bool compiles_with_re2(std::string_view controller_id) {
  constexpr std::array<std::string_view, 8> rows{"envoy-gateway", "contour", "istio", "cilium",
                                                 "kgateway",      "traefik", "gke",   "agentgateway"};
  return std::find(rows.begin(), rows.end(), controller_id) != rows.end();
}

}  // namespace gwdoctor

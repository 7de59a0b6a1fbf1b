#include "kube/pod_arguments.h"

#include <algorithm>
#include <array>
#include <utility>

#include "kube/ascii.h"

namespace gwdoctor {

namespace {

constexpr std::array<std::string_view, 9> telling{"password", "passwd", "passphrase", "pwd",          "token",
                                                  "secret",   "key",    "credential", "authorization"};
constexpr std::string_view spaces = " \t\r\n";
constexpr std::string_view name_letters = "abcdefghijklmnopqrstuvwxyz0123456789-_.";

bool is_telling(std::string_view name) {
  const std::string word = lower_case(name);
  return std::any_of(telling.begin(), telling.end(), [&](std::string_view part) { return word.find(part) != std::string::npos; });
}

// After a flag without a value comes another flag. A random token may start with a dash too, but is no lower-case name.
bool is_flag(std::string_view word) {
  const bool is_long = word.starts_with("--");
  const std::string_view name = word.substr(0, word.find('=')).substr(is_long ? 2 : std::min<std::size_t>(word.size(), 1));
  if (!word.starts_with('-') || name.empty()) return false;
  return (is_long ? lower_case(name) : std::string(name)).find_first_not_of(name_letters) == std::string::npos;
}

// Kubernetes puts a variable's value in its place; the reference itself tells nothing.
bool is_reference(std::string_view value) { return value.starts_with("$(") && value.find(')') == value.size() - 1; }

class Hider {
 public:
  explicit Hider(std::string_view hidden) : hidden_(hidden) {}

  std::string argument(std::string_view text) {
    const bool is_value = awaits_value_ && !is_flag(text);
    if (is_value || text.find_first_of(spaces) == std::string_view::npos) return word(text);
    return script(text, true);
  }

 private:
  std::string word(std::string_view text) {
    if (awaits_value_ && is_scheme(text)) return std::string(text);
    if (std::exchange(awaits_value_, false) && !is_flag(text)) return hide(text);
    // The colon of a header or of JSON, not the one before a port.
    const std::string_view signs = text.find("://") == std::string_view::npos ? "=:" : "=";
    for (std::size_t sign = text.find_first_of(signs); sign != std::string_view::npos;
         sign = text.find_first_of(signs, sign + 1)) {
      if (!is_telling(text.substr(0, sign))) continue;
      const std::string_view value = text.substr(sign + 1);
      // "Authorization: Bearer x" spreads over words.
      if (value.find_first_not_of("\"'") == std::string_view::npos) awaits_value_ = true;
      return std::string(text.substr(0, sign + 1)) + hide(value);
    }
    awaits_value_ = text.starts_with('-') && is_telling(text);
    return std::string(text);
  }

  // The scheme before the credentials of an Authorization header (RFC 9110 section 11.4).
  static bool is_scheme(std::string_view text) {
    const std::string word = lower_case(text.substr(std::min(text.find_first_not_of("\"'"), text.size())));
    return word == "bearer" || word == "basic" || word == "digest";
  }

  std::string hide(std::string_view value) const {
    return value.empty() || is_reference(value) ? std::string(value) : std::string(hidden_);
  }

  // Words apart, what stands between them kept. Quotes hold a word together; one that does so in vain (the
  // apostrophe of "don't") must not hide a flag, so what they hold is read again without them.
  std::string script(std::string_view text, bool mind_quotes) {
    std::string out;
    while (!text.empty()) {
      const std::size_t gap = std::min(text.find_first_not_of(spaces), text.size());
      out += text.substr(0, gap);
      text.remove_prefix(gap);
      const std::size_t end = mind_quotes ? quoted_end(text) : std::min(text.find_first_of(spaces), text.size());
      const std::string_view part = text.substr(0, end);
      text.remove_prefix(end);
      if (part.empty()) continue;
      const bool again = part.find_first_of(spaces) != std::string_view::npos && !awaits_value_ && !names_secret(part);
      out += again ? script(part, false) : word(part);
    }
    return out;
  }

  static bool names_secret(std::string_view part) {
    const std::size_t sign = part.find('=');
    return sign < part.find_first_of(spaces) && is_telling(part.substr(0, sign));
  }

  static std::size_t quoted_end(std::string_view text) {
    char quote = '\0';
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\\') {
        ++i;
      } else if (quote != '\0') {
        if (text[i] == quote) quote = '\0';
      } else if (text[i] == '"' || text[i] == '\'') {
        quote = text[i];
      } else if (spaces.find(text[i]) != std::string_view::npos) {
        return i;
      }
    }
    return text.size();
  }

  std::string_view hidden_;
  bool awaits_value_ = false;
};

}  // namespace

std::vector<std::string> hide_secret_arguments(const std::vector<std::string>& arguments, std::string_view hidden) {
  Hider hider(hidden);
  std::vector<std::string> kept;
  for (const std::string& argument : arguments) kept.push_back(hider.argument(argument));
  return kept;
}

bool is_host_header(std::string_view name) { return lower_case(name) == "host"; }

}  // namespace gwdoctor

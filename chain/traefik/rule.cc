#include "chain/traefik/rule.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "chain/regex.h"
#include "chain/traefik/template.h"
#include "kube/ascii.h"

namespace gwdoctor {

namespace {

using Kind = TraefikRule::Kind;

// Longer and deeper rules come from nobody.
constexpr std::size_t longest_rule = 16384;
constexpr int deepest = 64;

struct Matcher {
  std::string_view name;
  std::size_t least = 1;
  std::size_t most = 1;
  bool regex = false;  // the last argument is a regular expression
};

constexpr std::array matchers_v3{
    Matcher{"ClientIP"},
    Matcher{"Method"},
    Matcher{"Host"},
    Matcher{"HostRegexp", 1, 1, true},
    Matcher{"Path"},
    Matcher{"PathRegexp", 1, 1, true},
    Matcher{"PathPrefix"},
    Matcher{"Header", 2, 2},
    Matcher{"HeaderRegexp", 2, 2, true},
    Matcher{"Query", 1, 2},
    Matcher{"QueryRegexp", 1, 2, true},
};
constexpr std::size_t any_number = 1000;
constexpr std::array matchers_v2{
    Matcher{"Host", 1, any_number},     Matcher{"HostHeader", 1, any_number}, Matcher{"HostRegexp", 1, any_number},
    Matcher{"ClientIP", 1, any_number}, Matcher{"Path", 1, any_number},       Matcher{"PathPrefix", 1, any_number},
    Matcher{"Method", 1, any_number},   Matcher{"Headers", 2, any_number},    Matcher{"HeadersRegexp", 2, any_number, true},
    Matcher{"Query", 1, any_number},
};

// As rules/parser.go enters them: as written, in lower and upper case, and with the first letter alone in upper case.
bool is_spelling(std::string_view word, std::string_view name) {
  const std::string lower = lower_case(name);
  if (word == name || word == lower) return true;
  if (lower_case(word) != lower) return false;
  const auto upper = [](char letter) { return letter >= 'A' && letter <= 'Z'; };
  if (std::all_of(word.begin(), word.end(), upper)) return true;
  return upper(word.front()) && std::none_of(word.begin() + 1, word.end(), upper);
}

const Matcher* find_matcher(std::string_view word, TraefikSyntax syntax) {
  const auto find = [&](const auto& all) -> const Matcher* {
    const auto found = std::find_if(all.begin(), all.end(), [&](const Matcher& one) { return is_spelling(word, one.name); });
    return found == all.end() ? nullptr : &*found;
  };
  return syntax == TraefikSyntax::v2 ? find(matchers_v2) : find(matchers_v3);
}

bool is_word(char letter) { return is_alphanumeric(letter) || letter == '_'; }

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char letter) { return static_cast<unsigned char>(letter) < 0x80; });
}

class Parser {
 public:
  Parser(std::string_view text, TraefikSyntax syntax) : text_(text), syntax_(syntax) {}

  ParsedTraefikRule run() {
    if (text_.size() > longest_rule) out_.beyond = true;
    if (out_.beyond) return std::move(out_);
    TraefikRule rule = any();
    skip();
    if (at_ < text_.size()) fail(fmt::format("unexpected {} at character {}", shown(), at_ + 1));
    if (out_.ok()) out_.rule = std::move(rule);
    return std::move(out_);
  }

 private:
  void fail(std::string why) {
    if (out_.fault.empty()) out_.fault = std::move(why);
    at_ = text_.size();
  }
  // The letter at a place, whole in UTF-8.
  std::string_view letter(std::size_t at) const {
    std::size_t end = at + 1;
    while (end < text_.size() && (static_cast<unsigned char>(text_[end]) & 0xc0) == 0x80) ++end;
    return text_.substr(at, end - at);
  }
  std::string shown() const { return at_ < text_.size() ? fmt::format("'{}'", letter(at_)) : std::string("end"); }

  // A line that ends after an operand ends the expression, as in Go; only blanks may follow it.
  void skip() {
    const std::size_t before = at_;
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) ++at_;
    const bool broken = ended_ && text_.substr(before, at_ - before).find('\n') != std::string_view::npos;
    if (broken && at_ < text_.size()) {
      fail(fmt::format("a line break before {} at character {}: an operator stands at the end of a line, not at its start",
                       shown(), at_ + 1));
    }
  }

  bool take(std::string_view word) {
    skip();
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    ended_ = word == ")";
    return true;
  }

  TraefikRule join(Kind kind, std::vector<TraefikRule> parts) const {
    if (parts.size() == 1) return std::move(parts.front());
    TraefikRule rule;
    rule.kind = kind;
    rule.syntax = syntax_;
    rule.parts = std::move(parts);
    return rule;
  }

  TraefikRule any() {
    std::vector<TraefikRule> parts;
    parts.push_back(all());
    while (out_.ok() && take("||")) parts.push_back(all());
    return join(Kind::any, std::move(parts));
  }

  TraefikRule all() {
    std::vector<TraefikRule> parts;
    parts.push_back(one());
    while (out_.ok() && take("&&")) parts.push_back(one());
    return join(Kind::all, std::move(parts));
  }

  TraefikRule one() {
    if (++depth_ > deepest) {
      out_.beyond = true;
      at_ = text_.size();
      return {};
    }
    TraefikRule rule;
    if (take("!")) {
      rule.kind = Kind::inverse;
      rule.syntax = syntax_;
      rule.parts.push_back(one());
    } else if (take("(")) {
      rule = any();
      if (out_.ok() && !take(")")) fail(fmt::format("expected ) and found {} at character {}", shown(), at_ + 1));
    } else {
      rule = matcher();
    }
    --depth_;
    return rule;
  }

  TraefikRule matcher() {
    TraefikRule rule;
    skip();
    const std::size_t start = at_;
    while (at_ < text_.size() && is_word(text_[at_])) ++at_;
    const std::string_view word = text_.substr(start, at_ - start);
    if (word.empty()) return fail(fmt::format("expected a matcher and found {} at character {}", shown(), at_ + 1)), rule;
    ended_ = true;
    const Matcher* known = find_matcher(word, syntax_);
    if (known == nullptr) {
      const std::string lower = lower_case(word);
      out_.is_stream = lower == "hostsni" || lower == "hostsniregexp" || lower == "alpn";
      fail(out_.is_stream ? fmt::format("{} is a matcher of IngressRouteTCP", word) : fmt::format("unknown matcher {}", word));
      return rule;
    }
    rule.syntax = syntax_;
    rule.name = std::string(known->name);
    if (!take("(")) return fail(fmt::format("expected ( after {} and found {}", word, shown())), rule;
    while (out_.ok() && !take(")")) {
      if (!rule.values.empty() && !take(",")) fail(fmt::format("expected , or ) and found {} at character {}", shown(), at_ + 1));
      if (!rule.values.empty() && take(")")) break;  // a comma at the end is allowed in Go
      if (out_.ok()) rule.values.push_back(text());
    }
    if (out_.ok()) judge(rule, *known);
    return rule;
  }

  void judge(const TraefikRule& rule, const Matcher& known) {
    const std::size_t count = rule.values.size();
    if (count < known.least || count > known.most)
      return fail(fmt::format("{} has {} argument{}, expected {}", rule.name, count, count == 1 ? "" : "s", expected(known)));
    for (const std::string& value : rule.values) {
      if (value.empty()) return fail(fmt::format("{} has an empty argument", rule.name));
    }
    const bool pairs = rule.name == "Headers" || rule.name == "HeadersRegexp";
    if (pairs && count % 2 != 0) return fail(fmt::format("{} has {} arguments, expected pairs", rule.name, count));
    const bool path = rule.name == "Path" || rule.name == "PathPrefix";
    for (std::size_t at = 0; at < count; ++at) {
      const std::string& value = rule.values[at];
      if (path && !value.starts_with('/')) return fail(fmt::format("the path {} does not start with /", value));
      if (rule.name.starts_with("Host") && !is_ascii(value)) return fail(fmt::format("the host {} is not ASCII", value));
      const bool pattern = pairs ? known.regex && at % 2 == 1 : known.regex && at + 1 == count && (count == known.most);
      if (pattern) judge_pattern(value);
      if (syntax_ == TraefikSyntax::v2 && (path || rule.name == "HostRegexp")) {
        if (const auto made = template_regex(value, rule.name == "HostRegexp" ? '.' : '/'); !made)
          return fail(fmt::format("{} has unbalanced braces", value));
        else
          judge_pattern(*made);
      }
    }
  }

  void judge_pattern(const std::string& pattern) {
    if (const std::optional<RegexFault> wrong = regex_fault(pattern)) fail(fmt::format("its regular expression: {}", wrong->why));
  }

  static std::string expected(const Matcher& known) {
    if (known.most == any_number) return fmt::format("at least {}", known.least);
    return known.least == known.most ? std::to_string(known.least) : fmt::format("{} or {}", known.least, known.most);
  }

  std::string text() {
    skip();
    if (at_ < text_.size() && text_[at_] == '`') return raw();
    if (at_ < text_.size() && text_[at_] == '"') return quoted();
    fail(at_ < text_.size() && text_[at_] == '\''
             ? std::string("single quotes: strings are written in backticks or double quotes")
             : fmt::format("expected a string and found {} at character {}", shown(), at_ + 1));
    return {};
  }

  std::string raw() {
    const std::size_t end = text_.find('`', at_ + 1);
    if (end == std::string_view::npos) return fail("a backtick is not closed"), std::string();
    std::string value(text_.substr(at_ + 1, end - at_ - 1));
    std::erase(value, '\r');
    at_ = end + 1;
    ended_ = true;
    return value;
  }

  // A string of Go: an escape that Go does not know is an error, \d among them.
  std::string quoted() {
    std::string value;
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\n') return fail("a double quote is not closed on its line"), value;
      if (text_[at_] != '\\') {
        value += text_[at_];
        continue;
      }
      const std::size_t known = std::string_view("abfnrtv\\\"").find(at_ + 1 < text_.size() ? text_[at_ + 1] : ' ');
      if (known == std::string_view::npos)
        return fail(fmt::format("the escape {} in double quotes; in backticks nothing is escaped",
                                at_ + 1 < text_.size() ? fmt::format("\\{}", letter(at_ + 1)) : std::string("\\"))),
               value;
      value += std::string_view("\a\b\f\n\r\t\v\\\"")[known];
      ++at_;
    }
    if (at_ >= text_.size()) return fail("a double quote is not closed"), value;
    ++at_;
    ended_ = true;
    return value;
  }

  std::string_view text_;
  TraefikSyntax syntax_;
  ParsedTraefikRule out_;
  std::size_t at_ = 0;
  int depth_ = 0;
  bool ended_ = false;  // the last token may end an expression
};

void add_hosts(const TraefikRule& rule, bool positive, std::vector<std::string>& hosts) {
  if (rule.kind == Kind::matcher && rule.name == "Host" && positive)
    hosts.insert(hosts.end(), rule.values.begin(), rule.values.end());
  for (const TraefikRule& part : rule.parts) add_hosts(part, positive != (rule.kind == Kind::inverse), hosts);
}

}  // namespace

ParsedTraefikRule parse_traefik_rule(std::string_view text, TraefikSyntax syntax) { return Parser(text, syntax).run(); }

std::int64_t default_priority(std::string_view text, const ParsedTraefikRule& parsed) {
  auto priority = static_cast<std::int64_t>(text.size());
  std::vector<std::string> hosts;
  if (parsed.ok()) add_hosts(parsed.rule, true, hosts);
  for (const std::string& host : hosts) priority -= host.starts_with("**.") ? 2 : 0;
  return priority;
}

}  // namespace gwdoctor

#include "kube/yaml_scalar.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <string>

#include "kube/ascii.h"

namespace gwdoctor {

namespace {

constexpr std::array<std::string_view, 11> truths{"y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"};
constexpr std::array<std::string_view, 11> falsehoods{"n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"};
constexpr std::array<std::string_view, 5> nulls{"", "~", "null", "Null", "NULL"};
constexpr std::array<std::string_view, 3> not_numbers{".nan", ".NaN", ".NAN"};
constexpr std::array<std::string_view, 3> infinities{".inf", ".Inf", ".INF"};

template <std::size_t size>
bool is_one_of(const std::array<std::string_view, size>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::size_t count_digits(std::string_view text) {
  return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_digit) - text.begin());
}

std::optional<Value> resolve_integer(std::string_view digits, bool negative) {
  int base = 10;
  if (digits.size() > 1 && digits[0] == '0') {
    const char letter = digits[1];
    base = letter == 'x' || letter == 'X' ? 16 : letter == 'b' || letter == 'B' ? 2 : 8;
    digits.remove_prefix(base != 8 || letter == 'o' || letter == 'O' ? 2 : 1);
  }
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number, base);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (number <= most) return Value(negative ? -static_cast<std::int64_t>(number) : static_cast<std::int64_t>(number));
  if (negative && number == most + 1) return Value(std::numeric_limits<std::int64_t>::min());
  return Value(negative ? -static_cast<double>(number) : static_cast<double>(number));
}

// Digits with a dot somewhere, or none, and an exponent, its sign optional.
bool has_real_form(std::string_view text) {
  const std::size_t whole = count_digits(text);
  text.remove_prefix(whole);
  if (text.starts_with('.')) {
    const std::size_t fraction = count_digits(text.substr(1));
    if (whole + fraction == 0) return false;
    text.remove_prefix(fraction + 1);
  } else if (whole == 0) {
    return false;
  }
  if (text.empty()) return true;
  if (text.front() != 'e' && text.front() != 'E') return false;
  text.remove_prefix(1);
  if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && count_digits(text) == text.size();
}

std::optional<Value> resolve_real(std::string_view text, bool negative) {
  const double sign = negative ? -1 : 1;
  if (is_one_of(infinities, text)) return Value(sign * std::numeric_limits<double>::infinity());
  if (!has_real_form(text)) return std::nullopt;
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  return Value(sign * number);
}

std::optional<Value> resolve_number(std::string_view text) {
  std::string bare;
  std::copy_if(text.begin(), text.end(), std::back_inserter(bare), [](char letter) { return letter != '_'; });
  std::string_view number = bare;
  const bool negative = number.starts_with('-');
  if (negative || number.starts_with('+')) number.remove_prefix(1);
  if (number.empty()) return std::nullopt;
  if (auto integer = resolve_integer(number, negative)) return integer;
  return resolve_real(number, negative);
}

}  // namespace

Value resolve_plain(std::string_view text) {
  if (is_one_of(nulls, text)) return {};
  const char first = text.front();
  if (is_digit(first) || first == '+' || first == '-' || first == '.') {
    if (is_one_of(not_numbers, text)) return std::numeric_limits<double>::quiet_NaN();
    // No number is longer; a long text is not worth a copy.
    constexpr std::size_t longest_number = 400;
    if (text.size() > longest_number) return text;
    if (auto number = resolve_number(text)) return *number;
    return text;
  }
  if (is_one_of(truths, text)) return true;
  if (is_one_of(falsehoods, text)) return false;
  return text;
}

bool is_ambiguous(std::string_view text) {
  if (!resolve_plain(text).is_string() || text == "<<" || text == "=") return true;
  const char first = text.front();
  if (!is_digit(first) && first != '+' && first != '-' && first != '.') return false;
  // Timestamps, sexagesimal numbers, octal and hexadecimal forms of other dialects; an IPv4 address is none of them.
  const bool of_number_letters = text.find_first_not_of("0123456789_.:+-eExXoObBabcdefABCDEFtTzZ ") == std::string_view::npos;
  const bool is_dotted =
      std::count(text.begin(), text.end(), '.') > 1 && text.find_first_not_of("0123456789.") == std::string_view::npos;
  return of_number_letters && !is_dotted;
}

}  // namespace gwdoctor

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "kube/utf8.h"
#include "kube/yaml.h"
#include "kube/yaml_scalar.h"

namespace gwdoctor {

namespace {

constexpr std::size_t step = 2;  // spaces a level
// A key without "?" must fit into 1024 characters (YAML 1.1 section 7.3.3).
constexpr std::size_t longest_simple_key = 1000;

// Printable in YAML 1.1 and shown by every terminal: no control characters, line separators or byte order mark.
bool is_printable(char32_t code) {
  if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return false;
  return code != 0x2028 && code != 0x2029 && code != 0xfeff && code != 0xfffe && code != 0xffff;
}

bool is_printable(std::string_view text) {
  while (!text.empty()) {
    const std::optional<char32_t> code = next_code_point(text);
    if (!code || !is_printable(*code)) return false;
  }
  return true;
}

bool can_be_plain(std::string_view text) {
  if (text.empty() || is_ambiguous(text) || !is_printable(text)) return false;
  if (text.front() == ' ' || text.back() == ' ' || text.back() == ':') return false;
  if (text.find(": ") != std::string_view::npos || text.find(" #") != std::string_view::npos) return false;
  return std::string_view("-?:,[]{}#&*!|>'\"%@`").find(text.front()) == std::string_view::npos;
}

// A literal block keeps such a text as it is: lines of printable characters, the first neither empty nor indented.
bool can_be_literal(std::string_view text) {
  if (text.find('\n') == std::string_view::npos || text.front() == '\n' || text.front() == ' ') return false;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (!is_printable(text.substr(0, end))) return false;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return true;
}

std::string escape(char32_t code) {
  switch (code) {
    case '"':
      return "\\\"";
    case '\\':
      return "\\\\";
    case '\n':
      return "\\n";
    case '\t':
      return "\\t";
    case '\r':
      return "\\r";
    default:
      break;
  }
  const auto number = static_cast<std::uint32_t>(code);
  if (number <= 0xff) return fmt::format("\\x{:02x}", number);
  return number <= 0xffff ? fmt::format("\\u{:04x}", number) : fmt::format("\\U{:08x}", number);
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const std::string_view rest = text;
    const std::optional<char32_t> code = next_code_point(text);
    if (!code) {
      out += "\xef\xbf\xbd";  // U+FFFD stands for bytes that are no UTF-8
    } else if (*code == '"' || *code == '\\' || !is_printable(*code)) {
      out += escape(*code);
    } else {
      out += rest.substr(0, rest.size() - text.size());
    }
  }
  return out + '"';
}

std::string scalar_text(const std::string_view text) { return can_be_plain(text) ? std::string(text) : quoted(text); }

// A dot and a sign in the exponent, which the older readers want.
std::string real_text(double value) {
  if (std::isnan(value)) return ".nan";
  if (std::isinf(value)) return value < 0 ? "-.inf" : ".inf";
  std::string text = fmt::format("{}", value);
  if (text.find('.') == std::string::npos) text.insert(std::min(text.find('e'), text.size()), ".0");
  return text;
}

class Writer {
 public:
  void write(const Value& value) {
    if (is_block(value)) {
      write_block(value, 0);
    } else {
      out_ += inline_text(value) + '\n';
    }
  }

  std::string take() { return std::move(out_); }

 private:
  // Whether the value takes lines of its own.
  static bool is_block(const Value& value) { return value.size() > 0; }

  static std::string inline_text(const Value& value) {
    if (value.is_object()) return "{}";
    if (value.is_array()) return "[]";
    if (const auto text = value.string()) return scalar_text(*text);
    if (const auto flag = value.boolean()) return *flag ? "true" : "false";
    if (value.is_integer()) return std::to_string(*value.integer());
    return value.is_real() ? real_text(value.real()) : "null";
  }

  // Starts where the cursor is: at the start of an indented line, or after "- ".
  void write_block(const Value& value, std::size_t indent) {
    bool first = true;
    for (const auto& [key, member] : value.members()) {
      if (!std::exchange(first, false)) out_.append(indent, ' ');
      write_key(key, indent);
      write_member(member, indent);
    }
    for (const Value& item : value.items()) {
      if (!std::exchange(first, false)) out_.append(indent, ' ');
      out_ += "- ";
      if (is_block(item)) {
        write_block(item, indent + step);
      } else {
        write_scalar(item, indent + step);
      }
    }
  }

  void write_key(std::string_view key, std::size_t indent) {
    const std::string text = scalar_text(key);
    if (text.size() <= longest_simple_key) {
      out_ += text + ':';
      return;
    }
    out_ += "? " + text + '\n';
    out_.append(indent, ' ').append(1, ':');
  }

  // After "key:".
  void write_member(const Value& value, std::size_t indent) {
    if (!is_block(value)) {
      out_ += ' ';
      write_scalar(value, indent + step);
      return;
    }
    out_ += '\n';
    // As kubectl prints it: a sequence is not indented below its key.
    const std::size_t inner = value.is_array() ? indent : indent + step;
    out_.append(inner, ' ');
    write_block(value, inner);
  }

  void write_scalar(const Value& value, std::size_t indent) {
    const auto text = value.string();
    if (text && can_be_literal(*text)) {
      write_literal(*text, indent);
    } else {
      out_ += inline_text(value) + '\n';
    }
  }

  void write_literal(std::string_view text, std::size_t indent) {
    out_ += '|';
    if (!text.ends_with('\n')) {
      out_ += '-';
    } else if (text.ends_with("\n\n")) {
      out_ += '+';
    }
    out_ += '\n';
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      if (end > 0) out_.append(indent, ' ').append(text.substr(0, end));
      out_ += '\n';
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  }

  std::string out_;
};

}  // namespace

std::string write_yaml(const Value& value) {
  Writer writer;
  writer.write(value);
  return writer.take();
}

}  // namespace gwdoctor

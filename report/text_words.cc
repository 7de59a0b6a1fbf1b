#include <fmt/format.h>

#include <algorithm>

#include "report/text_parts.h"

namespace gwdoctor {

namespace {

// A namespace has up to 63 characters, a name up to 253 (RFC 1123): what is longer was written to harm.
constexpr std::size_t longest_name = 400;

// Writes a value until it is long enough: an enormous one costs no more than what is shown of it.
class BriefWriter {
 public:
  explicit BriefWriter(std::size_t limit) : limit_(limit) {}

  void write(const Value& value) {
    if (const auto text = value.string()) return write_string(*text);
    if (value.is_object()) return write_members(value);
    if (value.is_array()) return write_items(value);
    if (const auto flag = value.boolean()) {
      out_ += *flag ? "true" : "false";
    } else if (value.is_integer()) {
      out_ += std::to_string(*value.integer());
    } else {
      out_ += value.is_real() ? fmt::format("{}", value.real()) : "null";
    }
  }
  [[nodiscard]] const std::string& text() const { return out_; }
  [[nodiscard]] bool is_full() const { return out_.size() > limit_; }

 private:
  void write_string(std::string_view text) {
    out_ += '"';
    for (const char letter : text.substr(0, limit_)) {
      switch (letter) {
        case '"':
          out_ += "\\\"";
          break;
        case '\\':
          out_ += "\\\\";
          break;
        case '\n':
          out_ += "\\n";
          break;
        case '\t':
          out_ += "\\t";
          break;
        default:
          out_ += letter;
      }
    }
    out_ += '"';
  }

  void write_members(const Value& value) {
    const char* separator = "{";
    for (const auto& [key, member] : value.members()) {
      if (is_full()) return;
      out_ += separator;
      write_string(key);
      out_ += ": ";
      write(member);
      separator = ", ";
    }
    out_ += value.size() == 0 ? "{}" : "}";
  }

  void write_items(const Value& value) {
    const char* separator = "[";
    for (const Value& item : value.items()) {
      if (is_full()) return;
      out_ += separator;
      write(item);
      separator = ", ";
    }
    out_ += value.size() == 0 ? "[]" : "]";
  }

  std::size_t limit_;
  std::string out_;
};

}  // namespace

std::string name_of(const Lines& lines, const Ref& object) { return lines.safe(object.text(), longest_name); }

std::string names_of(const Lines& lines, const std::vector<Ref>& objects, std::size_t most) {
  const std::size_t shown = lines.is_wide() || objects.size() <= most + 1 ? objects.size() : most;
  std::string out;
  for (std::size_t at = 0; at < shown; ++at) {
    if (at > 0) out += ", ";
    out += name_of(lines, objects[at]);
  }
  if (shown < objects.size()) out += fmt::format(" and {} more", objects.size() - shown);
  return out;
}

std::string count_of(std::size_t number, std::string_view noun, std::string_view plural) {
  if (number == 1) return fmt::format("1 {}", noun);
  return plural.empty() ? fmt::format("{} {}s", number, noun) : fmt::format("{} {}", number, plural);
}

std::string brief(const Lines& lines, const Value& value, std::size_t columns) {
  constexpr std::size_t most_bytes = 4;  // of a character
  BriefWriter writer((lines.is_wide() ? columns * 20 : columns) * most_bytes);
  writer.write(value);
  std::string out = lines.safe(writer.text(), columns);
  if (writer.is_full() && !out.ends_with(lines.ellipsis())) out += lines.ellipsis();
  return out;
}

Tone tone_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::healthy:
      return Tone::good;
    case Verdict::at_risk:
      return Tone::warning;
    case Verdict::degraded:
    case Verdict::broken:
      return Tone::bad;
    case Verdict::unknown:
      return Tone::unknown;
  }
  return Tone::plain;
}

Tone tone_of(Severity severity) {
  switch (severity) {
    case Severity::info:
      return Tone::dim;
    case Severity::warning:
      return Tone::warning;
    case Severity::error:
      return Tone::bad;
  }
  return Tone::plain;
}

}  // namespace gwdoctor

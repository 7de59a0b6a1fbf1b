#include "chain/dialects/annotations.h"

#include <charconv>

namespace gwdoctor {

namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

std::optional<std::string> annotation(const Ingress& ingress, std::string_view prefix, std::string_view key) {
  std::string name(prefix);
  name += key;
  const std::string* found = label(ingress.meta.annotations, name);
  return found == nullptr ? std::nullopt : std::optional<std::string>(*found);
}

std::string annotation_text(const Ingress& ingress, std::string_view prefix, std::string_view key) {
  return annotation(ingress, prefix, key).value_or(std::string());
}

std::optional<bool> annotation_flag(const Ingress& ingress, std::string_view prefix, std::string_view key) {
  const std::string text = annotation_text(ingress, prefix, key);
  for (const std::string_view word : {"1", "t", "T", "true", "TRUE", "True"}) {
    if (text == word) return true;
  }
  for (const std::string_view word : {"0", "f", "F", "false", "FALSE", "False"}) {
    if (text == word) return false;
  }
  return std::nullopt;
}

std::optional<std::int64_t> annotation_number(const Ingress& ingress, std::string_view prefix, std::string_view key) {
  const std::string text = annotation_text(ingress, prefix, key);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::vector<std::string> comma_separated(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    if (const std::string_view word = trimmed(text.substr(0, comma)); !word.empty()) words.emplace_back(word);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return words;
}

}  // namespace gwdoctor

#include "kube/selector.h"

#include <algorithm>

#include "kube/ascii.h"

namespace gwdoctor {

namespace {

// `in` an empty set holds for no labels.
Requirement nothing(std::string key = {}) { return {std::move(key), Requirement::Op::in, {}}; }

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Splits at commas, those inside parentheses left alone.
std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  std::size_t start = 0;
  bool inside = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '(') inside = true;
    if (text[i] == ')') inside = false;
    if (text[i] != ',' || inside) continue;
    parts.push_back(trim(text.substr(start, i - start)));
    start = i + 1;
  }
  parts.push_back(trim(text.substr(start)));
  return parts;
}

// Letters, digits and "-_./": the syntax of label keys, and of values but for the slash.
bool is_word(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char letter) {
    return is_alphanumeric(letter) || std::string_view("-_./").find(letter) != std::string_view::npos;
  });
}

bool is_key(std::string_view text) { return !text.empty() && is_word(text); }

// "tier in (a,b)" and "tier notin (a,b)".
Requirement parse_set(std::string_view part) {
  const std::size_t open = part.find('(');
  const std::string_view head = trim(part.substr(0, open));
  const std::size_t gap = head.find_first_of(" \t");
  const std::string_view key = head.substr(0, gap);
  const std::string_view word = gap == std::string_view::npos ? std::string_view() : trim(head.substr(gap));
  if (!is_key(key) || part.back() != ')' || (word != "in" && word != "notin")) return nothing();
  Requirement requirement{std::string(key), word == "in" ? Requirement::Op::in : Requirement::Op::not_in, {}};
  const std::string_view inner = trim(part.substr(open + 1, part.size() - open - 2));
  if (inner.empty()) return nothing(requirement.key);
  for (const std::string_view value : split(inner)) {
    if (!is_word(value)) return nothing();
    requirement.values.emplace_back(value);
  }
  return requirement;
}

// "app=payments", "app==payments", "app!=payments".
Requirement parse_equality(std::string_view part) {
  const std::size_t sign = part.find('=');
  const bool negated = sign > 0 && part[sign - 1] == '!';
  const std::string_view key = trim(part.substr(0, negated ? sign - 1 : sign));
  const bool doubled = !negated && part.substr(sign).starts_with("==");
  const std::string_view value = trim(part.substr(sign + (doubled ? 2 : 1)));
  if (!is_key(key) || !is_word(value)) return nothing();
  return {std::string(key), negated ? Requirement::Op::not_in : Requirement::Op::in, {std::string(value)}};
}

Requirement parse_requirement(std::string_view part) {
  if (part.find('(') != std::string_view::npos) return parse_set(part);
  if (part.find('=') != std::string_view::npos) return parse_equality(part);
  const bool negated = part.starts_with('!');
  const std::string_view key = trim(negated ? part.substr(1) : part);
  if (!is_key(key)) return nothing();
  return {std::string(key), negated ? Requirement::Op::does_not_exist : Requirement::Op::exists, {}};
}

Requirement from_expression(const Value& expression) {
  Requirement requirement{expression["key"].text(), Requirement::Op::in, {}};
  for (const Value& value : expression["values"].items()) requirement.values.push_back(value.text());
  const std::string op = expression["operator"].text();
  if (op == "Exists" || op == "DoesNotExist") {
    requirement.op = op == "Exists" ? Requirement::Op::exists : Requirement::Op::does_not_exist;
    requirement.values.clear();
  } else if (op == "NotIn" && !requirement.values.empty()) {
    requirement.op = Requirement::Op::not_in;
  } else if (op != "In") {
    return nothing(requirement.key);
  }
  return requirement;
}

}  // namespace

const std::string* label(const Labels& labels, std::string_view key) {
  const auto found = std::find_if(labels.begin(), labels.end(), [&](const auto& entry) { return entry.first == key; });
  return found == labels.end() ? nullptr : &found->second;
}

bool Requirement::matches(const Labels& labels) const {
  const std::string* value = label(labels, key);
  const auto listed = [&] { return std::find(values.begin(), values.end(), *value) != values.end(); };
  switch (op) {
    case Op::in:
      return value != nullptr && listed();
    case Op::not_in:
      // An absent label satisfies NotIn (meta/v1 LabelSelectorRequirement).
      return value == nullptr || !listed();
    case Op::exists:
      return value != nullptr;
    case Op::does_not_exist:
      return value == nullptr;
  }
  return false;
}

std::string Requirement::text() const {
  if (op == Op::exists) return key;
  if (op == Op::does_not_exist) return "!" + key;
  if (values.size() == 1) return key + (op == Op::in ? "=" : "!=") + values.front();
  std::string text = key + (op == Op::in ? " in (" : " notin (");
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) text += ',';
    text += values[i];
  }
  return text + ")";
}

bool Selector::matches(const Labels& labels) const {
  return std::all_of(requirements.begin(), requirements.end(), [&](const Requirement& one) { return one.matches(labels); });
}

std::string Selector::text() const {
  std::string text;
  for (const Requirement& requirement : requirements) {
    if (!text.empty()) text += ',';
    text += requirement.text();
  }
  return text;
}

Selector Selector::from_label_selector(const Value& value) {
  // A null selector selects nothing, an empty one everything (meta/v1 LabelSelector).
  if (!value.is_object()) return {{nothing()}};
  Selector selector;
  for (const auto& [key, wanted] : value["matchLabels"].members()) {
    selector.requirements.push_back(wanted.is_string() ? Requirement{key, Requirement::Op::in, {wanted.text()}} : nothing(key));
  }
  for (const Value& expression : value["matchExpressions"].items()) {
    selector.requirements.push_back(from_expression(expression));
  }
  return selector;
}

Selector Selector::from_labels(const Labels& labels) {
  Selector selector;
  for (const auto& [key, value] : labels) selector.requirements.push_back({key, Requirement::Op::in, {value}});
  return selector;
}

Selector Selector::parse(std::string_view text) {
  Selector selector;
  if (trim(text).empty()) return selector;
  for (const std::string_view part : split(text)) selector.requirements.push_back(parse_requirement(part));
  return selector;
}

}  // namespace gwdoctor

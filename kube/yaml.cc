#include "kube/yaml.h"

#include <fmt/format.h>
#include <yaml.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>

#include "kube/json.h"
#include "kube/value_builder.h"
#include "kube/x509.h"
#include "kube/yaml_scalar.h"

namespace gwdoctor {

namespace {

constexpr std::string_view core_tag = "tag:yaml.org,2002:";

Mark mark_of(const yaml_mark_t& mark) {
  return {static_cast<std::uint32_t>(mark.line + 1), static_cast<std::uint32_t>(mark.column + 1)};
}

std::string_view text_of(const yaml_char_t* text) {
  return text == nullptr ? std::string_view() : std::string_view(reinterpret_cast<const char*>(text));
}

struct Problem {
  Mark mark;
  std::string text;
};

// An anchored value and what a copy of it costs.
struct Anchor {
  Value value;
  std::size_t nodes = 0;
  std::size_t bytes = 0;
};

// Builds the documents of a stream from its events. Each on_… function returns false once problem() tells why.
class Loader {
 public:
  explicit Loader(const YamlLimits& limits) : limits_(limits) {}

  bool on_event(const yaml_event_t& event);
  [[nodiscard]] const std::optional<Problem>& problem() const { return problem_; }
  std::vector<Value> take() { return std::move(documents_); }

 private:
  // An open mapping or sequence.
  struct Level {
    bool is_mapping = false;
    bool wants_key = false;
    bool merging = false;  // the member being read is a merge key's
    Mark key_mark;
    std::string anchor;
    std::size_t nodes_before = 0;
    std::size_t bytes_before = 0;
    Value::Array merged;
  };

  bool on_scalar(const yaml_event_t& event);
  bool on_alias(std::string_view name, Mark mark);
  bool on_start(bool is_mapping, std::string_view anchor, Mark mark);
  bool on_end();
  void on_document_end();
  bool put(Value value, Mark mark);
  bool put_key(const Value& value, Mark mark);
  bool put_merge(Value value, Mark mark);
  bool set_anchor(std::string_view name, const Value& value, std::size_t nodes, std::size_t bytes, Mark mark);
  bool spend(std::size_t nodes, std::size_t bytes, Mark mark);
  std::optional<Value> tagged(std::string_view tag, std::string_view text, Mark mark);
  [[nodiscard]] bool at_key() const { return !levels_.empty() && levels_.back().is_mapping && levels_.back().wants_key; }
  bool stop(Mark mark, std::string text) {
    problem_ = Problem{mark, std::move(text)};
    return false;
  }

  const YamlLimits& limits_;
  ValueBuilder builder_;
  std::vector<Level> levels_;
  std::map<std::string, Anchor, std::less<>> anchors_;
  std::vector<Value> documents_;
  std::optional<Problem> problem_;
  std::size_t nodes_ = 0;
  std::size_t bytes_ = 0;
};

bool Loader::on_event(const yaml_event_t& event) {
  const Mark mark = mark_of(event.start_mark);
  switch (event.type) {
    case YAML_SCALAR_EVENT:
      return on_scalar(event);
    case YAML_ALIAS_EVENT:
      return on_alias(text_of(event.data.alias.anchor), mark);
    case YAML_MAPPING_START_EVENT:
      return on_start(true, text_of(event.data.mapping_start.anchor), mark);
    case YAML_SEQUENCE_START_EVENT:
      return on_start(false, text_of(event.data.sequence_start.anchor), mark);
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
      return on_end();
    case YAML_DOCUMENT_END_EVENT:
      on_document_end();
      return true;
    default:
      return true;
  }
}

// Copies made for anchors and aliases are paid for like nodes of the text, so that no short text becomes a large tree.
bool Loader::spend(std::size_t nodes, std::size_t bytes, Mark mark) {
  nodes_ += nodes;
  bytes_ += bytes;
  if (nodes_ > limits_.nodes) return stop(mark, fmt::format("more than {} values, aliases expanded", limits_.nodes));
  // Text comes to no more than the limit; as much again may come from aliases.
  if (bytes_ / 2 > limits_.bytes) return stop(mark, fmt::format("more than {} bytes, aliases expanded", 2 * limits_.bytes));
  return true;
}

bool Loader::set_anchor(std::string_view name, const Value& value, std::size_t nodes, std::size_t bytes, Mark mark) {
  if (name.empty()) return true;
  if (!spend(nodes, bytes, mark)) return false;
  anchors_.insert_or_assign(std::string(name), Anchor{value, nodes, bytes});
  return true;
}

bool Loader::on_scalar(const yaml_event_t& event) {
  const auto& scalar = event.data.scalar;
  const Mark mark = mark_of(event.start_mark);
  const std::string_view text(reinterpret_cast<const char*>(scalar.value), scalar.length);
  const bool plain = scalar.style == YAML_PLAIN_SCALAR_STYLE && scalar.plain_implicit != 0;
  if (!spend(1, text.size(), mark)) return false;
  if (plain && scalar.tag == nullptr && text == "<<" && at_key()) {
    levels_.back().merging = true;
    levels_.back().wants_key = false;
    return true;
  }
  std::optional<Value> value = plain ? resolve_plain(text) : Value(text);
  if (scalar.tag != nullptr) value = tagged(text_of(scalar.tag), text, mark);
  if (!value) return false;
  if (!set_anchor(text_of(scalar.anchor), *value, 1, text.size(), mark)) return false;
  return put(std::move(*value), mark);
}

std::optional<Value> Loader::tagged(std::string_view tag, std::string_view text, Mark mark) {
  const std::string_view type = tag.starts_with(core_tag) ? tag.substr(core_tag.size()) : std::string_view();
  if (type == "binary") {
    if (auto bytes = decode_base64(text)) return Value(std::move(*bytes));
    stop(mark, "!!binary is followed by something else than base64");
    return std::nullopt;
  }
  const Value value = resolve_plain(text);
  if (type == "float" && value.is_integer()) return Value(value.real());
  const bool fits = (type == "int" && value.is_integer()) || (type == "float" && value.is_real()) ||
                    (type == "bool" && value.is_bool()) || (type == "null" && value.is_null());
  if (fits) return value;
  if (type == "int" || type == "float" || type == "bool" || type == "null") {
    stop(mark, fmt::format("a value that is no {} is tagged !!{}", type, type));
    return std::nullopt;
  }
  return Value(text);
}

bool Loader::on_alias(std::string_view name, Mark mark) {
  const auto found = anchors_.find(name);
  if (found != anchors_.end()) {
    const Anchor& anchor = found->second;
    return spend(anchor.nodes, anchor.bytes, mark) && put(anchor.value, mark);
  }
  const bool open = std::any_of(levels_.begin(), levels_.end(), [&](const Level& level) { return level.anchor == name; });
  if (open) return stop(mark, fmt::format("the value of anchor {} contains itself", name));
  // The name is not shown: it may be a password that starts with a star.
  return stop(mark, "an alias (*) without its anchor (&) before it; quote a text that starts with a star");
}

bool Loader::on_start(bool is_mapping, std::string_view anchor, Mark mark) {
  if (levels_.size() >= limits_.depth) return stop(mark, fmt::format("nested deeper than {} levels", limits_.depth));
  if (at_key()) return stop(mark, "a key that is a mapping or a sequence; expected a string");
  Level& level = levels_.emplace_back();
  level.is_mapping = is_mapping;
  level.wants_key = is_mapping;
  level.anchor = anchor;
  level.nodes_before = nodes_;
  level.bytes_before = bytes_;
  is_mapping ? builder_.begin_object(mark) : builder_.begin_array(mark);
  return spend(1, 0, mark);
}

bool Loader::on_end() {
  const Level level = std::move(levels_.back());
  levels_.pop_back();
  // The first of several merged mappings wins (the YAML merge key's specification); the mapping's own members win over all.
  builder_.add_missing(level.merged);
  Value value = builder_.close();
  const Mark mark = value.mark();
  if (!set_anchor(level.anchor, value, nodes_ - level.nodes_before, bytes_ - level.bytes_before, mark)) return false;
  return put(std::move(value), mark);
}

void Loader::on_document_end() {
  Value document = builder_.take();
  if (!document.is_null()) documents_.push_back(std::move(document));
  anchors_.clear();
}

bool Loader::put(Value value, Mark mark) {
  if (at_key()) return put_key(value, mark);
  if (levels_.empty() || !levels_.back().is_mapping) {
    value.set_mark(mark);
    builder_.add(std::move(value));
    return true;
  }
  Level& level = levels_.back();
  level.wants_key = true;
  if (level.merging) {
    level.merging = false;
    return put_merge(std::move(value), mark);
  }
  value.set_mark(level.key_mark);
  builder_.add(std::move(value));
  return true;
}

// Keys are strings in the end, since all of Kubernetes is JSON underneath: 80 names "80", and on names "true".
bool Loader::put_key(const Value& value, Mark mark) {
  std::string key = value.text();
  if (const auto flag = value.boolean()) {
    key = *flag ? "true" : "false";
  } else if (value.is_integer()) {
    key = std::to_string(*value.integer());
  } else if (value.is_real()) {
    key = fmt::format("{}", value.real());
  } else if (!value.is_string()) {
    return stop(mark, "a key that is null, a mapping or a sequence; expected a string");
  }
  levels_.back().key_mark = mark;
  levels_.back().wants_key = false;
  builder_.set_key(std::move(key));
  return true;
}

bool Loader::put_merge(Value value, Mark mark) {
  Value::Array& merged = levels_.back().merged;
  if (value.is_object()) {
    merged.push_back(std::move(value));
    return true;
  }
  const Value::Array& items = value.items();
  const bool mappings = std::all_of(items.begin(), items.end(), [](const Value& item) { return item.is_object(); });
  if (!value.is_array() || !mappings) return stop(mark, "the merge key << takes a mapping or a sequence of mappings");
  merged.insert(merged.end(), items.begin(), items.end());
  return true;
}

struct ParserEnd {
  void operator()(yaml_parser_t* parser) const {
    yaml_parser_delete(parser);
    delete parser;
  }
};
using Parser = std::unique_ptr<yaml_parser_t, ParserEnd>;

struct EventEnd {
  void operator()(yaml_event_t* event) const { yaml_event_delete(event); }
};

Mark mark_at(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const std::size_t last = before.rfind('\n');
  return {static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\n') + 1),
          static_cast<std::uint32_t>(before.size() - (last == std::string_view::npos ? 0 : last + 1) + 1)};
}

Problem problem_of(const yaml_parser_t& parser, std::string_view text) {
  const std::string_view what = parser.problem != nullptr ? parser.problem : "malformed YAML";
  if (parser.error == YAML_MEMORY_ERROR) return {{1, 1}, "too large for the memory"};
  if (parser.error == YAML_READER_ERROR) return {mark_at(text, parser.problem_offset), std::string(what)};
  Problem problem{mark_of(parser.problem_mark), std::string(what)};
  if (parser.context != nullptr) problem.text += fmt::format(" {} of line {}", parser.context, parser.context_mark.line + 1);
  if (what == "found character that cannot start any token" && parser.problem_mark.index < text.size() &&
      text[parser.problem_mark.index] == '\t') {
    problem.text = "a tab; YAML is indented by spaces";
  }
  return problem;
}

bool has_many_tag_directives(std::string_view text, std::size_t limit) {
  std::size_t count = text.starts_with("%TAG") ? 1 : 0;
  for (std::size_t at = text.find("\n%TAG"); at != std::string_view::npos; at = text.find("\n%TAG", at + 1)) ++count;
  return count > limit;
}

std::optional<Problem> load(std::string_view text, const YamlLimits& limits, Loader& loader) {
  if (text.size() > limits.bytes) return Problem{{1, 1}, fmt::format("larger than {} bytes", limits.bytes)};
  if (has_many_tag_directives(text, limits.tag_directives)) {
    return Problem{{1, 1}, fmt::format("more than {} %TAG directives", limits.tag_directives)};
  }
  auto owned = std::make_unique<yaml_parser_t>();
  if (yaml_parser_initialize(owned.get()) == 0) return Problem{{1, 1}, "too large for the memory"};
  const Parser parser(owned.release());
  yaml_parser_set_input_string(parser.get(), reinterpret_cast<const unsigned char*>(text.data()), text.size());
  while (true) {
    yaml_event_t event;
    if (yaml_parser_parse(parser.get(), &event) == 0) return problem_of(*parser, text);
    const std::unique_ptr<yaml_event_t, EventEnd> end(&event);
    if (event.type == YAML_STREAM_END_EVENT) return std::nullopt;
    if (!loader.on_event(event)) return loader.problem();
  }
}

bool looks_like_json(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && (text[first] == '{' || text[first] == '[');
}

}  // namespace

Result<std::vector<Value>> parse_yaml(std::string_view text, std::string_view name, const YamlLimits& limits) {
  Loader loader(limits);
  const std::optional<Problem> problem = load(text, limits, loader);
  if (!problem) return loader.take();
  // Not all of JSON is YAML 1.1: surrogate pairs and tabs before the first brace are not. A value takes two bytes at least.
  const bool within_limits = !loader.problem() && text.size() <= std::min(limits.bytes, 2 * limits.nodes);
  if (within_limits && looks_like_json(text)) {
    if (auto document = parse_json(text)) return std::vector<Value>{std::move(*document)};
  }
  return fail(ErrorKind::input, fmt::format("{}:{}:{}: {}", name, problem->mark.line, problem->mark.column, problem->text));
}

}  // namespace gwdoctor

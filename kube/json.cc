#include "kube/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

#include "kube/value_builder.h"

namespace gwdoctor {

namespace {

using nlohmann::json;

// A list puts its items two levels below its root; an item may nest as deep as any other document.
constexpr std::size_t list_levels = 2;

Mark mark_of(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const auto lines = static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\n'));
  const std::size_t last = before.rfind('\n');
  const std::size_t column = last == std::string_view::npos ? before.size() : before.size() - last - 1;
  return {lines + 1, static_cast<std::uint32_t>(column + 1)};
}

// The offset of the bracket that opens level `limit` + 1 of a text that is sound up to there.
std::size_t offset_beyond_depth(std::string_view text, std::size_t limit) {
  std::size_t depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char letter = text[i];
    if (quoted) {
      if (letter == '\\') ++i;
      if (letter == '"') quoted = false;
    } else if (letter == '"') {
      quoted = true;
    } else if (letter == '{' || letter == '[') {
      if (++depth > limit) return i;
    } else if (letter == '}' || letter == ']') {
      --depth;
    }
  }
  return text.size();
}

// The reason in a parser's message, without the part that quotes the text: it may hold a token.
std::string reason_of(std::string_view what) {
  if (what.find("number overflow") != std::string_view::npos) return "a number out of range";
  const std::size_t dash = what.find(" - ");
  if (dash == std::string_view::npos) return "not JSON";
  std::string_view reason = what.substr(dash + 3);
  const std::size_t quote = reason.find("; last read: '");
  if (quote == std::string_view::npos) return std::string(reason);
  const std::size_t expected = reason.rfind("; expected ");
  const bool names_expected = expected != std::string_view::npos && expected > quote && reason.substr(expected).size() < 60;
  return std::string(reason.substr(0, quote)).append(names_expected ? reason.substr(expected) : "");
}

// What both readers share: depth, numbers and errors. A reader's functions return false to end the parse.
template <class Reader>
class Sax {
 public:
  Sax(Reader& reader, std::string_view text, std::size_t limit) : reader_(reader), text_(text), limit_(limit) {}

  // False where the text is no JSON, for error(), or the reader had enough.
  bool parse() {
    // nlohmann_json takes a NUL byte for the end of the text and ignores what follows.
    if (const std::size_t nul = text_.find('\0'); nul != std::string_view::npos) {
      set_error(nul, "a NUL byte");
      return false;
    }
    return json::sax_parse(text_.begin(), text_.end(), this);
  }
  [[nodiscard]] const std::optional<std::string>& error() const { return error_; }

  bool null() { return reader_.scalar(Value()); }
  bool boolean(bool value) { return reader_.scalar(Value(value)); }
  bool number_integer(std::int64_t value) { return reader_.scalar(Value(value)); }
  bool number_unsigned(std::uint64_t value) {
    constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (value > most) return reader_.scalar(Value(static_cast<double>(value)));
    return reader_.scalar(Value(static_cast<std::int64_t>(value)));
  }
  bool number_float(double value, const std::string&) { return reader_.scalar(Value(value)); }
  bool string(std::string& value) { return reader_.scalar(Value(std::move(value))); }
  bool binary(json::binary_t&) { return false; }
  bool start_object(std::size_t) { return start(true); }
  bool start_array(std::size_t) { return start(false); }
  bool key(std::string& key) { return reader_.key_is(key); }
  bool end_object() { return finish(); }
  bool end_array() { return finish(); }
  bool parse_error(std::size_t position, const std::string&, const json::exception& exception) {
    set_error(position == 0 ? 0 : position - 1, reason_of(exception.what()));
    return false;
  }

 private:
  bool start(bool is_object) {
    if (++depth_ > limit_) {
      set_error(offset_beyond_depth(text_, limit_), fmt::format("nested deeper than {} levels", limit_));
      return false;
    }
    return reader_.begin(is_object);
  }
  bool finish() {
    --depth_;
    return reader_.close();
  }
  void set_error(std::size_t offset, std::string_view reason) {
    const Mark mark = mark_of(text_, offset);
    error_ = fmt::format("invalid JSON at line {}, column {}: {}", mark.line, mark.column, reason);
  }

  Reader& reader_;
  std::string_view text_;
  std::size_t limit_;
  std::size_t depth_ = 0;
  std::optional<std::string> error_;
};

class DocumentReader {
 public:
  bool begin(bool is_object) {
    is_object ? builder_.begin_object() : builder_.begin_array();
    return true;
  }
  bool key_is(std::string& key) {
    builder_.set_key(std::move(key));
    return true;
  }
  bool scalar(Value value) {
    builder_.add(std::move(value));
    return true;
  }
  bool close() {
    builder_.end();
    return true;
  }
  Value take() { return builder_.take(); }

 private:
  ValueBuilder builder_;
};

class ListReader {
 public:
  ListReader(bool keep_managed_fields, const std::function<void(Value&&)>& item)
      : keep_managed_fields_(keep_managed_fields), item_(item) {}

  bool begin(bool is_object) {
    const std::size_t level = depth_++;
    if (level == 0) return is_object || stop("a list that is no JSON object");
    if (skip_from_ != 0) return true;
    if (level == 1 && member_ == "items") {
      in_items_ = !is_object;
      return in_items_ ? start_items() : stop("\"items\" is an object, not an array");
    }
    if (building()) is_object ? builder_.begin_object() : builder_.begin_array();
    return true;
  }

  bool key_is(std::string& key) {
    if (depth_ == 1) {
      member_ = std::move(key);
    } else if (skip_from_ == 0 && building()) {
      // The item is the builder's first level, its metadata the second.
      const bool drop =
          !keep_managed_fields_ && in_items_ && key == "managedFields" && builder_.depth() == 2 && builder_.key(1) == "metadata";
      if (drop) {
        skip_from_ = depth_;
      } else {
        builder_.set_key(std::move(key));
      }
    }
    return true;
  }

  bool scalar(Value value) {
    if (depth_ == 0) return stop("a list that is no JSON object");
    if (skip_from_ != 0) {
      if (depth_ == skip_from_) skip_from_ = 0;
      return true;
    }
    if (depth_ == 1 && member_ == "items") return value.is_null() ? start_items() : stop("\"items\" is not an array");
    if (depth_ == 1) {
      root_scalar(value);
    } else if (building()) {
      builder_.add(std::move(value));
      hand_over();
    }
    return true;
  }

  bool close() {
    --depth_;
    if (skip_from_ != 0) {
      if (depth_ == skip_from_) skip_from_ = 0;
      return true;
    }
    if (in_items_ && depth_ == 1) {
      in_items_ = false;
    } else if (depth_ > 0 && building()) {
      builder_.end();
      hand_over();
    }
    return true;
  }

  [[nodiscard]] const std::string& stopped() const { return stopped_; }
  ListHead take_head() { return std::move(head_); }

 private:
  [[nodiscard]] bool building() const { return in_items_ || member_ == "metadata"; }

  bool stop(std::string_view why) {
    stopped_ = why;
    return false;
  }

  bool start_items() {
    if (head_.has_items) return stop("\"items\" appears twice");
    head_.has_items = true;
    return true;
  }

  void root_scalar(const Value& value) {
    if (member_ == "apiVersion") head_.api_version = value.text();
    if (member_ == "kind") head_.kind = value.text();
  }

  void hand_over() {
    if (!builder_.complete()) return;
    Value value = builder_.take();
    if (in_items_) {
      item_(std::move(value));
    } else {
      head_.continue_token = value["continue"].text();
      head_.resource_version = value["resourceVersion"].text();
    }
  }

  bool keep_managed_fields_;
  const std::function<void(Value&&)>& item_;
  ListHead head_;
  ValueBuilder builder_;
  std::string member_;  // the root's member that is being read
  std::string stopped_;
  std::size_t depth_ = 0;
  std::size_t skip_from_ = 0;  // the depth of the object whose member is dropped; 0 where none is
  bool in_items_ = false;
};

// By far most strings need no escape.
bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char letter) { return letter >= 0x20 && letter < 0x7f && letter != '"' && letter != '\\'; });
}

class Writer {
 public:
  explicit Writer(int indent) : indent_(indent) {}

  // Recursion is bounded: no parser builds a document deeper than max_depth.
  void write(const Value& value, std::size_t level) {
    if (value.is_object()) {
      write_object(value.members(), level);
    } else if (value.is_array()) {
      write_array(value.items(), level);
    } else if (const auto text = value.string()) {
      write_string(*text);
    } else if (const auto flag = value.boolean()) {
      out_ += *flag ? "true" : "false";
    } else if (value.is_integer()) {
      out_ += std::to_string(*value.integer());
    } else {
      out_ += value.is_real() ? json(value.real()).dump() : "null";
    }
  }

  std::string take() { return std::move(out_); }

 private:
  void write_object(const Value::Object& members, std::size_t level) {
    out_ += '{';
    for (std::size_t i = 0; i < members.size(); ++i) {
      separate(i, level + 1);
      write_string(members[i].first);
      out_ += indent_ < 0 ? ":" : ": ";
      write(members[i].second, level + 1);
    }
    if (!members.empty()) break_line(level);
    out_ += '}';
  }

  void write_array(const Value::Array& items, std::size_t level) {
    out_ += '[';
    for (std::size_t i = 0; i < items.size(); ++i) {
      separate(i, level + 1);
      write(items[i], level + 1);
    }
    if (!items.empty()) break_line(level);
    out_ += ']';
  }

  void write_string(std::string_view text) {
    if (is_plain(text)) {
      out_.append(1, '"').append(text).append(1, '"');
    } else {
      out_ += json(std::string(text)).dump(-1, ' ', false, json::error_handler_t::replace);
    }
  }

  void separate(std::size_t index, std::size_t level) {
    if (index > 0) out_ += ',';
    break_line(level);
  }

  void break_line(std::size_t level) {
    if (indent_ < 0) return;
    out_ += '\n';
    out_.append(level * static_cast<std::size_t>(indent_), ' ');
  }

  int indent_;
  std::string out_;
};

}  // namespace

Result<Value> parse_json(std::string_view text) {
  DocumentReader reader;
  Sax<DocumentReader> sax(reader, text, max_depth);
  if (!sax.parse()) return fail(ErrorKind::input, sax.error().value_or("invalid JSON"));
  return reader.take();
}

Result<ListHead> parse_json_list(std::string_view text, bool keep_managed_fields, const std::function<void(Value&&)>& item) {
  ListReader reader(keep_managed_fields, item);
  Sax<ListReader> sax(reader, text, max_depth + list_levels);
  if (sax.parse()) return reader.take_head();
  if (!reader.stopped().empty()) return fail(ErrorKind::input, "invalid JSON list: " + reader.stopped());
  return fail(ErrorKind::input, sax.error().value_or("invalid JSON list"));
}

std::string write_json(const Value& value, int indent) {
  Writer writer(indent);
  writer.write(value, 0);
  return writer.take();
}

}  // namespace gwdoctor

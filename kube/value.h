#pragma once
// A document: the tree behind a JSON or YAML text, with the line of each value where the text had lines.
// Objects keep their members in the order of the text; a later duplicate of a key wins, as in kubectl.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace gwdoctor {

// A place in a text, counted from 1; 0 where it is not known (a document from the API server has no lines).
struct Mark {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

class Value {
 public:
  using Array = std::vector<Value>;
  using Member = std::pair<std::string, Value>;
  using Object = std::vector<Member>;

  Value() = default;  // null
  Value(std::nullptr_t) {}
  Value(bool value) : data_(value) {}
  Value(int value) : data_(static_cast<std::int64_t>(value)) {}
  Value(std::int64_t value) : data_(value) {}
  Value(double value) : data_(value) {}
  Value(const char* value) : data_(std::string(value)) {}
  Value(std::string value) : data_(std::move(value)) {}
  Value(std::string_view value) : data_(std::string(value)) {}
  Value(Array value) : data_(std::move(value)) {}
  Value(Object value) : data_(std::move(value)) {}

  [[nodiscard]] bool is_null() const { return std::holds_alternative<std::monostate>(data_); }
  [[nodiscard]] bool is_bool() const { return std::holds_alternative<bool>(data_); }
  [[nodiscard]] bool is_integer() const { return std::holds_alternative<std::int64_t>(data_); }
  [[nodiscard]] bool is_real() const { return std::holds_alternative<double>(data_); }
  [[nodiscard]] bool is_string() const { return std::holds_alternative<std::string>(data_); }
  [[nodiscard]] bool is_array() const { return std::holds_alternative<Array>(data_); }
  [[nodiscard]] bool is_object() const { return std::holds_alternative<Object>(data_); }

  // The member called `key`, or the null value where this is no object or has no such member.
  [[nodiscard]] const Value& operator[](std::string_view key) const;
  // The element at `index`, or the null value where this is no array or is shorter.
  [[nodiscard]] const Value& operator[](std::size_t index) const;
  // The member called `key`, or nullptr: tells an absent member from a null one.
  [[nodiscard]] const Value* find(std::string_view key) const;

  // The elements, or the members; empty where this is neither.
  [[nodiscard]] const Array& items() const;
  [[nodiscard]] const Object& members() const;
  // How many elements or members; 0 for a scalar.
  [[nodiscard]] std::size_t size() const;

  // The scalar, or nothing where the value is of another type. integer() also takes a real without a fraction.
  [[nodiscard]] std::optional<bool> boolean() const;
  [[nodiscard]] std::optional<std::int64_t> integer() const;
  [[nodiscard]] std::optional<std::string_view> string() const;
  // The text, or `fallback` where this is no string.
  [[nodiscard]] std::string text(std::string_view fallback = {}) const;
  [[nodiscard]] double real() const;

  // The value at a field path as the findings write it: spec.rules[0].backendRefs[1].port, data["tls.crt"].
  // The null value where a step does not exist.
  [[nodiscard]] const Value& at_path(std::string_view path) const;
  // Sets the value at a field path, making objects (never array elements) on the way. False, and no change,
  // where a step meets a value of another type or an index beyond the end; index == size appends.
  bool set_path(std::string_view path, Value value);
  // Removes the member or element at a field path; false where there is none.
  bool erase_path(std::string_view path);

  // Sets a member of an object (a null value becomes one first), replacing one of the same name.
  void set(std::string_view key, Value value);
  void erase(std::string_view key);
  void push_back(Value value);
  // For parsers: appends a member without looking for one of the same name; later ones win in find().
  void append(std::string key, Value value);

  [[nodiscard]] Mark mark() const { return mark_; }
  void set_mark(Mark mark) { mark_ = mark; }

  // Equal as JSON: the order of members and the marks do not count.
  friend bool operator==(const Value& left, const Value& right);

  // RFC 7386. What `patch` holds replaces what `target` held; null removes.
  static void merge(Value& target, const Value& patch);
  // The merge patch that turns `before` into `after` (RFC 7386): arrays are replaced whole.
  [[nodiscard]] static Value diff(const Value& before, const Value& after);

 private:
  std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Object> data_;
  Mark mark_;
};

// One step of a field path: a member or an index.
struct PathStep {
  std::string key;
  std::optional<std::size_t> index;
};
// Splits spec.rules[0].name or data["tls.crt"] into steps. Empty where the path is malformed.
[[nodiscard]] std::vector<PathStep> split_path(std::string_view path);
// The same path as an RFC 6901 pointer, for `kubectl patch --type=json`: /spec/rules/0/name.
[[nodiscard]] std::string json_pointer(std::string_view path);

}  // namespace gwdoctor

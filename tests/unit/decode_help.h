#pragma once
// For the tests of the decoders: documents from JSON, and documents with hostile values put into every field.

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "kube/json.h"
#include "kube/objects/decode.h"

namespace gwdoctor::test {

inline Value parsed(std::string_view json) {
  Result<Value> value = parse_json(json);
  REQUIRE_MESSAGE(value.has_value(), std::string(json));
  return std::move(*value);
}

template <class T>
T decoded(std::string_view json, Kind kind) {
  return decode<T>(parsed(json), kind);
}

// The field path of everything below `value`.
inline void collect_paths(const Value& value, const std::string& path, std::vector<std::string>& out) {
  if (!path.empty()) out.push_back(path);
  for (std::size_t index = 0; index < value.items().size(); ++index) {
    collect_paths(value.items()[index], path + "[" + std::to_string(index) + "]", out);
  }
  for (const auto& [key, member] : value.members()) collect_paths(member, path + "[\"" + key + "\"]", out);
}

inline std::vector<Value> hostile_values() {
  return {Value(),
          Value(true),
          Value(-1),
          Value(1e300),
          Value("\x1b[2J\xff"),
          Value(""),
          Value(Value::Array{}),
          Value(Value::Object{}),
          Value(Value::Array{Value(), Value("x"), Value(7), Value(Value::Array{Value()}), Value(Value::Object{})}),
          Value(Value::Object{{"name", Value(Value::Array{})}, {"name", Value()}, {"", Value(1)}})};
}

// Decodes the document with each hostile value in each place. A crash or a sanitizer's report is the failure.
template <class T>
void decode_hostile(const Value& document, Kind kind) {
  for (const Value& hostile : hostile_values()) CHECK_NOTHROW((void)decode<T>(hostile, kind));
  std::vector<std::string> paths;
  collect_paths(document, "", paths);
  REQUIRE(!paths.empty());
  for (const std::string& path : paths) {
    for (const Value& hostile : hostile_values()) {
      Value changed = document;
      REQUIRE_MESSAGE(changed.set_path(path, hostile), path);
      CHECK_NOTHROW_MESSAGE((void)decode<T>(changed, kind), path);
    }
  }
}

}  // namespace gwdoctor::test

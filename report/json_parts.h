#pragma once
// What the writers of the JSON contract share. Internal to report/.

#include <string>
#include <string_view>
#include <vector>

#include "kube/value.h"

namespace gwdoctor {

inline constexpr std::string_view contract_version = "gwdoctor.dev/v1";

[[nodiscard]] inline Value json_object() { return Value(Value::Object{}); }

// Sets a member only where there is something to say.
inline void set_text(Value& out, std::string_view key, const std::string& text) {
  if (!text.empty()) out.set(key, text);
}

// What `value_of` makes of each, as an array.
template <class T, class ValueOf>
[[nodiscard]] Value list_of(const std::vector<T>& all, ValueOf&& value_of) {
  Value out(Value::Array{});
  for (const T& one : all) out.push_back(value_of(one));
  return out;
}

[[nodiscard]] inline Value text_value(const std::string& text) { return Value(text); }

}  // namespace gwdoctor

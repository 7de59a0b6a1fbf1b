#pragma once
// JSON to documents and back. The one place that knows nlohmann_json.

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "kube/error.h"
#include "kube/value.h"

namespace gwdoctor {

// Nothing the API server sends nests deeper; a deeper text is refused, so that hostile ones cannot exhaust the stack.
inline constexpr std::size_t max_depth = 100;

// Parses a whole text. An error names line and column.
[[nodiscard]] Result<Value> parse_json(std::string_view text);

// What a list says besides its items.
struct ListHead {
  std::string api_version;
  std::string kind;
  std::string continue_token;  // metadata.continue; "" at the end
  std::string resource_version;
  bool has_items = false;  // a member "items" that is an array (or null, as Go writes an empty list)
};
// Parses a List by SAX, one item at a time, so that a list of thousands is never a tree in memory. Each item is
// handed over and forgotten. `keep_managed_fields` false drops metadata.managedFields while reading.
[[nodiscard]] Result<ListHead> parse_json_list(std::string_view text, bool keep_managed_fields,
                                               const std::function<void(Value&&)>& item);

// Compact where indent < 0. Invalid UTF-8 is replaced by U+FFFD, never an error.
[[nodiscard]] std::string write_json(const Value& value, int indent = -1);

}  // namespace gwdoctor

#pragma once
// YAML 1.1, as kubectl reads it, by libyaml's events. Every value knows its line and column.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "kube/error.h"
#include "kube/value.h"

namespace gwdoctor {

// Limits that no manifest or kubeconfig comes near, and that keep hostile ones cheap.
struct YamlLimits {
  std::size_t bytes = 64u << 20;
  std::size_t depth = 100;
  std::size_t nodes = 5'000'000;     // after aliases are expanded
  std::size_t tag_directives = 100;  // %TAG lines: libyaml is quadratic in their number, so they are counted first
};

// All documents of a stream, empty ones left out. Scalars resolve as in YAML 1.1 (yes/no/on/off are booleans,
// 0o and 0x numbers, ~ null), merge keys (<<) apply, a duplicate key's last value wins. An error names
// "NAME:LINE:COLUMN: what is wrong"; `name` is the file's.
[[nodiscard]] Result<std::vector<Value>> parse_yaml(std::string_view text, std::string_view name, const YamlLimits& limits = {});

// Block style, with strings quoted wherever a YAML 1.1 reader would take them for something else.
[[nodiscard]] std::string write_yaml(const Value& value);

}  // namespace gwdoctor

#pragma once
// What the Gateway API forbids in a rule of an HTTPRoute or GRPCRoute, from the rule alone. The API server refuses most of it
// where the CRDs have their validation; manifests, and objects that are older than it, may hold it all the same.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "kube/objects/route.h"
#include "kube/value.h"

namespace gwdoctor {

struct RuleFault {
  enum class What { filters, path, regex, match, header };
  What what = What::filters;
  std::size_t match = static_cast<std::size_t>(-1);    // the only one that suffers; all where it is none
  std::size_t backend = static_cast<std::size_t>(-1);  // the only backendRef that suffers; all where it is none
  std::string path;                                    // the field: spec.rules[0].matches[0].path.value
  std::string says;                                    // what is wrong with it, found and expected
  std::string better;                                  // the value that was meant, where it is plain; "" otherwise
  bool twice = false;                                  // the field repeats an earlier one word for word, and can go
  bool re2_only = false;                               // an expression that other dialects than RE2 may know (chain/regex.h)
  bool harmless = false;                               // part of the rule has no effect, and the rest works
};

// In the order of the document.
[[nodiscard]] std::vector<RuleFault> rule_faults(const Route& route, std::size_t rule, const Value& document);

// What Gateway API v1.6, HTTPPathMatch, forbids in the value of an Exact or PathPrefix match; "" where nothing is wrong.
[[nodiscard]] std::string path_value_fault(std::string_view value);

}  // namespace gwdoctor

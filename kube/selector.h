#pragma once
// Label selectors (meta/v1 LabelSelector, and the equality form that Services use).

#include <string>
#include <string_view>
#include <vector>

#include "kube/value.h"

namespace gwdoctor {

// Labels in the order of the document.
using Labels = std::vector<std::pair<std::string, std::string>>;

// The value of a label, or nullptr.
[[nodiscard]] const std::string* label(const Labels& labels, std::string_view key);

struct Requirement {
  enum class Op { in, not_in, exists, does_not_exist };
  std::string key;
  Op op = Op::in;
  std::vector<std::string> values;

  [[nodiscard]] bool matches(const Labels& labels) const;
  // "app=payments", "tier in (a,b)", "!canary": the form of `kubectl -l`.
  [[nodiscard]] std::string text() const;
  friend bool operator==(const Requirement&, const Requirement&) = default;
};

// All requirements must hold. No requirement at all selects everything.
struct Selector {
  std::vector<Requirement> requirements;

  [[nodiscard]] bool empty() const { return requirements.empty(); }
  [[nodiscard]] bool matches(const Labels& labels) const;
  // The form of `kubectl -l` and of the labelSelector query parameter; "" selects everything.
  [[nodiscard]] std::string text() const;
  friend bool operator==(const Selector&, const Selector&) = default;

  // From {"matchLabels": …, "matchExpressions": …}. An unknown operator selects nothing.
  [[nodiscard]] static Selector from_label_selector(const Value& value);
  // From a plain map of labels, as in Service.spec.selector.
  [[nodiscard]] static Selector from_labels(const Labels& labels);
  // From the text() form; used for captures. Malformed parts select nothing.
  [[nodiscard]] static Selector parse(std::string_view text);
};

}  // namespace gwdoctor

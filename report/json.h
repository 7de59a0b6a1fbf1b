#pragma once
// The diagnosis as the contract has it: docs/schema/diagnosis.schema.json. Every other format for machines is made from it.

#include <string>
#include <vector>

#include "report/diagnosis.h"

namespace gwdoctor {

// {"apiVersion", "kind": "Diagnosis", …}. What is optional and absent is left out; the order of members is fixed.
[[nodiscard]] Value diagnosis_value(const Diagnosis& diagnosis);
// {"apiVersion", "kind": "DiagnosisList", "verdict": the worst, "items": […]}, in the order given.
[[nodiscard]] Value diagnosis_list_value(const std::vector<Diagnosis>& diagnoses);
// {"apiVersion", "kind", "namespace", "name", "section"}; the namespace and the section only where there are.
[[nodiscard]] Value ref_value(const Ref& object);

// A document with a newline at its end. Every string is kept as it is; what a terminal would act on, or what hides or
// reorders text, is written as an escape.
[[nodiscard]] std::string render_json(const Value& document);
[[nodiscard]] std::string render_yaml(const Value& document);

}  // namespace gwdoctor

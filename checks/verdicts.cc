#include <algorithm>

#include "checks/check.h"

namespace gwdoctor {

FindingBuilder& FindingBuilder::object(const Ref& object, std::string_view path) {
  finding_.object = object;
  finding_.path = std::string(path);
  return *this;
}

FindingBuilder& FindingBuilder::saw(const Ref& object, std::string_view path, Value value) {
  finding_.evidence.push_back({object, std::string(path), std::move(value)});
  return *this;
}

FindingBuilder& FindingBuilder::affects(const Ref& object) {
  if (std::find(finding_.affects.begin(), finding_.affects.end(), object) == finding_.affects.end())
    finding_.affects.push_back(object);
  return *this;
}

FindingBuilder& FindingBuilder::reason(std::string_view reason) {
  finding_.reason = std::string(reason);
  return *this;
}

FindingBuilder& FindingBuilder::severity(Severity severity) {
  finding_.severity = severity;
  finding_.impact = severity == Severity::error ? Impact::all : Impact::none;
  return *this;
}

FindingBuilder& FindingBuilder::certainty(Certainty certainty) {
  finding_.certainty = certainty;
  return *this;
}

FindingBuilder& FindingBuilder::impact(Impact impact) {
  finding_.impact = impact;
  return *this;
}

FindingBuilder& FindingBuilder::explained_by(std::vector<std::string_view> codes) {
  finding_.explained_by = std::move(codes);
  return *this;
}

FindingBuilder& FindingBuilder::fix(Fix fix) {
  finding_.fix = std::move(fix);
  return *this;
}

FindingBuilder& FindingBuilder::fix(std::optional<Fix> fix) {
  if (fix) finding_.fix = std::move(fix);
  return *this;
}

FindingBuilder Verdicts::fail(const Scope& scope) {
  Finding& finding = findings_.emplace_back();
  finding.check = check_;
  finding.scope = scope;
  FindingBuilder builder(finding);
  builder.severity(check_->severity);
  return builder;
}

void Verdicts::pass(const Scope& scope) { passes_.push_back({check_, scope}); }

void Verdicts::unknown(const Scope& scope, const Wish& wish, const Why& why) { blinds_.push_back({check_, wish, why, scope}); }

const Check* find_check(std::string_view code) {
  for (const Check* check : all_checks()) {
    if (check->code == code) return check;
  }
  return nullptr;
}

}  // namespace gwdoctor

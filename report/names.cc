#include <algorithm>
#include <array>

#include "report/diagnosis.h"

namespace gwdoctor {

std::string_view verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::healthy:
      return "healthy";
    case Verdict::at_risk:
      return "at-risk";
    case Verdict::degraded:
      return "degraded";
    case Verdict::broken:
      return "broken";
    case Verdict::unknown:
      return "unknown";
  }
  return "";
}

std::string_view role_name(Role role) {
  switch (role) {
    case Role::cause:
      return "cause";
    case Role::consequence:
      return "consequence";
    case Role::risk:
      return "risk";
  }
  return "";
}

std::string_view restores_name(Restores restores) {
  switch (restores) {
    case Restores::none:
      return "none";
    case Restores::some:
      return "some";
    case Restores::all:
      return "all";
  }
  return "";
}

std::string_view layer_state_name(LayerState state) {
  switch (state) {
    case LayerState::ok:
      return "ok";
    case LayerState::warning:
      return "warning";
    case LayerState::error:
      return "error";
    case LayerState::unknown:
      return "unknown";
    case LayerState::skipped:
      return "skipped";
  }
  return "";
}

Verdict worst_verdict(const std::vector<Diagnosis>& diagnoses) {
  // Missing facts outweigh a warning: what they hide may be an error.
  constexpr std::array best_first = {Verdict::healthy, Verdict::at_risk, Verdict::unknown, Verdict::degraded, Verdict::broken};
  const auto weight = [&](Verdict verdict) { return std::find(best_first.begin(), best_first.end(), verdict); };
  Verdict worst = Verdict::healthy;
  for (const Diagnosis& diagnosis : diagnoses) {
    if (weight(diagnosis.verdict) > weight(worst)) worst = diagnosis.verdict;
  }
  return worst;
}

}  // namespace gwdoctor

#include "report/fold.h"

#include <algorithm>

namespace gwdoctor {

namespace {

bool meets(const Finding& cause, const Finding& other) {
  if (cause.scope.any() && other.scope.any()) return cause.scope.overlaps(other.scope);
  const auto touches = [](const Finding& one, const Ref& object) {
    return one.object == object || std::find(one.affects.begin(), one.affects.end(), object) != one.affects.end();
  };
  return touches(cause, other.object) || touches(other, cause.object);
}

// True where making `cause` the explainer of `index` would close a circle.
bool circular(const std::vector<std::optional<std::size_t>>& folded, std::size_t index, std::size_t cause) {
  return root_of(folded, cause) == index;
}

}  // namespace

bool explains(const Finding& cause, const Finding& other) {
  if (cause.certainty == Certainty::likely) return false;
  // A risk explains no fault.
  if (cause.severity < other.severity) return false;
  for (const std::string_view entry : cause.check->explains) {
    const std::size_t slash = std::min(entry.find('/'), entry.size());
    if (entry.substr(0, slash) != other.check->code) continue;
    if (slash == entry.size() || entry.substr(slash + 1) == other.reason) return true;
  }
  const auto lists = [&](const auto& codes) { return std::find(codes.begin(), codes.end(), cause.check->code) != codes.end(); };
  return lists(other.check->explained_by) && (!other.explained_by || lists(*other.explained_by));
}

std::size_t root_of(const std::vector<std::optional<std::size_t>>& folded, std::size_t index) {
  std::size_t at = index;
  for (std::size_t steps = 0; folded[at] && steps < folded.size(); ++steps) at = *folded[at];
  return at;
}

std::vector<std::optional<std::size_t>> fold(const std::vector<Finding>& findings) {
  std::vector<std::optional<std::size_t>> folded(findings.size());
  for (std::size_t index = 0; index < findings.size(); ++index) {
    for (std::size_t cause = 0; cause < findings.size(); ++cause) {
      if (cause == index || !explains(findings[cause], findings[index]) || !meets(findings[cause], findings[index])) continue;
      if (circular(folded, index, cause)) continue;
      const bool narrower = !folded[index] || findings[cause].scope.count() < findings[*folded[index]].scope.count();
      if (narrower) folded[index] = cause;
    }
  }
  return folded;
}

}  // namespace gwdoctor

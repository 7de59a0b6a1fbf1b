#include "checks/grace.h"

namespace gwdoctor {

bool settling(const Meta& meta, const Facts& facts) {
  if (meta.settling) return true;
  const auto recent = [&](const std::optional<Time>& time) {
    return time && *time <= facts.now() && facts.now() - *time < status_grace;
  };
  return recent(meta.created) || recent(meta.changed);
}

Why pending(std::string_view controller) {
  const std::string who = controller.empty() ? "its controller" : std::string(controller);
  return {Why::Reason::pending, "changed less than 60 s ago, waiting for " + who, std::nullopt};
}

}  // namespace gwdoctor

#pragma once
// What the checks of routes share: what keeps a route from its parent, and what the controller says of the two.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "checks/check.h"
#include "checks/support/gateway_state.h"

namespace gwdoctor {

// Why no listener of a parent takes the route, of those listeners alone that were meant: the ones that its section,
// port and kind fit and, where some have a hostname in common with it, those. Empty where one takes it, and where the
// section, the port or allowedRoutes.kinds already decide. The indexes are into GatewayView::listeners.
struct Refusal {
  std::vector<std::size_t> by_protocol;
  std::vector<std::size_t> by_namespace;
  std::vector<std::size_t> by_hostname;  // both where one mended would leave the other
  bool unsure = false;                   // whether the namespace is admitted could not be read, and decides
};
[[nodiscard]] Refusal refusal_of(const RouteView& route, const ParentView& parent, const GatewayView& gateway);

// What the Gateway's own controller says of a route at one parent. Entries of other controllers count only where the
// Gateway's is not known, and no other one contradicts (failures/traps, 31).
struct ParentWord {
  Word word = Word::none;
  const RouteParentStatus* status = nullptr;  // the entry, where there is a word
  const Condition* condition = nullptr;
  bool unsure = false;  // controllers contradict each other, and which is the Gateway's could not be read
};
[[nodiscard]] ParentWord word_of(const RouteView& route, const ParentView& parent, const Path& path, std::string_view type);

// Says that the Gateway or its class had to be read to know whose word counts.
void unsure_of(const ParentView& parent, const Path& path, Verdicts& out);

// True where the controller may still come to something that changed around the route less than a minute ago: its
// Gateway, its namespace, or the route itself where the condition does not tell which generation it is about.
[[nodiscard]] bool may_change(const Condition& condition, const RouteView& route, const ParentView& parent, const Path& path,
                              const Facts& facts);

// "Gateway platform-ingress/public-web": the object that the parentRef names.
[[nodiscard]] std::string text_of(const ParentRef& parent);
// For people: the controller of the parent's Gateway, else the one that wrote the entry.
[[nodiscard]] std::string controller_of(const ParentView& parent, const Path& path, const RouteParentStatus& status);

}  // namespace gwdoctor

#pragma once
// Which routes each listener of a Gateway takes. Internal to chain/router/.

#include <optional>
#include <string>
#include <vector>

#include "chain/path.h"
#include "chain/router/gateway_table.h"

namespace gwdoctor {

// Whether a route names this Gateway, or a ListenerSet among its listeners, in a parentRef.
[[nodiscard]] bool names_gateway(const ParentRef& parent, const GatewayTable& table);
// The listeners of a table in the form that attach() takes.
[[nodiscard]] std::vector<ListenerView> views_of(const GatewayTable& table);
// Puts a route under the listeners that take it, or into `refused`. `controller` is the GatewayClass's controllerName, "" where
// that is not known; `views` are those of the table.
void attach_route(const std::shared_ptr<const Route>& route, std::string_view controller, const std::vector<ListenerView>& views,
                  GatewayTable& table, const Facts& facts);
// GRPCRouteSpec.hostnames: of an HTTPRoute and a GRPCRoute with a hostname in common on one listener, only the older is accepted.
// Takes the entries of the other out, unless its controller is seen to have accepted it.
void refuse_mixed_kinds(std::string_view controller, GatewayTable& table);

// The status that this controller wrote for the route at this Gateway, where it is of the route's present generation; nothing
// else says anything of the spec as it stands.
[[nodiscard]] const RouteParentStatus* current_status(const Route& route, const ParentRef& parent, std::string_view controller);
[[nodiscard]] const Condition* current_condition(const Conditions& conditions, std::string_view type, const Meta& meta);
// Whether the Gateway API prefers one of two objects of which nothing else does (HTTPRouteRule.matches,
// ListenerSetSpec.listeners): the older, then the first by compare_names. One that is not created yet will be the younger.
[[nodiscard]] bool is_older(const Meta& left, const Meta& right);
// Less than, equal to or greater than 0: alphabetical order by "{namespace}/{name}", in which the slash counts as a letter:
// "shop-new/a" stands before "shop/a".
[[nodiscard]] int compare_names(const Ref& left, const Ref& right);
// "shop/web" and the listener's name with its owner where that is a ListenerSet: for messages.
[[nodiscard]] std::string listener_text(const TableListener& listener);

}  // namespace gwdoctor

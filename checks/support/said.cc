#include "checks/support/said.h"

#include "checks/grace.h"

namespace gwdoctor {

std::string Said::text() const {
  return condition.message.empty() ? condition.reason : condition.reason + " (" + condition.message + ")";
}

bool Said::mentions(std::string_view word) const {
  const std::string& text = condition.message;
  const auto is_end = [&](std::size_t at) { return at >= text.size() || text[at] == ' ' || text[at] == '"' || text[at] == ':'; };
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    if ((at == 0 || is_end(at - 1)) && is_end(at + word.size())) return true;
  }
  return false;
}

std::optional<Said> said_of_route(const Facts& facts, const Path& path, const Leg& leg, std::string_view type,
                                  std::string_view reason) {
  if (leg.route == no_index || !path.routes[leg.route].route.present()) return std::nullopt;
  const RouteView& view = path.routes[leg.route];
  if (settling(view.route->meta, facts)) return std::nullopt;
  for (const ParentView& parent : view.parents) {
    if (!parent.status || parent.gateway == no_index) continue;
    const Seen<GatewayClass>& gateway_class = path.gateways[parent.gateway].gateway_class;
    if (!gateway_class.present() || gateway_class->controller_name != parent.status->controller_name) continue;
    const Condition* found = condition(parent.status->conditions, type);
    if (found == nullptr || found->status != Condition::Status::is_false || found->reason != reason) continue;
    if (found->observed && *found->observed < view.route->meta.generation) continue;
    return Said{*found, parent.status->path + ".conditions"};
  }
  return std::nullopt;
}

bool is_about(const Said& said, const Path& path, const Leg& leg) {
  if (leg.backend == no_index) return false;
  const Ref& backend = path.backends[leg.backend].ref;
  return said.condition.message.find("\"" + backend.name + "\"") != std::string::npos ||
         said.mentions(backend.ns + "/" + backend.name);
}

}  // namespace gwdoctor

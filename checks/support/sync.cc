#include "checks/support/sync.h"

#include <algorithm>

#include "checks/grace.h"
#include "checks/support/gateway_state.h"

namespace gwdoctor {

namespace {

// Of several conditions: stale is worse than waiting, since something older is served.
Word worst(const Conditions& conditions, std::initializer_list<std::string_view> types, std::int64_t generation) {
  Word out = Word::none;
  for (const std::string_view type : types) {
    const Word one = word(conditions, type, generation);
    if (one == Word::stale || (one == Word::waiting && out != Word::stale)) out = one;
  }
  return out;
}

// An observedGeneration that is behind, of one of these conditions.
std::int64_t observed_of(const Conditions& conditions, std::initializer_list<std::string_view> types, std::int64_t generation) {
  for (const std::string_view type : types) {
    if (word(conditions, type, generation) == Word::stale) return condition(conditions, type)->observed.value_or(0);
  }
  return 0;
}

// A controller that never writes Programmed leaves the CRD's default there, beside an Accepted of its own.
Word gateway_word(const Gateway& gateway) {
  const std::int64_t generation = gateway.meta.generation;
  const Word accepted = word(gateway.conditions, "Accepted", generation);
  const Condition* programmed = condition(gateway.conditions, "Programmed");
  if (accepted == Word::yes && programmed != nullptr && is_crd_default(*programmed)) return Word::yes;
  return worst(gateway.conditions, {"Accepted", "Programmed"}, generation);
}

bool refused(const Gateway& gateway) {
  const std::int64_t generation = gateway.meta.generation;
  return word(gateway.conditions, "Accepted", generation) == Word::no ||
         word(gateway.conditions, "Programmed", generation) == Word::no;
}

template <class T>
Lag begin(const Seen<T>& seen, const Ref& object, const Scope& scope, std::size_t controller, bool young) {
  Lag lag;
  lag.object = object;
  lag.status = "status.conditions";
  lag.scope = scope;
  lag.controller = controller;
  lag.settling = young;
  lag.wish = seen.wish();
  return lag;
}

bool any_changed(const WorkloadSearch& search, const Facts& facts) {
  return std::any_of(search.found.begin(), search.found.end(), [&](const Known<Workload>& known) {
    const std::shared_ptr<const Value> before = facts.document(known->meta.ref);
    return before != nullptr && !(*before == *known.document);
  });
}

std::optional<Lag> gateway_lag(const GatewayView& view, const Facts& facts) {
  const Gateway& gateway = *view.gateway;
  Lag lag = begin(view.gateway, view.ref, view.scope, view.controller, settling(gateway.meta, facts));
  if (!gateway.has_status) {
    lag.message = fmt::format("{} has no status: no controller has processed it", view.ref.text());
    lag.reason = "gateway-pending-unreconciled";
    return lag;
  }
  switch (gateway_word(gateway)) {
    case Word::stale:
      lag.message = fmt::format("the status of {} is about generation {}, and its spec is at {}", view.ref.text(),
                                observed_of(gateway.conditions, {"Accepted", "Programmed"}, gateway.meta.generation),
                                gateway.meta.generation);
      lag.reason = "gateway-stale-status";
      lag.impact = Impact::part;
      return lag;
    case Word::waiting:
      lag.message = fmt::format("{} is still pending", view.ref.text());
      lag.reason = "gateway-pending-unreconciled";
      return lag;
    default:
      return std::nullopt;
  }
}

void listener_lags(const GatewayView& view, const Facts& facts, std::vector<Lag>& out) {
  const bool young = settling(view.gateway->meta, facts);
  for (const ListenerView& listener : view.listeners) {
    if (!listener.on_path || listener.owner != view.ref) continue;
    Lag lag = begin(view.gateway, view.ref, listener.scope, view.controller, young);
    lag.path = listener.spec.path;
    lag.status = conditions_path(listener);
    lag.reason = "listener-pending";
    if (!listener.status) {
      lag.message = fmt::format("{} has no status, and the Gateway has", text_of(listener));
      lag.status = "status.listeners";
      out.push_back(std::move(lag));
      continue;
    }
    switch (worst(listener.status->conditions, {"Accepted", "Programmed"}, generation_of(listener))) {
      case Word::waiting:
        lag.message = fmt::format("{} is still pending", text_of(listener));
        out.push_back(std::move(lag));
        break;
      case Word::stale:
        lag.message = fmt::format("the status of {} is about an earlier generation", text_of(listener));
        lag.impact = Impact::part;
        out.push_back(std::move(lag));
        break;
      default:
        break;
    }
  }
}

// A running controller of the class leaves no doubt about whose word counts. Otherwise an entry of another one may be
// its own: Contour takes the Gateway that it is told to, whatever its class.
bool counts(const RouteParentStatus& status, const ControllerView* controller) {
  if (controller == nullptr || status.controller_name == controller->name) return true;
  return controller->known == nullptr || controller->control.found.empty();
}

std::optional<Lag> parent_lag(const RouteView& view, const ParentView& parent, const Path& path, const Facts& facts) {
  const Route& route = *view.route;
  const GatewayView& gateway = path.gateways[parent.gateway];
  const ControllerView* controller = gateway.controller == no_index ? nullptr : &path.controllers[gateway.controller];
  if (controller != nullptr && controller->known != nullptr && !controller->known->writes_parents) return std::nullopt;
  const bool young = settling(route.meta, facts) || settling(gateway.gateway->meta, facts);
  Lag lag = begin(view.route, view.ref, parent.scope, gateway.controller, young);
  lag.path = parent.reference.path;
  if (!parent.status || !counts(*parent.status, controller)) {
    lag.message = fmt::format("{} has no status for its parent {}", view.ref.text(), gateway.ref.text());
    lag.reason = "route-status-missing";
    lag.status = "status.parents";
    return lag;
  }
  lag.status = parent.status->path + ".conditions";
  const Conditions& conditions = parent.status->conditions;
  const std::int64_t generation = route.meta.generation;
  switch (worst(conditions, {"Accepted", "ResolvedRefs"}, generation)) {
    case Word::stale:
      lag.message =
          fmt::format("the status of {} for its parent {} is about generation {}, and its spec is at {}", view.ref.text(),
                      gateway.ref.text(), observed_of(conditions, {"Accepted", "ResolvedRefs"}, generation), generation);
      lag.reason = "route-status-stale";
      lag.impact = Impact::part;
      return lag;
    case Word::waiting:
      lag.message = fmt::format("{} is still pending at its parent {}", view.ref.text(), gateway.ref.text());
      lag.reason = "route-pending";
      return lag;
    default:
      return std::nullopt;
  }
}

std::optional<Lag> set_lag(const ParentView& parent, const Path& path, const Facts& facts) {
  if (parent.target != ParentView::Target::listener_set || parent.listener_set->has_status) return std::nullopt;
  const ListenerSet& set = *parent.listener_set;
  Lag lag =
      begin(parent.listener_set, set.meta.ref, parent.scope, path.gateways[parent.gateway].controller, settling(set.meta, facts));
  lag.message = fmt::format("{} has no status: no controller has processed it", set.meta.ref.text());
  lag.reason = "listener-set-pending";
  return lag;
}

}  // namespace

bool is_restarting(const Path& path, std::size_t controller, const Facts& facts) {
  if (!facts.is_trial() || controller == no_index) return false;
  const ControllerView& view = path.controllers[controller];
  return any_changed(view.control, facts) ||
         std::any_of(view.planes.begin(), view.planes.end(),
                     [&](const ControllerView::Plane& plane) { return any_changed(plane.search, facts); });
}

std::vector<Lag> lags(const Path& path, const Facts& facts) {
  std::vector<Lag> out;
  std::vector<bool> waits(path.gateways.size());
  for (std::size_t at = 0; at < path.gateways.size(); ++at) {
    const GatewayView& view = path.gateways[at];
    if (!view.gateway.present()) continue;
    if (std::optional<Lag> lag = gateway_lag(view, facts)) {
      waits[at] = true;
      out.push_back(std::move(*lag));
    } else if (!refused(*view.gateway)) {
      listener_lags(view, facts, out);
    }
  }
  for (const RouteView& view : path.routes) {
    if (!view.route.present()) continue;
    for (const ParentView& parent : view.parents) {
      if (parent.gateway == no_index || waits[parent.gateway] || !path.gateways[parent.gateway].gateway.present()) continue;
      std::optional<Lag> lag = set_lag(parent, path, facts);
      if (!lag) lag = parent_lag(view, parent, path, facts);
      if (lag) out.push_back(std::move(*lag));
    }
  }
  for (Lag& lag : out) lag.settling = lag.settling || is_restarting(path, lag.controller, facts);
  return out;
}

}  // namespace gwdoctor

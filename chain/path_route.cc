#include <algorithm>

#include "chain/attachment.h"
#include "chain/builder.h"
#include "chain/hostname.h"
#include "chain/limits.h"
#include "chain/words.h"

namespace gwdoctor {

namespace {

// How far a listener got before it refused: the furthest is the one that was meant.
int progress(Attachment state) {
  switch (state) {
    case Attachment::other_section:
      return 0;
    case Attachment::other_port:
      return 1;
    case Attachment::protocol_excluded:
      return 2;
    case Attachment::kind_excluded:
      return 3;
    case Attachment::namespace_excluded:
      return 4;
    case Attachment::unknown:
      return 4;
    case Attachment::hostname_disjoint:
      return 5;
    case Attachment::attached:
      return 6;
  }
  return 0;
}

std::string scheme_of(const Listener& listener, Kind route) {
  if (listener.protocol == "HTTPS") return "https";
  if (listener.protocol == "HTTP") return "http";
  if (listener.protocol == "UDP" || route == Kind::udp_route) return "udp";
  if (listener.protocol == "TLS") return "tls";
  return "tcp";
}

bool same_parent(const ParentRef& left, const ParentRef& right) {
  return left.group == right.group && left.kind == right.kind && left.ns == right.ns && left.name == right.name &&
         left.section == right.section && left.port == right.port;
}

// The status entry for a parentRef. Several controllers may write one each: the Gateway's own counts (traps, 31).
std::optional<RouteParentStatus> status_for(const Route& route, const ParentRef& parent, std::string_view controller) {
  std::optional<RouteParentStatus> found;
  for (const RouteParentStatus& status : route.parent_status) {
    if (!same_parent(status.parent, parent)) continue;
    if (!controller.empty() && status.controller_name == controller) return status;
    if (!found) found = status;
  }
  // An entry of another controller than the Gateway's says nothing of this Gateway, unless the class is not known.
  return found;
}

// Whether the controller ever wrote to the route. In a trial of a fix, which leaves status out, as it was before.
bool ever_written(const Route& route, std::string_view controller, const Facts& facts) {
  const auto by_controller = [&](const Route& object) {
    return std::any_of(object.parent_status.begin(), object.parent_status.end(),
                       [&](const RouteParentStatus& status) { return status.controller_name == controller; });
  };
  if (by_controller(route) || !facts.is_trial()) return by_controller(route);
  const std::shared_ptr<const Value> before = facts.document(route.meta.ref);
  return before != nullptr && by_controller(decode<Route>(*before, route.kind));
}

}  // namespace

std::size_t PathBuilder::add_route(Kind kind, std::string_view ns, std::string_view name) {
  const std::size_t at = path_.routes.size();
  RouteView view;
  view.ref = ref(kind, ns, name);
  view.route = facts_.get<Route>(kind, ns, name);
  path_.routes.push_back(std::move(view));
  if (!path_.routes[at].route.present()) return at;
  const Seen<Route> route = path_.routes[at].route;
  path_.routes[at].ref = route->meta.ref;
  for (std::size_t index = 0; index < route->parents.size(); ++index) {
    if (!narrow_ || (narrow_->takes(route->parents[index]) && path_.entrances.empty())) add_parent(at, *route, index);
  }
  if (!narrow_) add_lost_hostnames(at, *route);
  add_route_legs(at, *route);
  return at;
}

void PathBuilder::add_parent(std::size_t route, const Route& object, std::size_t index) {
  ParentView view;
  view.index = index;
  view.reference = object.parents[index];
  const ParentRef& parent = view.reference;
  constexpr std::string_view gateway_group = "gateway.networking.k8s.io";
  if (parent.is(gateway_group, "Gateway")) {
    view.gateway = add_gateway(parent.ns, parent.name);
  } else if (parent.is(gateway_group, "ListenerSet")) {
    view.target = ParentView::Target::listener_set;
    view.listener_set = facts_.get<ListenerSet>(Kind::listener_set, parent.ns, parent.name);
    if (view.listener_set.present()) {
      view.gateway = add_gateway(view.listener_set->parent.ns, view.listener_set->parent.name);
      add_listener_set(view.gateway, view.listener_set);
    }
  } else {
    view.target = parent.is("", "Service") ? ParentView::Target::service : ParentView::Target::other;
  }
  std::string controller;
  if (view.gateway != no_index) {
    const GatewayView& gateway = path_.gateways[view.gateway];
    if (gateway.gateway_class.present()) controller = gateway.gateway_class->controller_name;
    const Kind owner = view.target == ParentView::Target::gateway ? Kind::gateway : Kind::listener_set;
    for (std::size_t listener = 0; listener < gateway.listeners.size(); ++listener) {
      const ListenerView& candidate = gateway.listeners[listener];
      // A parentRef to the Gateway takes its own listeners, one to a ListenerSet that set's (Gateway API: ListenerSet).
      if (candidate.owner.kind != info(owner).name || candidate.owner.ns != parent.ns || candidate.owner.name != parent.name)
        continue;
      view.attachments.push_back(attach(object, parent, candidate, listener, facts_, path_.routes[route].name_space));
    }
  }
  view.status = status_for(object, parent, controller);
  if (!controller.empty()) {
    ControllerView& controller_view = path_.controllers[path_.gateways[view.gateway].controller];
    controller_view.wrote_status = controller_view.wrote_status || ever_written(object, controller, facts_);
  }
  view.attached = std::any_of(view.attachments.begin(), view.attachments.end(),
                              [](const AttachmentView& attachment) { return attachment.state == Attachment::attached; });
  path_.routes[route].parents.push_back(std::move(view));
  add_entrances(route, object, path_.routes[route].parents.size() - 1);
}

void PathBuilder::add_entrances(std::size_t route, const Route& object, std::size_t parent) {
  const ParentView& view = path_.routes[route].parents[parent];
  Entrance entrance;
  entrance.route = route;
  entrance.parent = parent;
  entrance.gateway = view.gateway;
  const std::vector<std::string> wanted = object.hostnames.empty() ? std::vector<std::string>{std::string()} : object.hostnames;
  int furthest = -1;
  for (const AttachmentView& attachment : view.attachments) furthest = std::max(furthest, progress(attachment.state));
  bool any = false;
  for (const AttachmentView& attachment : view.attachments) {
    // Section and port were not met: no listener was meant that exists.
    if (progress(attachment.state) != furthest || furthest < 2) continue;
    const Listener& listener = path_.gateways[view.gateway].listeners[attachment.listener].spec;
    if (narrow_ && !narrow_->listener.empty() && listener.name != narrow_->listener) continue;
    entrance.listener = attachment.listener;
    entrance.scheme = scheme_of(listener, object.kind);
    entrance.port = listener.port;
    entrance.tls = listener.tls == Listener::TlsMode::terminate;
    const bool attached = attachment.state == Attachment::attached;
    const std::vector<std::string>& hosts = attached ? attachment.hostnames : wanted;
    for (const std::string& host : hosts) {
      if (path_.entrances.size() >= max_streams) return;
      if (narrow_ && attached && !narrow_->listener.empty() && host != narrow_->hostname) continue;
      entrance.host = host.empty() && !attached ? listener.hostname : host;
      path_.entrances.push_back(entrance);
      any = true;
    }
  }
  if (any) return;
  entrance.listener = no_index;
  entrance.scheme = object.kind == Kind::tcp_route ? "tcp" : object.kind == Kind::udp_route ? "udp" : "";
  for (const std::string& host : wanted) {
    entrance.host = host;
    path_.entrances.push_back(entrance);
  }
}

void PathBuilder::add_lost_hostnames(std::size_t route, const Route& object) {
  RouteView& view = path_.routes[route];
  if (std::none_of(view.parents.begin(), view.parents.end(), [](const ParentView& parent) { return parent.attached; })) return;
  for (const std::string& host : object.hostnames) {
    bool served = false;
    bool unsure = false;
    for (const ParentView& parent : view.parents) {
      unsure = unsure || parent.target == ParentView::Target::service || parent.target == ParentView::Target::other ||
               (parent.gateway != no_index && path_.gateways[parent.gateway].gateway.unknown());
      for (const AttachmentView& attachment : parent.attachments) {
        unsure = unsure || attachment.state == Attachment::unknown;
        if (attachment.state != Attachment::attached) continue;
        const std::string& listener = path_.gateways[parent.gateway].listeners[attachment.listener].spec.hostname;
        served = served || !intersect(listener, {host}).effective.empty();
      }
    }
    if (served || unsure) continue;
    view.lost_hostnames.push_back(host);
    Entrance entrance;
    entrance.host = host;
    entrance.route = route;
    path_.entrances.push_back(entrance);
  }
}

void PathBuilder::add_route_legs(std::size_t route, const Route& object) {
  for (std::size_t rule = 0; rule < object.rules.size(); ++rule) {
    for (std::size_t match = 0; match < object.rules[rule].matches.size(); ++match) {
      if (!narrow_ || (rule == narrow_->rule && match == narrow_->match)) add_rule_legs(route, object, rule, match);
    }
  }
}

void PathBuilder::add_rule_legs(std::size_t route, const Route& object, std::size_t rule, std::size_t match) {
  if (path_.legs.size() >= max_streams) return;
  const RouteRule& spec = object.rules[rule];
  Leg leg;
  leg.route = route;
  leg.rule = rule;
  leg.match = match;
  leg.object = path_.routes[route].ref;
  leg.path = spec.path;
  leg.requests = requests_of(object.kind, spec.matches[match]);
  leg.redirects = std::any_of(spec.filters.begin(), spec.filters.end(),
                              [](const RouteFilter& filter) { return filter.type == "RequestRedirect"; });
  leg.total_weight = 0;
  for (const BackendRef& backend : spec.backends) leg.total_weight += backend.weight;
  if (leg.redirects || leg.total_weight == 0) {
    path_.legs.push_back(leg);
    return;
  }
  for (std::size_t index = 0; index < spec.backends.size(); ++index) {
    if (path_.legs.size() >= max_streams) return;
    const BackendRef& backend = spec.backends[index];
    if (backend.weight == 0) continue;  // idle on purpose (traps, 14)
    Leg one = leg;
    one.backend_ref = index;
    one.path = backend.path;
    one.port = backend.port;
    one.weight = backend.weight;
    one.backend = add_backend(backend);
    if (backend.ns != object.meta.ref.ns) one.grant = add_grant(leg.object, backend.path, backend);
    path_.legs.push_back(one);
  }
}

}  // namespace gwdoctor

#include "chain/path.h"

#include <algorithm>

#include "chain/builder.h"
#include "chain/hostname.h"
#include "chain/limits.h"

namespace gwdoctor {

namespace {

// The host that a leg is for; nothing where it takes any.
const std::string* host_of(const Leg& leg, const Path& path) {
  static const std::string nowhere("\n");  // no host is written so
  if (leg.ingress == no_index || leg.rule == no_index) return nullptr;
  if (!path.ingresses[leg.ingress].ingress.present()) return nullptr;  // an IngressRoute
  const auto& rules = path.ingresses[leg.ingress].ingress->rules;
  return leg.rule < rules.size() ? &rules[leg.rule].host : &nowhere;
}

bool cross(const Entrance& entrance, const Leg& leg, const std::string* host) {
  return entrance.route == leg.route && entrance.ingress == leg.ingress && (host == nullptr || *host == entrance.host);
}

template <class T>
void take(const Seen<T>& seen, Path& path) {
  path.state = seen.present() ? State::present : seen.absent() ? State::absent : State::unknown;
  path.why = seen.why();
}

}  // namespace

PathBuilder::PathBuilder(const Target& target, const Facts& facts) : target_(target), facts_(facts) {
  path_.target = ref(target.kind, target.ns, target.name);
  path_.target_kind = target.kind;
}

Path PathBuilder::build() {
  if (target_.question) {
    from_trace();
  } else if (is_route(target_.kind)) {
    from_route();
  } else if (target_.kind == Kind::ingress) {
    from_ingress();
  } else if (target_.kind == Kind::gateway) {
    from_gateway();
  } else {
    from_service();
  }
  make_streams();
  spread_scopes();
  return std::move(path_);
}

void PathBuilder::from_route() {
  const std::size_t at = add_route(target_.kind, target_.ns, target_.name);
  take(path_.routes[at].route, path_);
}

void PathBuilder::from_ingress() {
  const std::size_t at = add_ingress(target_.ns, target_.name);
  take(path_.ingresses[at].ingress, path_);
}

void PathBuilder::from_gateway() {
  const std::size_t at = add_gateway(target_.ns, target_.name);
  take(path_.gateways[at].gateway, path_);
  if (path_.state != State::present) return;
  GatewayView& view = path_.gateways[at];
  Leg leg;
  leg.object = view.ref;
  leg.requests = "requests";
  path_.legs.push_back(leg);
  for (std::size_t index = 0; index < view.listeners.size(); ++index) {
    const Listener& listener = view.listeners[index].spec;
    Entrance entrance;
    entrance.host = listener.hostname;
    entrance.scheme = listener.protocol == "HTTPS"  ? "https"
                      : listener.protocol == "TLS"  ? "tls"
                      : listener.protocol == "HTTP" ? "http"
                                                    : listener.protocol;
    entrance.port = listener.port;
    entrance.gateway = at;
    entrance.listener = index;
    entrance.tls = listener.tls == Listener::TlsMode::terminate;
    path_.entrances.push_back(entrance);
  }
}

void PathBuilder::from_service() {
  ObjectRef reference;
  reference.kind = "Service";
  reference.ns = target_.ns;
  reference.name = target_.name;
  const std::size_t backend = add_backend(reference);
  take(path_.backends[backend].service, path_);
  if (path_.state != State::present) return;
  add_routes_to(target_.ns, target_.name);
  if (path_.legs.size() >= max_streams) {
    const Why why{Why::Reason::error, "there are too many ways to look at each", std::nullopt};
    path_.upstream.push_back({Kind::service, target_.ns, State::unknown, why, path_.backends[backend].service.wish()});
  }
  keep_legs_to(backend);
  if (!path_.legs.empty()) return;
  // No route leads here: what clients in the cluster meet is judged, port by port.
  Entrance entrance;
  entrance.scheme = "tcp";
  path_.entrances.push_back(entrance);
  const Seen<Service>& service = path_.backends[backend].service;
  for (const ServicePort& port : service->ports) {
    Leg leg;
    leg.backend = backend;
    leg.object = path_.target;
    leg.path = port.path;
    leg.port = port.port;
    leg.requests = "connections to port " + std::to_string(port.port);
    path_.legs.push_back(leg);
  }
  if (!service->ports.empty()) return;
  Leg leg;
  leg.backend = backend;
  leg.object = path_.target;
  leg.requests = "connections";
  path_.legs.push_back(leg);
}

void PathBuilder::make_streams() {
  std::vector<const std::string*> hosts;
  for (const Leg& leg : path_.legs) hosts.push_back(host_of(leg, path_));
  for (std::size_t entrance = 0; entrance < path_.entrances.size(); ++entrance) {
    for (std::size_t leg = 0; leg < path_.legs.size(); ++leg) {
      if (path_.streams.size() >= max_streams) return;
      if (cross(path_.entrances[entrance], path_.legs[leg], hosts[leg])) path_.streams.push_back({entrance, leg});
    }
  }
}

namespace {

void empty_scopes(Path& path) {
  const Scope none = path.nothing();
  for (RouteView& route : path.routes) {
    route.scope = none;
    for (ParentView& parent : route.parents) parent.scope = none;
  }
  for (IngressView& ingress : path.ingresses) ingress.scope = none;
  for (GatewayView& gateway : path.gateways) {
    gateway.scope = none;
    for (ListenerView& listener : gateway.listeners) listener.scope = none;
  }
  for (Leg& leg : path.legs) leg.scope = none;
}

// Everything that one stream passes through.
void spread(Path& path, std::size_t stream) {
  const Entrance& entrance = path.entrances[path.streams[stream].entrance];
  Leg& leg = path.legs[path.streams[stream].leg];
  if (entrance.route != no_index) {
    RouteView& route = path.routes[entrance.route];
    route.scope.add(stream);
    if (entrance.parent != no_index) route.parents[entrance.parent].scope.add(stream);
  }
  if (entrance.ingress != no_index) path.ingresses[entrance.ingress].scope.add(stream);
  if (entrance.gateway != no_index) {
    GatewayView& gateway = path.gateways[entrance.gateway];
    gateway.scope.add(stream);
    if (entrance.listener != no_index) gateway.listeners[entrance.listener].scope.add(stream);
  }
  leg.scope.add(stream);
  if (leg.backend != no_index) path.backends[leg.backend].scope.add(stream);
  if (leg.grant != no_index) path.grants[leg.grant].scope.add(stream);
}

}  // namespace

void PathBuilder::spread_scopes() {
  Path& path = path_;
  empty_scopes(path);
  for (std::size_t stream = 0; stream < path.streams.size(); ++stream) spread(path, stream);
  for (GatewayView& gateway : path.gateways) {
    for (ListenerView& listener : gateway.listeners) listener.on_path = listener.scope.any();
    if (gateway.controller != no_index) path.controllers[gateway.controller].scope |= gateway.scope;
  }
  for (const IngressView& ingress : path.ingresses) {
    if (ingress.controller != no_index) path.controllers[ingress.controller].scope |= ingress.scope;
  }
  for (CertificateView& certificate : path.certificates) {
    if (certificate.ingress == no_index) {
      for (const Entrance& entrance : path.entrances) {
        if (entrance.gateway != certificate.gateway || entrance.listener != certificate.listener) continue;
        // A host that the listener does not serve is a fault of the hostnames, not of the certificate.
        const bool served = covers(path.gateways[entrance.gateway].listeners[entrance.listener].spec.hostname, entrance.host);
        if (served && std::find(certificate.hosts.begin(), certificate.hosts.end(), entrance.host) == certificate.hosts.end()) {
          certificate.hosts.push_back(entrance.host);
        }
      }
    }
    certificate.scope = path.through([&](const Entrance& entrance, const Leg&) {
      if (!entrance.tls || entrance.gateway != certificate.gateway || entrance.ingress != certificate.ingress) return false;
      if (certificate.ingress == no_index) return entrance.listener == certificate.listener;
      return std::find(certificate.hosts.begin(), certificate.hosts.end(), entrance.host) != certificate.hosts.end();
    });
  }
  for (const CertificateView& certificate : path.certificates) {
    for (GrantView& grant : path.grants) {
      if (grant.from == certificate.owner && grant.path == certificate.path) grant.scope |= certificate.scope;
    }
  }
}

Path build_path(const Target& target, const Facts& facts) { return PathBuilder(target, facts).build(); }

}  // namespace gwdoctor

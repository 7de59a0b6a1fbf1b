#include <algorithm>
#include <array>
#include <set>

#include "chain/builder.h"

namespace gwdoctor {

namespace {

constexpr std::array route_kinds{Kind::http_route, Kind::grpc_route, Kind::tls_route, Kind::tcp_route, Kind::udp_route};

bool leads_to(const Route& route, std::string_view ns, std::string_view name) {
  for (const RouteRule& rule : route.rules) {
    for (const BackendRef& backend : rule.backends) {
      if (backend.is("", "Service") && backend.ns == ns && backend.name == name) return true;
    }
  }
  return false;
}

bool leads_to(const Ingress& ingress, std::string_view name) {
  if (ingress.default_backend && ingress.default_backend->service == name) return true;
  for (const IngressRule& rule : ingress.rules) {
    for (const IngressPath& path : rule.paths) {
      if (path.backend.service == name) return true;
    }
  }
  return false;
}

}  // namespace

void PathBuilder::add_routes_to(std::string_view ns, std::string_view name) {
  // A route of another namespace needs a ReferenceGrant here, which names that namespace: no need to read them all.
  std::set<std::string> namespaces{std::string(ns)};
  const Seen<List<ReferenceGrant>> grants = facts_.list<ReferenceGrant>(Kind::reference_grant, ns);
  if (grants.present()) {
    for (const Known<ReferenceGrant>& grant : *grants) {
      for (const ReferenceGrant::From& from : grant->from) {
        if (!from.ns.empty()) namespaces.insert(from.ns);
      }
    }
  }
  for (const std::string& where : namespaces) {
    for (const Kind kind : route_kinds) {
      const Seen<List<Route>> routes = facts_.list<Route>(kind, where);
      path_.upstream.push_back({kind, where, routes.unknown() ? State::unknown : State::present, routes.why(), routes.wish()});
      if (!routes.present()) continue;
      for (const Known<Route>& route : *routes) {
        if (leads_to(*route, ns, name)) add_route(kind, where, route->meta.ref.name);
      }
    }
  }
  const Seen<List<Ingress>> ingresses = facts_.list<Ingress>(Kind::ingress, ns);
  path_.upstream.push_back(
      {Kind::ingress, std::string(ns), ingresses.unknown() ? State::unknown : State::present, ingresses.why(), ingresses.wish()});
  if (!ingresses.present()) return;
  for (const Known<Ingress>& ingress : *ingresses) {
    if (leads_to(*ingress, name)) add_ingress(ns, ingress->meta.ref.name);
  }
}

void PathBuilder::keep_legs_to(std::size_t backend) {
  std::erase_if(path_.legs, [&](const Leg& leg) { return leg.backend != backend; });
}

}  // namespace gwdoctor

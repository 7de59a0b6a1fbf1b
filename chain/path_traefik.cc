// The path of a request that a route of an IngressRoute takes (Traefik).

#include <algorithm>

#include "chain/backend_problem.h"
#include "chain/builder.h"
#include "chain/traefik/backends.h"
#include "chain/traefik/routers.h"

namespace gwdoctor {

namespace {

std::shared_ptr<const IngressRoute> object_of(const TraefikRouters& routers, const Ref& name) {
  for (const TraefikRouter& one : routers.routers) {
    if (one.ref() == name) return one.owner;
  }
  for (const TraefikRouters::Dropped& one : routers.dropped) {
    if (one.router.ref() == name) return one.router.owner;
  }
  return nullptr;
}

}  // namespace

// What people read an IngressRoute's controller and certificates from is as with an Ingress; the object itself is none.
std::size_t PathBuilder::add_ingress_route(const Ref& name, const Ref& ingress_class) {
  const std::size_t at = path_.ingresses.size();
  IngressView view;
  view.ref = name;
  if (!ingress_class.name.empty()) {
    view.ingress_class = facts_.get<IngressClass>(Kind::ingress_class, "", ingress_class.name);
    if (view.ingress_class.present()) view.class_name = ingress_class.name;
  }
  const Controller* known = find_controller("traefik");
  const std::string controller =
      view.class_name.empty() ? std::string(known->ingress_controllers.front()) : view.ingress_class->controller;
  path_.ingresses.push_back(std::move(view));
  path_.ingresses[at].controller = add_controller(controller, known);
  return at;
}

void PathBuilder::add_route_certificate(std::size_t at, const IngressRoute& object, const std::string& host) {
  if (object.tls_secret.empty()) return;
  CertificateView certificate;
  certificate.owner = object.meta.ref;
  certificate.path = "spec.tls.secretName";
  certificate.reference.kind = "Secret";
  certificate.reference.ns = object.meta.ref.ns;
  certificate.reference.name = object.tls_secret;
  certificate.reference.path = certificate.path;
  certificate.secret = facts_.secret(object.meta.ref.ns, object.tls_secret);
  certificate.ingress = at;
  certificate.hosts = {host};
  path_.certificates.push_back(std::move(certificate));
}

void PathBuilder::follow_ingress_route(const Trace& trace) {
  const Outcome& outcome = trace.outcome;
  const std::size_t at = add_ingress_route(outcome.route, outcome.gateway);
  const bool named = !outcome.hostname.starts_with('*') && !outcome.hostname.empty();
  Entrance entrance = entrance_for(trace.request, named ? outcome.hostname : trace.request.host);
  entrance.ingress = at;
  path_.entrances.push_back(entrance);
  Leg leg;
  leg.ingress = at;
  leg.object = outcome.route;
  leg.requests = "such requests";
  leg.path = outcome.field;
  leg.redirects = outcome.action == Action::redirect;
  const std::shared_ptr<const TraefikRouters> routers = traefik_routers(target_.question->ns, facts_);
  const std::shared_ptr<const IngressRoute> object = object_of(*routers, outcome.route);
  if (object != nullptr && entrance.tls) add_route_certificate(at, *object, entrance.host);
  if (object == nullptr || outcome.backends.empty() || outcome.rule.value_or(no_index) >= object->routes.size()) {
    path_.legs.push_back(std::move(leg));
    return;
  }
  std::vector<Unread> unread;
  const TraefikTargets targets = traefik_targets(*object, object->routes[*outcome.rule], routers->settings, facts_, unread);
  leg.total_weight = 0;
  for (const TraefikTargets::At& one : targets.backends) leg.total_weight += one.backend.weight;
  for (std::size_t index = 0; index < targets.backends.size(); ++index) {
    const TraefikTargets::At& one = targets.backends[index];
    leg.object = one.from;
    leg.path = one.path;
    leg.backend_ref = index;
    leg.port = one.backend.port;
    leg.port_name = one.backend.port_name;
    leg.weight = one.backend.weight;
    leg.backend = add_backend(reference_to(one.backend.object));
    path_.legs.push_back(leg);
  }
}

}  // namespace gwdoctor

#include <algorithm>

#include "chain/attachment.h"
#include "chain/builder.h"
#include "chain/limits.h"

namespace gwdoctor {

namespace {

// Whether a controller ever wrote to them. In a trial of a fix, which leaves status out, as it was before.
bool ever_written(const Gateway& gateway, const Facts& facts) {
  if (gateway.has_status || !facts.is_trial()) return gateway.has_status;
  const std::shared_ptr<const Value> before = facts.document(gateway.meta.ref);
  return before != nullptr && decode<Gateway>(*before, Kind::gateway).has_status;
}

bool ever_answered(const GatewayClass& gateway_class) {
  const Condition* accepted = condition(gateway_class.conditions, "Accepted");
  return accepted != nullptr && !is_crd_default(*accepted);
}

bool ever_written(const GatewayClass& gateway_class, const Facts& facts) {
  if (ever_answered(gateway_class) || !facts.is_trial()) return ever_answered(gateway_class);
  const std::shared_ptr<const Value> before = facts.document(gateway_class.meta.ref);
  return before != nullptr && ever_answered(decode<GatewayClass>(*before, Kind::gateway_class));
}

}  // namespace

std::size_t PathBuilder::add_gateway(std::string_view ns, std::string_view name) {
  const Ref wanted = ref(Kind::gateway, ns, name);
  for (std::size_t at = 0; at < path_.gateways.size(); ++at) {
    if (path_.gateways[at].ref.ns == wanted.ns && path_.gateways[at].ref.name == wanted.name) return at;
  }
  const std::size_t at = path_.gateways.size();
  GatewayView view;
  view.ref = wanted;
  view.gateway = facts_.get<Gateway>(Kind::gateway, ns, name);
  path_.gateways.push_back(std::move(view));
  const Seen<Gateway> gateway = path_.gateways[at].gateway;
  if (!gateway.present()) return at;
  path_.gateways[at].ref = gateway->meta.ref;
  path_.gateways[at].gateway_class = facts_.get<GatewayClass>(Kind::gateway_class, "", gateway->class_name);
  path_.gateways[at].class_wanted = true;
  add_listeners(at, gateway->listeners, gateway->listener_status, gateway->meta.ref, gateway.shared_document());
  const Seen<GatewayClass> gateway_class = path_.gateways[at].gateway_class;
  if (gateway_class.present()) {
    const std::string& controller = gateway_class->controller_name;
    const std::size_t index = add_controller(controller, find_by_gateway_controller(controller));
    path_.gateways[at].controller = index;
    if (const Controller* known = path_.controllers[index].known) add_data_plane(index, known->gateway_plane, gateway->meta.ref);
    ControllerView& controller_view = path_.controllers[index];
    controller_view.wrote_status =
        controller_view.wrote_status || ever_written(*gateway, facts_) || ever_written(*gateway_class, facts_);
  }
  return at;
}

void PathBuilder::add_listeners(std::size_t gateway, const std::vector<Listener>& listeners,
                                const std::vector<ListenerStatus>& status, const Ref& owner,
                                const std::shared_ptr<const Value>& document) {
  for (const Listener& listener : listeners) {
    ListenerView view;
    view.spec = listener;
    view.owner = owner;
    view.document = document;
    for (const ListenerStatus& said : status) {
      if (said.name == listener.name) view.status = said;
    }
    std::vector<ListenerView>& all = path_.gateways[gateway].listeners;
    const std::size_t index = all.size();
    all.push_back(std::move(view));
    for (std::size_t other = 0; other < index; ++other) {
      if (!listeners_conflict(all[other].spec, all[index].spec)) continue;
      if (all[other].conflicts.size() < max_conflicts) all[other].conflicts.push_back(index);
      if (all[index].conflicts.size() < max_conflicts) all[index].conflicts.push_back(other);
    }
    add_listener_certificates(gateway, index);
  }
}

void PathBuilder::add_listener_set(std::size_t gateway, const Seen<ListenerSet>& set) {
  const Ref owner = set->meta.ref;
  const auto& known = path_.gateways[gateway].listeners;
  if (std::any_of(known.begin(), known.end(), [&](const ListenerView& listener) { return listener.owner == owner; })) return;
  add_listeners(gateway, set->listeners, set->listener_status, owner, set.shared_document());
}

void PathBuilder::add_listener_certificates(std::size_t gateway, std::size_t listener) {
  const ListenerView& view = path_.gateways[gateway].listeners[listener];
  if (view.spec.tls != Listener::TlsMode::terminate) return;
  const std::vector<ObjectRef> references = view.spec.certificates;
  const Ref owner = view.owner;
  for (const ObjectRef& reference : references) {
    CertificateView certificate;
    certificate.owner = owner;
    certificate.path = reference.path;
    certificate.reference = reference;
    certificate.is_secret = reference.is("", "Secret");
    certificate.gateway = gateway;
    certificate.listener = listener;
    certificate.siblings = references.size();
    if (certificate.is_secret) certificate.secret = facts_.secret(reference.ns, reference.name);
    if (reference.ns != owner.ns) add_grant(owner, reference.path, reference);
    path_.gateways[gateway].listeners[listener].certificates.push_back(path_.certificates.size());
    path_.certificates.push_back(std::move(certificate));
  }
}

}  // namespace gwdoctor

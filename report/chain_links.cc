#include "report/chain_links.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace gwdoctor {

namespace {

constexpr std::array order{Layer::dns,       Layer::loadbalancer, Layer::controller, Layer::klass, Layer::ingress,
                           Layer::gateway,   Layer::tls,          Layer::route,      Layer::grant, Layer::service,
                           Layer::endpoints, Layer::pods,         Layer::policy};

void add(Link& link, const Ref& object) {
  if (std::find(link.objects.begin(), link.objects.end(), object) == link.objects.end()) link.objects.push_back(object);
}

void say(Link& link, const std::string& text) {
  if (text.empty() || link.detail.find(text) != std::string::npos) return;
  link.detail += (link.detail.empty() ? "" : "; ") + text;
}

std::string listener_text(const Listener& listener) {
  return fmt::format("listener {} {} :{}{}{}", listener.name, listener.protocol, listener.port,
                     listener.hostname.empty() ? "" : " ", listener.hostname);
}

void describe_gateways(const Path& path, Link& link) {
  for (const GatewayView& view : path.gateways) {
    add(link, view.ref);
    for (const ListenerView& listener : view.listeners) {
      if (listener.on_path) say(link, listener_text(listener.spec));
    }
    if (!view.gateway.present()) continue;
    for (const GatewayAddress& address : view.gateway->addresses) say(link, "address " + address.value);
  }
}

void describe_controllers(const Path& path, Link& link) {
  for (const ControllerView& view : path.controllers) {
    say(link, view.known != nullptr ? std::string(view.known->name) : view.name);
    for (const Known<Workload>& workload : view.control.found) {
      add(link, workload->meta.ref);
      say(link, fmt::format("{} of {} ready", workload->ready, workload->replicas));
    }
    for (const ControllerView::Plane& plane : view.planes) {
      for (const Known<Workload>& workload : plane.search.found) add(link, workload->meta.ref);
    }
  }
}

struct EndpointCount {
  std::size_t ready = 0;
  std::size_t total = 0;
};

EndpointCount count(const BackendView& backend) {
  std::set<std::pair<std::string, std::string>> ready;
  std::set<std::pair<std::string, std::string>> all;
  if (!backend.slices.present()) return {};
  for (const Known<EndpointSlice>& slice : *backend.slices) {
    for (const Endpoint& endpoint : slice->endpoints) {
      for (const std::string& address : endpoint.addresses) {
        all.emplace(endpoint.target_name, address);
        if (endpoint.ready) ready.emplace(endpoint.target_name, address);
      }
    }
  }
  return {ready.size(), all.size()};
}

void describe_backends(const Path& path, Link& service, Link& endpoints, Link& pods) {
  for (const BackendView& backend : path.backends) {
    add(service, backend.ref);
    if (!backend.service.present()) continue;
    if (backend.service->is_external_name()) {
      say(service, "ExternalName " + backend.service->external_name);
      continue;
    }
    for (const Leg& leg : path.legs) {
      if (leg.backend == no_index || &path.backends[leg.backend] != &backend) continue;
      const ServicePort* port =
          leg.port ? backend.service->port(*leg.port) : backend.service->port(std::string_view(leg.port_name));
      if (port == nullptr) continue;
      const std::string target =
          port->target_name.empty() ? std::to_string(port->target_number.value_or(port->port)) : port->target_name;
      say(service, fmt::format("port {} to {}", port->port, target));
    }
    if (backend.slices.present()) {
      for (const Known<EndpointSlice>& slice : *backend.slices) add(endpoints, slice->meta.ref);
      const EndpointCount counted = count(backend);
      say(endpoints, fmt::format("{} of {} ready", counted.ready, counted.total));
    }
    if (!backend.pods.present()) continue;
    std::size_t ready = 0;
    std::size_t meant = 0;
    for (const Known<Pod>& pod : *backend.pods) {
      if (pod->is_finished()) continue;
      add(pods, pod->meta.ref);
      ++meant;
      ready += pod->is_ready() ? 1 : 0;
    }
    say(pods, fmt::format("{} of {} ready", ready, meant));
    // Nothing here is well, whichever layer holds the cause.
    if (ready == 0) pods.state = LayerState::warning;
  }
}

void describe_routes(const Path& path, Link& route, Link& ingress) {
  for (const RouteView& view : path.routes) {
    add(route, view.ref);
    if (view.route.present()) {
      for (const std::string& host : view.route->hostnames) say(route, host);
    }
  }
  for (const IngressView& view : path.ingresses) {
    add(ingress, view.ref);
    if (!view.ingress.present()) continue;
    for (const IngressRule& rule : view.ingress->rules) say(ingress, rule.host);
    for (const IngressAddress& address : view.ingress->addresses)
      say(ingress, "address " + (address.ip.empty() ? address.hostname : address.ip));
  }
}

void describe_rest(const Path& path, Link& klass, Link& grant, Link& tls) {
  for (const GatewayView& view : path.gateways) {
    if (view.gateway_class.present()) {
      add(klass, view.gateway_class->meta.ref);
      say(klass, view.gateway_class->controller_name);
    } else if (view.gateway.present()) {
      add(klass, ref(Kind::gateway_class, "", view.gateway->class_name));
    }
  }
  for (const IngressView& view : path.ingresses) {
    if (!view.class_name.empty()) add(klass, ref(Kind::ingress_class, "", view.class_name));
    if (view.ingress_class.present()) say(klass, view.ingress_class->controller);
  }
  for (const GrantView& view : path.grants) {
    if (!view.grants.present()) continue;
    for (const Known<ReferenceGrant>& known : *view.grants) add(grant, known->meta.ref);
  }
  for (const CertificateView& view : path.certificates) {
    if (!view.is_secret || !view.scope.any()) continue;
    add(tls, ref(Kind::secret, view.reference.ns, view.reference.name));
    if (view.secret.present() && !view.secret->chain.empty()) {
      say(tls, "expires " + format_time(view.secret->chain.front().not_after).substr(0, 10));
    }
  }
}

// The BackendTLSPolicies by which a traced request is sent on.
void describe_policies(const Path& path, Link& policy) {
  if (path.trace == nullptr) return;
  for (const TracedBackend& backend : path.trace->outcome.backends) {
    if (!backend.tls) continue;
    add(policy, backend.tls->policy);
    say(policy, "TLS to " + backend.tls->hostname);
  }
}

LayerState worst(LayerState left, LayerState right) {
  const auto weight = [](LayerState state) {
    switch (state) {
      case LayerState::skipped:
        return 0;
      case LayerState::ok:
        return 1;
      case LayerState::unknown:
        return 2;
      case LayerState::warning:
        return 3;
      case LayerState::error:
        return 4;
    }
    return 0;
  };
  return weight(left) < weight(right) ? right : left;
}

}  // namespace

std::vector<Link> chain_links(const Examination& examined) {
  const Path& path = examined.path;
  std::vector<Link> links;
  for (const Layer layer : order) {
    links.emplace_back();
    links.back().layer = layer;
  }
  const auto at = [&](Layer layer) -> Link& {
    return *std::find_if(links.begin(), links.end(), [&](const Link& link) { return link.layer == layer; });
  };
  describe_controllers(path, at(Layer::controller));
  describe_gateways(path, at(Layer::gateway));
  describe_routes(path, at(Layer::route), at(Layer::ingress));
  describe_rest(path, at(Layer::klass), at(Layer::grant), at(Layer::tls));
  describe_backends(path, at(Layer::service), at(Layer::endpoints), at(Layer::pods));
  describe_policies(path, at(Layer::policy));
  for (Link& link : links) {
    if (!link.objects.empty() || !link.detail.empty()) link.state = worst(link.state, LayerState::ok);
  }
  for (const Blind& blind : examined.verdicts.blinds())
    at(blind.check->layer).state = worst(at(blind.check->layer).state, LayerState::unknown);
  for (const Passed& passed : examined.verdicts.passes())
    at(passed.check->layer).state = worst(at(passed.check->layer).state, LayerState::ok);
  for (const Finding& finding : examined.verdicts.findings()) {
    if (finding.check->advice || finding.severity == Severity::info) continue;
    const LayerState state = finding.severity == Severity::error ? LayerState::error : LayerState::warning;
    at(finding.check->layer).state = worst(at(finding.check->layer).state, state);
  }
  return links;
}

std::string destination(const Path& path) {
  std::string out;
  EndpointCount total;
  for (const BackendView& backend : path.backends) {
    if (!backend.scope.any()) continue;
    out += (out.empty() ? "" : ", ") + backend.ref.text();
    const EndpointCount one = count(backend);
    total.ready += one.ready;
    total.total += one.total;
  }
  if (total.total > 0) out += fmt::format(", {} of {} endpoints ready", total.ready, total.total);
  return out;
}

}  // namespace gwdoctor

#include "chain/front.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include "chain/hostname.h"
#include "chain/router/outcome.h"

namespace gwdoctor {

namespace {

// Words in the names of ports and targets that are for others than clients: admission webhooks, metrics, health checks.
constexpr std::array<std::string_view, 9> side_words{"webhook", "metrics", "prometheus", "health", "probe",
                                                     "admin",   "status",  "dashboard",  "stats"};

bool is_for_clients(const ServicePort& port) {
  return std::none_of(side_words.begin(), side_words.end(), [&](std::string_view word) {
    return port.name.find(word) != std::string::npos || port.target_name.find(word) != std::string::npos;
  });
}

bool carries_clients(const Service& service) {
  if (service.is_external_name() || service.is_headless()) return false;
  return std::any_of(service.ports.begin(), service.ports.end(), is_for_clients);
}

bool selects_pods_of(const Service& service, const Workload& workload) {
  return !service.selector.empty() && Selector::from_labels(service.selector).matches(workload.template_labels);
}

bool holds_address(const Service& service, const std::vector<FrontAddress>& published) {
  return std::any_of(service.addresses.begin(), service.addresses.end(), [&](const IngressAddress& address) {
    return std::any_of(published.begin(), published.end(), [&](const FrontAddress& one) {
      return one.value == (address.ip.empty() ? address.hostname : address.ip);
    });
  });
}

int type_order(const FrontService& front) {
  const std::string& type = front.service->type;
  return type == "LoadBalancer" ? 0 : type == "NodePort" ? 1 : 2;
}

std::vector<FrontAddress> addresses_of(const GatewayView& view) {
  std::vector<FrontAddress> out;
  if (!view.gateway.present()) return out;
  const std::vector<GatewayAddress>& all = view.gateway->addresses;
  for (std::size_t at = 0; at < all.size(); ++at) {
    const bool known = all[at].type == "IPAddress" || all[at].type == "Hostname";
    if (!known || all[at].value.empty()) continue;
    if (std::any_of(out.begin(), out.end(), [&](const FrontAddress& one) { return one.value == all[at].value; })) continue;
    out.push_back({all[at].value, all[at].type == "Hostname", view.ref, fmt::format("status.addresses[{}].value", at)});
  }
  return out;
}

std::vector<FrontAddress> addresses_of(const IngressView& view) {
  std::vector<FrontAddress> out;
  if (!view.ingress.present()) return out;
  const std::vector<IngressAddress>& all = view.ingress->addresses;
  for (std::size_t at = 0; at < all.size(); ++at) {
    const bool is_hostname = all[at].ip.empty();
    const std::string& value = is_hostname ? all[at].hostname : all[at].ip;
    if (value.empty() || std::any_of(out.begin(), out.end(), [&](const FrontAddress& one) { return one.value == value; }))
      continue;
    out.push_back(
        {value, is_hostname, view.ref, fmt::format("status.loadBalancer.ingress[{}].{}", at, is_hostname ? "hostname" : "ip")});
  }
  return out;
}

class FrontBuilder {
 public:
  FrontBuilder(const Path& path, const Facts& facts) : path_(path), facts_(facts) {}
  Front build() {
    add_hosts();
    add_services();
    meet_clients();
    return std::move(front_);
  }

 private:
  void add_hosts();
  std::string host_of(const Entrance& entrance) const;
  void find_hostname(const Entrance& entrance, FrontHost& host) const;
  void add_port(const Entrance& entrance, FrontHost& host, std::size_t at);
  void add_services();
  void add_services(std::size_t controller, const DataPlane& plane, std::size_t gateway, const Scope& scope,
                    const std::vector<FrontAddress>& published);
  void add_made(std::size_t controller, std::size_t gateway, const Scope& scope);
  void take(const Seen<List<Service>>& list, const Known<Workload>& workload, std::size_t controller, std::size_t gateway,
            const Scope& scope, const std::vector<FrontAddress>& published);
  void add_service(FrontService service);
  void meet_clients();

  const Path& path_;
  const Facts& facts_;
  Front front_;
  std::vector<std::size_t> host_of_entrance_;
  std::vector<std::size_t> port_of_entrance_;
};

std::string FrontBuilder::host_of(const Entrance& entrance) const {
  const auto concrete = [](const std::string& host) { return !host.empty() && host.find('*') == std::string::npos; };
  if (concrete(entrance.host)) return entrance.host;
  if (path_.trace != nullptr && concrete(path_.trace->request.host)) return path_.trace->request.host;
  return {};
}

void FrontBuilder::find_hostname(const Entrance& entrance, FrontHost& host) const {
  if (host.host.empty()) return;
  if (entrance.ingress != no_index) {
    const IngressView& view = path_.ingresses[entrance.ingress];
    host.object = view.ref;
    if (!view.ingress.present()) return;
    for (const IngressRule& rule : view.ingress->rules) {
      if (rule.host == host.host) return static_cast<void>(host.path = rule.field + ".host");
    }
    return;
  }
  if (entrance.route != no_index && path_.routes[entrance.route].route.present()) {
    const RouteView& view = path_.routes[entrance.route];
    host.object = view.ref;
    const std::vector<std::string>& names = view.route->hostnames;
    const auto found = std::find(names.begin(), names.end(), host.host);
    if (found != names.end()) return static_cast<void>(host.path = fmt::format("spec.hostnames[{}]", found - names.begin()));
  }
  if (entrance.listener == no_index) return;
  const ListenerView& listener = path_.gateways[entrance.gateway].listeners[entrance.listener];
  if (listener.spec.hostname == host.host || host.object.name.empty()) {
    host.object = listener.owner;
    host.path = listener.spec.hostname == host.host ? listener.spec.path + ".hostname" : std::string();
  }
}

void FrontBuilder::add_port(const Entrance& entrance, FrontHost& host, std::size_t at) {
  const bool listens = entrance.ingress != no_index || entrance.listener != no_index;
  if (!listens || entrance.port <= 0) return;
  FrontPort port{entrance.port, entrance.port, entrance.tls, false, entrance.scheme, path_.nothing()};
  if (entrance.listener != no_index) {
    port.passthrough = path_.gateways[entrance.gateway].listeners[entrance.listener].spec.tls == Listener::TlsMode::passthrough;
    port.tls = port.tls || port.passthrough;
  }
  const auto same = std::find_if(host.ports.begin(), host.ports.end(), [&](const FrontPort& one) {
    return one.port == port.port && one.scheme == port.scheme && one.tls == port.tls;
  });
  port_of_entrance_[at] = static_cast<std::size_t>(same - host.ports.begin());
  if (same == host.ports.end()) host.ports.push_back(std::move(port));
}

void FrontBuilder::add_hosts() {
  using Key = std::tuple<std::string, std::size_t, std::size_t>;
  std::map<Key, std::size_t> known;
  host_of_entrance_.assign(path_.entrances.size(), no_index);
  port_of_entrance_.assign(path_.entrances.size(), no_index);
  for (std::size_t at = 0; at < path_.entrances.size(); ++at) {
    const Entrance& entrance = path_.entrances[at];
    if (entrance.gateway == no_index && entrance.ingress == no_index) continue;
    const Key key{host_of(entrance), entrance.gateway, entrance.ingress};
    const auto [found, is_new] = known.emplace(key, front_.hosts.size());
    if (is_new) {
      FrontHost host;
      host.host = std::get<0>(key);
      host.gateway = entrance.gateway;
      host.ingress = entrance.ingress;
      host.addresses = entrance.ingress != no_index ? addresses_of(path_.ingresses[entrance.ingress])
                                                    : addresses_of(path_.gateways[entrance.gateway]);
      host.scope = path_.nothing();
      find_hostname(entrance, host);
      front_.hosts.push_back(std::move(host));
    }
    host_of_entrance_[at] = found->second;
    add_port(entrance, front_.hosts[found->second], at);
  }
  for (std::size_t stream = 0; stream < path_.streams.size(); ++stream) {
    const std::size_t entrance = path_.streams[stream].entrance;
    if (host_of_entrance_[entrance] == no_index) continue;
    FrontHost& host = front_.hosts[host_of_entrance_[entrance]];
    host.scope.add(stream);
    if (port_of_entrance_[entrance] != no_index) host.ports[port_of_entrance_[entrance]].scope.add(stream);
  }
}

void FrontBuilder::add_service(FrontService service) {
  for (FrontService& known : front_.services) {
    const bool same = known.service->meta.ref == service.service->meta.ref && known.gateway == service.gateway &&
                      known.controller == service.controller;
    if (same) {
      known.scope |= service.scope;
      return;
    }
  }
  front_.services.push_back(std::move(service));
}

void FrontBuilder::take(const Seen<List<Service>>& list, const Known<Workload>& workload, std::size_t controller,
                        std::size_t gateway, const Scope& scope, const std::vector<FrontAddress>& published) {
  if (list.unknown()) front_.unread.push_back({list.wish(), list.why(), gateway, controller, no_index, scope});
  if (!list.present()) return;
  for (const Known<Service>& service : *list) {
    const bool selects = workload.object != nullptr && selects_pods_of(*service, *workload);
    const bool by_address = service->type == "LoadBalancer" && holds_address(*service, published);
    const bool made = workload.object == nullptr;
    if ((selects || by_address || made) && carries_clients(*service))
      add_service({service, selects ? workload : Known<Workload>{}, gateway, controller, scope});
  }
}

// The Service that Cilium makes for a Gateway has no selector: the agent on every node takes its traffic.
void FrontBuilder::add_made(std::size_t controller, std::size_t gateway, const Scope& scope) {
  const Ref& ref = path_.gateways[gateway].ref;
  take(facts_.list<Service>(Kind::service, ref.ns, Selector::from_labels({{"io.cilium.gateway/owning-gateway", ref.name}})), {},
       controller, gateway, scope, {});
}

void FrontBuilder::add_services(std::size_t controller, const DataPlane& plane, std::size_t gateway, const Scope& scope,
                                const std::vector<FrontAddress>& published) {
  const ControllerView& view = path_.controllers[controller];
  std::vector<const WorkloadSearch*> searches;
  if (plane.kind == DataPlane::Kind::controller_pods) {
    searches.push_back(&view.control);
  } else {
    for (const ControllerView::Plane& one : view.planes) {
      const bool serves = one.gateway.name.empty() || (gateway != no_index && one.gateway == path_.gateways[gateway].ref);
      if (serves && (plane.kind != DataPlane::Kind::per_gateway || !one.gateway.name.empty())) searches.push_back(&one.search);
    }
  }
  for (const WorkloadSearch* search : searches) {
    const Seen<List<Workload>>* unread = search->unread();
    if (search->found.empty() && unread != nullptr)
      front_.unread.push_back({unread->wish(), unread->why(), gateway, controller, no_index, scope});
    for (const Known<Workload>& workload : search->found)
      take(facts_.list<Service>(Kind::service, workload->meta.ref.ns), workload, controller, gateway, scope, published);
  }
}

void FrontBuilder::add_services() {
  for (std::size_t at = 0; at < path_.gateways.size(); ++at) {
    const GatewayView& view = path_.gateways[at];
    const Controller* known = view.controller == no_index ? nullptr : path_.controllers[view.controller].known;
    if (view.class_wanted && view.gateway_class.unknown())
      front_.unread.push_back({view.gateway_class.wish(), view.gateway_class.why(), at, no_index, no_index, view.scope});
    if (known == nullptr || !view.scope.any()) continue;
    if (known->id == "cilium") {
      add_made(view.controller, at, view.scope);
    } else {
      add_services(view.controller, known->gateway_plane, at, view.scope, {});
    }
  }
  for (std::size_t at = 0; at < path_.ingresses.size(); ++at) {
    const IngressView& view = path_.ingresses[at];
    if (view.ingress.present() && view.controller == no_index) {
      if (view.class_by == ClassBy::unknown)
        front_.unread.push_back({view.classes.wish(), view.classes.why(), no_index, no_index, at, view.scope});
      if (!view.class_name.empty() && view.ingress_class.unknown())
        front_.unread.push_back({view.ingress_class.wish(), view.ingress_class.why(), no_index, no_index, at, view.scope});
    }
    const Controller* known = view.controller == no_index ? nullptr : path_.controllers[view.controller].known;
    if (known != nullptr) add_services(view.controller, known->ingress_plane, no_index, view.scope, addresses_of(view));
  }
  std::stable_sort(front_.services.begin(), front_.services.end(), [](const FrontService& left, const FrontService& right) {
    return std::make_tuple(type_order(left), left.service->meta.ref) <
           std::make_tuple(type_order(right), right.service->meta.ref);
  });
}

// A listener whose port no Service has, and some Service leads to: Traefik's listeners bear the port of the entry point.
void FrontBuilder::meet_clients() {
  for (FrontHost& host : front_.hosts) {
    const std::vector<const FrontService*> services = front_.services_of(host, path_);
    for (FrontPort& port : host.ports) {
      const std::string_view protocol = port.scheme == "udp" ? "UDP" : "TCP";
      for (const FrontService* front : services) {
        const ServicePort* found = port_for(*front->service, front->workload.object.get(), port.listener, protocol);
        if (found == nullptr) continue;
        port.port = found->port;
        if (found->port == port.listener) break;
      }
    }
  }
}

}  // namespace

std::vector<const FrontService*> Front::services_of(const FrontHost& host, const Path& path) const {
  std::vector<const FrontService*> out;
  for (const FrontService& front : services) {
    const bool by_gateway = host.gateway != no_index && front.gateway == host.gateway;
    const bool by_ingress = host.ingress != no_index && front.gateway == no_index && front.controller != no_index &&
                            front.controller == path.ingresses[host.ingress].controller;
    if (by_gateway || by_ingress) out.push_back(&front);
  }
  return out;
}

const Front::Unread* Front::unread_of(const FrontHost& host, const Path& path) const {
  for (const Unread& one : unread) {
    const bool by_gateway = host.gateway != no_index && one.gateway == host.gateway;
    const bool by_controller = host.ingress != no_index && one.gateway == no_index && one.controller != no_index &&
                               one.controller == path.ingresses[host.ingress].controller;
    const bool by_ingress = host.ingress != no_index && one.ingress == host.ingress;
    if (by_gateway || by_controller || by_ingress) return &one;
  }
  return nullptr;
}

const ServicePort* port_for(const Service& service, const Workload* workload, std::int64_t listener, std::string_view protocol) {
  const auto find = [&](auto&& test) -> const ServicePort* {
    const auto found = std::find_if(service.ports.begin(), service.ports.end(),
                                    [&](const ServicePort& port) { return port.protocol == protocol && test(port); });
    return found == service.ports.end() ? nullptr : &*found;
  };
  if (const ServicePort* same = find([&](const ServicePort& port) { return port.port == listener; })) return same;
  return find([&](const ServicePort& port) {
    if (port.target_number == listener) return true;
    if (workload == nullptr || port.target_name.empty()) return false;
    return std::any_of(workload->containers.begin(), workload->containers.end(), [&](const Container& container) {
      return std::any_of(container.ports.begin(), container.ports.end(),
                         [&](const ContainerPort& one) { return one.name == port.target_name && one.number == listener; });
    });
  });
}

bool listens_on_nodes(const Known<Workload>& workload, std::int64_t port) {
  if (workload.document == nullptr) return false;
  const Value& spec = workload.document->at_path("spec.template.spec");
  if (spec["hostNetwork"].boolean().value_or(false)) return true;
  for (const Value& container : spec["containers"].items()) {
    for (const Value& one : container["ports"].items()) {
      const std::int64_t on_host = one["hostPort"].integer().value_or(0);
      if (on_host > 0 && (port == 0 || on_host == port)) return true;
    }
  }
  return false;
}

std::shared_ptr<const Front> front_of(const Path& path, const Facts& facts) {
  std::string key = fmt::format("front {}", path.target.text());
  if (path.trace != nullptr) {
    key += " " + path.trace->request.host;
    for (const Entrance& one : path.entrances) key += fmt::format(" {}|{}|{}|{}", one.host, one.scheme, one.port, one.gateway);
  }
  return facts.memo<Front>(key, [&] { return FrontBuilder(path, facts).build(); });
}

}  // namespace gwdoctor

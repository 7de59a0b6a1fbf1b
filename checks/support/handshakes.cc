#include "checks/support/handshakes.h"

#include <algorithm>

#include "checks/grace.h"
#include "checks/support/addresses.h"
#include "checks/support/edges.h"

namespace gwdoctor {

namespace {

std::vector<const CertificateView*> meant_at(const FrontPort& port, const std::vector<const CertificateView*>& served) {
  std::vector<const CertificateView*> meant;
  for (const CertificateView* view : served) {
    if (view->scope.overlaps(port.scope)) meant.push_back(view);
  }
  return meant;
}

void find_listener(const FrontPort& port, const Path& path, TlsSpot& spot) {
  for (std::size_t stream = 0; stream < path.streams.size(); ++stream) {
    if (!port.scope.has(stream)) continue;
    const Entrance& entrance = path.entrances[path.streams[stream].entrance];
    if (entrance.listener == no_index) continue;
    const ListenerView& listener = path.gateways[entrance.gateway].listeners[entrance.listener];
    spot.object = listener.owner;
    spot.field = listener.spec.path + ".tls";
    return;
  }
}

void find_entry(const FrontHost& host, const IngressView& view, TlsSpot& spot) {
  spot.object = view.ref;
  if (!view.ingress.present()) return;
  for (const IngressTls& tls : view.ingress->tls) {
    const bool listed = tls.hosts.empty() || std::find(tls.hosts.begin(), tls.hosts.end(), host.host) != tls.hosts.end();
    if (listed || spot.field.empty()) spot.field = tls.field;
    if (listed) return;
  }
}

void find_field(const FrontHost& host, const FrontPort& port, const Path& path, TlsSpot& spot) {
  if (!spot.meant.empty()) {
    spot.object = spot.meant.front()->owner;
    spot.field = spot.meant.front()->path + (spot.meant.front()->ingress == no_index ? ".name" : "");
  } else if (host.ingress != no_index) {
    find_entry(host, path.ingresses[host.ingress], spot);
  } else {
    find_listener(port, path, spot);
  }
}

std::size_t controller_at(const TlsSpot& spot, const Path& path) {
  if (spot.host->gateway != no_index) return path.gateways[spot.host->gateway].controller;
  return spot.host->ingress != no_index ? path.ingresses[spot.host->ingress].controller : no_index;
}

Why no_way(const FrontTarget& target, std::int64_t port, TcpResult result) {
  return {Why::Reason::vantage, fmt::format("this machine has no connection to {}: {}", target.text(port), result_name(result)),
          std::nullopt};
}

void shake_hands(const FrontTargets& targets, const Facts& facts, TlsSpot& spot, Verdicts& out) {
  if (!facts.probes(ProbeKind::tls)) return;
  for (const FrontTarget& target : targets.all) {
    Shake shake{target, facts.tls(target.address, spot.port->port, spot.host->host)};
    if (shake.answer.unknown()) {
      out.unknown(spot.port->scope, shake.answer);
    } else if (shake.tls().connect == TcpResult::connected && shake.tls().handshake == Handshake::none) {
      out.unknown(spot.port->scope, shake.answer.wish(), {Why::Reason::error, "the handshake was interrupted", std::nullopt});
    } else if (shake.tls().connect == TcpResult::connected) {
      spot.shakes.push_back(std::move(shake));
    } else if (shake.tls().connect == TcpResult::no_route ? targets.all.size() == 1 : !facts.probes(ProbeKind::tcp)) {
      out.unknown(spot.port->scope, shake.answer.wish(), no_way(target, spot.port->port, shake.tls().connect));
    }
  }
}

void add_name(const std::string& name, std::vector<std::string>& names) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

}  // namespace

std::vector<TlsSpot> tls_spots(const Front& front, const Path& path, const Facts& facts, bool nameless, Verdicts& out) {
  std::vector<TlsSpot> spots;
  const std::vector<const CertificateView*> served = served_certificates(path, facts);
  for (const FrontHost& host : front.hosts) {
    if (host.host.empty() && !nameless) continue;
    const FrontTargets targets = targets_of(host, facts);
    for (const FrontPort& port : host.ports) {
      if (!port.tls || !port.scope.any()) continue;
      TlsSpot spot;
      spot.host = &host;
      spot.port = &port;
      if (!port.passthrough) spot.meant = meant_at(port, served);
      find_field(host, port, path, spot);
      shake_hands(targets, facts, spot, out);
      spots.push_back(std::move(spot));
    }
  }
  return spots;
}

// Names that the controllers give the certificate which they make for themselves: ingress-nginx (internal/net/ssl), Traefik
// (pkg/tls/generate), NGINX Inc.'s default server Secret, Kong (prefix_handler), OpenShift's ingress operator.
std::string_view default_certificate_of(const ServedCertificate& leaf) {
  const std::string& name = leaf.common_name;
  if (name == "Kubernetes Ingress Controller Fake Certificate") return "ingress-nginx";
  if (name == "TRAEFIK DEFAULT CERT") return "Traefik";
  if (name == "NGINXIngressController") return "NGINX Ingress Controller";
  if (name == "localhost" && leaf.subject.find("O=Kong") != std::string::npos) return "Kong";
  if (leaf.issuer_common_name.starts_with("ingress-operator@")) return "the OpenShift router";
  if (name.ends_with("Fake Certificate") || name.ends_with("fake certificate")) return "the controller";
  return {};
}

const CertificateView* holder_of(const ServedCertificate& leaf, const TlsSpot& spot) {
  for (const CertificateView* view : spot.meant) {
    if (!view->secret.present() || view->secret->chain.empty()) continue;
    if (view->secret->chain.front().fingerprint == leaf.fingerprint) return view;
  }
  return nullptr;
}

bool is_settling(const TlsSpot& spot, const Path& path, const Facts& facts) {
  const bool secret = std::any_of(spot.meant.begin(), spot.meant.end(), [&](const CertificateView* view) {
    return view->secret.present() && settling(view->secret->meta, facts);
  });
  if (secret) return true;
  if (spot.host->gateway != no_index) {
    const Seen<Gateway>& gateway = path.gateways[spot.host->gateway].gateway;
    return gateway.present() && settling(gateway->meta, facts);
  }
  const Seen<Ingress>& ingress = path.ingresses[spot.host->ingress].ingress;
  return ingress.present() && settling(ingress->meta, facts);
}

std::string led_past(const TlsSpot& spot, const Facts& facts) {
  if (spot.host->host.empty() || !facts.probes(ProbeKind::dns)) return {};
  const Seen<DnsAnswer> answer = facts.dns(spot.host->host, facts.settings().resolvers().front());
  if (!answer.present() || !answer->resolves()) return {};
  if (const std::string_view edge = known_edge(*answer); !edge.empty()) return std::string(edge);
  const std::vector<FrontTarget> published = targets_of(*spot.host, facts).all;
  if (published.empty()) return {};
  for (const std::string& address : answer->addresses()) {
    const std::optional<IpAddress> parsed = parse_ip(address);
    const bool here = std::any_of(published.begin(), published.end(),
                                  [&](const FrontTarget& target) { return parse_ip(target.address) == parsed; });
    if (here) return {};
  }
  return "another address";
}

bool ends_in_front(const TlsSpot& spot, const Front& front, const Path& path, const Facts& facts) {
  const Controller* known = controller_of(*spot.host, path);
  const auto is_cloud = [](const DataPlane& plane) { return plane.kind == DataPlane::Kind::cloud; };
  if (known != nullptr && is_cloud(spot.host->gateway != no_index ? known->gateway_plane : known->ingress_plane)) return true;
  for (const FrontService* service : front.services_of(*spot.host, path)) {
    const ServicePort* port = service->service->port(spot.port->port);
    if (port != nullptr && asks_for_tls_end(*service->service, *port)) return true;
  }
  if (!facts.probes(ProbeKind::dns)) return false;
  return std::any_of(spot.host->addresses.begin(), spot.host->addresses.end(), [&](const FrontAddress& published) {
    if (!published.is_hostname) return false;
    const Seen<DnsAnswer> answer = facts.dns(published.value, facts.settings().resolvers().front());
    return answer.present() && !known_edge(*answer).empty();
  });
}

void add_fault(const TlsSpot& spot, const Shake& shake, std::string key, bool part, std::vector<TlsFault>& faults) {
  auto same = std::find_if(faults.begin(), faults.end(), [&](const TlsFault& one) {
    return one.key == key && one.spot->object == spot.object && one.spot->field == spot.field;
  });
  if (same == faults.end()) {
    faults.push_back({&spot, &shake, std::move(key), {}, {}, spot.port->scope, true});
    same = faults.end() - 1;
  }
  if (!spot.host->host.empty()) add_name(spot.host->host, same->hosts);
  add_name(shake.target.text(spot.port->port), same->places);
  same->scope |= spot.port->scope;
  same->part = same->part && part;
}

FindingBuilder fail_handshake(const TlsFault& fault, std::string_view evidence, Verdicts& out) {
  FindingBuilder finding = out.fail(fault.scope);
  finding.object(fault.spot->object, fault.spot->field)
      .certainty(Certainty::observed)
      .impact(fault.part ? Impact::part : Impact::all)
      .saw(fault.shake->ref(fault.spot->port->port), evidence, fault.shake->answer.document().at_path(evidence));
  for (const CertificateView* view : fault.spot->meant) finding.affects(secret_of(*view));
  return finding;
}

std::vector<std::string> controller_logs(const TlsSpot& spot, const Path& path) {
  std::vector<std::string> commands;
  const std::size_t at = controller_at(spot, path);
  if (at == no_index) return commands;
  for (const Known<Workload>& one : path.controllers[at].control.found)
    commands.push_back(fmt::format("kubectl logs {} --since=1h", kubectl_object(one->meta.ref)));
  return commands;
}

std::vector<std::string> data_plane_logs(const TlsSpot& spot, const Front& front, const Path& path) {
  std::vector<std::string> commands;
  for (const FrontService* service : front.services_of(*spot.host, path)) {
    if (service->workload.object != nullptr)
      add_name(fmt::format("kubectl logs {} --since=1h", kubectl_object(service->workload->meta.ref)), commands);
  }
  return commands.empty() ? controller_logs(spot, path) : commands;
}

}  // namespace gwdoctor

#include "checks/check.h"

#include <algorithm>
#include <array>

#include "chain/hostname.h"
#include "checks/grace.h"
#include "checks/support/handshakes.h"
#include "checks/support/names.h"

namespace gwdoctor {

namespace {

constexpr std::int64_t https_port = 443;

struct Spot {
  const FrontHost& host;
  const Front& front;
  const Path& path;
  const Facts& facts;
};

bool overlap(std::string_view one, std::string_view other) { return covers(one, other) || covers(other, one); }

// A listener on which clients may speak TLS to the host, as far as its own words go: whether it works is for other codes.
bool serves_https(const Listener& listener, std::string_view host, std::int64_t port) {
  if (listener.protocol == "UDP" || !overlap(listener.hostname, host)) return false;
  return listener.protocol == "HTTPS" || listener.protocol == "TLS" || listener.port == port;
}

bool any_serves(const Spot& at, std::string_view host, std::int64_t port) {
  return std::any_of(at.path.gateways.begin(), at.path.gateways.end(), [&](const GatewayView& gateway) {
    return std::any_of(gateway.listeners.begin(), gateway.listeners.end(),
                       [&](const ListenerView& listener) { return serves_https(listener.spec, host, port); });
  });
}

// TLS ends in front of the data plane for this port of the Service.
bool ends_tls(const Spot& at, std::int64_t port) {
  for (const FrontService* front : at.front.services_of(at.host, at.path)) {
    const ServicePort* found = front->service->port(port);
    if (found != nullptr && asks_for_tls_end(*front->service, *found)) return true;
  }
  const Controller* known = controller_of(at.host, at.path);
  return known != nullptr && known->gateway_plane.kind == DataPlane::Kind::cloud && at.host.gateway != no_index;
}

// What the addresses do on the port of HTTPS.
enum class Observed443 { unasked, unknown, open, closed };

struct Tried {
  Observed443 state = Observed443::unasked;
  std::string where;
  Seen<TcpAnswer> answer;
};

// Closed only where the address has plain HTTP to offer, so that there is a way to it.
Tried try_https(const Spot& at, std::int64_t port, const Scope& scope, Verdicts& out) {
  Tried tried;
  if (!at.facts.probes(ProbeKind::tcp)) return tried;
  for (const FrontTarget& target : targets_of(at.host, at.facts).all) {
    const Seen<TcpAnswer> plain = at.facts.tcp(target.address, 80);
    const Seen<TcpAnswer> secure = at.facts.tcp(target.address, port);
    if (plain.unknown() || secure.unknown()) {
      out.unknown(scope, secure.unknown() ? secure : plain);
      tried.state = Observed443::unknown;
      return tried;
    }
    if (secure->result == TcpResult::connected) return {Observed443::open, target.text(port), secure};
    const bool closed = secure->result == TcpResult::refused || secure->result == TcpResult::timeout;
    if (closed && plain->result == TcpResult::connected && tried.state == Observed443::unasked)
      tried = {Observed443::closed, target.text(port), secure};
  }
  return tried;
}

bool is_edge_before(const Spot& at) {
  TlsSpot spot;
  spot.host = &at.host;
  return !led_past(spot, at.facts).empty();
}

// What every finding has: more than a risk only where the port is seen to be closed.
FindingBuilder start(const Scope& scope, const Tried& tried, Verdicts& out) {
  FindingBuilder finding = out.fail(scope);
  finding.reason("listener-missing-for-scheme");
  if (tried.state == Observed443::closed) {
    finding.certainty(Certainty::observed)
        .saw({"gwdoctor.dev/v1", "TCPObservation", {}, tried.where, {}}, "status.result",
             tried.answer.document().at_path("status.result"));
  } else {
    finding.severity(Severity::warning).certainty(Certainty::likely);
  }
  return finding;
}

std::string closed_text(const Tried& tried) {
  if (tried.state != Observed443::closed) return {};
  return fmt::format(", and {} {}", tried.where,
                     tried.answer->result == TcpResult::refused ? "refuses connections" : "does not answer");
}

// ---- a redirect to where nobody listens ----

const RouteFilter* redirect_of(const RouteRule& rule) {
  const auto found = std::find_if(rule.filters.begin(), rule.filters.end(),
                                  [](const RouteFilter& filter) { return filter.type == "RequestRedirect"; });
  return found == rule.filters.end() ? nullptr : &*found;
}

std::string listeners_text(const GatewayView& gateway) {
  std::vector<std::string> names;
  for (const ListenerView& listener : gateway.listeners)
    names.push_back(fmt::format("{} ({} {}{}{})", listener.spec.name, listener.spec.protocol, listener.spec.port,
                                listener.spec.hostname.empty() ? "" : " for ", listener.spec.hostname));
  return join_names(names);
}

Fix add_listener(const GatewayView& gateway, const std::string& host) {
  return by_hand(
      fmt::format("add a listener with protocol HTTPS on port 443{} to {}, with a certificate, and attach the routes to it",
                  host.empty() ? std::string() : " for " + host, gateway.ref.text()),
      {fmt::format("kubectl edit {}", kubectl_object(gateway.ref))});
}

void judge_redirect(const Spot& at, const Entrance& entrance, const Leg& leg, const Scope& scope, Verdicts& out) {
  const RouteView& route = at.path.routes[leg.route];
  const RouteRule& rule = route.route->rules[leg.rule];
  const RouteFilter* filter = redirect_of(rule);
  // A match on a header is how the first scheme is told where a load balancer ends TLS.
  const bool by_header = leg.match < rule.matches.size() && !rule.matches[leg.match].headers.empty();
  if (filter == nullptr || filter->scheme != "https" || by_header) return;
  // A redirect beside backends or a rewrite is no valid rule: route-rule-invalid.
  const bool rewrites =
      std::any_of(rule.filters.begin(), rule.filters.end(), [](const RouteFilter& one) { return one.type == "URLRewrite"; });
  if (rewrites || !rule.backends.empty()) return;
  if (filter->hostname && *filter->hostname != entrance.host) return;
  const std::int64_t port = filter->port.value_or(https_port);
  const GatewayView& gateway = at.path.gateways[entrance.gateway];
  if (any_serves(at, entrance.host, port)) return out.pass(scope);
  if (const Front::Unread* unread = at.front.unread_of(at.host, at.path)) return out.unknown(scope, unread->wish, unread->why);
  if (ends_tls(at, port) || is_edge_before(at)) return;
  if (settling(gateway.gateway->meta, at.facts)) return out.unknown(scope, gateway.gateway.wish(), pending("the listener"));
  const Tried tried = try_https(at, port, scope, out);
  if (tried.state == Observed443::unknown) return;
  if (tried.state == Observed443::open) return out.pass(scope);
  start(scope, tried, out)
      .object(gateway.ref, "spec.listeners")
      .affects(route.ref)
      .says("{} redirects {} to HTTPS on port {}, for which {} has no listener: it has {}{}", route.ref.text(),
            entrance.host.empty() ? std::string("its requests") : entrance.host, port, gateway.ref.text(),
            listeners_text(gateway), closed_text(tried))
      .saw(route.route, route.ref, filter->path)
      .fix(add_listener(gateway, entrance.host));
}

// ---- plain HTTP on the port of HTTPS ----

// Whoever ends TLS in front need not be known: only a handshake that comes back in plain HTTP shows that nobody does.
std::optional<Seen<TlsAnswer>> plain_answer(const Spot& at, const Scope& scope, Verdicts& out) {
  for (const FrontTarget& target : targets_of(at.host, at.facts).all) {
    const Seen<TlsAnswer> answer = at.facts.tls(target.address, https_port, at.host.host);
    if (answer.unknown()) out.unknown(scope, answer);
    if (answer.present() && answer->handshake == Handshake::plain_http) return answer;
  }
  return std::nullopt;
}

void judge_plain(const Spot& at, const ListenerView& listener, const Scope& scope, Verdicts& out) {
  if (!at.facts.probes(ProbeKind::tls)) return;
  if (const Front::Unread* unread = at.front.unread_of(at.host, at.path)) return out.unknown(scope, unread->wish, unread->why);
  if (ends_tls(at, https_port) || is_edge_before(at)) return;
  const std::optional<Seen<TlsAnswer>> plain = plain_answer(at, scope, out);
  if (!plain) return;
  out.fail(scope)
      .object(listener.owner, listener.spec.path + ".protocol")
      .reason("listener-missing-for-scheme")
      .certainty(Certainty::observed)
      .says("listener {} of {} serves plain HTTP on port 443, where clients speak TLS: the handshake is answered in plain HTTP",
            listener.spec.name, listener.owner.text())
      .saw(listener.owner, listener.spec.path + ".protocol", listener.document->at_path(listener.spec.path + ".protocol"))
      .saw({"gwdoctor.dev/v1", "TLSObservation", {}, (*plain)->address, {}}, "status.handshake",
           plain->document().at_path("status.handshake"))
      .fix(by_hand("give the listener protocol HTTPS and a certificate, or let the load balancer in front end TLS for it",
                   {fmt::format("kubectl edit {}", kubectl_object(listener.owner))}));
}

void judge_gateway(const Spot& at, Verdicts& out) {
  for (std::size_t stream = 0; stream < at.path.streams.size(); ++stream) {
    const Entrance& entrance = at.path.entrances[at.path.streams[stream].entrance];
    const Leg& leg = at.path.legs[at.path.streams[stream].leg];
    if (!at.host.scope.has(stream) || entrance.tls || entrance.listener == no_index || entrance.scheme != "http") continue;
    Scope scope = at.path.nothing();
    scope.add(stream);
    const ListenerView& listener = at.path.gateways[entrance.gateway].listeners[entrance.listener];
    if (listener.spec.protocol == "HTTP" && listener.spec.port == https_port) judge_plain(at, listener, scope, out);
    if (leg.redirects && leg.route != no_index && leg.rule != no_index) judge_redirect(at, entrance, leg, scope, out);
  }
}

// ---- an Ingress that redirects, without an entry in spec.tls ----

// Redirects whatever spec.tls says: ingress-nginx, haproxy-ingress, HAProxy's own.
constexpr std::array<std::string_view, 4> redirecting{"nginx.ingress.kubernetes.io/force-ssl-redirect",
                                                      "ingress.kubernetes.io/force-ssl-redirect",
                                                      "haproxy-ingress.github.io/ssl-redirect", "haproxy.org/ssl-redirect"};

void judge_ingress(const Spot& at, Verdicts& out) {
  const IngressView& view = at.path.ingresses[at.host.ingress];
  const bool secured = std::any_of(at.host.ports.begin(), at.host.ports.end(), [](const FrontPort& port) { return port.tls; });
  if (!view.ingress.present() || secured || at.host.host.empty()) return;
  for (const std::string_view key : redirecting) {
    const std::string* value = label(view.ingress->meta.annotations, std::string(key));
    if (value == nullptr || *value != "true") continue;
    if (is_edge_before(at)) return;
    const Tried tried = try_https(at, https_port, at.host.scope, out);
    if (tried.state != Observed443::closed) return;
    const std::string field = fmt::format("metadata.annotations[\"{}\"]", key);
    start(at.host.scope, tried, out)
        .object(view.ref, field)
        .says("{} redirects {} to HTTPS, for which it has no entry in spec.tls{}", view.ref.text(), at.host.host,
              closed_text(tried))
        .saw(view.ref, field, Value(*value))
        .fix(by_hand("name the host with a Secret in spec.tls and open port 443, or do not redirect",
                     {fmt::format("kubectl edit {}", kubectl_object(view.ref))}));
    return;
  }
}

// ---- a traced request for https:// ----

void judge_trace(const Path& path, const Front& front, const Facts& facts, Verdicts& out) {
  const Trace& trace = *path.trace;
  if (trace.request.scheme != "https" || trace.outcome.action != Action::unreachable || !trace.unread.empty()) return;
  for (const GatewayView& gateway : path.gateways) {
    if (gateway.ref != trace.outcome.gateway || !gateway.gateway.present()) continue;
    const auto plain = [&](const ListenerView& one) {
      return one.spec.protocol == "HTTP" && overlap(one.spec.hostname, trace.request.host);
    };
    const bool by_http = std::any_of(gateway.listeners.begin(), gateway.listeners.end(), plain);
    const bool by_https = std::any_of(gateway.listeners.begin(), gateway.listeners.end(), [&](const ListenerView& one) {
      return serves_https(one.spec, trace.request.host, https_port);
    });
    if (!by_http || by_https) continue;
    for (const FrontHost& host : front.hosts) {
      if (ends_tls({host, front, path, facts}, https_port)) return;
    }
    out.fail(path.all())
        .object(gateway.ref, "spec.listeners")
        .reason("listener-missing-for-scheme")
        .says("{} has no listener for HTTPS that serves {}: it has {}", gateway.ref.text(), trace.request.host,
              listeners_text(gateway))
        .saw(gateway.gateway, gateway.ref, "spec.listeners")
        .fix(add_listener(gateway, trace.request.host));
  }
}

// HTTPS is asked of nobody: only what says that it is meant makes its lack a fault.
void run(const Facts& facts, const Path& path, Verdicts& out) {
  const std::shared_ptr<const Front> front = front_of(path, facts);
  for (const FrontHost& host : front->hosts) {
    const Spot at{host, *front, path, facts};
    if (host.gateway != no_index) judge_gateway(at, out);
    if (host.ingress != no_index) judge_ingress(at, out);
  }
  if (path.trace != nullptr) judge_trace(path, *front, facts, out);
}

}  // namespace

extern constinit const Check tls_plain_http_only{
    .code = "tls-plain-http-only",
    .title = "HTTPS is meant, and only plain HTTP is served",
    .severity = Severity::error,
    .layer = Layer::tls,
    .reads = {Kind::gateway_class, Kind::gateway, Kind::http_route, Kind::ingress, Kind::service, Kind::deployment,
              Kind::daemon_set},
    .explains = {"route-request-unmatched"},
    .run = run,
};

}  // namespace gwdoctor

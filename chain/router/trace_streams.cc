#include <fmt/format.h>

#include <algorithm>

#include "chain/hostname.h"
#include "chain/router/attached.h"
#include "chain/router/rule_parts.h"
#include "chain/router/search.h"

namespace gwdoctor {

namespace {

// The effective hostname of a TLSRoute that the SNI meets, the most specific.
std::optional<std::string> matched_host(const Route& route, const TableListener& listener, const std::string& sni) {
  std::optional<std::string> best;
  for (const std::string& host : intersect(listener.spec.hostname, route.hostnames).effective) {
    if (host_covered(host, sni) && (!best || more_specific(host, *best))) best = host;
  }
  return best;
}

struct Taker {
  const Route* route = nullptr;
  std::string host;
};

// TLSRouteSpec.hostnames by the SNI, the most specific first, then the oldest; TCPRoute and UDPRoute: the oldest takes all.
Taker taker(const Request& request, const TableListener& listener) {
  Taker best;
  for (const auto& route : listener.streams) {
    if (route->kind != Kind::tls_route) continue;
    const std::optional<std::string> host = matched_host(*route, listener, request.sni);
    if (host && (best.route == nullptr || more_specific(*host, best.host))) best = {route.get(), *host};
  }
  if (best.route != nullptr) return best;
  for (const auto& route : listener.streams) {
    if (route->kind != Kind::tls_route) return {route.get(), {}};
  }
  return {};
}

void no_route(const Request& request, const TableListener& listener, Outcome& out) {
  out.action = Action::reject;
  if (listener.streams.empty()) {
    out.reason = fmt::format("no route is attached to {}", listener_text(listener));
  } else {
    out.reason = fmt::format("no route on {} serves {} (SNI)", listener_text(listener),
                             request.sni.empty() ? "a client without name" : request.sni);
  }
}

}  // namespace

const Route* trace_stream(const Request& request, std::size_t at, const GatewayTable& table, Outcome& out) {
  const TableListener& listener = table.listeners[at];
  const Taker found = taker(request, listener);
  if (found.route == nullptr) return no_route(request, listener, out), nullptr;
  const Route& route = *found.route;
  out.route = route.meta.ref;
  out.hostname = found.host;
  if (listener.spec.protocol == "TLS") {
    out.notes.push_back(listener.spec.tls == Listener::TlsMode::passthrough
                            ? "TLS is passed through: the backend presents the certificate"
                            : "TLS ends at the listener: the backend gets the stream without it");
  }
  if (route.rules.empty()) {
    out.action = Action::reject;
    out.reason = route.meta.ref.text() + " has no rules: the connection is refused";
    return found.route;
  }
  out.rule = 0;
  out.field = route.rules.front().path;
  if (add_backends(route.rules.front(), out) <= 0) {
    out.action = Action::reject;
    out.reason = route.meta.ref.text() + " takes it and has no backendRefs of a weight above 0: the connection is refused";
    return found.route;
  }
  out.action = Action::forward;
  out.reason = route.meta.ref.text() + " takes the connection";
  return found.route;
}

}  // namespace gwdoctor

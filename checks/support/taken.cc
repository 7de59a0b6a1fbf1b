#include "checks/support/taken.h"

#include <algorithm>

#include "chain/dialects/ingress_table.h"
#include "checks/support/routing.h"

namespace gwdoctor {

namespace {

Question question_for(const HttpUrl& url, const std::string& method, std::int64_t port) {
  Question out;
  Request& request = out.request;
  request.scheme = url.scheme;
  request.method = method;
  request.host = url.host;
  request.port = port;
  const std::size_t mark = std::min(url.path.find('?'), url.path.size());
  request.path = url.path.substr(0, mark);
  if (mark < url.path.size()) request.query = url.path.substr(mark + 1);
  request.tls = url.tls();
  request.sni = url.tls() ? url.host : std::string();
  return out;
}

std::optional<Outcome> outcome_of(const Question& question, const FrontHost& host, const Path& path) {
  if (path.trace != nullptr) return path.trace->outcome;
  if (host.gateway != no_index) {
    if (!path.gateways[host.gateway].gateway.present()) return std::nullopt;
    return trace_gateway(question, own_table(host.gateway, path)).outcome;
  }
  const IngressView& view = path.ingresses[host.ingress];
  if (!view.ingress.present() || view.controller == no_index) return std::nullopt;
  const Controller* known = path.controllers[view.controller].known;
  const IngressDialect& dialect = ingress_dialect(known == nullptr ? std::string_view() : known->id);
  return trace_ingress(question, make_ingress_table({view.ingress.shared()}, view.class_name, dialect)).outcome;
}

bool is_taken(const Leg& leg, const Outcome& outcome) {
  if (!same_object(leg.object, outcome.route)) return false;
  // The legs of an Ingress are told apart by the field of their backend, which is in the path's.
  if (leg.ingress != no_index) return leg.path == outcome.field || leg.path.starts_with(outcome.field + ".");
  return leg.rule == outcome.rule.value_or(no_index) && leg.match == outcome.match.value_or(0);
}

void add_streams(const Outcome& outcome, const FrontPort& port, const Path& path, Taken& out) {
  out.scope = path.nothing();
  for (std::size_t stream = 0; stream < path.streams.size(); ++stream) {
    if (!port.scope.has(stream)) continue;
    const Leg& leg = path.legs[path.streams[stream].leg];
    if (path.trace == nullptr && !is_taken(leg, outcome)) continue;
    out.scope.add(stream);
    if (leg.backend == no_index || leg.weight <= 0) continue;
    const BackendView* backend = &path.backends[leg.backend];
    if (std::find(out.behind.begin(), out.behind.end(), backend) == out.behind.end()) out.behind.push_back(backend);
  }
}

}  // namespace

Taken taken_by(const HttpUrl& url, const std::string& method, const FrontHost& host, const FrontPort& port, const Path& path) {
  Taken out;
  out.scope = port.scope;
  if (host.gateway == no_index && host.ingress == no_index) return out;
  const std::optional<Outcome> outcome = outcome_of(question_for(url, method, port.listener), host, path);
  if (!outcome || outcome->action == Action::unknown) return out;
  if (outcome->route.name.empty()) {
    // What refuses a request may do so before any rule is looked at.
    if (outcome->action == Action::not_found) out.by = Taken::By::nobody;
    return out;
  }
  add_streams(*outcome, port, path, out);
  if (out.scope.any()) {
    out.by = Taken::By::rule;
  } else {
    out.scope = port.scope;
  }
  return out;
}

}  // namespace gwdoctor

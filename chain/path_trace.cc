#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "chain/attachment.h"
#include "chain/backend_problem.h"
#include "chain/builder.h"
#include "chain/hostname.h"
#include "chain/router/backend_tls.h"
#include "chain/router/gateway_table.h"
#include "chain/router/tracer.h"
#include "chain/traefik/settings.h"
#include "chain/words.h"

namespace gwdoctor {

namespace {

// A data plane's answer where a backend that an Ingress names cannot be used (failures/symptoms, "same fault, different status").
std::int64_t invalid_ingress_status(const Controller* controller) {
  return controller != nullptr && controller->id.starts_with("traefik") ? 404 : 503;
}

std::size_t ready_endpoints(const BackendView& backend) {
  std::set<std::string> ready;
  for (const Known<EndpointSlice>& slice : *backend.slices) {
    for (const Endpoint& endpoint : slice->endpoints) {
      if (endpoint.ready) ready.insert(endpoint.addresses.begin(), endpoint.addresses.end());
    }
  }
  return ready.size();
}

// Why requests for a backend are answered by the data plane itself; "" where they are not, or where that is not known.
std::string problem_of(const TracedBackend& backend, const BackendView& view, const GrantView* grant, bool target_ports) {
  if (grant != nullptr && (grant->state == GrantView::State::missing || grant->state == GrantView::State::mismatch))
    return ungranted(grant->from, grant->to.ns);
  return view.is_service ? service_problem(view.service, view.ref, backend.port, backend.port_name, target_ports) : std::string();
}

// What a BackendTLSPolicy makes of requests to this backend; "" where it keeps none of them.
std::string settle_tls(const Path& path, const Leg& leg, const Facts& facts, TracedBackend& backend, Outcome& outcome) {
  const std::optional<BackendTlsPlace> place = backend_tls_place(path, leg);
  if (!place) return {};
  const BackendTlsView view = backend_tls_view(*place, facts);
  for (const std::string& note : view.notes) {
    if (std::find(outcome.notes.begin(), outcome.notes.end(), note) == outcome.notes.end()) outcome.notes.push_back(note);
  }
  if (view.state != BackendTlsView::State::holds) return {};
  backend.tls = backend_tls_of(view.choice);
  if (!view.fault) return {};
  if (!view.fault->partial) return view.fault->why;
  outcome.notes.push_back("not all CA certificates for " + backend.object.text() + " can be used: " + view.fault->why);
  return {};
}

}  // namespace

void PathBuilder::from_trace() {
  auto traced = std::make_shared<Trace>(gwdoctor::trace(*target_.question, facts_));
  Outcome& outcome = traced->outcome;
  path_.target = outcome.route.name.empty() ? outcome.gateway : outcome.route;
  path_.state = State::present;
  const std::optional<Kind> kind = outcome.route.name.empty() ? std::nullopt : kind_of(outcome.route);
  if (kind) path_.target_kind = *kind;
  if (kind && is_route(*kind)) {
    follow_route(*kind, outcome);
  } else if (kind == Kind::ingress) {
    follow_ingress(*traced);
  } else if (kind == Kind::ingress_route) {
    follow_ingress_route(*traced);
  } else {
    stand_at_entrance(*traced);
    follow_intended(*traced);
  }
  settle_backends(*traced);
  admit_unread(*traced);
  path_.trace = std::move(traced);
}

void PathBuilder::follow_route(Kind kind, Outcome& outcome) {
  narrow_ =
      Narrow{outcome.rule.value_or(0), outcome.match.value_or(0), outcome.listener_owner, outcome.listener, outcome.hostname};
  const std::size_t at = add_route(kind, outcome.route.ns, outcome.route.name);
  const Seen<Route>& route = path_.routes[at].route;
  if (route.present() && narrow_->rule < route->rules.size() && narrow_->match < route->rules[narrow_->rule].matches.size())
    outcome.matched = requests_of(kind, route->rules[narrow_->rule].matches[narrow_->match]);
  for (Leg& leg : path_.legs) leg.requests = "such requests";
}

Entrance PathBuilder::entrance_for(const Request& request, std::string_view host) {
  Entrance out;
  out.host = std::string(host);
  out.scheme = request.scheme;
  out.port = request.port;
  out.tls = request.tls;
  return out;
}

void PathBuilder::follow_ingress(Trace& trace) {
  Outcome& outcome = trace.outcome;
  // Its own paths and hosts are left out again: this request takes one of them, and perhaps a canary of another Ingress.
  const std::size_t at = add_ingress(outcome.route.ns, outcome.route.name);
  path_.legs.clear();
  path_.entrances.clear();
  const Seen<Ingress>& ingress = path_.ingresses[at].ingress;
  if (ingress.present() && outcome.rule.value_or(no_index) < ingress->rules.size()) {
    const IngressRule& rule = ingress->rules[*outcome.rule];
    if (outcome.match.value_or(no_index) < rule.paths.size()) outcome.matched = requests_of(rule, rule.paths[*outcome.match]);
  }
  Entrance entrance = entrance_for(trace.request, outcome.hostname);
  entrance.ingress = at;
  path_.entrances.push_back(entrance);
  Leg leg;
  leg.ingress = at;
  leg.rule = outcome.rule.value_or(no_index);
  leg.object = outcome.route;
  leg.requests = "such requests";
  leg.path = outcome.field;
  std::int64_t total_weight = 0;
  for (const TracedBackend& each : outcome.backends) total_weight += each.weight;
  for (const TracedBackend& backend : outcome.backends) {
    leg.backend_ref = 0;
    leg.port = backend.port;
    leg.port_name = backend.port_name;
    leg.weight = backend.weight;
    leg.total_weight = total_weight;
    leg.backend = backend.object.name.empty() ? no_index : add_backend(reference_to(backend.object));
    path_.legs.push_back(leg);
  }
  if (!path_.legs.empty()) return;
  leg.redirects = outcome.action == Action::redirect;
  path_.legs.push_back(leg);
}

void PathBuilder::stand_at_entrance(const Trace& trace) {
  const Outcome& outcome = trace.outcome;
  Entrance entrance = entrance_for(trace.request, trace.request.host);
  if (outcome.gateway.kind == info(Kind::gateway).name) {
    path_.target_kind = Kind::gateway;
    entrance.gateway = add_gateway(outcome.gateway.ns, outcome.gateway.name);
    const std::vector<ListenerView>& listeners = path_.gateways[entrance.gateway].listeners;
    for (std::size_t at = 0; at < listeners.size(); ++at) {
      if (listeners[at].spec.name == outcome.listener && same_object(listeners[at].owner, outcome.listener_owner))
        entrance.listener = at;
    }
  }
  path_.entrances.push_back(entrance);
  Leg leg;
  leg.object = path_.target;
  leg.requests = "such requests";
  path_.legs.push_back(leg);
}

// A route of this Gateway that would take the request, were it let in: what keeps it out is the cause, and its checks tell.
void PathBuilder::follow_intended(const Trace& trace) {
  const Outcome& outcome = trace.outcome;
  if (outcome.action != Action::not_found && outcome.action != Action::unreachable) return;
  // Letting a route in opens no port.
  if (!path_.gateways.empty() && !listens_on(path_.gateways.front(), trace.request.port)) return;
  for (const Candidate& candidate : trace.candidates) {
    const std::optional<Kind> kind = kind_of(candidate.route);
    if (candidate.matched || candidate.rule || !kind || !is_route(*kind)) continue;
    const Seen<Route> route = facts_.get<Route>(*kind, candidate.route.ns, candidate.route.name);
    if (!route.present()) continue;
    const std::optional<Narrow> meant = meant_by(*route, trace.request, outcome.gateway);
    if (!meant) continue;
    path_.legs.clear();
    path_.entrances.clear();
    path_.target = candidate.route;
    path_.target_kind = *kind;
    narrow_ = *meant;
    add_route(*kind, candidate.route.ns, candidate.route.name);
    for (Leg& leg : path_.legs) leg.requests = "such requests";
    return;
  }
}

std::optional<PathBuilder::Narrow> PathBuilder::meant_by(const Route& route, const Request& request, const Ref& gateway) {
  const bool host = route.hostnames.empty() || std::any_of(route.hostnames.begin(), route.hostnames.end(),
                                                           [&](const std::string& name) { return covers(name, request.host); });
  if (!host) return std::nullopt;
  const GatewayDialect& dialect = gateway_dialect({});
  for (std::size_t rule = 0; rule < route.rules.size(); ++rule) {
    for (std::size_t match = 0; match < route.rules[rule].matches.size(); ++match) {
      const MatchResult result = match_request(route.rules[rule].matches[match], route.kind, request, request.path, dialect);
      if (result.verdict == MatchResult::Verdict::yes) return Narrow{rule, match, gateway, {}, request.host};
    }
  }
  return std::nullopt;
}

void PathBuilder::settle_backends(Trace& trace) {
  Outcome& outcome = trace.outcome;
  const bool by_ingress = path_.target_kind == Kind::ingress || path_.target_kind == Kind::ingress_route;
  const Controller* controller = nullptr;
  if (by_ingress && !path_.ingresses.empty() && path_.ingresses.front().controller != no_index)
    controller = path_.controllers[path_.ingresses.front().controller].known;
  const bool target_ports = controller != nullptr && controller->accepts_target_port;
  bool served = false;
  bool ready = false;
  for (TracedBackend& backend : outcome.backends) {
    const auto leg = std::find_if(path_.legs.begin(), path_.legs.end(), [&](const Leg& one) {
      return one.backend != no_index && same_object(path_.backends[one.backend].ref, backend.object) && one.port == backend.port;
    });
    if (leg == path_.legs.end()) {
      served = ready = ready || backend.share > 0;
      continue;
    }
    const BackendView& view = path_.backends[leg->backend];
    backend.problem = problem_of(backend, view, leg->grant == no_index ? nullptr : &path_.grants[leg->grant], target_ports);
    if (!backend.problem.empty()) {
      // Gateway API v1.6, HTTPRouteRule.backendRefs: requests for an invalid backend get a 500.
      backend.failure_status = by_ingress ? invalid_ingress_status(controller) : 500;
      continue;
    }
    // GEP-1897: the connection fails, and the client gets a 5xx; which one is left to the implementation.
    backend.problem = settle_tls(path_, *leg, facts_, backend, outcome);
    if (!backend.problem.empty()) continue;
    if (view.slices.present()) backend.ready_endpoints = ready_endpoints(view);
    served = served || backend.share > 0;
    ready = ready || (backend.share > 0 && backend.ready_endpoints.value_or(1) > 0);
  }
  if (outcome.action != Action::forward || outcome.backends.empty()) return;
  const bool http = trace.request.is_http();
  if (!served) {
    outcome.action = http ? Action::respond : Action::unreachable;
    if (http) outcome.status = outcome.backends.front().failure_status;
    outcome.reason = outcome.backends.size() == 1 ? outcome.backends.front().problem : "none of the rule's backends can be used";
  } else if (!ready) {
    if (http) outcome.status = path_.target_kind == Kind::ingress_route ? traefik_empty_status(facts_) : 503;
    outcome.notes.emplace_back("no endpoint of the backend is ready");
  }
}

void PathBuilder::admit_unread(const Trace& trace) {
  for (const Unread& unread : trace.unread) {
    path_.upstream.push_back({unread.wish.kind, unread.wish.ns, State::unknown, unread.why, unread.wish});
  }
  if (trace.outcome.action != Action::unknown || !trace.unread.empty()) return;
  const Why why{Why::Reason::error, trace.outcome.reason, std::nullopt};
  const Wish wish{Wish::What::object, path_.target_kind, path_.target.ns, path_.target.name, {}, {}};
  path_.upstream.push_back({path_.target_kind, path_.target.ns, State::unknown, why, wish});
}

}  // namespace gwdoctor

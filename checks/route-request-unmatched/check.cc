#include "checks/check.h"

#include <algorithm>

#include "chain/attachment.h"

namespace gwdoctor {

namespace {

// The candidate that met the most conditions: what the request was probably meant for.
const Candidate* nearest(const Trace& trace) {
  const Candidate* best = nullptr;
  for (const Candidate& candidate : trace.candidates) {
    if (candidate.matched || candidate.route.name.empty()) continue;
    if (best == nullptr || candidate.nearness > best->nearness) best = &candidate;
  }
  return best;
}

// Of a route of an IngressRoute.
std::string field_of_traefik(const Candidate& candidate) {
  for (const std::string_view field : {"spec.tls", "spec.entryPoints"}) {
    if (candidate.lost.starts_with(field)) return std::string(field);
  }
  const auto tells_of = [&](std::string_view kind) { return candidate.lost.find(kind) != std::string::npos; };
  const std::string_view part = tells_of("Middleware ")                                   ? "middlewares"
                                : tells_of(": Service ") || tells_of(": TraefikService ") ? "services"
                                                                                          : "match";
  return fmt::format("spec.routes[{}].{}", *candidate.rule, part);
}

// The field that says the condition which the request did not meet.
std::string field_of(const Candidate& candidate) {
  if (!candidate.rule) return {};
  if (candidate.lost.starts_with("hostname ")) return "spec.hostnames";
  if (candidate.route.kind == info(Kind::ingress_route).name) return field_of_traefik(candidate);
  if (candidate.route.kind == info(Kind::ingress).name) {
    if (candidate.lost.starts_with("host ")) return fmt::format("spec.rules[{}].host", *candidate.rule);
    return fmt::format("spec.rules[{}]{}", *candidate.rule,
                       candidate.match ? fmt::format(".http.paths[{}]", *candidate.match) : std::string());
  }
  return fmt::format("spec.rules[{}]{}", *candidate.rule, candidate.match ? fmt::format(".matches[{}]", *candidate.match) : "");
}

Value value_at(const Ref& object, const std::string& field, const Facts& facts) {
  const std::optional<Kind> kind = kind_of(object);
  if (field.empty() || !kind) return {};
  if (*kind == Kind::ingress_route) {
    const std::shared_ptr<const Value> document = facts.document(object);
    return document == nullptr ? Value() : document->at_path(field);
  }
  if (*kind == Kind::ingress) return facts.get<Ingress>(*kind, object.ns, object.name).document().at_path(field);
  return is_route(*kind) ? facts.get<Route>(*kind, object.ns, object.name).document().at_path(field) : Value();
}

// A Gateway that listens on other ports alone: nothing of its routes counts then.
bool listens_elsewhere(const Path& path) {
  const Outcome& outcome = path.trace->outcome;
  return outcome.action == Action::unreachable && !path.gateways.empty() &&
         !listens_on(path.gateways.front(), path.trace->request.port);
}

std::string_view reason_of(const Outcome& outcome) {
  if (outcome.action == Action::unreachable) return "listener-hostname-excludes-request";
  return outcome.gateway.kind == info(Kind::gateway).name ? "route-match-not-met" : "ingress-path-not-matched";
}

void run(const Facts& facts, const Path& path, Verdicts& out) {
  if (path.trace == nullptr) return;
  const Trace& trace = *path.trace;
  const Outcome& outcome = trace.outcome;
  const bool taken = outcome.action == Action::forward || outcome.action == Action::redirect || outcome.action == Action::respond;
  if (taken) return out.pass(path.all());
  // What is missing may be the very rule that takes it. The report names it.
  if (outcome.action == Action::unknown || !trace.unread.empty()) return;
  if (listens_elsewhere(path)) {
    const GatewayView& gateway = path.gateways.front();
    out.fail(path.all())
        .object(gateway.ref, "spec.listeners")
        .says("{}", outcome.reason)
        .saw(gateway.ref, "spec.listeners", gateway.gateway.document().at_path("spec.listeners"))
        .fix(by_hand(fmt::format("ask at a port that it listens on, or add a listener for port {}", trace.request.port),
                     {fmt::format("kubectl edit {}", kubectl_object(gateway.ref))}));
    return;
  }
  const Candidate* near = nearest(trace);
  FindingBuilder finding = out.fail(path.all());
  finding.reason(reason_of(outcome)).affects(outcome.gateway);
  if (near == nullptr) {
    finding.object(outcome.gateway).says("{}", outcome.reason);
    return;
  }
  const std::string field = field_of(*near);
  finding.object(near->route, field).says("{}; the nearest is {}: {}", outcome.reason, near->route.text(), near->lost);
  if (const Value match = value_at(near->route, field, facts); !match.is_null()) finding.saw(near->route, field, match);
}

}  // namespace

extern constinit const Check route_request_unmatched{
    .code = "route-request-unmatched",
    .title = "no host, path or match serves the traced request",
    .severity = Severity::error,
    .layer = Layer::route,
    .reads = {Kind::gateway, Kind::http_route, Kind::ingress},
    .run = run,
};

}  // namespace gwdoctor

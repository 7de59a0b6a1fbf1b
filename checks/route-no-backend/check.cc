#include "checks/check.h"

#include <algorithm>
#include <array>

#include "checks/support/names.h"

namespace gwdoctor {

namespace {

// What a filter of an extension, or one that is newer than this program, does with a request is not known: it may answer it.
bool may_answer(const RouteFilter& filter) {
  constexpr std::array<std::string_view, 6> known{
      "RequestHeaderModifier", "ResponseHeaderModifier", "RequestMirror", "URLRewrite", "CORS", "ExternalAuth"};
  return std::find(known.begin(), known.end(), filter.type) == known.end();
}

// The CORS filter answers preflight requests itself (Gateway API v1.6, HTTPCORSFilter).
bool is_preflight(const RouteRule& rule, const RouteMatch& match) {
  return match.method == "OPTIONS" &&
         std::any_of(rule.filters.begin(), rule.filters.end(), [](const RouteFilter& filter) { return filter.type == "CORS"; });
}

bool is_answered(const RouteRule& rule, const RouteMatch& match) {
  return std::any_of(rule.filters.begin(), rule.filters.end(), may_answer) || is_preflight(rule, match);
}

bool speaks_http(const Route& route) { return route.kind == Kind::http_route || route.kind == Kind::grpc_route; }

std::string consequence(const Route& route) { return speaks_http(route) ? "is answered with an error" : "is refused"; }

std::string rule_name(std::size_t index, const RouteRule& rule) {
  return rule.name.empty() ? fmt::format("rule {}", index) : fmt::format("rule {} ({})", index, rule.name);
}

void without_backends(const RouteView& view, const Leg& leg, Verdicts& out) {
  const RouteRule& rule = view.route->rules[leg.rule];
  out.fail(leg.scope)
      .object(view.ref, rule.path)
      .reason("route-no-backends-no-action")
      .says("{} of {} names no backend{}: what it takes {}", rule_name(leg.rule, rule), view.ref.text(),
            speaks_http(*view.route) ? " and no redirect" : "", consequence(*view.route))
      .saw(view.route, view.ref, rule.path)
      .fix(by_hand(speaks_http(*view.route) ? "name a backend in the rule, or redirect its requests, or remove the rule"
                                            : "name a backend in the rule",
                   {fmt::format("kubectl edit {}", kubectl_object(view.ref))}));
}

void all_idle(const RouteView& view, const Leg& leg, Verdicts& out) {
  const RouteRule& rule = view.route->rules[leg.rule];
  const bool single = rule.backends.size() == 1;
  std::vector<std::string> names;
  for (const BackendRef& backend : rule.backends)
    names.push_back(fmt::format("{} {}/{}", backend.kind, backend.ns, backend.name));
  const std::string who = single ? names.front() + ", its only backend," : join_names(names);
  const std::string field = single ? rule.backends.front().path + ".weight" : rule.path + ".backendRefs";
  FindingBuilder finding = out.fail(leg.scope);
  finding.object(view.ref, field)
      .reason("route-all-weights-zero")
      .says("{} of {} gives {} the weight 0{}: what it takes {}", rule_name(leg.rule, rule), view.ref.text(), who,
            single ? "" : " each", consequence(*view.route))
      .saw(view.route, view.ref, field)
      .fix(by_hand("give a weight above 0 to the backend that is to serve",
                   {fmt::format("kubectl edit {}", kubectl_object(view.ref))}));
  for (const BackendRef& backend : rule.backends) {
    if (backend.is("", "Service")) finding.affects(ref(Kind::service, backend.ns, backend.name));
  }
  if (single) finding.fix(set_field(view.ref, view.route.document(), field, 1, "give the only backend a weight above 0"));
}

// Gateway API v1.6, HTTPRouteRule.backendRefs and BackendRef.weight: requests of a rule that has no backend to go to are answered
// with 500, some controllers say 503. One backend of weight 0 beside others is meant to be idle (failures/traps, 14).
void run(const Facts&, const Path& path, Verdicts& out) {
  for (const Leg& leg : path.legs) {
    if (leg.route == no_index || leg.rule == no_index) continue;
    const RouteView& view = path.routes[leg.route];
    const RouteRule& rule = view.route->rules[leg.rule];
    if (leg.redirects || leg.backend_ref != no_index || is_answered(rule, rule.matches[leg.match])) {
      out.pass(leg.scope);
    } else if (rule.backends.empty()) {
      without_backends(view, leg, out);
    } else {
      all_idle(view, leg, out);
    }
  }
}

}  // namespace

extern constinit const Check route_no_backend{
    .code = "route-no-backend",
    .title = "a rule has no backend to send its requests to",
    .severity = Severity::error,
    .layer = Layer::route,
    .reads = {Kind::http_route, Kind::grpc_route},
    .explains = {"route-refs-unresolved", "route-not-accepted"},
    .run = run,
};

}  // namespace gwdoctor

#include "checks/check.h"

#include <algorithm>

#include "chain/regex.h"
#include "checks/support/parents.h"
#include "checks/support/rule_faults.h"

namespace gwdoctor {

namespace {

struct Spot {
  std::size_t route;
  std::size_t rule;
  const Path& path;

  [[nodiscard]] const RouteView& view() const { return path.routes[route]; }
};

std::string_view controller_id(const Entrance& entrance, const Path& path) {
  if (entrance.gateway == no_index || path.gateways[entrance.gateway].controller == no_index) return {};
  const Controller* known = path.controllers[path.gateways[entrance.gateway].controller].known;
  return known == nullptr ? std::string_view() : known->id;
}

// The streams that a fault concerns. Of an expression that PCRE may know, those whose data plane has RE2.
Scope scope_of(const RuleFault& fault, const Spot& at) {
  constexpr std::size_t every = static_cast<std::size_t>(-1);
  return at.path.through([&](const Entrance& entrance, const Leg& leg) {
    if (leg.route != at.route || leg.rule != at.rule) return false;
    if (fault.match != every && leg.match != fault.match) return false;
    if (fault.backend != every && leg.backend_ref != fault.backend) return false;
    return !fault.re2_only || compiles_with_re2(controller_id(entrance, at.path));
  });
}

Fix remedy(const RuleFault& fault, const RouteView& view) {
  const Value& document = view.route.document();
  const std::vector<std::string> edit{fmt::format("kubectl edit {}", kubectl_object(view.ref))};
  std::optional<Fix> fix;
  if (fault.twice) fix = remove_field(view.ref, document, fault.path, "remove the filter that stands there twice");
  if (!fault.better.empty())
    fix = set_field(view.ref, document, fault.path, fault.better, fmt::format("match the path {}", fault.better));
  if (fix) return *std::move(fix);
  switch (fault.what) {
    case RuleFault::What::filters:
      return by_hand("split the rule so that each part is allowed, or remove what it does not need", edit);
    case RuleFault::What::path:
      return by_hand("write the path as clients send it, without query, fragment and dot segments", edit);
    case RuleFault::What::regex:
      return by_hand("write an expression that the data plane can compile, or match by Exact or PathPrefix", edit);
    case RuleFault::What::match:
    case RuleFault::What::header:
      return by_hand("keep one condition for each name", edit);
  }
  return by_hand("mend the rule", edit);
}

// Where the controller says that it dropped something, that is the proof that it met the fault.
void add_words(const Spot& at, FindingBuilder& finding) {
  for (const ParentView& parent : at.view().parents) {
    if (parent.gateway == no_index) continue;
    for (const auto& [type, bad] :
         {std::pair("Accepted", Word::no), {"ValidMatches", Word::no}, {"PartiallyInvalid", Word::yes}}) {
      const ParentWord word = word_of(at.view(), parent, at.path, type);
      if (word.word != bad) continue;
      const std::string field = condition_path(at.view().route.document(), word.status->path + ".conditions", type);
      finding.saw(at.view().route, at.view().ref, field);
    }
  }
}

// Returns the streams that some fault concerns.
Scope judge(const Spot& at, Verdicts& out) {
  const RouteView& view = at.view();
  Scope broken = at.path.nothing();
  for (const RuleFault& fault : rule_faults(*view.route, at.rule, view.route.document())) {
    const Scope scope = scope_of(fault, at);
    if (!scope.any()) continue;
    FindingBuilder finding = out.fail(scope);
    finding.object(view.ref, fault.path)
        .reason(fault.what == RuleFault::What::filters ? "route-incompatible-filters" : "")
        .says("{} in rule {} of {}", fault.says, at.rule, view.ref.text())
        .saw(view.route, view.ref, fault.path)
        .fix(remedy(fault, view));
    if (fault.harmless) {
      finding.severity(Severity::warning);
    } else {
      add_words(at, finding);
      broken |= scope;
    }
  }
  return broken;
}

// The controller says that rules or matches of the route are invalid, and the rules do not tell why (a value that it does not
// support): Gateway API v1.6, RouteConditionPartiallyInvalid; ValidMatches is Contour's.
void by_word(const Spot& at, const ParentView& parent, const Facts& facts, Verdicts& out) {
  const RouteView& view = at.view();
  for (const auto& [type, bad] : {std::pair("PartiallyInvalid", Word::yes), {"ValidMatches", Word::no}}) {
    const ParentWord word = word_of(view, parent, at.path, type);
    if (word.unsure) unsure_of(parent, at.path, out);
    if (word.word != bad || may_change(*word.condition, view, parent, at.path, facts)) continue;
    const std::string field = condition_path(view.route.document(), word.status->path + ".conditions", type);
    out.fail(parent.scope)
        .object(view.ref, "spec.rules")
        .reason("route-partially-invalid")
        .certainty(Certainty::observed)
        .impact(Impact::part)
        .says("{} says that a rule of {} is invalid: {}", controller_of(parent, at.path, *word.status), view.ref.text(),
              said(*word.condition))
        .saw(view.route, view.ref, field)
        .affects(at.path.gateways[parent.gateway].ref)
        .fix(by_hand("mend the rule that the message names",
                     {fmt::format("kubectl get {} -o jsonpath='{{.status.parents}}'", kubectl_object(view.ref))}));
    return;
  }
  out.pass(parent.scope);
}

// Gateway API v1.6, HTTPRouteRule, HTTPRouteMatch and their CEL rules. What the spec proves is said once, with the controller's
// words as evidence; its words alone where nothing is proved.
void run(const Facts& facts, const Path& path, Verdicts& out) {
  for (std::size_t route = 0; route < path.routes.size(); ++route) {
    const RouteView& view = path.routes[route];
    if (!view.route.present()) continue;
    Scope broken = path.nothing();
    for (std::size_t rule = 0; rule < view.route->rules.size(); ++rule) broken |= judge({route, rule, path}, out);
    for (const ParentView& parent : view.parents) {
      if (parent.gateway != no_index && !broken.overlaps(parent.scope)) by_word({route, 0, path}, parent, facts, out);
    }
  }
}

}  // namespace

extern constinit const Check route_rule_invalid{
    .code = "route-rule-invalid",
    .title = "a rule is one that the API forbids or that no request can match",
    .severity = Severity::error,
    .layer = Layer::route,
    .reads = {Kind::http_route, Kind::grpc_route, Kind::gateway, Kind::gateway_class, Kind::name_space},
    .explains = {"route-not-accepted"},
    .run = run,
};

}  // namespace gwdoctor

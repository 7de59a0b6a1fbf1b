#include "checks/support/suspects.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "kube/ascii.h"

namespace gwdoctor {

namespace {

// A backendRef by its rule and its index there; a rule as a whole where `backend` is no_index.
struct Spot {
  std::size_t rule = 0;
  std::size_t backend = no_index;
};

bool in_name(char letter) { return is_alphanumeric(letter) || letter == '-'; }

// The word stands in the text by itself, not as a part of a longer name.
bool mentions(std::string_view text, std::string_view word) {
  for (std::size_t at = text.find(word); !word.empty() && at != std::string_view::npos; at = text.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if ((at == 0 || !in_name(text[at - 1])) && (end == text.size() || !in_name(text[end]))) return true;
  }
  return false;
}

template <class Test>
std::vector<Spot> backends_where(const Route& route, Test&& test) {
  std::vector<Spot> out;
  for (std::size_t rule = 0; rule < route.rules.size(); ++rule) {
    for (std::size_t backend = 0; backend < route.rules[rule].backends.size(); ++backend) {
      if (test(rule, backend, route.rules[rule].backends[backend])) out.push_back({rule, backend});
    }
  }
  return out;
}

// The rules with a filter whose target the message names, mirrors apart: what they send is a copy.
struct Filters {
  std::vector<Spot> rules;
  bool mirror = false;
};
Filters filters_named(const Route& route, std::string_view message) {
  Filters out;
  for (std::size_t rule = 0; rule < route.rules.size(); ++rule) {
    std::vector<RouteFilter> filters = route.rules[rule].filters;
    for (const BackendRef& backend : route.rules[rule].backends)
      filters.insert(filters.end(), backend.filters.begin(), backend.filters.end());
    bool named = false;
    for (const RouteFilter& filter : filters) {
      if (!filter.target || !mentions(message, filter.target->name)) continue;
      if (filter.type == "RequestMirror") out.mirror = true;
      named = named || filter.type != "RequestMirror";
    }
    if (named) out.rules.push_back({rule, no_index});
  }
  return out;
}

std::vector<Spot> by_reason(const Route& route, std::string_view reason) {
  return backends_where(route, [&](std::size_t, std::size_t, const BackendRef& backend) {
    if (reason == "RefNotPermitted") return backend.ns != route.meta.ref.ns;
    return reason == "InvalidKind" && !backend.is("", "Service");
  });
}

struct Choice {
  std::vector<Spot> spots;
  bool mirror = false;
  bool by_name = false;  // the message names them
};

Choice choose(const Route& route, const Condition& condition) {
  const std::string& message = condition.message;
  // Envoy Gateway counts: "Failed to process route rule 0 backendRef 1: …".
  Choice out{backends_where(route,
                            [&](std::size_t rule, std::size_t backend, const BackendRef&) {
                              return mentions(message, fmt::format("rule {} backendRef {}", rule, backend));
                            }),
             false, true};
  if (!out.spots.empty()) return out;
  out.spots =
      backends_where(route, [&](std::size_t, std::size_t, const BackendRef& backend) { return mentions(message, backend.name); });
  if (!out.spots.empty()) return out;
  Filters filters = filters_named(route, message);
  if (!filters.rules.empty() || filters.mirror) return {std::move(filters.rules), filters.mirror, true};
  out.by_name = false;
  out.spots = by_reason(route, condition.reason);
  if (out.spots.empty()) out.spots = backends_where(route, [](std::size_t, std::size_t, const BackendRef&) { return true; });
  return out;
}

std::string common_path(const Route& route, const std::vector<Spot>& spots) {
  if (spots.empty()) return "spec.rules";
  const Spot& first = spots.front();
  const bool one_rule = std::all_of(spots.begin(), spots.end(), [&](const Spot& spot) { return spot.rule == first.rule; });
  if (!one_rule) return "spec.rules";
  const RouteRule& rule = route.rules[first.rule];
  return spots.size() == 1 && first.backend != no_index ? rule.backends[first.backend].path : rule.path;
}

bool same_backend(const std::vector<const Leg*>& legs) {
  return std::all_of(legs.begin(), legs.end(),
                     [&](const Leg* leg) { return leg->backend == legs.front()->backend && leg->port == legs.front()->port; });
}

}  // namespace

Suspects suspects_of(const Condition& condition, std::size_t route, const Path& path) {
  const Route& object = *path.routes[route].route;
  const Choice choice = choose(object, condition);
  Suspects out;
  out.path = common_path(object, choice.spots);
  out.mirror = choice.mirror && choice.spots.empty();
  std::set<std::pair<std::size_t, std::size_t>> distinct;
  for (const Leg& leg : path.legs) {
    if (leg.route != route) continue;
    const bool meant = std::any_of(choice.spots.begin(), choice.spots.end(), [&](const Spot& spot) {
      return spot.rule == leg.rule && (spot.backend == no_index || spot.backend == leg.backend_ref);
    });
    if (!meant) continue;
    out.legs.push_back(&leg);
    distinct.insert({leg.rule, leg.backend_ref});
  }
  out.idle = out.legs.empty() && !choice.spots.empty();
  const bool rules = !choice.spots.empty() && choice.spots.front().backend == no_index;
  out.sure = rules || distinct.size() == 1 || same_backend(out.legs);
  return out;
}

}  // namespace gwdoctor

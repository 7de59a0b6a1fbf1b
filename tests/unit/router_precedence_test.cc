// HTTPRouteRule.matches and HTTPRouteSpec.hostnames (Gateway API v1.6): which of several matches takes a request.

#include <doctest/doctest.h>

#include "tests/unit/router_help.h"

using namespace gwdoctor;
using namespace gwdoctor::test;

namespace {

// A rule with one match, by its YAML.
std::string rule(std::string_view match) {
  return fmt::format("  - {{matches: [{}], backendRefs: [{{name: b, port: 80}}]}}\n", match);
}

std::string rules(std::initializer_list<std::string_view> matches) {
  std::string out = "  rules:\n";
  for (const std::string_view match : matches) out += rule(match);
  return out;
}

std::string world(std::string_view spec) { return gateway(http_listener) + route("a", spec); }

}  // namespace

TEST_CASE("HTTPRouteRule.matches: an Exact match goes before a PathPrefix of the same length") {
  const GatewayTable table =
      table_in(world(rules({"{path: {type: PathPrefix, value: /match}}", "{path: {type: Exact, value: /match}}"})));
  CHECK(served(request("x.example", "/match"), table) == "a#1");
  CHECK(served(request("x.example", "/match/more"), table) == "a");
  CHECK(traced(request("x.example", "/match"), table).candidates.front().lost == "PathPrefix after Exact");
}

TEST_CASE("HTTPRouteRule.matches: the PathPrefix with more characters goes first, whatever its place") {
  const GatewayTable table =
      table_in(world(rules({"{path: {value: /api}}", "{path: {value: /api/v1/items}}", "{path: {value: /api/v1}}"})));
  CHECK(served(request("x.example", "/api/v1/items/7"), table) == "a#1");
  CHECK(served(request("x.example", "/api/v1/other"), table) == "a#2");
  CHECK(served(request("x.example", "/api/v2"), table) == "a");
  const Trace trace = traced(request("x.example", "/api/v1/items/7"), table);
  REQUIRE(trace.candidates.size() == 2);
  CHECK(trace.candidates[0].lost == "shorter path match (7 < 13)");
  CHECK(trace.candidates[0].matched);
}

TEST_CASE("HTTPRouteRule.matches: a method match goes before header matches") {
  const GatewayTable table = table_in(world(rules({"{headers: [{name: a, value: b}, {name: c, value: d}]}", "{method: GET}"})));
  Request asked = request("x.example");
  asked.headers = {{"a", "b"}, {"c", "d"}};
  CHECK(served(asked, table) == "a#1");
  CHECK(lost(traced(asked, table), "a") == "no method match, against GET");
}

TEST_CASE("HTTPRouteRule.matches: more header matches go before more query parameter matches") {
  const GatewayTable table =
      table_in(world(rules({"{queryParams: [{name: p, value: q}, {name: r, value: s}]}", "{headers: [{name: a, value: b}]}"})));
  Request asked = request("x.example", "/?p=q&r=s");
  asked.headers = {{"A", "b"}};
  CHECK(served(asked, table) == "a#1");
  CHECK(lost(traced(asked, table), "a") == "fewer header matches (0 < 1)");
}

TEST_CASE("HTTPRouteRule.matches: more query parameter matches go first") {
  const GatewayTable table = table_in(
      world(rules({"{queryParams: [{name: p, value: q}]}", "{queryParams: [{name: p, value: q}, {name: r, value: s}]}"})));
  CHECK(served(request("x.example", "/?p=q&r=s"), table) == "a#1");
  CHECK(served(request("x.example", "/?p=q"), table) == "a");
  CHECK(lost(traced(request("x.example", "/?p=q&r=s"), table), "a") == "fewer query parameter matches (1 < 2)");
}

TEST_CASE("HTTPRouteRule.matches: a header named twice counts once") {
  const GatewayTable table = table_in(world(
      rules({"{headers: [{name: a, value: b}, {name: A, value: z}]}", "{headers: [{name: a, value: b}, {name: c, value: d}]}"})));
  Request asked = request("x.example");
  asked.headers = {{"a", "b"}, {"c", "d"}};
  CHECK(served(asked, table) == "a#1");
}

TEST_CASE("HTTPRouteRule.matches: of equal matches in several routes, the oldest route's takes the request") {
  const std::string yaml = gateway(http_listener) + route("young", rules({"{path: {value: /v1}}"}), "2026-01-02T00:00:00Z") +
                           route("old", rules({"{path: {value: /v1}}"}), "2026-01-01T00:00:00Z");
  CHECK(served(request("x.example", "/v1"), yaml) == "old");
  CHECK(lost(traced(request("x.example", "/v1"), yaml), "young") ==
        "created later (2026-01-02T00:00:00Z against 2026-01-01T00:00:00Z)");
}

TEST_CASE("HTTPRouteRule.matches: of routes of the same age, the first in the alphabet of namespace/name takes it") {
  const std::string both = rules({"{path: {value: /v1}}"});
  const std::string yaml = gateway(http_listener) + route("b", both) +
                           route("c", both, "2026-11-20T09:00:00Z", "HTTPRoute", "able") + route("a", both);
  const Trace trace = traced(request("x.example", "/v1"), yaml);
  CHECK(trace.outcome.route.text() == "HTTPRoute able/c");
  CHECK(lost(trace, "a") == "shop/a after able/c in the alphabet");
}

TEST_CASE("HTTPRouteRule.matches: age decides only where the matches are equal") {
  const std::string yaml = gateway(http_listener) + route("young", rules({"{path: {value: /v1/x}}"}), "2026-01-02T00:00:00Z") +
                           route("old", rules({"{path: {value: /v1}}"}), "2026-01-01T00:00:00Z");
  CHECK(served(request("x.example", "/v1/x"), yaml) == "young");
}

TEST_CASE("HTTPRouteRule.matches: within a route, the first of equal rules takes it, then the first match") {
  const GatewayTable table = table_in(world(rules({"{path: {value: /v1}}", "{path: {value: /v1}}"})));
  CHECK(served(request("x.example", "/v1"), table) == "a");
  CHECK(lost(traced(request("x.example", "/v1"), table), "a") == "a later rule of the same route");
}

TEST_CASE("HTTPRouteSpec.hostnames: one route's exact host goes before another's wildcard, whatever their paths") {
  const std::string yaml = gateway(http_listener) +
                           route("wild", "  hostnames: [\"*.shop.example\"]\n" + rules({"{path: {type: Exact, value: /v1}}"})) +
                           route("exact", "  hostnames: [a.shop.example]\n" + rules({"{path: {value: /}}"}));
  CHECK(served(request("a.shop.example", "/v1"), yaml) == "exact");
  CHECK(served(request("b.shop.example", "/v1"), yaml) == "wild");
  CHECK(lost(traced(request("a.shop.example", "/v1"), yaml), "wild") ==
        "less specific hostname (*.shop.example against a.shop.example)");
}

TEST_CASE("HTTPRouteSpec.hostnames: the longer wildcard goes first, and no hostname last") {
  const std::string all = rules({"{path: {value: /}}"});
  const std::string yaml = gateway(http_listener) + route("any", all) + route("short", "  hostnames: [\"*.example\"]\n" + all) +
                           route("long", "  hostnames: [\"*.shop.example\"]\n" + all);
  CHECK(served(request("a.b.shop.example"), yaml) == "long");
  CHECK(served(request("a.example"), yaml) == "short");
  CHECK(served(request("other.test"), yaml) == "any");
}

TEST_CASE("HTTPRouteSpec.hostnames: where no rule of the more specific hostname takes it, one of a less specific does") {
  const std::string yaml = gateway(http_listener) +
                           route("wild", "  hostnames: [\"*.shop.example\"]\n" + rules({"{path: {value: /}}"})) +
                           route("exact", "  hostnames: [a.shop.example]\n" + rules({"{path: {value: /v1}}"}));
  CHECK(served(request("a.shop.example", "/v2"), yaml) == "wild");
}

TEST_CASE("precedence: a data plane that picks a virtual host first never gets to a less specific hostname") {
  GatewayTable table =
      table_in(gateway(http_listener) + route("wild", "  hostnames: [\"*.shop.example\"]\n" + rules({"{path: {value: /}}"})) +
               route("exact", "  hostnames: [a.shop.example]\n" + rules({"{path: {value: /v1}}"})));
  table.dialect.falls_back_over_hostnames = false;
  table.dialect.name = "Virtual Hosts";
  const Trace trace = traced(request("a.shop.example", "/v2"), table);
  CHECK(trace.outcome.action == Action::not_found);
  CHECK(lost(trace, "wild") ==
        "less specific hostname (*.shop.example): Virtual Hosts looks only at the rules of the most specific one");
}

TEST_CASE("HTTPRouteRule.matches: where a RegularExpression stands is the implementation's affair") {
  GatewayTable table =
      table_in(world(rules({"{path: {type: RegularExpression, value: \"/api/v[12]/items/long\"}}", "{path: {value: /api}}"})));
  const Request asked = request("x.example", "/api/v1/items/long");
  const Trace unknown = traced(asked, table);
  CHECK(unknown.outcome.action == Action::unknown);
  CHECK(
      unknown.outcome.reason ==
      "rule 1 of HTTPRoute shop/a and rule 0 of HTTPRoute shop/a both take GET /api/v1/items/long; which goes first is up to the "
      "implementation, as one is a RegularExpression, and is not known of this implementation");
  table.dialect.regex_known = true;
  table.dialect.regex_order = RegexOrder::before_prefix;
  sort_table(table);
  CHECK(served(asked, table) == "a");
  table.dialect.regex_order = RegexOrder::after_prefix;
  sort_table(table);
  CHECK(served(asked, table) == "a#1");
  table.dialect.regex_order = RegexOrder::by_length;
  sort_table(table);
  CHECK(served(asked, table) == "a");
}

TEST_CASE("HTTPRouteRule.matches: an Exact match goes before a RegularExpression everywhere") {
  const GatewayTable table =
      table_in(world(rules({"{path: {type: RegularExpression, value: \"/api/.*\"}}", "{path: {type: Exact, value: /api/a}}"})));
  CHECK(served(request("x.example", "/api/a"), table) == "a#1");
}

TEST_CASE("precedence: a route that is not created yet is younger than any that is") {
  const std::string yaml = gateway(http_listener) + route("aa", rules({"{path: {value: /v1}}"}), "null") +
                           route("zz", rules({"{path: {value: /v1}}"}), "2026-01-01T00:00:00Z");
  CHECK(served(request("x.example", "/v1"), yaml) == "zz");
}

TEST_CASE("a table of ten thousand routes answers at once, with twenty near misses") {
  GatewayTable table;
  table.gateway = ref(Kind::gateway, "shop", "web");
  TableListener listener;
  listener.spec.name = "http";
  listener.spec.protocol = "HTTP";
  listener.spec.port = 80;
  for (int number = 0; number < 10000; ++number) {
    auto made = std::make_shared<Route>();
    made->meta.ref = ref(Kind::http_route, "shop", fmt::format("r{}", number));
    RouteRule spec;
    spec.matches.push_back({ValueMatch{"", "PathPrefix", fmt::format("/p{}", number)}, "", {}, {}, {}, {}});
    made->rules.push_back(spec);
    listener.entries.push_back({made, 0, 0, fmt::format("h{}.example", number % 100)});
  }
  table.listeners.push_back(listener);
  sort_table(table);
  const Trace trace = traced(request("h77.example", "/p177/x"), table);
  CHECK(trace.outcome.route.name == "r177");
  CHECK(trace.candidates.size() == 20);
}

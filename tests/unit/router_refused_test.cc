// Routes that name a Gateway and are not served, and what cannot be read.

#include <doctest/doctest.h>

#include "tests/unit/router_help.h"

using namespace gwdoctor;
using namespace gwdoctor::test;

namespace {

constexpr std::string_view rule =
    "  rules:\n  - {matches: [{path: {value: /a}}], backendRefs: [{name: b, port: 80}]}\n"
    "  - {matches: [{path: {value: /b}}], backendRefs: [{name: b, port: 80}]}";

std::string status(std::string_view conditions, std::string_view controller = "example.com/any") {
  return fmt::format(
      "status:\n  parents:\n  - controllerName: {}\n    parentRef: {{name: web, namespace: shop}}\n"
      "    conditions: [{}]\n",
      controller, conditions);
}

std::string route_with(std::string_view conditions, std::string_view controller = "example.com/any") {
  return route("r", rule) + status(conditions, controller);
}

constexpr std::string_view refused =
    "{type: Accepted, status: \"False\", reason: UnsupportedValue, message: no such thing, observedGeneration: 1}";

// A cluster in which some lists may not be read.
class Guarded : public Source {
 public:
  explicit Guarded(ManifestSource inner) : inner_(std::move(inner)) {}
  std::vector<Answer> fill(const std::vector<Wish>& wishes) override {
    std::vector<Answer> out = inner_.fill(wishes);
    for (std::size_t at = 0; at < wishes.size(); ++at) {
      if (wishes[at].what != Wish::What::list || !wishes[at].ns.empty()) continue;
      out[at] = Answer{};
      out[at].why.reason = Why::Reason::forbidden;
    }
    return out;
  }
  [[nodiscard]] Time now() const override { return noon(); }

 private:
  ManifestSource inner_;
};

// Counts the questions about namespaces; `refuses` the list of them.
class NamespaceCounter : public Source {
 public:
  NamespaceCounter(ManifestSource inner, bool refuses) : inner_(std::move(inner)), refuses_(refuses) {}
  std::vector<Answer> fill(const std::vector<Wish>& wishes) override {
    std::vector<Answer> out = inner_.fill(wishes);
    for (std::size_t at = 0; at < wishes.size(); ++at) {
      if (wishes[at].kind != Kind::name_space) continue;
      ++asked_;
      if (!refuses_ || wishes[at].what != Wish::What::list) continue;
      out[at] = Answer{};
      out[at].why.reason = Why::Reason::forbidden;
    }
    return out;
  }
  [[nodiscard]] Time now() const override { return noon(); }
  [[nodiscard]] int asked() const { return asked_; }

 private:
  ManifestSource inner_;
  bool refuses_;
  int asked_ = 0;
};

GatewayTable guarded(std::string_view yaml, std::string_view ns = "shop") {
  Guarded source(cluster(yaml));
  return table_from(source, ns);
}

bool misses_routes(const GatewayTable& table) {
  return std::any_of(table.unread.begin(), table.unread.end(),
                     [](const Unread& one) { return one.wish.kind == Kind::http_route && one.wish.ns.empty(); });
}

}  // namespace

TEST_CASE("a route that its controller refuses is left out, with the reason") {
  const Trace trace = traced(request("x.example", "/a"), gateway(http_listener) + route_with(refused));
  CHECK(trace.outcome.action == Action::not_found);
  CHECK(lost(trace, "r") == "example.com/any says of it at Gateway shop/web: Accepted is False, UnsupportedValue: no such thing");
}

TEST_CASE("a status of an earlier generation does not count against the spec") {
  std::string stale = route_with(refused);
  stale = with(stale, "observedGeneration: 1", "observedGeneration: 0");
  CHECK(served(request("x.example", "/a"), gateway(http_listener) + stale) == "r");
}

TEST_CASE("what another controller says of a route does not count") {
  CHECK(served(request("x.example", "/a"), gateway(http_listener) + route_with(refused, "example.com/other")) == "r");
}

TEST_CASE("RouteConditionPartiallyInvalid: rules that are said to be dropped are left out") {
  const std::string yaml =
      gateway(http_listener) +
      route_with(
          "{type: PartiallyInvalid, status: \"True\", reason: UnsupportedValue, message: \"Dropped Rule 0: no such thing\", "
          "observedGeneration: 1}");
  CHECK(served(request("x.example", "/a"), yaml) == "not-found");
  const Trace other = traced(request("x.example", "/b"), yaml);
  CHECK(other.outcome.action == Action::forward);
  CHECK(noted(other, "some rules of HTTPRoute shop/r are invalid"));
}

TEST_CASE("RouteConditionPartiallyInvalid: the rules are named in several ways, and other numbers are no rules") {
  const auto left = [](std::string_view message) {
    const GatewayTable table =
        table_in(gateway(http_listener) +
                 route_with(fmt::format("{{type: PartiallyInvalid, status: \"True\", reason: UnsupportedValue, message: "
                                        "\"{}\", observedGeneration: 1}}",
                                        message)));
    return table.listeners[0].entries.size();
  };
  CHECK(left("Dropped Rule 1: no such thing") == 1);
  CHECK(left("Dropped Rule(s) 0, 1: no such thing") == 0);
  CHECK(left("Dropped Rules 0 and 1: no such thing") == 0);
  CHECK(left("Dropped Rule: port 1 is unknown") == 2);
  CHECK(left("Dropped Rule 7: no such thing") == 2);
}

TEST_CASE("RouteConditionPartiallyInvalid: where it is not said which rules, it is told") {
  const Trace trace =
      traced(request("x.example", "/a"),
             gateway(http_listener) +
                 route_with("{type: PartiallyInvalid, status: \"True\", reason: UnsupportedValue, message: \"Fall Back\", "
                            "observedGeneration: 1}"));
  CHECK(trace.outcome.action == Action::forward);
  CHECK(noted(trace, "are invalid: Fall Back"));
}

TEST_CASE("ParentReference: a section or port that no listener has is told") {
  std::string section = route("r", rule);
  section = with(section, "namespace: shop}]", "namespace: shop, sectionName: https}]");
  CHECK(lost(traced(request("x.example", "/a"), gateway(http_listener) + section), "r") ==
        "no listener of Gateway shop/web is named https");
  std::string port = route("r", rule);
  port = with(port, "namespace: shop}]", "namespace: shop, port: 8080}]");
  CHECK(lost(traced(request("x.example", "/a"), gateway(http_listener) + port), "r") ==
        "no listener of Gateway shop/web has port 8080");
}

TEST_CASE("a route of another Gateway is no candidate") {
  std::string other = route("r", rule);
  other = with(other, "name: web", "name: elsewhere");
  const Trace trace = traced(request("x.example", "/a"), gateway(http_listener) + other);
  CHECK(trace.candidates.empty());
  CHECK(trace.outcome.reason == "no route is attached to listener http");
}

TEST_CASE("two parentRefs at one listener make one entry for each hostname") {
  std::string twice = route("r", rule);
  twice = with(twice, "namespace: shop}]", "namespace: shop}, {name: web, sectionName: http}]");
  const GatewayTable table = table_in(gateway(http_listener) + twice);
  CHECK(table.listeners[0].entries.size() == 2);
}

TEST_CASE(
    "where routes of all namespaces may not be listed, those of the question's and the Gateway's are, and the rest is unread") {
  const std::string yaml = gateway(http_listener) + route("here", rule, "2026-01-01T00:00:00Z", "HTTPRoute", "mine") +
                           route("there", rule, "2026-01-01T00:00:00Z", "HTTPRoute", "theirs");
  const GatewayTable table = guarded(yaml, "mine");
  REQUIRE(table.listeners[0].entries.size() == 2);
  CHECK(table.listeners[0].entries[0].route->meta.ref.name == "here");
  CHECK(misses_routes(table));
  const Trace found = traced(request("x.example", "/a"), table);
  CHECK(found.outcome.action == Action::forward);
  CHECK_FALSE(found.unread.empty());
  const Trace missing = traced(request("x.example", "/c"), table);
  CHECK(missing.outcome.action == Action::unknown);
  CHECK(missing.outcome.reason == "no rule of the routes on listener http takes GET /c, as far as routes could be read");
}

TEST_CASE("where every listener counts as many routes as were read, none can be missing") {
  const auto world = [](int attached) {
    return gateway(http_listener, "example.com/any",
                   fmt::format("status: {{listeners: [{{name: http, attachedRoutes: {}, conditions: []}}]}}", attached)) +
           route("r", rule);
  };
  CHECK_FALSE(misses_routes(guarded(world(1))));
  CHECK(misses_routes(guarded(world(2))));
}

TEST_CASE("a Gateway that does not exist has no table") {
  ManifestSource source = cluster(gateway(http_listener));
  Facts facts(noon());
  std::shared_ptr<const GatewayTable> table;
  do {
    table = gateway_table("shop", "nothing", "shop", facts);
  } while (fetch_wanted(facts, source));
  CHECK(table == nullptr);
}

TEST_CASE("labels of a namespace that cannot be read leave it open whether its routes are served") {
  const std::string listener =
      "  - {name: http, protocol: HTTP, port: 80, allowedRoutes: {namespaces: {from: Selector, selector: "
      "{matchLabels: {a: b}}}}}";
  const std::string yaml = gateway(listener) + route("r", rule, "2026-01-01T00:00:00Z", "HTTPRoute", "other");
  const Trace without = traced(request("x.example", "/a"), yaml);
  CHECK(without.outcome.action == Action::not_found);
  const std::string labelled = yaml + "\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: other, labels: {a: b}}\n";
  CHECK(served(request("x.example", "/a"), labelled) == "r");
}

TEST_CASE("the namespaces of many teams are asked for at once, and one by one where the list is refused") {
  const std::string listener =
      "  - {name: http, protocol: HTTP, port: 80, allowedRoutes: {namespaces: {from: Selector, selector: "
      "{matchLabels: {a: b}}}}}";
  std::string yaml = gateway(listener);
  for (int team = 0; team < 6; ++team) {
    const std::string ns = fmt::format("team-{}", team);
    yaml += route("r", rule, "2026-01-01T00:00:00Z", "HTTPRoute", ns) +
            fmt::format("\n---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: {}, labels: {{a: {}}}}}\n", ns,
                        team % 2 == 0 ? "b" : "c");
  }
  for (const bool refused_list : {false, true}) {
    CAPTURE(refused_list);
    NamespaceCounter source(cluster(yaml), refused_list);
    Facts facts(noon());
    std::shared_ptr<const GatewayTable> table = gateway_table("shop", "web", "team-0", facts);
    for (int round = 0; round < 20 && fetch_wanted(facts, source); ++round) table = gateway_table("shop", "web", "team-0", facts);
    REQUIRE(table != nullptr);
    CHECK(table->listeners[0].entries.size() == 6);
    CHECK(source.asked() == (refused_list ? 7 : 1));
    CHECK(table->unread.empty());
  }
}

TEST_CASE("what the controller says against the prediction is told with it") {
  const std::string said = R"(status:
  conditions: [{type: Programmed, status: "False", reason: AddressNotAssigned, message: no address, observedGeneration: 1}]
)";
  const Trace trace = traced(request("x.example", "/a"), gateway(http_listener, "example.com/any", said) + route("r", rule));
  CHECK(trace.outcome.action == Action::forward);
  CHECK(noted(trace, "the controller says of Gateway shop/web: Programmed is False, no address"));
}

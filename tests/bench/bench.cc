// What it costs to answer for one request where a Gateway has thousands of routes: gwdoctor-bench [ROUTES]. Prints a line of JSON
// with seconds, the best of several runs each; tests/bench/run.py makes sense of it.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <ctime>
#include <exception>
#include <functional>

#include "chain/router/gateway_table.h"
#include "kube/json.h"
#include "kube/yaml.h"

namespace gwdoctor {

namespace {

// Of the processor, not of the clock on the wall: what else runs on the machine does not count.
double seconds(const std::function<void()>& work) {
  const std::clock_t before = std::clock();
  work();
  return static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
}

// Four routes a host, with the paths and headers that an application in several versions has.
std::string route_yaml(std::size_t at) {
  return fmt::format(R"(apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: app-{0}
  namespace: team-{1}
  creationTimestamp: "2026-0{2}-1{3}T09:00:00Z"
  generation: 3
  uid: 5f0c7a52-3f7c-4a5f-9e57-{0:012}
spec:
  parentRefs:
  - group: gateway.networking.k8s.io
    kind: Gateway
    name: web
    namespace: infra
  hostnames:
  - app-{4}.example.test
  rules:
  - matches:
    - path:
        type: PathPrefix
        value: /api/v{5}
    - path:
        type: Exact
        value: /health
      method: GET
    backendRefs:
    - name: app-{0}
      port: 8080
      weight: 1
  - matches:
    - path:
        type: PathPrefix
        value: /
      headers:
      - type: Exact
        name: x-version
        value: v{5}
    backendRefs:
    - name: app-{0}
      port: 8080
      weight: 1
status:
  parents:
  - controllerName: example.test/controller
    parentRef:
      group: gateway.networking.k8s.io
      kind: Gateway
      name: web
      namespace: infra
    conditions:
    - type: Accepted
      status: "True"
      reason: Accepted
      message: ""
      observedGeneration: 3
      lastTransitionTime: "2026-05-01T09:00:00Z"
    - type: ResolvedRefs
      status: "True"
      reason: ResolvedRefs
      message: ""
      observedGeneration: 3
      lastTransitionTime: "2026-05-01T09:00:00Z"
)",
                     at, at % 50, 1 + at % 9, at % 10, at / 4, at % 4);
}

const char* const entrance = R"(apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: web, namespace: infra, creationTimestamp: 2026-01-01T00:00:00Z}
spec:
  gatewayClassName: class
  listeners:
  - {name: http, protocol: HTTP, port: 80, hostname: "*.example.test", allowedRoutes: {namespaces: {from: All}}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: {name: class}
spec: {controllerName: example.test/controller}
)";

// The routes as the API server lists them.
std::string list_json(const std::vector<Value>& routes) {
  std::string out =
      R"({"apiVersion":"gateway.networking.k8s.io/v1","kind":"HTTPRouteList","metadata":{"resourceVersion":"1"},"items":[)";
  for (std::size_t at = 0; at < routes.size(); ++at) out += (at == 0 ? "" : ",") + write_json(routes[at]);
  return out + "]}";
}

struct World {
  std::vector<Value> entrance;
  std::vector<Value> routes;
};

Answer answer(const World& world, const Wish& wish) {
  Answer out;
  out.state = wish.what == Wish::What::object ? State::absent : State::present;
  if (wish.what == Wish::What::served) out.version = std::string(info(wish.kind).versions.front());
  if (wish.what == Wish::What::list && wish.kind == Kind::http_route) out.documents = world.routes;
  for (const Value& document : world.entrance) {
    if (wish.what != Wish::What::object || document["kind"].text() != info(wish.kind).name) continue;
    out.documents = {document};
    out.state = State::present;
  }
  return out;
}

// Asks until nothing is wanted, so that all facts are in the store.
Facts facts_of(const World& world) {
  Facts facts(*parse_time("2026-11-23T12:00:00Z"));
  for (;;) {
    (void)gateway_table("infra", "web", "infra", facts);
    const std::vector<Wish> wanted = facts.take_wanted();
    if (wanted.empty()) return facts;
    for (const Wish& wish : wanted) facts.store(wish, answer(world, wish));
  }
}

// Facts decode what they are given once, when it is first looked at; it is measured by itself.
double decode_seconds(const World& world) {
  return seconds([&] {
    for (const Value& document : world.routes) (void)decode<Route>(document, Kind::http_route);
  });
}

Question question_for(std::size_t host, std::size_t version) {
  Question out;
  out.ns = "infra";
  out.entry = EntryPoint{EntryPoint::Kind::gateway, "infra", "web"};
  out.request.scheme = "http";
  out.request.method = "GET";
  out.request.host = fmt::format("app-{}.example.test", host);
  out.request.port = 80;
  out.request.path = fmt::format("/api/v{}/items", version);
  return out;
}

struct Times {
  double yaml = 1e9;
  double json = 1e9;
  double decode = 1e9;
  double table = 1e9;
  double first = 1e9;
  double each = 1e9;
  std::size_t right = 0;
  std::size_t asked = 0;
};

// What was worked out of the facts is forgotten when one is added; what was decoded is not.
void forget_tables(Facts& facts, int round) {
  Wish wish;
  wish.kind = Kind::service;
  wish.ns = "infra";
  wish.name = fmt::format("unheard-of-{}", round);
  facts.store(wish, Answer{State::absent, {}, {}, {}});
}

void measure_matching(Facts& facts, int round, std::size_t routes, Times& times) {
  forget_tables(facts, round);
  std::shared_ptr<const GatewayTable> table;
  times.table = std::min(times.table, seconds([&] { table = gateway_table("infra", "web", "infra", facts); }));
  if (!table) return;
  const auto ask = [&](std::size_t at) {
    const std::size_t route = (at * 7919) % routes;
    const Trace trace = trace_gateway(question_for(route / 4, route % 4), *table);
    times.right += trace.outcome.route.name == fmt::format("app-{}", route) ? 1 : 0;
    ++times.asked;
  };
  times.first = std::min(times.first, seconds([&] { ask(1); }));
  constexpr std::size_t many = 200;
  const double all = seconds([&] {
    for (std::size_t at = 0; at < many; ++at) ask(at + 2);
  });
  times.each = std::min(times.each, all / many);
}

int run(std::size_t count) {
  std::string yaml;
  for (std::size_t at = 0; at < count; ++at) yaml += "---\n" + route_yaml(at);
  World world{*parse_yaml(entrance, "entrance"), *parse_yaml(yaml, "routes")};
  const std::string json = list_json(world.routes);
  Facts facts = facts_of(world);
  Times times;
  for (int round = 0; round < 5; ++round) {
    if (round < 3) times.yaml = std::min(times.yaml, seconds([&] { (void)parse_yaml(yaml, "routes"); }));
    times.json = std::min(times.json, seconds([&] {
                            std::vector<Value> items;
                            (void)parse_json_list(json, false, [&](Value&& item) { items.push_back(std::move(item)); });
                          }));
    times.decode = std::min(times.decode, decode_seconds(world));
    measure_matching(facts, round, count, times);
  }
  fmt::print(
      R"({{"routes":{},"yaml_bytes":{},"json_bytes":{},"yaml":{},"json":{},"decode":{},"table":{},"first":{},"each":{},"asked":{},"right":{}}})"
      "\n",
      count, yaml.size(), json.size(), times.yaml, times.json, times.decode, times.table, times.first, times.each, times.asked,
      times.right);
  return 0;
}

}  // namespace

}  // namespace gwdoctor

int main(int count, char** words) {
  std::size_t routes = 10'000;
  if (count > 1) std::from_chars(words[1], words[1] + std::strlen(words[1]), routes);
  try {
    return gwdoctor::run(std::max<std::size_t>(routes, 4));
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}

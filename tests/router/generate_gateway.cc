#include <algorithm>
#include <set>

#include "tests/router/generate.h"

namespace gwdoctor {

namespace {

using Texts = std::vector<std::string>;

// "a-b/x" goes before "a/x" by the letters of "{namespace}/{name}", and after it by namespace and then name.
const Texts namespaces = {"a", "a-b", "b", "infra"};
const Texts names = {"r", "r1", "r-1", "r2", "ra", "r-a", "s", "s1", "s-1", "t", "t1", "u"};
const Texts hostnames = {"x.test", "a.x.test", "b.x.test",   "b.a.x.test",   "c.b.a.x.test", "y.test",   "a.y.test",
                         "*.test", "*.x.test", "*.a.x.test", "*.b.a.x.test", "*.y.test",     "*.x.test", "a.x.test"};
const Texts paths = {"/", "/a", "/a/", "/ab", "/a/b", "/a/b/", "/a/bc", "/A", "/b", "/b/a", "/a/b/c", "/b/"};
const Texts path_expressions = {"/a|/b", "/(a|ab)", "/a/[bc]", "/[ab]", "/a/.*"};
const Texts methods = {"GET", "POST", "PUT"};
const Texts header_names = {"x-v", "X-V", "x-w", "X-w", "x-y"};
const Texts query_names = {"v", "V", "w"};
const Texts values = {"1", "1", "1", "2", "one"};
const Texts value_expressions = {"1|2", "[12]", "o.e"};
const Texts services = {"p.S", "p.T", "pp.S"};
const Texts calls = {"Get", "Put", "G"};
const Texts times = {"2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"};

Value object(std::initializer_list<std::pair<std::string, Value>> members) {
  Value out{Value::Object{}};
  for (const auto& [key, value] : members) out.set(key, value);
  return out;
}

Value document(const std::string& version, const std::string& kind, const std::string& ns, const std::string& name,
               const std::string& created) {
  Value meta = object({{"name", name}});
  if (!ns.empty()) meta.set("namespace", ns);
  meta.set("creationTimestamp", created);
  return object({{"apiVersion", version}, {"kind", kind}, {"metadata", meta}});
}

const char* const gateway_version = "gateway.networking.k8s.io/v1";

Value label_selector(Dice& dice) { return object({{"matchLabels", object({{"team", dice.chance(50) ? "red" : "blue"}})}}); }

// How much a world is made of; what is left out makes the rest collide more.
struct Taste {
  bool grpc = false;
  bool expressions = false;
  std::size_t hostnames = 60;  // percent of routes that have some
  std::size_t paths = 12;      // how many of the paths occur, from one on
  std::size_t first_path = 0;
};

Value allowed_routes(Dice& dice) {
  Value out{Value::Object{}};
  const std::size_t from = dice.below(10);
  if (from < 6) out.set_path("namespaces.from", "All");
  if (from == 6 || from == 7) {
    out.set_path("namespaces.from", "Selector");
    out.set_path("namespaces.selector", label_selector(dice));
  }
  if (from == 8) out.set_path("namespaces.from", "Same");
  if (dice.chance(15)) {
    Value kinds{Value::Array{}};
    const bool http = dice.chance(60);
    if (http) kinds.push_back(object({{"group", "gateway.networking.k8s.io"}, {"kind", "HTTPRoute"}}));
    if (!http || dice.chance(30)) kinds.push_back(object({{"kind", "GRPCRoute"}}));
    out.set("kinds", kinds);
  }
  return out;
}

// Ports are either for TLS or not: of two protocols on one port the spec says less than implementations do.
Value listener(const std::string& name, Dice& dice) {
  const bool tls = dice.chance(45);
  Value out = object({{"name", name}, {"protocol", tls ? "HTTPS" : "HTTP"}});
  out.set("port", static_cast<std::int64_t>(tls ? (dice.chance(70) ? 443 : 8443) : (dice.chance(70) ? 80 : 8080)));
  if (dice.chance(60)) out.set("hostname", dice.one_of(hostnames));
  if (tls) {
    Value references{Value::Array{}};
    references.push_back(object({{"name", "cert"}}));
    out.set("tls", object({{"certificateRefs", references}}));
  }
  if (dice.chance(85)) out.set("allowedRoutes", allowed_routes(dice));
  return out;
}

// The CRD admits no two listeners of one object with the same port, protocol and hostname.
Value listeners(std::size_t count, Dice& dice) {
  std::set<std::string> taken;
  Value out{Value::Array{}};
  while (out.size() < count) {
    const Value next = listener("l" + std::to_string(out.size()), dice);
    if (taken.insert(std::to_string(next["port"].integer().value_or(0)) + next["hostname"].text()).second) out.push_back(next);
  }
  return out;
}

Value gateway(Dice& dice) {
  Value out = document(gateway_version, "Gateway", "infra", "web", dice.one_of(times));
  out.set_path("spec.gatewayClassName", "class");
  out.set_path("spec.listeners", listeners(dice.between(1, 5), dice));
  const std::size_t from = dice.below(8);
  if (from < 5) out.set_path("spec.allowedListeners.namespaces.from", "All");
  if (from == 5) out.set_path("spec.allowedListeners.namespaces.from", "Same");
  if (from == 6) {
    out.set_path("spec.allowedListeners.namespaces.from", "Selector");
    out.set_path("spec.allowedListeners.namespaces.selector", label_selector(dice));
  }
  return out;
}

Value listener_set(const std::string& name, Dice& dice) {
  Value out = document(gateway_version, "ListenerSet", dice.one_of(namespaces), name, dice.one_of(times));
  out.set_path("spec.parentRef", object({{"name", "web"}, {"namespace", "infra"}}));
  out.set_path("spec.listeners", listeners(dice.between(1, 2), dice));
  return out;
}

Value parent(const World& world, Dice& dice) {
  Value out = object({{"name", "web"}, {"namespace", "infra"}});
  Texts sets;
  for (const Value& each : world.documents) {
    if (each["kind"].text() != "ListenerSet" || !dice.chance(50)) continue;
    out = object({{"kind", "ListenerSet"}, {"name", each["metadata"]["name"]}, {"namespace", each["metadata"]["namespace"]}});
    break;
  }
  if (dice.chance(3)) out.set("name", "other");
  if (dice.chance(20)) out.set("sectionName", "l" + std::to_string(dice.below(4)));
  if (dice.chance(12)) out.set("port", static_cast<std::int64_t>(dice.one_of(std::vector<int>{80, 443, 8080})));
  return out;
}

// Names that are equal to the letter are refused by the CRD; in another case they are not.
Value value_matches(const Texts& from, std::size_t most, bool expressions, Dice& dice) {
  std::set<std::string> taken;
  Value out{Value::Array{}};
  for (std::size_t left = dice.below(most + 1); left > 0; --left) {
    const std::string& name = dice.one_of(from);
    if (!taken.insert(name).second) continue;
    Value next = object({{"name", name}, {"value", dice.one_of(values)}});
    if (expressions && dice.chance(20))
      next = object({{"type", "RegularExpression"}, {"name", name}, {"value", dice.one_of(value_expressions)}});
    out.push_back(next);
  }
  return out;
}

void set_filled(Value& out, const std::string& key, const Value& list) {
  if (list.size() != 0) out.set(key, list);
}

const std::string& path_for(const Taste& taste, Dice& dice) {
  return paths[(taste.first_path + dice.below(taste.paths)) % paths.size()];
}

Value http_match(const Taste& taste, Dice& dice) {
  Value out{Value::Object{}};
  const std::size_t type = dice.below(20);
  if (type < 11) out.set("path", object({{"type", "PathPrefix"}, {"value", path_for(taste, dice)}}));
  if (type >= 11 && type < 17) out.set("path", object({{"type", "Exact"}, {"value", path_for(taste, dice)}}));
  if (type == 17 && taste.expressions)
    out.set("path", object({{"type", "RegularExpression"}, {"value", dice.one_of(path_expressions)}}));
  if (type == 18) out.set("path", object({{"value", path_for(taste, dice)}}));
  if (dice.chance(25)) out.set("method", dice.one_of(methods));
  if (dice.chance(35)) set_filled(out, "headers", value_matches(header_names, 3, taste.expressions, dice));
  if (dice.chance(30)) set_filled(out, "queryParams", value_matches(query_names, 3, taste.expressions, dice));
  return out;
}

Value grpc_match(Dice& dice) {
  Value out{Value::Object{}};
  Value method{Value::Object{}};
  if (dice.chance(75)) method.set("service", dice.one_of(services));
  if (dice.chance(55)) method.set("method", dice.one_of(calls));
  if (method.size() != 0) out.set("method", method);
  if (dice.chance(40)) set_filled(out, "headers", value_matches(header_names, 3, false, dice));
  return out;
}

Value rule(bool grpc, const Taste& taste, Dice& dice) {
  Value out{Value::Object{}};
  Value matches{Value::Array{}};
  for (std::size_t left = dice.chance(92) ? dice.between(1, 3) : 0; left > 0; --left) {
    matches.push_back(grpc ? grpc_match(dice) : http_match(taste, dice));
  }
  set_filled(out, "matches", matches);
  Value backends{Value::Array{}};
  backends.push_back(object({{"name", "backend"}, {"port", 80}}));
  out.set("backendRefs", backends);
  return out;
}

Value route(const World& world, const std::string& ns, const std::string& name, const Taste& taste, Dice& dice) {
  const bool grpc = taste.grpc && dice.chance(35);
  Value out = document(gateway_version, grpc ? "GRPCRoute" : "HTTPRoute", ns, name, dice.one_of(times));
  Value parents{Value::Array{}};
  for (std::size_t left = dice.chance(80) ? 1 : 2; left > 0; --left) parents.push_back(parent(world, dice));
  out.set_path("spec.parentRefs", parents);
  Value hosts{Value::Array{}};
  if (dice.chance(taste.hostnames)) {
    for (std::size_t left = dice.between(1, 3); left > 0; --left) hosts.push_back(dice.one_of(hostnames));
    out.set_path("spec.hostnames", hosts);
  }
  Value rules{Value::Array{}};
  for (std::size_t left = dice.between(1, 3); left > 0; --left) rules.push_back(rule(grpc, taste, dice));
  out.set_path("spec.rules", rules);
  return out;
}

// What a request can be aimed at: one match of one route, and one listener.
struct Aim {
  Kind kind = Kind::http_route;
  RouteMatch match;
  std::string hostname;
  Listener listener;
};

Aim take_aim(const GatewayTargets& targets, Dice& dice) {
  Aim out;
  out.listener = dice.one_of(targets.listeners);
  if (targets.routes.empty()) return out;
  const Route& target = dice.one_of(targets.routes);
  out.kind = target.kind;
  if (!target.rules.empty()) out.match = dice.one_of(dice.one_of(target.rules).matches);
  out.hostname = out.listener.hostname;
  if (!target.hostnames.empty() && (out.hostname.empty() || dice.chance(60))) out.hostname = dice.one_of(target.hostnames);
  return out;
}

// A text that an expression of this generator matches whole, or nearly.
std::string word_for(const ValueMatch& match, const Texts& from, Dice& dice) {
  return match.type == "RegularExpression" || dice.chance(8) ? dice.one_of(from) : match.value;
}

std::string in_some_case(const std::string& name, Dice& dice) {
  std::string out = name;
  if (dice.chance(30))
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char letter) { return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 32) : letter; });
  return out;
}

void add_fields(const Aim& aim, Request& out, Dice& dice) {
  std::set<std::string> taken;
  for (const ValueMatch& header : aim.match.headers) {
    std::string name = header.name;
    std::transform(name.begin(), name.end(), name.begin(), [](char letter) { return static_cast<char>(letter | 32); });
    if (dice.chance(8) || !taken.insert(name).second) continue;
    out.headers.push_back({in_some_case(header.name, dice), word_for(header, values, dice)});
  }
  if (dice.chance(25) && taken.insert("x-y").second) out.headers.push_back({"x-y", dice.one_of(values)});
  std::vector<std::string> parameters;
  for (const ValueMatch& parameter : aim.match.query) {
    if (dice.chance(8)) continue;
    parameters.push_back((dice.chance(4) ? "V" : parameter.name) + "=" + word_for(parameter, values, dice));
  }
  if (dice.chance(25)) parameters.push_back(dice.one_of(query_names) + "=" + dice.one_of(values));
  if (dice.chance(30)) dice.shuffle(parameters);
  for (const std::string& parameter : parameters) out.query += (out.query.empty() ? "" : "&") + parameter;
}

void set_place(const Aim& aim, Request& out, Dice& dice) {
  out.tls = (aim.listener.protocol == "HTTPS") != dice.chance(3);
  out.scheme = out.tls ? "https" : "http";
  out.port = dice.chance(95) ? aim.listener.port : dice.one_of(std::vector<std::int64_t>{80, 443, 8080, 8443});
  out.host = generate_host(aim.hostname, dice);
  if (!out.tls) return;
  out.sni = dice.chance(90) ? out.host : generate_host(aim.listener.hostname, dice);
}

void set_call(const Aim& aim, Request& out, Dice& dice) {
  out.grpc = true;
  out.method = "POST";
  const ValueMatch* wanted = aim.match.grpc ? &*aim.match.grpc : nullptr;
  const bool service = wanted != nullptr && !wanted->name.empty() && dice.chance(85);
  const bool call = wanted != nullptr && !wanted->value.empty() && dice.chance(85);
  out.path = "/" + (service ? wanted->name : dice.one_of(services)) + "/" + (call ? wanted->value : dice.one_of(calls));
}

}  // namespace

World generate_gateway_world(Dice& dice) {
  World out;
  for (const std::string& ns : namespaces) {
    Value name_space = document("v1", "Namespace", "", ns, times.front());
    if (dice.chance(80)) name_space.set_path("metadata.labels", object({{"team", dice.chance(50) ? "red" : "blue"}}));
    out.documents.push_back(name_space);
  }
  Value gateway_class = document(gateway_version, "GatewayClass", "", "class", times.front());
  gateway_class.set_path("spec.controllerName", "example.test/unheard-of");
  out.documents.push_back(gateway_class);
  out.documents.push_back(gateway(dice));
  for (std::size_t left = dice.chance(35) ? dice.between(1, 2) : 0; left > 0; --left) {
    out.documents.push_back(listener_set(left == 1 ? "more" : "most", dice));
  }
  const Taste taste{dice.chance(40), dice.chance(30), dice.one_of(std::vector<std::size_t>{10, 60, 90}),
                    dice.one_of(std::vector<std::size_t>{1, 3, paths.size()}), dice.below(paths.size())};
  std::set<std::string> taken;
  for (std::size_t left = dice.chance(50) ? dice.between(1, 8) : dice.between(8, 40); left > 0; --left) {
    const std::string& ns = dice.one_of(namespaces);
    const std::string& name = dice.one_of(names);
    if (taken.insert(ns + "/" + name).second) out.documents.push_back(route(out, ns, name, taste, dice));
  }
  dice.shuffle(out.documents);
  return out;
}

GatewayTargets gateway_targets(const World& world) {
  GatewayTargets out;
  for (const Gateway& each : decoded<Gateway>(world, {Kind::gateway})) out.listeners = each.listeners;
  for (const ListenerSet& set : decoded<ListenerSet>(world, {Kind::listener_set})) {
    out.listeners.insert(out.listeners.end(), set.listeners.begin(), set.listeners.end());
  }
  out.routes = decoded<Route>(world, {Kind::http_route, Kind::grpc_route});
  return out;
}

Ask generate_gateway_ask(const GatewayTargets& targets, Dice& dice) {
  const Aim aim = take_aim(targets, dice);
  Ask out;
  set_place(aim, out.request, dice);
  add_fields(aim, out.request, dice);
  if (aim.kind == Kind::grpc_route && dice.chance(90)) {
    set_call(aim, out.request, dice);
    out.request.query.clear();
  } else {
    const bool expression = !aim.match.path || aim.match.path->type == "RegularExpression";
    out.request.path = generate_path(expression ? dice.one_of(paths) : aim.match.path->value, dice);
    out.request.method = aim.match.method.empty() || dice.chance(8) ? dice.one_of(methods) : aim.match.method;
    if (dice.chance(2)) out.request.method = "get";
  }
  out.words = words_of(out.request, dice);
  return out;
}

}  // namespace gwdoctor

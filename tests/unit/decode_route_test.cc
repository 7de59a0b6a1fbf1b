#include <doctest/doctest.h>

#include "tests/unit/decode_help.h"

using namespace gwdoctor;
using test::decoded;
using test::parsed;

namespace {

constexpr std::string_view full = R"({
  "metadata": {"name": "api", "namespace": "payments"},
  "spec": {
    "parentRefs": [{"name": "public-web", "namespace": "infra", "sectionName": "https", "port": 443}, "x",
                   {"group": "", "kind": "Service", "name": "api"}, {"name": "near"}],
    "hostnames": ["Payments.Example", 5, "api.example."],
    "rules": [
      {"name": "first",
       "matches": [{"path": {"type": "Exact", "value": "/pay"}, "method": "POST",
                    "headers": [{"name": "X-Env", "value": "canary"}], "queryParams": [{"name": "v", "type": "RegularExpression", "value": ".*"}]},
                   null, {"headers": []}],
       "filters": [{"type": "RequestMirror", "requestMirror": {"backendRef": {"name": "mirror", "port": 9000}}},
                   {"type": "ExtensionRef", "extensionRef": {"group": "traefik.io", "kind": "Middleware", "name": "auth", "namespace": "evil"}},
                   {"type": "ExternalAuth", "externalAuth": {"protocol": "GRPC", "backendRef": {"name": "authz", "namespace": "auth", "port": 50051}}},
                   {"type": "URLRewrite", "urlRewrite": {"hostname": "a"}}],
       "backendRefs": [{"name": "api", "port": 8080}, 7,
                       {"group": "g", "kind": "K", "name": "other", "namespace": "shared", "weight": 0,
                        "filters": [{"type": "RequestMirror", "requestMirror": {"backendRef": {"name": "m2"}}}]}]},
      {}]},
  "status": {"parents": [{"parentRef": {"name": "public-web", "namespace": "infra", "sectionName": "https"},
    "controllerName": "projectcontour.io/gateway-controller", "conditions": [{"type": "Accepted", "status": "True"}]}]}})";

Route http_route(std::string_view spec) {
  return decoded<Route>(R"({"metadata": {"name": "r", "namespace": "n"}, "spec": )" + std::string(spec) + "}", Kind::http_route);
}

}  // namespace

TEST_CASE("a parentRef is a Gateway in the route's namespace unless it says otherwise") {
  const Route route = decoded<Route>(full, Kind::http_route);
  REQUIRE(route.parents.size() == 3);
  CHECK(route.parents[0].is("gateway.networking.k8s.io", "Gateway"));
  CHECK(route.parents[0].ns == "infra");
  CHECK(route.parents[0].names_namespace);
  CHECK(route.parents[0].section == "https");
  CHECK(route.parents[0].port == 443);
  CHECK(route.parents[0].path == "spec.parentRefs[0]");
  CHECK(route.parents[1].is("", "Service"));
  CHECK(route.parents[1].path == "spec.parentRefs[2]");
  CHECK(route.parents[2].is("gateway.networking.k8s.io", "Gateway"));
  CHECK(route.parents[2].ns == "payments");
  CHECK_FALSE(route.parents[2].names_namespace);
  CHECK(route.parents[2].section == "");
  CHECK_FALSE(route.parents[2].port);
}

TEST_CASE("a route's hostnames are lower case and keep a trailing dot") {
  CHECK(decoded<Route>(full, Kind::http_route).hostnames == std::vector<std::string>{"payments.example", "api.example."});
  CHECK(decoded<Route>(full, Kind::tls_route).hostnames.size() == 2);
  CHECK(decoded<Route>(full, Kind::tcp_route).hostnames.empty());
}

TEST_CASE("a backendRef is a Service in the route's namespace with weight 1 unless it says otherwise") {
  const Route route = decoded<Route>(full, Kind::http_route);
  const std::vector<BackendRef>& backends = route.rules.at(0).backends;
  REQUIRE(backends.size() == 2);
  CHECK(backends[0].is("", "Service"));
  CHECK(backends[0].ns == "payments");
  CHECK_FALSE(backends[0].names_namespace);
  CHECK(backends[0].port == 8080);
  CHECK(backends[0].weight == 1);
  CHECK(backends[0].path == "spec.rules[0].backendRefs[0]");
  CHECK(backends[1].is("g", "K"));
  CHECK(backends[1].ns == "shared");
  CHECK(backends[1].names_namespace);
  CHECK_FALSE(backends[1].port);
  CHECK(backends[1].weight == 0);
  CHECK(backends[1].path == "spec.rules[0].backendRefs[2]");
}

TEST_CASE("the filters of a rule and of a backend tell what they refer to") {
  const Route route = decoded<Route>(full, Kind::http_route);
  const std::vector<RouteFilter>& filters = route.rules.at(0).filters;
  REQUIRE(filters.size() == 4);
  REQUIRE(filters[0].target);
  CHECK(filters[0].target->is("", "Service"));
  CHECK(filters[0].target->ns == "payments");
  CHECK(filters[0].target->path == "spec.rules[0].filters[0].requestMirror.backendRef");
  CHECK(filters[0].target_port == 9000);
  REQUIRE(filters[1].target);
  CHECK(filters[1].target->is("traefik.io", "Middleware"));
  CHECK(filters[1].target->ns == "payments");
  CHECK_FALSE(filters[1].target->names_namespace);
  CHECK(filters[1].target->path == "spec.rules[0].filters[1].extensionRef");
  REQUIRE(filters[2].target);
  CHECK(filters[2].target->ns == "auth");
  CHECK(filters[2].target->names_namespace);
  CHECK(filters[2].target->path == "spec.rules[0].filters[2].externalAuth.backendRef");
  CHECK(filters[2].target_port == 50051);
  CHECK(filters[3].type == "URLRewrite");
  CHECK_FALSE(filters[3].target);
  const RouteFilter& of_backend = route.rules[0].backends.at(1).filters.at(0);
  CHECK(of_backend.path == "spec.rules[0].backendRefs[2].filters[0]");
  CHECK(of_backend.target.value().path == "spec.rules[0].backendRefs[2].filters[0].requestMirror.backendRef");
  CHECK_FALSE(of_backend.target_port);
}

TEST_CASE("a filter whose field is missing refers to nothing") {
  const Route route =
      http_route(R"({"rules": [{"filters": [{"type": "RequestMirror"}, {"type": "RequestMirror", "requestMirror": {}},
    {"type": "ExtensionRef", "extensionRef": "x"}, {"extensionRef": {"name": "a"}}]}]})");
  REQUIRE(route.rules.at(0).filters.size() == 4);
  for (const RouteFilter& filter : route.rules[0].filters) CHECK_FALSE(filter.target);
}

TEST_CASE("an HTTPRoute's matches are read with the defaults of the CRD") {
  const Route route = decoded<Route>(full, Kind::http_route);
  const RouteRule& rule = route.rules.at(0);
  CHECK(rule.name == "first");
  CHECK(rule.path == "spec.rules[0]");
  REQUIRE(rule.matches.size() == 2);
  const RouteMatch& match = rule.matches[0];
  CHECK(match.path.value().type == "Exact");
  CHECK(match.path->value == "/pay");
  CHECK(match.method == "POST");
  CHECK_FALSE(match.grpc);
  CHECK(match.headers.at(0).name == "X-Env");
  CHECK(match.headers[0].type == "Exact");
  CHECK(match.headers[0].value == "canary");
  CHECK(match.query.at(0).type == "RegularExpression");
  CHECK(match.path_in_document == "spec.rules[0].matches[0]");
  CHECK(rule.matches[1].path.value().type == "PathPrefix");
  CHECK(rule.matches[1].path->value == "/");
  CHECK(rule.matches[1].path_in_document == "spec.rules[0].matches[2]");
}

TEST_CASE("the path of an HTTPRoute's match") {
  struct Row {
    const char* path;
    const char* type;
    const char* value;
  };
  const Row rows[] = {
      {R"(null)", "PathPrefix", "/"},
      {R"({})", "PathPrefix", "/"},
      {R"({"value": "/a"})", "PathPrefix", "/a"},
      {R"({"type": "Exact"})", "Exact", "/"},
      {R"({"type": 1, "value": 2})", "PathPrefix", "/"},
      {R"("/a")", "PathPrefix", "/"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.path);
    const Route route = http_route(R"({"rules": [{"matches": [{"path": )" + std::string(row.path) + "}]}]}");
    const std::optional<ValueMatch>& path = route.rules.at(0).matches.at(0).path;
    CHECK(path.value().type == row.type);
    CHECK(path->value == row.value);
  }
}

TEST_CASE("a rule without matches gets the default match of its kind of route") {
  struct Row {
    Kind kind;
    bool has_path;
  };
  for (const Row& row : {Row{Kind::http_route, true}, Row{Kind::grpc_route, false}, Row{Kind::tls_route, false},
                         Row{Kind::tcp_route, false}, Row{Kind::udp_route, false}}) {
    for (const char* rule : {"{}", R"({"matches": []})", R"({"matches": null})", R"({"matches": "all"})"}) {
      CAPTURE(info(row.kind).name);
      CAPTURE(rule);
      const Route route = decoded<Route>(R"({"spec": {"rules": [)" + std::string(rule) + "]}}", row.kind);
      REQUIRE(route.rules.at(0).matches.size() == 1);
      const RouteMatch& match = route.rules[0].matches[0];
      CHECK(match.path.has_value() == row.has_path);
      if (match.path) CHECK(match.path->value == "/");
      CHECK(match.path_in_document == "");
    }
  }
}

TEST_CASE("an HTTPRoute without rules has the one that the CRD gives it, an empty list has none") {
  for (const char* spec : {"{}", R"({"rules": null})", R"({"rules": "x"})", "null"}) {
    CAPTURE(spec);
    const Route route = http_route(spec);
    REQUIRE(route.rules.size() == 1);
    CHECK(route.rules[0].matches.at(0).path.value().value == "/");
    CHECK(route.rules[0].backends.empty());
    CHECK(route.rules[0].path == "spec.rules[0]");
  }
  CHECK(http_route(R"({"rules": []})").rules.empty());
  CHECK(decoded<Route>("{}", Kind::grpc_route).rules.empty());
  CHECK(decoded<Route>("{}", Kind::tcp_route).rules.empty());
}

TEST_CASE("a GRPCRoute matches methods, Exact unless it says otherwise") {
  const Route route = decoded<Route>(R"({"spec": {"rules": [{"matches": [
    {"method": {"service": "pay.v1.Pay", "method": "Charge"}}, {"method": {"type": "RegularExpression", "service": ".*"}},
    {"headers": [{"name": "a", "value": "b"}]}, {"method": "GET", "path": {"value": "/x"}}]}]}})",
                                     Kind::grpc_route);
  const std::vector<RouteMatch>& matches = route.rules.at(0).matches;
  REQUIRE(matches.size() == 4);
  CHECK(matches[0].grpc.value().name == "pay.v1.Pay");
  CHECK(matches[0].grpc->value == "Charge");
  CHECK(matches[0].grpc->type == "Exact");
  CHECK(matches[1].grpc.value().type == "RegularExpression");
  CHECK(matches[1].grpc->value == "");
  CHECK_FALSE(matches[2].grpc);
  CHECK(matches[2].headers.at(0).type == "Exact");
  CHECK_FALSE(matches[3].grpc);
  CHECK(matches[3].method == "");
  CHECK_FALSE(matches[3].path);
}

TEST_CASE("routes of layer 4 have neither matches nor filters of their own") {
  const Route route = decoded<Route>(full, Kind::tcp_route);
  CHECK(route.kind == Kind::tcp_route);
  REQUIRE(route.rules.size() == 2);
  CHECK(route.rules[0].matches.size() == 1);
  CHECK(route.rules[0].filters.empty());
  REQUIRE(route.rules[0].backends.size() == 2);
  CHECK(route.rules[0].backends[1].filters.empty());
}

TEST_CASE("the status of each parent is read with the parent it speaks of") {
  const Route route = decoded<Route>(full, Kind::http_route);
  REQUIRE(route.parent_status.size() == 1);
  const RouteParentStatus& status = route.parent_status[0];
  CHECK(status.path == "status.parents[0]");
  CHECK(status.parent.is("gateway.networking.k8s.io", "Gateway"));
  CHECK(status.parent.ns == "infra");
  CHECK(status.parent.section == "https");
  CHECK(status.parent.path == "status.parents[0].parentRef");
  CHECK(status.controller_name == "projectcontour.io/gateway-controller");
  CHECK(status.conditions.size() == 1);
}

TEST_CASE("a ReferenceGrant is read as it is written") {
  const auto grant = decoded<ReferenceGrant>(R"({"metadata": {"name": "g", "namespace": "shared"}, "spec": {
    "from": [{"group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "namespace": "payments"}, null],
    "to": [{"group": "", "kind": "Service"}, {"group": "", "kind": "Service", "name": "api"}]}})",
                                             Kind::reference_grant);
  REQUIRE(grant.from.size() == 1);
  CHECK(grant.from[0].group == "gateway.networking.k8s.io");
  CHECK(grant.from[0].kind == "HTTPRoute");
  CHECK(grant.from[0].ns == "payments");
  REQUIRE(grant.to.size() == 2);
  CHECK(grant.to[0].kind == "Service");
  CHECK(grant.to[0].name == "");
  CHECK(grant.to[1].name == "api");
}

TEST_CASE("wrong types anywhere in a route or a grant are absent fields") {
  for (const Kind kind : {Kind::http_route, Kind::grpc_route, Kind::tls_route}) test::decode_hostile<Route>(parsed(full), kind);
  test::decode_hostile<ReferenceGrant>(parsed(R"({"spec": {"from": [{"group": "g", "kind": "k", "namespace": "n"}],
    "to": [{"group": "", "kind": "Secret", "name": "s"}]}})"),
                                       Kind::reference_grant);
}

TEST_CASE("a weight that the CRD does not admit is brought within its bounds, so that sums do not overflow") {
  const Route route = decoded<Route>(R"({"spec": {"rules": [{"backendRefs": [{"name": "a", "weight": 9223372036854775807},
    {"name": "b", "weight": -9223372036854775808}, {"name": "c", "weight": 7}]}]}})",
                                     Kind::http_route);
  REQUIRE(route.rules.front().backends.size() == 3);
  CHECK(route.rules.front().backends[0].weight == 1'000'000);
  CHECK(route.rules.front().backends[1].weight == 0);
  CHECK(route.rules.front().backends[2].weight == 7);
}

TEST_CASE("filters are read with what they change") {
  const Route route = decoded<Route>(R"({"spec": {"rules": [{"filters": [
    {"type": "RequestHeaderModifier", "requestHeaderModifier": {"set": [{"name": "A", "value": "1"}], "remove": ["B"]}},
    {"type": "RequestRedirect", "requestRedirect": {"scheme": "HTTPS", "hostname": "Pay.Example", "port": 8443, "statusCode": 301,
      "path": {"type": "ReplacePrefixMatch", "replacePrefixMatch": "/v2"}}},
    {"type": "URLRewrite", "urlRewrite": {"path": {"type": "ReplaceFullPath", "replaceFullPath": "/x"}}},
    {"type": "RequestMirror", "requestMirror": {"backendRef": {"name": "m"}, "fraction": {"numerator": 1, "denominator": 4}}},
    {"type": "RequestMirror", "requestMirror": {"backendRef": {"name": "m"}, "percent": 250}},
    {"type": "CORS", "cors": {"allowOrigins": ["https://*.example"], "allowCredentials": true}}]}]}})",
                                     Kind::http_route);
  const std::vector<RouteFilter>& filters = route.rules.front().filters;
  REQUIRE(filters.size() == 6);
  CHECK(filters[0].changes.set == std::vector<HeaderField>{{"A", "1"}});
  CHECK(filters[0].changes.remove == std::vector<std::string>{"B"});
  CHECK(filters[1].scheme == "https");
  CHECK(filters[1].hostname == "pay.example");
  CHECK(filters[1].port == 8443);
  CHECK(filters[1].status == 301);
  REQUIRE(filters[1].path_change.has_value());
  CHECK_FALSE(filters[1].path_change->whole);
  CHECK(filters[1].path_change->value == "/v2");
  CHECK(filters[2].path_change->whole);
  CHECK_FALSE(filters[2].hostname.has_value());
  CHECK(filters[3].mirrored == 0.25);
  CHECK(filters[4].mirrored == 1.0);
  REQUIRE(filters[5].cors.has_value());
  CHECK(filters[5].cors->credentials);
  CHECK(filters[5].cors->max_age == 5);
}

TEST_CASE("timeouts, retries and session persistence of a rule are read") {
  const Route route =
      decoded<Route>(R"({"spec": {"rules": [{"timeouts": {"request": "10s"}, "retry": {"codes": [503], "attempts": 2},
    "sessionPersistence": {"sessionName": "s"}}, {}]}})",
                     Kind::http_route);
  const RouteRule& rule = route.rules.front();
  CHECK(rule.timeouts.request == "10s");
  CHECK(rule.timeouts.backend_request.empty());
  REQUIRE(rule.retry.has_value());
  CHECK(rule.retry->codes == std::vector<std::int64_t>{503});
  CHECK(rule.retry->attempts == 2);
  REQUIRE(rule.persistence.has_value());
  CHECK(rule.persistence->type == "Cookie");
  CHECK(rule.persistence->session_name == "s");
  CHECK_FALSE(route.rules.back().retry.has_value());
}

TEST_CASE("a share of mirrored requests of nothing is not divided by") {
  const Route route = decoded<Route>(R"({"spec": {"rules": [{"filters": [{"type": "RequestMirror", "requestMirror": {"fraction":
    {"numerator": 1, "denominator": 0}}}]}]}})",
                                     Kind::http_route);
  CHECK(route.rules.front().filters.front().mirrored == 1.0);
}

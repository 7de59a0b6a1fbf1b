#include <doctest/doctest.h>

#include "tests/unit/decode_help.h"

using namespace gwdoctor;
using test::decoded;
using test::parsed;
using From = FromNamespaces::From;
using TlsMode = Listener::TlsMode;

namespace {

constexpr std::string_view full = R"({
  "metadata": {"name": "public-web", "namespace": "platform-ingress"},
  "spec": {
    "gatewayClassName": "contour",
    "addresses": [{"value": "203.0.113.20"}, {"type": "Hostname", "value": "lb.example"}],
    "allowedListeners": {"namespaces": {"from": "Selector", "selector": {"matchLabels": {"team": "web"}}}},
    "listeners": [
      {"name": "http", "protocol": "HTTP", "port": 80},
      null,
      {"name": "https", "protocol": "HTTPS", "port": 443, "hostname": "*.InterviewCatalog.example.",
       "tls": {"certificateRefs": [{"name": "web-tls"}, {"group": "cert.example", "kind": "Bundle", "name": "b", "namespace": "certs"}]},
       "allowedRoutes": {"namespaces": {"from": "All"}, "kinds": [{"kind": "HTTPRoute"}, {"group": "x.example", "kind": "Y"}]}},
      {"name": "tls", "protocol": "TLS", "port": 8443, "tls": {"mode": "Passthrough"}}]},
  "status": {
    "addresses": [{"value": "203.0.113.20"}],
    "conditions": [{"type": "Accepted", "status": "True", "reason": "Accepted"}],
    "listeners": [{"name": "http", "attachedRoutes": 0, "supportedKinds": [{"kind": "HTTPRoute"}],
                   "conditions": [{"type": "Programmed", "status": "True"}]}, {"name": "https"}]}})";

Gateway gateway_with(const std::string& listener) {
  return decoded<Gateway>(R"({"metadata": {"name": "g", "namespace": "n"}, "spec": {"listeners": [)" + listener + "]}}",
                          Kind::gateway);
}

}  // namespace

TEST_CASE("a Gateway's listeners are read with the defaults of the CRD") {
  const Gateway gateway = decoded<Gateway>(full, Kind::gateway);
  CHECK(gateway.class_name == "contour");
  REQUIRE(gateway.listeners.size() == 3);
  const Listener& http = gateway.listeners[0];
  CHECK(http.path == "spec.listeners[0]");
  CHECK(http.port == 80);
  CHECK(http.hostname == "");
  CHECK(http.tls == TlsMode::none);
  CHECK_FALSE(http.has_tls);
  CHECK(http.namespaces.from == From::same);
  CHECK_FALSE(http.namespaces.written);
  CHECK(http.kinds.empty());
  const Listener& https = gateway.listeners[1];
  CHECK(https.path == "spec.listeners[2]");
  CHECK(https.protocol == "HTTPS");
  CHECK(https.hostname == "*.interviewcatalog.example.");
  CHECK(https.tls == TlsMode::terminate);
  CHECK(https.has_tls);
  CHECK(https.namespaces.from == From::all);
  CHECK(https.namespaces.written);
  REQUIRE(https.kinds.size() == 2);
  CHECK(https.kinds[0].group == "gateway.networking.k8s.io");
  CHECK(https.kinds[1].group == "x.example");
  CHECK(gateway.listeners[2].tls == TlsMode::passthrough);
}

TEST_CASE("a certificateRef without group, kind and namespace is a Secret beside the Gateway") {
  const Gateway gateway = decoded<Gateway>(full, Kind::gateway);
  const std::vector<ObjectRef>& refs = gateway.listeners.at(1).certificates;
  REQUIRE(refs.size() == 2);
  CHECK(refs[0].is("", "Secret"));
  CHECK(refs[0].ns == "platform-ingress");
  CHECK(refs[0].name == "web-tls");
  CHECK_FALSE(refs[0].names_namespace);
  CHECK(refs[0].path == "spec.listeners[2].tls.certificateRefs[0]");
  CHECK(refs[1].is("cert.example", "Bundle"));
  CHECK(refs[1].ns == "certs");
  CHECK(refs[1].names_namespace);
}

TEST_CASE("a Gateway's addresses and status are read") {
  const Gateway gateway = decoded<Gateway>(full, Kind::gateway);
  REQUIRE(gateway.wanted_addresses.size() == 2);
  CHECK(gateway.wanted_addresses[0].type == "IPAddress");
  CHECK(gateway.wanted_addresses[1].type == "Hostname");
  REQUIRE(gateway.addresses.size() == 1);
  CHECK(gateway.addresses[0].value == "203.0.113.20");
  CHECK(gateway.conditions.size() == 1);
  CHECK(gateway.has_status);
  REQUIRE(gateway.listener_status.size() == 2);
  CHECK(gateway.listener_status[0].attached_routes == 0);
  CHECK(gateway.listener_status[0].supported_kinds.at(0).group == "gateway.networking.k8s.io");
  CHECK(gateway.listener_status[0].conditions.size() == 1);
  CHECK(gateway.listener_status[0].path == "status.listeners[0]");
  CHECK_FALSE(gateway.listener_status[1].attached_routes);
}

TEST_CASE("a Gateway that no controller has touched has no status") {
  CHECK_FALSE(decoded<Gateway>(R"({"status": {"conditions": [
    {"type": "Accepted", "status": "Unknown", "reason": "Pending", "message": "Waiting for controller", "lastTransitionTime": "1970-01-01T00:00:00Z"},
    {"type": "Programmed", "status": "Unknown", "reason": "Pending", "message": "Waiting for controller", "lastTransitionTime": "1970-01-01T00:00:00Z"}]}})",
                               Kind::gateway)
                  .has_status);
  CHECK(decoded<Gateway>(R"({"status": {"listeners": [{"name": "http"}]}})", Kind::gateway).has_status);
  CHECK_FALSE(decoded<Gateway>("{}", Kind::gateway).has_status);
}

TEST_CASE("allowedListeners keeps ListenerSets out unless the Gateway lets them in") {
  CHECK(decoded<Gateway>("{}", Kind::gateway).allowed_listeners.from == From::none);
  CHECK(decoded<Gateway>(R"({"spec": {"allowedListeners": {}}})", Kind::gateway).allowed_listeners.from == From::none);
  const Gateway gateway = decoded<Gateway>(full, Kind::gateway);
  CHECK(gateway.allowed_listeners.from == From::selector);
  CHECK(gateway.allowed_listeners.written);
  CHECK(gateway.allowed_listeners.selector.matches({{"team", "web"}}));
  CHECK_FALSE(gateway.allowed_listeners.selector.matches({{"team", "other"}}));
}

TEST_CASE("allowedRoutes by selector") {
  struct Row {
    const char* namespaces;
    From from;
    bool written;
    bool takes_web;
    bool takes_bare;
  };
  const Row rows[] = {
      {R"({"from": "Selector", "selector": {"matchLabels": {"team": "web"}}})", From::selector, true, true, false},
      {R"({"from": "Selector", "selector": {}})", From::selector, true, true, true},
      // A nil LabelSelector selects nothing, an empty one everything.
      {R"({"from": "Selector"})", From::selector, true, false, false},
      {R"({"from": "Selector", "selector": null})", From::selector, true, false, false},
      {R"({"selector": {"matchLabels": {"team": "web"}}})", From::same, false, true, true},
      {R"({"from": "None"})", From::none, true, true, true},
      {R"({"from": "Same"})", From::same, true, true, true},
      {R"({"from": "everywhere"})", From::same, false, true, true},
      {R"({"from": 5})", From::same, false, true, true},
      {R"("All")", From::same, false, true, true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.namespaces);
    const Gateway gateway =
        gateway_with(R"({"name": "a", "allowedRoutes": {"namespaces": )" + std::string(row.namespaces) + "}}");
    const FromNamespaces& namespaces = gateway.listeners.at(0).namespaces;
    CHECK(namespaces.from == row.from);
    CHECK(namespaces.written == row.written);
    CHECK(namespaces.selector.matches({{"team", "web"}}) == row.takes_web);
    CHECK(namespaces.selector.matches({}) == row.takes_bare);
  }
}

TEST_CASE("a listener's tls terminates unless it says Passthrough") {
  struct Row {
    const char* tls;
    TlsMode mode;
    bool has_tls;
  };
  const Row rows[] = {
      {R"({})", TlsMode::terminate, true},
      {R"({"mode": "Terminate"})", TlsMode::terminate, true},
      {R"({"mode": 1})", TlsMode::terminate, true},
      {R"({"mode": "Passthrough"})", TlsMode::passthrough, true},
      {R"(null)", TlsMode::none, false},
      {R"([])", TlsMode::none, false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.tls);
    const Gateway gateway = gateway_with(R"({"tls": )" + std::string(row.tls) + "}");
    CHECK(gateway.listeners.at(0).tls == row.mode);
    CHECK(gateway.listeners.at(0).has_tls == row.has_tls);
  }
}

TEST_CASE("a ListenerSet's parent is a Gateway beside it unless it says otherwise") {
  const auto near = decoded<ListenerSet>(R"({"metadata": {"name": "l", "namespace": "team"}, "spec": {"parentRef": {"name": "g"},
    "listeners": [{"name": "a", "port": 443, "tls": {"certificateRefs": [{"name": "c"}]}}]}})",
                                         Kind::listener_set);
  CHECK(near.parent.is("gateway.networking.k8s.io", "Gateway"));
  CHECK(near.parent.ns == "team");
  CHECK(near.parent.path == "spec.parentRef");
  CHECK_FALSE(near.parent.names_namespace);
  CHECK(near.listeners.at(0).certificates.at(0).ns == "team");
  CHECK_FALSE(near.has_status);
  const auto far = decoded<ListenerSet>(R"({"metadata": {"name": "l", "namespace": "team"},
    "spec": {"parentRef": {"name": "g", "namespace": "infra"}},
    "status": {"conditions": [{"type": "Accepted", "status": "False", "reason": "NotAllowed"}], "listeners": [{"name": "a"}]}})",
                                        Kind::listener_set);
  CHECK(far.parent.ns == "infra");
  CHECK(far.parent.names_namespace);
  CHECK(far.has_status);
  CHECK(far.listener_status.at(0).path == "status.listeners[0]");
}

TEST_CASE("a GatewayClass's supported features are read in both of their forms") {
  const auto now = decoded<GatewayClass>(R"({"spec": {"controllerName": "projectcontour.io/gateway-controller"},
    "status": {"supportedFeatures": [{"name": "HTTPRoute"}, {"name": "Gateway"}, null, {}]}})",
                                         Kind::gateway_class);
  CHECK(now.controller_name == "projectcontour.io/gateway-controller");
  CHECK(now.supported_features == std::vector<std::string>{"HTTPRoute", "Gateway"});
  CHECK(decoded<GatewayClass>(R"({"status": {"supportedFeatures": ["HTTPRoute"]}})", Kind::gateway_class).supported_features ==
        std::vector<std::string>{"HTTPRoute"});
}

TEST_CASE("wrong types anywhere in a Gateway, its class or a ListenerSet are absent fields") {
  test::decode_hostile<Gateway>(parsed(full), Kind::gateway);
  test::decode_hostile<ListenerSet>(parsed(full), Kind::listener_set);
  test::decode_hostile<GatewayClass>(parsed(R"({"metadata": {"name": "c"}, "spec": {"controllerName": "x/y"},
    "status": {"conditions": [{"type": "Accepted", "status": "True"}], "supportedFeatures": [{"name": "Gateway"}]}})"),
                                     Kind::gateway_class);
}

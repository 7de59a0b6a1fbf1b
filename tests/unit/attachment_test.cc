#include "chain/attachment.h"

#include <doctest/doctest.h>

#include "kube/objects/decode.h"
#include "tests/unit/world_help.h"

using namespace gwdoctor;
using namespace gwdoctor::test;

namespace {

// A listener as a Gateway infra/web would hold it.
ListenerView listener(std::string_view spec) {
  const Gateway gateway = decode<Gateway>(
      document(
          fmt::format("{{metadata: {{namespace: infra, name: web}}, spec: {{gatewayClassName: c, listeners: [{{{}}}]}}}}", spec)),
      Kind::gateway);
  REQUIRE(gateway.listeners.size() == 1);
  ListenerView view;
  view.spec = gateway.listeners.front();
  view.owner = ref(Kind::gateway, "infra", "web");
  return view;
}

constexpr std::string_view everyone = "allowedRoutes: {namespaces: {from: All}}";

ListenerView open_listener(std::string_view spec) { return listener(fmt::format("{}, {}", spec, everyone)); }

Route route(std::string_view spec = "", Kind kind = Kind::http_route) {
  return decode<Route>(
      document(fmt::format(
          "{{metadata: {{namespace: shop, name: cart}}, spec: {{parentRefs: [{{name: web, namespace: infra}}]{}{}}}}}",
          spec.empty() ? "" : ", ", spec)),
      kind);
}

struct Attached {
  AttachmentView view;
  Seen<Namespace> labels;
};

Attached attached(const Route& object, const ListenerView& view, const Facts& facts = Facts(noon()), ParentRef parent = {}) {
  Attached out;
  out.view = attach(object, parent, view, 0, facts, out.labels);
  return out;
}

Attachment state(const Route& object, const ListenerView& view) { return attached(object, view).view.state; }

Facts with_namespace(std::string_view labels) {
  Facts facts(noon());
  facts.store({Wish::What::object, Kind::name_space, {}, "shop", {}, {}},
              {State::present, {document(fmt::format("{{metadata: {{name: shop, labels: {{{}}}}}}}", labels))}, {}, {}});
  return facts;
}

Listener plain(std::string_view protocol, std::int64_t port, std::string_view hostname) {
  Listener out;
  out.protocol = std::string(protocol);
  out.port = port;
  out.hostname = std::string(hostname);
  return out;
}

}  // namespace

TEST_CASE("a listener's protocol carries the kinds of route that the spec gives it") {
  struct Row {
    const char* spec;
    std::vector<Kind> kinds;
  };
  const Row rows[] = {
      {"name: a, protocol: HTTP, port: 80", {Kind::http_route, Kind::grpc_route}},
      {"name: a, protocol: HTTPS, port: 443, tls: {mode: Terminate}", {Kind::http_route, Kind::grpc_route}},
      {"name: a, protocol: TLS, port: 443, tls: {mode: Passthrough}", {Kind::tls_route}},
      {"name: a, protocol: TLS, port: 443, tls: {mode: Terminate}", {Kind::tls_route, Kind::tcp_route}},
      {"name: a, protocol: TCP, port: 5432", {Kind::tcp_route}},
      {"name: a, protocol: UDP, port: 53", {Kind::udp_route}},
      {"name: a, protocol: example.com/quic, port: 443",
       {Kind::http_route, Kind::grpc_route, Kind::tls_route, Kind::tcp_route, Kind::udp_route}},
  };
  for (const Row& row : rows) {
    for (const Kind kind : {Kind::http_route, Kind::grpc_route, Kind::tls_route, Kind::tcp_route, Kind::udp_route}) {
      CAPTURE(row.spec);
      CAPTURE(std::string(info(kind).name));
      const bool carries = std::find(row.kinds.begin(), row.kinds.end(), kind) != row.kinds.end();
      CHECK(protocol_carries(listener(row.spec).spec, kind, std::nullopt) == carries);
    }
  }
}

TEST_CASE("of a protocol that the spec does not define, the kinds in the listener's status decide") {
  const Listener quic = listener("name: a, protocol: example.com/quic, port: 443").spec;
  ListenerStatus status;
  CHECK(protocol_carries(quic, Kind::tcp_route, status));
  status.supported_kinds = {{"gateway.networking.k8s.io", "HTTPRoute"}};
  CHECK(protocol_carries(quic, Kind::http_route, status));
  CHECK_FALSE(protocol_carries(quic, Kind::tcp_route, status));
  // The spec's own protocols are not the controller's to widen.
  CHECK_FALSE(protocol_carries(plain("HTTP", 80, ""), Kind::tcp_route,
                               ListenerStatus{"a", {}, {{"gateway.networking.k8s.io", "TCPRoute"}}, {}, {}}));
}

TEST_CASE("allowedRoutes.kinds admits the kinds that it lists, and all where it is not written") {
  CHECK(kinds_admit(listener("name: a, protocol: HTTP, port: 80").spec, Kind::http_route));
  const Listener grpc = listener("name: a, protocol: HTTP, port: 80, allowedRoutes: {kinds: [{kind: GRPCRoute}]}").spec;
  CHECK(kinds_admit(grpc, Kind::grpc_route));
  CHECK_FALSE(kinds_admit(grpc, Kind::http_route));
  const Listener foreign =
      listener("name: a, protocol: HTTP, port: 80, allowedRoutes: {kinds: [{group: example.com, kind: HTTPRoute}]}").spec;
  CHECK_FALSE(kinds_admit(foreign, Kind::http_route));
}

TEST_CASE("the steps of attachment are taken in order, and the first that fails is named") {
  CHECK(state(route(), open_listener("name: a, protocol: HTTP, port: 80")) == Attachment::attached);
  CHECK(state(route(), open_listener("name: a, protocol: TCP, port: 80")) == Attachment::protocol_excluded);
  CHECK(state(route(),
              listener(
                  "name: a, protocol: HTTP, port: 80, allowedRoutes: {kinds: [{kind: GRPCRoute}], namespaces: {from: All}}")) ==
        Attachment::kind_excluded);
  CHECK(state(route(), listener("name: a, protocol: HTTP, port: 80")) == Attachment::namespace_excluded);
  CHECK(state(route("hostnames: [b.example]"), open_listener("name: a, protocol: HTTP, port: 80, hostname: a.example")) ==
        Attachment::hostname_disjoint);
}

TEST_CASE("a parentRef's sectionName and port pick listeners") {
  const ListenerView http = open_listener("name: http, protocol: HTTP, port: 80");
  const Facts facts(noon());
  ParentRef parent;
  parent.section = "https";
  CHECK(attached(route(), http, facts, parent).view.state == Attachment::other_section);
  parent.section = "http";
  CHECK(attached(route(), http, facts, parent).view.state == Attachment::attached);
  parent.port = 8080;
  CHECK(attached(route(), http, facts, parent).view.state == Attachment::other_port);
  parent.port = 80;
  CHECK(attached(route(), http, facts, parent).view.state == Attachment::attached);
}

TEST_CASE("the effective hostnames are what listener and route have in common") {
  const ListenerView wildcard = open_listener("name: a, protocol: HTTP, port: 80, hostname: '*.example.com'");
  CHECK(attached(route("hostnames: [a.example.com, b.other]"), wildcard).view.hostnames ==
        std::vector<std::string>{"a.example.com"});
  CHECK(attached(route(), wildcard).view.hostnames == std::vector<std::string>{"*.example.com"});
  CHECK(attached(route(), open_listener("name: a, protocol: HTTP, port: 80")).view.hostnames == std::vector<std::string>{""});
}

TEST_CASE("hostnames play no part for TCPRoutes") {
  const ListenerView tcp = open_listener("name: a, protocol: TCP, port: 5432, hostname: db.example");
  const Attached result = attached(route("", Kind::tcp_route), tcp);
  CHECK(result.view.state == Attachment::attached);
  CHECK(result.view.hostnames == std::vector<std::string>{""});
}

TEST_CASE("namespaces are admitted by All, Same, None, or a selector over their labels") {
  const Facts facts(noon());
  Seen<Namespace> labels;
  const auto admits = [&](FromNamespaces::From from, std::string_view ns) {
    return namespaces_admit({from, {}, true}, "infra", ns, facts, labels);
  };
  CHECK(admits(FromNamespaces::From::all, "shop") == true);
  CHECK(admits(FromNamespaces::From::none, "infra") == false);
  CHECK(admits(FromNamespaces::From::same, "infra") == true);
  CHECK(admits(FromNamespaces::From::same, "shop") == false);
  // A selector that is empty takes in every namespace: its labels are not needed.
  CHECK(admits(FromNamespaces::From::selector, "shop") == true);
  CHECK(facts.take_wanted().empty());
}

TEST_CASE("a selector of namespaces goes by their labels, matchExpressions included") {
  const ListenerView team = listener(
      "name: a, protocol: HTTP, port: 80, allowedRoutes: {namespaces: {from: Selector, selector: "
      "{matchLabels: {team: shop}, matchExpressions: [{key: stage, operator: NotIn, values: [test]}]}}}");
  CHECK(attached(route(), team, with_namespace("team: shop, stage: live")).view.state == Attachment::attached);
  CHECK(attached(route(), team, with_namespace("team: shop")).view.state == Attachment::attached);
  CHECK(attached(route(), team, with_namespace("team: shop, stage: test")).view.state == Attachment::namespace_excluded);
  CHECK(attached(route(), team, with_namespace("team: bank")).view.state == Attachment::namespace_excluded);
}

TEST_CASE("without the labels of the namespace, a selector leaves the answer open") {
  const ListenerView team = listener(
      "name: a, protocol: HTTP, port: 80, allowedRoutes: {namespaces: {from: Selector, selector: {matchLabels: {team: shop}}}}");
  Facts facts(noon());
  const Wish wish{Wish::What::object, Kind::name_space, {}, "shop", {}, {}};
  CHECK(attached(route(), team, facts).view.state == Attachment::unknown);
  CHECK(facts.take_wanted() == std::vector<Wish>{wish});
  facts.store(wish, {State::unknown, {}, {}, {Why::Reason::forbidden, "may not get namespaces", std::nullopt}});
  const Attached blind = attached(route(), team, facts);
  CHECK(blind.view.state == Attachment::unknown);
  CHECK(blind.labels.why().reason == Why::Reason::forbidden);
}

TEST_CASE("two listeners conflict on one port where they are not distinct or their protocols exclude each other") {
  struct Row {
    Listener one;
    Listener other;
    bool conflict;
  };
  const Row rows[] = {
      {plain("HTTP", 80, ""), plain("HTTP", 8080, ""), false},
      {plain("HTTP", 80, "a.example"), plain("HTTP", 80, "b.example"), false},
      {plain("HTTP", 80, "a.example"), plain("HTTP", 80, "a.example"), true},
      {plain("HTTP", 80, ""), plain("HTTP", 80, "a.example"), false},
      {plain("HTTP", 80, ""), plain("HTTP", 80, ""), true},
      {plain("HTTP", 80, "a.example"), plain("HTTPS", 80, "b.example"), true},
      {plain("HTTPS", 443, "a.example"), plain("TLS", 443, "b.example"), false},
      {plain("HTTPS", 443, "a.example"), plain("TLS", 443, "a.example"), true},
      {plain("TCP", 443, ""), plain("HTTPS", 443, "a.example"), true},
      {plain("TCP", 5432, "a.example"), plain("TCP", 5432, "b.example"), true},
      {plain("UDP", 53, ""), plain("UDP", 53, ""), true},
      {plain("UDP", 53, ""), plain("TCP", 53, ""), false},
      {plain("UDP", 443, ""), plain("HTTPS", 443, ""), false},
      {plain("example.com/quic", 443, ""), plain("HTTPS", 443, ""), false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.one.protocol + ":" + std::to_string(row.one.port) + " " + row.one.hostname);
    CAPTURE(row.other.protocol + ":" + std::to_string(row.other.port) + " " + row.other.hostname);
    CHECK(listeners_conflict(row.one, row.other) == row.conflict);
    CHECK(listeners_conflict(row.other, row.one) == row.conflict);
  }
}

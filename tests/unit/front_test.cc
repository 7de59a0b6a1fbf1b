#include "chain/front.h"

#include "checks/support/addresses.h"
#include "checks/support/dns_names.h"
#include "checks/support/edges.h"
#include "checks/support/front_line.h"
#include "tests/unit/world_help.h"

using namespace gwdoctor;
using namespace gwdoctor::test;

namespace {

std::string envoy(const std::string& template_spec = "containers: [{name: envoy, ports: [{name: http, containerPort: 8080}]}]") {
  return R"(
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: envoy, namespace: projectcontour, labels: {app: envoy}}
spec:
  selector: {matchLabels: {app: envoy}}
  template: {metadata: {labels: {app: envoy}}, spec: {)" +
         template_spec + R"(}}
status: {desiredNumberScheduled: 2, numberReady: 2}
)";
}

std::string service(const std::string& name, const std::string& spec, const std::string& status = "{}") {
  return "\n---\napiVersion: v1\nkind: Service\nmetadata: {name: " + name + ", namespace: projectcontour}\nspec: {" + spec +
         "}\nstatus: " + status + "\n";
}

const std::string balanced = "type: LoadBalancer, selector: {app: envoy}, ports: [{name: http, port: 80, targetPort: 8080}]";
const std::string with_address = "{loadBalancer: {ingress: [{ip: 203.0.113.10}]}}";

struct World {
  ManifestSource source;
  Facts facts{noon()};
  Path path;
  std::shared_ptr<const Front> front;

  explicit World(const std::string& yaml, const Target& target = cart_route) : source(cluster(yaml)) { look(target); }
  World(const std::string& yaml, ManifestSource::Denial denial) : source(cluster(yaml)) {
    source.deny(std::move(denial));
    look(cart_route);
  }
  void look(const Target& target) {
    for (int round = 0; round < 20; ++round) {
      path = build_path(target, facts);
      front = front_of(path, facts);
      if (!fetch_wanted(facts, source)) return;
    }
    FAIL("the front wants more in every round");
  }
};

DnsAnswer answer(std::vector<std::string> addresses, std::vector<std::string> aliases = {}) {
  DnsAnswer out;
  out.name = "shop.test";
  for (const std::string& one : addresses) {
    DnsFamily& family = one.find(':') == std::string::npos ? out.a : out.aaaa;
    family.status = DnsStatus::ok;
    family.addresses.push_back({one, 300});
  }
  for (const std::string& one : aliases) out.aliases.push_back({out.end(), one, 300});
  return out;
}

Service service_with(Labels annotations) {
  Service out;
  out.meta.annotations = std::move(annotations);
  return out;
}

}  // namespace

TEST_CASE("a route's hostname leads to the addresses of its Gateway, by the port of the listener") {
  const World world(shop());
  REQUIRE(world.front->hosts.size() == 1);
  const FrontHost& host = world.front->hosts[0];
  CHECK(host.host == "shop.example");
  CHECK(host.object.text() == "HTTPRoute shop/cart");
  CHECK(host.path == "spec.hostnames[0]");
  REQUIRE(host.addresses.size() == 1);
  CHECK(host.addresses[0].value == "203.0.113.10");
  CHECK(host.addresses[0].path == "status.addresses[0].value");
  CHECK_FALSE(host.addresses[0].is_hostname);
  REQUIRE(host.ports.size() == 1);
  CHECK(host.ports[0].port == 80);
  CHECK(host.ports[0].scheme == "http");
  CHECK_FALSE(host.ports[0].tls);
  CHECK(host.scope.count() == world.path.streams.size());
  CHECK(host.ports[0].scope.count() == world.path.streams.size());
}

TEST_CASE("a wildcard is no hostname to ask for: its addresses stand alone") {
  const World world(with(shop(), "hostnames: [shop.example]", "hostnames: ['*.shop.example']"));
  REQUIRE(world.front->hosts.size() == 1);
  CHECK(world.front->hosts[0].host.empty());
  CHECK(world.front->hosts[0].path.empty());
  CHECK(world.front->hosts[0].addresses.size() == 1);
  CHECK(dns_names(*world.front).empty());
}

TEST_CASE("the hostname of a listener is written in the Gateway") {
  const World world(
      with(with(shop(), "hostnames: [shop.example]", "hostnames: []"), "port: 80}]", "port: 80, hostname: a.test}]"));
  REQUIRE(world.front->hosts.size() == 1);
  CHECK(world.front->hosts[0].host == "a.test");
  CHECK(world.front->hosts[0].object.text() == "Gateway shop/web");
  CHECK(world.front->hosts[0].path == "spec.listeners[0].hostname");
}

TEST_CASE("an address that is published twice counts once, and types of an implementation's own are passed over") {
  const World world(with(shop(), "addresses: [{type: IPAddress, value: 203.0.113.10}]",
                         "addresses: [{type: IPAddress, value: 203.0.113.10}, {type: IPAddress, value: 203.0.113.10}, "
                         "{type: Hostname, value: lb.test}, {type: example.com/pool, value: x}]"));
  const std::vector<FrontAddress>& addresses = world.front->hosts.at(0).addresses;
  REQUIRE(addresses.size() == 2);
  CHECK(addresses[1].value == "lb.test");
  CHECK(addresses[1].is_hostname);
}

TEST_CASE("the Service in front is the one that selects the pods of the data plane") {
  const World world(shop() + envoy() + service("other", "type: LoadBalancer, selector: {app: other}, ports: [{port: 80}]") +
                    service("envoy", balanced, with_address));
  REQUIRE(world.front->services.size() == 1);
  const FrontService& front = world.front->services[0];
  CHECK(front.service->meta.ref.name == "envoy");
  CHECK(front.is_load_balancer());
  CHECK(front.workload->meta.ref.name == "envoy");
  CHECK(front.scope.count() == world.path.streams.size());
  CHECK(world.front->services_of(world.front->hosts[0], world.path).size() == 1);
}

TEST_CASE("Services for webhooks, metrics and status, and those without an address of their own, are none in front") {
  const World world(shop() + envoy() +
                    service("metrics", "type: LoadBalancer, selector: {app: envoy}, ports: [{name: http-metrics, port: 9090}]") +
                    service("admission", "selector: {app: envoy}, ports: [{name: https, port: 443, targetPort: webhook}]") +
                    service("headless", "clusterIP: None, selector: {app: envoy}, ports: [{name: http, port: 80}]") +
                    service("named", "type: ExternalName, externalName: x.test, selector: {app: envoy}"));
  CHECK(world.front->services.empty());
}

TEST_CASE("load balancers stand before node ports, and those before the others") {
  const World world(shop() + envoy() + service("a", "selector: {app: envoy}, ports: [{name: http, port: 80}]") +
                    service("b", "type: NodePort, selector: {app: envoy}, ports: [{name: http, port: 80}]") +
                    service("c", balanced, with_address));
  REQUIRE(world.front->services.size() == 3);
  CHECK(world.front->services[0].service->meta.ref.name == "c");
  CHECK(world.front->services[1].service->meta.ref.name == "b");
}

TEST_CASE("the Services of the data plane's namespace are all that is asked for") {
  const World world(shop() + envoy() + service("envoy", balanced, with_address));
  int lists = 0;
  for (const auto& [wish, stored] : world.facts.stored()) {
    if (wish.kind == Kind::service && wish.what == Wish::What::list) {
      ++lists;
      CHECK(wish.ns == "projectcontour");
    }
    CHECK_FALSE(wish.probe().has_value());
  }
  CHECK(lists == 1);
}

TEST_CASE("Services that may not be listed leave it open whether one stands in front") {
  const World world(shop() + envoy() + service("envoy", balanced, with_address),
                    ManifestSource::Denial{Kind::service, "projectcontour", {}});
  CHECK(world.front->services.empty());
  const Front::Unread* unread = world.front->unread_of(world.front->hosts.at(0), world.path);
  REQUIRE(unread != nullptr);
  CHECK(unread->wish.kind == Kind::service);
}

TEST_CASE("workloads that may not be listed leave it open as well") {
  const World world(shop() + envoy() + service("envoy", balanced, with_address),
                    ManifestSource::Denial{Kind::daemon_set, "", {}});
  CHECK(world.front->unread_of(world.front->hosts.at(0), world.path) != nullptr);
}

TEST_CASE("clients meet the port of the Service where the listener's is the data plane's own") {
  const std::string world = with(shop(), "protocol: HTTP, port: 80}", "protocol: HTTP, port: 8080}");
  CHECK(World(world + envoy() + service("envoy", balanced, with_address)).front->hosts.at(0).ports.at(0).port == 80);
  const std::string named = with(balanced, "targetPort: 8080", "targetPort: http");
  const World by_name(world + envoy() + service("envoy", named, with_address));
  CHECK(by_name.front->hosts.at(0).ports.at(0).port == 80);
  CHECK(by_name.front->hosts.at(0).ports.at(0).listener == 8080);
  CHECK(World(world).front->hosts.at(0).ports.at(0).port == 8080);
}

TEST_CASE("pods with the host's network or a host port listen on their nodes") {
  const World host_network(shop() + envoy("hostNetwork: true") + service("envoy", balanced));
  CHECK(listens_on_nodes(host_network.front->services.at(0).workload, 80));
  const World host_port(shop() + envoy("containers: [{name: envoy, ports: [{containerPort: 8080, hostPort: 80}]}]") +
                        service("envoy", balanced));
  CHECK(listens_on_nodes(host_port.front->services.at(0).workload));
  CHECK(listens_on_nodes(host_port.front->services.at(0).workload, 80));
  CHECK_FALSE(listens_on_nodes(host_port.front->services.at(0).workload, 443));
  CHECK_FALSE(listens_on_nodes({}));
}

TEST_CASE("addresses are read in either family, and mapped ones are IPv4") {
  CHECK(parse_ip("203.0.113.10").has_value());
  CHECK(parse_ip("::ffff:203.0.113.10") == parse_ip("203.0.113.10"));
  CHECK(parse_ip("2001:DB8::1") == parse_ip("2001:db8:0::1"));
  CHECK_FALSE(parse_ip("203.0.113").has_value());
  CHECK_FALSE(parse_ip("lb.test").has_value());
  CHECK_FALSE(parse_ip("").has_value());
}

TEST_CASE("a prefix holds the addresses that share its bits, of its own family") {
  CHECK(in_prefix(*parse_ip("172.31.255.1"), "172.16.0.0/12"));
  CHECK_FALSE(in_prefix(*parse_ip("172.32.0.1"), "172.16.0.0/12"));
  CHECK(in_prefix(*parse_ip("1.2.3.4"), "0.0.0.0/0"));
  CHECK_FALSE(in_prefix(*parse_ip("::1"), "0.0.0.0/0"));
  CHECK(in_prefix(*parse_ip("fd00::1"), "fc00::/7"));
  for (const char* bad : {"10.0.0.0", "10.0.0.0/33", "10.0.0.0/x", "x/8", ""}) CHECK_FALSE(in_prefix(*parse_ip("10.0.0.1"), bad));
}

TEST_CASE("addresses are told apart by who can reach them") {
  for (const char* one : {"10.1.2.3", "192.168.0.1", "100.64.0.1", "fd12::1"}) CHECK(reach_of(*parse_ip(one)) == Reach::within);
  for (const char* one : {"127.0.0.1", "169.254.1.1", "0.0.0.0", "::1", "fe80::1"})
    CHECK(reach_of(*parse_ip(one)) == Reach::this_host);
  for (const char* one : {"203.0.113.10", "8.8.8.8", "2001:db8::1"}) CHECK(reach_of(*parse_ip(one)) == Reach::everywhere);
}

TEST_CASE("an edge is known by its CNAME, or by all addresses lying in its ranges") {
  CHECK(known_edge(answer({"192.0.2.1"}, {"d1.cloudfront.net"})) == "CloudFront");
  CHECK(known_edge(answer({"192.0.2.1"}, {"shop.test.edgekey.net", "e1.a.akamaiedge.net"})) == "Akamai");
  CHECK(known_edge(answer({"104.16.1.1", "2606:4700::1"})) == "Cloudflare");
  CHECK(known_edge(answer({"151.101.1.1"})) == "Fastly");
  CHECK(known_edge(answer({"104.16.1.1", "203.0.113.1"})).empty());
  CHECK(known_edge(answer({"203.0.113.1"}, {"notcloudfront.net"})).empty());
  CHECK(known_edge(answer({})).empty());
}

TEST_CASE("reserved names and those for use within a network are told from others") {
  for (const char* one : {"pay.shop.example", "a.test", "localhost", "www.example.com", "example.org", "x.invalid"})
    CHECK(use_of(one) == NameUse::reserved);
  for (const char* one : {"a.internal", "printer.local", "nas.home.arpa", "intranet", "api.shop.svc", "x.corp"})
    CHECK(use_of(one) == NameUse::within);
  for (const char* one : {"pay.shop.com", "myexample.com", "internal.shop.de", "local.shop.io"})
    CHECK(use_of(one) == NameUse::ordinary);
}

TEST_CASE("an answer is held against what is wanted, family by family") {
  Wanted wanted;
  wanted.values = {"203.0.113.10"};
  wanted.addresses = {*parse_ip("203.0.113.10")};
  CHECK(compare(answer({"203.0.113.10"}), wanted).hits.size() == 1);
  CHECK(compare(answer({"198.51.100.1"}), wanted).leads_elsewhere());
  const Comparison mixed = compare(answer({"203.0.113.10", "198.51.100.1", "2001:db8::1"}), wanted);
  CHECK(mixed.leads_here());
  CHECK(mixed.strangers == std::vector<std::string>{"198.51.100.1"});
  CHECK(mixed.other_family == std::vector<std::string>{"2001:db8::1"});
  wanted.names = {"lb.elb.amazonaws.com"};
  CHECK(compare(answer({"198.51.100.1"}, {"dualstack.LB.elb.amazonaws.com."}), wanted).by_name);
  CHECK_FALSE(compare(answer({}), wanted).leads_elsewhere());
}

TEST_CASE("long lists are cut, and say how much is left out") {
  CHECK(list_text({}) == "");
  CHECK(list_text({"a", "b"}) == "a, b");
  CHECK(list_text({"a", "b", "c", "d"}) == "a, b, c, d");
  CHECK(list_text({"a", "b", "c", "d", "e"}) == "a, b, c and 2 more");
}

TEST_CASE("the annotations of several providers ask for the PROXY protocol, unless they say no") {
  CHECK(asks_for_proxy_protocol(service_with({{"service.beta.kubernetes.io/aws-load-balancer-proxy-protocol", "*"}})));
  CHECK(asks_for_proxy_protocol(service_with({{"load-balancer.hetzner.cloud/uses-proxyprotocol", "true"}})));
  CHECK(asks_for_proxy_protocol(service_with({{"service.beta.kubernetes.io/aws-load-balancer-target-group-attributes",
                                               "preserve_client_ip.enabled=true,proxy_protocol_v2.enabled=true"}})));
  CHECK_FALSE(asks_for_proxy_protocol(service_with({{"load-balancer.hetzner.cloud/uses-proxyprotocol", "false"}})));
  CHECK_FALSE(
      asks_for_proxy_protocol(service_with({{"service.beta.kubernetes.io/linode-loadbalancer-default-proxy-protocol", "none"}})));
  CHECK_FALSE(asks_for_proxy_protocol(service_with({{"example.com/proxy-protocol", "true"}})));
}

TEST_CASE("TLS ends at the load balancer for the ports that the annotations name") {
  ServicePort https;
  https.name = "https";
  https.port = 443;
  ServicePort http;
  http.name = "http";
  http.port = 80;
  const std::string aws = "service.beta.kubernetes.io/aws-load-balancer-";
  CHECK(asks_for_tls_end(service_with({{aws + "ssl-cert", "arn:x"}}), https));
  CHECK(asks_for_tls_end(service_with({{aws + "ssl-cert", "arn:x"}, {aws + "ssl-ports", "8443, https"}}), https));
  CHECK_FALSE(asks_for_tls_end(service_with({{aws + "ssl-cert", "arn:x"}, {aws + "ssl-ports", "443"}}), http));
  CHECK_FALSE(asks_for_tls_end(service_with({{aws + "ssl-cert", "arn:x"}, {aws + "backend-protocol", "SSL"}}), https));
  CHECK_FALSE(asks_for_tls_end(service_with({{aws + "ssl-ports", "443"}}), https));
  const std::string ocean = "service.beta.kubernetes.io/do-loadbalancer-";
  CHECK(asks_for_tls_end(service_with({{ocean + "certificate-id", "x"}}), https));
  CHECK_FALSE(asks_for_tls_end(service_with({{ocean + "certificate-id", "x"}}), http));
  CHECK_FALSE(asks_for_tls_end(service_with({{ocean + "certificate-id", "x"}, {ocean + "tls-passthrough", "true"}}), https));
  CHECK(asks_for_tls_end(service_with({{"load-balancer.hetzner.cloud/protocol", "https"}}), https));
  CHECK_FALSE(asks_for_tls_end(service_with({{"load-balancer.hetzner.cloud/protocol", "tcp"}}), https));
}

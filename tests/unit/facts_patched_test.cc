// Facts::patched(): the copy of the facts in which a fix was made.
#include <doctest/doctest.h>

#include "kube/facts.h"
#include "tests/unit/world_help.h"

using namespace gwdoctor;
using namespace gwdoctor::test;

namespace {

Patch patch(const Ref& object, std::string_view merge) { return {object, document(merge)}; }

const Ref cart = ref(Kind::service, "shop", "cart");
const Ref web = ref(Kind::gateway, "shop", "web");

struct World {
  ManifestSource source;
  Facts facts{noon()};

  explicit World(const std::string& yaml = shop()) : source(cluster(yaml)) {
    (void)path_in(cart_route, facts, source);
    (void)facts.list<Service>(Kind::service, "shop");
    (void)facts.list<Workload>(Kind::deployment, "shop");
    fetch();
  }
  void fetch() { (void)fetch_wanted(facts, source); }
};

std::vector<std::string> endpoints(const Facts& facts, std::string_view service) {
  std::vector<std::string> out;
  const Seen<List<EndpointSlice>> slices = facts.slices("shop", service);
  REQUIRE(slices.present());
  for (const Known<EndpointSlice>& slice : *slices) {
    for (const Endpoint& endpoint : slice->endpoints) out.push_back(endpoint.target_name);
  }
  return out;
}

}  // namespace

TEST_CASE("a patched object is changed in the copy, by itself and in lists, and never in the original") {
  const World world;
  const Facts trial = world.facts.patched({patch(cart, "{spec: {type: NodePort}}")});
  CHECK(trial.is_trial());
  CHECK(trial.service("shop", "cart")->type == "NodePort");
  CHECK(trial.list<Service>(Kind::service, "shop")->front()->type == "NodePort");
  CHECK(trial.service("shop", "cart")->ports.size() == 1);
  CHECK_FALSE(world.facts.is_trial());
  CHECK(world.facts.service("shop", "cart")->type == "ClusterIP");
  CHECK(world.facts.list<Service>(Kind::service, "shop")->front()->type == "ClusterIP");
}

TEST_CASE("a patch creates an object that does not exist") {
  const World world;
  const Ref admin = ref(Kind::service, "shop", "admin");
  const Facts trial =
      world.facts.patched({patch(admin, "{apiVersion: v1, kind: Service, metadata: {namespace: shop, name: admin}}")});
  CHECK(trial.service("shop", "admin").present());
  CHECK(trial.list<Service>(Kind::service, "shop")->size() == 2);
  CHECK(world.facts.service("shop", "admin").absent());
}

TEST_CASE("an object that a patch creates is there even where nobody asked the cluster for it") {
  const Facts facts(noon());
  const Facts trial = facts.patched({patch(cart, "{apiVersion: v1, kind: Service, metadata: {namespace: shop, name: cart}}")});
  CHECK(trial.service("shop", "cart").present());
  CHECK(trial.take_wanted().empty());
}

TEST_CASE("a patch without content deletes") {
  const World world;
  const Facts trial = world.facts.patched({{cart, Value()}});
  CHECK(trial.service("shop", "cart").absent());
  CHECK(trial.list<Service>(Kind::service, "shop")->empty());
  CHECK(world.facts.service("shop", "cart").present());
}

TEST_CASE("two patches of one object add up") {
  const World world;
  const Facts trial = world.facts.patched({patch(cart, "{spec: {type: NodePort}}"), patch(cart, "{spec: {clusterIP: None}}")});
  CHECK(trial.service("shop", "cart")->type == "NodePort");
  CHECK(trial.service("shop", "cart")->is_headless());
}

TEST_CASE("a change of a Gateway leaves out what controllers said of it and of its routes") {
  const World world;
  const Facts trial = world.facts.patched({patch(web, "{spec: {addresses: []}}")});
  const Seen<Gateway> gateway = trial.get<Gateway>(Kind::gateway, "shop", "web");
  CHECK_FALSE(gateway->has_status);
  CHECK(gateway->meta.settling);
  const Seen<Route> route = trial.get<Route>(Kind::http_route, "shop", "cart");
  CHECK(route->parent_status.empty());
  CHECK(route->meta.settling);
  CHECK(trial.get<GatewayClass>(Kind::gateway_class, "", "contour")->meta.settling);
  CHECK(world.facts.get<Gateway>(Kind::gateway, "shop", "web")->has_status);
  CHECK_FALSE(world.facts.get<Route>(Kind::http_route, "shop", "cart")->meta.settling);
}

TEST_CASE("a change of a Service leaves out the status of routes and keeps that of Gateways and pods") {
  const World world;
  const Facts trial = world.facts.patched({patch(cart, "{spec: {type: NodePort}}")});
  CHECK(trial.get<Route>(Kind::http_route, "shop", "cart")->meta.settling);
  CHECK(trial.get<Gateway>(Kind::gateway, "shop", "web")->has_status);
  CHECK_FALSE(trial.get<Gateway>(Kind::gateway, "shop", "web")->meta.settling);
  const Seen<List<Pod>> pods = trial.list<Pod>(Kind::pod, "shop", Selector::parse("app=cart"));
  REQUIRE(pods->size() == 2);
  CHECK(pods->front()->is_ready());
}

TEST_CASE("the slices of a Service follow from the pods that its new selector takes in") {
  const World broken(with(shop(), "selector: {app: cart}\n", "selector: {app: car}\n"));
  // The slices are those of an earlier selector: what the cluster holds counts until the selector changes.
  CHECK(endpoints(broken.facts, "cart").size() == 2);
  const Facts nobody = broken.facts.patched({patch(cart, "{spec: {selector: {app: nobody}}}")});
  (void)nobody.slices("shop", "cart");
  World copy(with(shop(), "selector: {app: cart}\n", "selector: {app: car}\n"));
  Facts trial = copy.facts.patched({patch(cart, "{spec: {selector: {app: cart}}}")});
  (void)trial.slices("shop", "cart");
  while (fetch_wanted(trial, copy.source)) (void)trial.slices("shop", "cart");
  CHECK(endpoints(trial, "cart") == std::vector<std::string>{"cart-1", "cart-2"});
  Facts none = copy.facts.patched({patch(cart, "{spec: {selector: {app: nobody}}}")});
  (void)none.slices("shop", "cart");
  while (fetch_wanted(none, copy.source)) (void)none.slices("shop", "cart");
  CHECK(endpoints(none, "cart").empty());
  CHECK(endpoints(copy.facts, "cart").size() == 2);
}

TEST_CASE("a pod whose labels change joins and leaves the Services that select it") {
  World world;
  Facts trial = world.facts.patched({patch(ref(Kind::pod, "shop", "cart-2"), "{metadata: {labels: {app: other}}}")});
  (void)trial.slices("shop", "cart");
  while (fetch_wanted(trial, world.source)) (void)trial.slices("shop", "cart");
  CHECK(endpoints(trial, "cart") == std::vector<std::string>{"cart-1"});
}

TEST_CASE("the slices of a Service without a changed selector or pod stand as they are") {
  World world(shop() + R"(
---
{apiVersion: v1, kind: Service, metadata: {name: admin, namespace: shop}, spec: {selector: {app: admin}}}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: admin-1, namespace: shop, labels: {kubernetes.io/service-name: admin}}
endpoints: [{addresses: [10.1.0.99], targetRef: {kind: Pod, name: by-hand}}]
)");
  (void)world.facts.slices("shop", "admin");
  world.fetch();
  const Facts trial = world.facts.patched({patch(cart, "{spec: {selector: {app: other}}}")});
  CHECK(endpoints(trial, "admin") == std::vector<std::string>{"by-hand"});
}

TEST_CASE("the pods of a workload that is scaled up are pending, and so are the endpoints that need them") {
  World world(shop() + R"(
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec: {replicas: 0, selector: {matchLabels: {app: cart}}, template: {metadata: {labels: {app: cart}}}}
---
{apiVersion: v1, kind: Service, metadata: {name: admin, namespace: shop}, spec: {selector: {app: admin}}}
)");
  (void)world.facts.slices("shop", "admin");
  world.fetch();
  const Facts trial = world.facts.patched({patch(ref(Kind::deployment, "shop", "cart"), "{spec: {replicas: 2}}")});
  const Seen<List<Pod>> pods = trial.list<Pod>(Kind::pod, "shop", Selector::parse("app=cart"));
  CHECK(pods.unknown());
  CHECK(pods.why().reason == Why::Reason::pending);
  CHECK(trial.slices("shop", "cart").unknown());
  CHECK(trial.slices("shop", "cart").why().reason == Why::Reason::pending);
  CHECK(trial.slices("shop", "admin").present());
  CHECK(world.facts.slices("shop", "cart").present());
}

TEST_CASE("what a trial has looked up is known to the original, as the cluster has it") {
  World world;
  Facts trial = world.facts.patched({patch(cart, "{spec: {type: NodePort}}")});
  (void)trial.get<Ingress>(Kind::ingress, "shop", "legacy");
  CHECK(fetch_wanted(trial, world.source));
  CHECK(world.facts.get<Ingress>(Kind::ingress, "shop", "legacy").absent());
  CHECK(world.facts.service("shop", "cart")->type == "ClusterIP");
}

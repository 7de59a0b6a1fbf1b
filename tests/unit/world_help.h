#pragma once
// Small clusters in YAML, for the tests of what is made of the facts.

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "checks/engine.h"
#include "kube/manifest_source.h"
#include "kube/yaml.h"

namespace gwdoctor::test {

inline Time noon() { return *parse_time("2026-11-23T12:00:00Z"); }

inline std::vector<Value> documents(std::string_view yaml) {
  Result<std::vector<Value>> parsed = parse_yaml(yaml, "world.yaml");
  REQUIRE_MESSAGE(parsed.has_value(), (parsed ? std::string() : parsed.error().message));
  return std::move(*parsed);
}

// The only document of a text.
inline Value document(std::string_view yaml) {
  std::vector<Value> all = documents(yaml);
  REQUIRE(all.size() == 1);
  return std::move(all.front());
}

// Every kind counts as collected: what is not written down does not exist.
inline ManifestSource cluster(std::string_view yaml) {
  Result<ManifestSource> parsed = ManifestSource::parse({{"world.yaml", std::string(yaml)}}, noon());
  REQUIRE_MESSAGE(parsed.has_value(), (parsed ? std::string() : parsed.error().message));
  parsed->collect_all();
  return std::move(*parsed);
}

// The path of a target, with all that it asks for looked up.
inline Path path_in(const Target& target, Facts& facts, Source& source) {
  for (int round = 0; round < 20; ++round) {
    Path path = build_path(target, facts);
    if (!fetch_wanted(facts, source)) return path;
  }
  FAIL("the path wants more in every round");
  return {};
}

inline Path path_in(const Target& target, std::string_view yaml) {
  ManifestSource source = cluster(yaml);
  Facts facts(noon());
  return path_in(target, facts, source);
}

// A shop whose route sends everything to a Service with two pods; all is well, and every controller has said so.
inline std::string shop() {
  return R"(
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: {name: contour, creationTimestamp: 2026-11-20T09:00:00Z}
spec: {controllerName: projectcontour.io/gateway-controller}
status:
  conditions: [{type: Accepted, status: "True", reason: Accepted}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: web, namespace: shop, creationTimestamp: 2026-11-20T09:00:00Z}
spec:
  gatewayClassName: contour
  listeners: [{name: http, protocol: HTTP, port: 80}]
status:
  addresses: [{type: IPAddress, value: 203.0.113.10}]
  conditions: [{type: Accepted, status: "True", reason: Accepted}, {type: Programmed, status: "True", reason: Programmed}]
  listeners:
  - name: http
    attachedRoutes: 1
    supportedKinds: [{group: gateway.networking.k8s.io, kind: HTTPRoute}]
    conditions:
    - {type: Accepted, status: "True", reason: Accepted}
    - {type: Programmed, status: "True", reason: Programmed}
    - {type: ResolvedRefs, status: "True", reason: ResolvedRefs}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: contour, namespace: projectcontour, labels: {app.kubernetes.io/name: contour, app.kubernetes.io/component: contour, app: contour}}
spec:
  replicas: 2
  selector: {matchLabels: {app: contour}}
  template: {metadata: {labels: {app: contour}}, spec: {containers: [{name: contour, image: contour}]}}
status: {replicas: 2, readyReplicas: 2, availableReplicas: 2, updatedReplicas: 2}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: cart, namespace: shop, creationTimestamp: 2026-11-20T09:00:00Z}
spec:
  parentRefs: [{name: web}]
  hostnames: [shop.example]
  rules: [{backendRefs: [{name: cart, port: 80}]}]
status:
  parents:
  - controllerName: projectcontour.io/gateway-controller
    parentRef: {group: gateway.networking.k8s.io, kind: Gateway, name: web}
    conditions: [{type: Accepted, status: "True", reason: Accepted}, {type: ResolvedRefs, status: "True", reason: ResolvedRefs}]
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop, creationTimestamp: 2026-11-20T09:00:00Z}
spec:
  selector: {app: cart}
  ports: [{name: http, port: 80, targetPort: 8080}]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: cart-x7k2p
  namespace: shop
  labels: {kubernetes.io/service-name: cart, endpointslice.kubernetes.io/managed-by: endpointslice-controller.k8s.io}
addressType: IPv4
ports: [{name: http, port: 8080, protocol: TCP}]
endpoints:
- {addresses: [10.1.0.11], conditions: {ready: true, serving: true}, targetRef: {kind: Pod, namespace: shop, name: cart-1}}
- {addresses: [10.1.0.12], conditions: {ready: true, serving: true}, targetRef: {kind: Pod, namespace: shop, name: cart-2}}
---
apiVersion: v1
kind: Pod
metadata: {name: cart-1, namespace: shop, labels: {app: cart}, creationTimestamp: 2026-11-20T09:00:00Z}
spec: {nodeName: node-1, containers: [{name: main, image: cart, ports: [{name: http, containerPort: 8080}]}]}
status:
  phase: Running
  podIP: 10.1.0.11
  conditions: [{type: PodScheduled, status: "True"}, {type: ContainersReady, status: "True"}, {type: Ready, status: "True"}]
  containerStatuses: [{name: main, ready: true, restartCount: 0, state: {running: {}}}]
---
apiVersion: v1
kind: Pod
metadata: {name: cart-2, namespace: shop, labels: {app: cart}, creationTimestamp: 2026-11-20T09:00:00Z}
spec: {nodeName: node-1, containers: [{name: main, image: cart, ports: [{name: http, containerPort: 8080}]}]}
status:
  phase: Running
  podIP: 10.1.0.12
  conditions: [{type: PodScheduled, status: "True"}, {type: ContainersReady, status: "True"}, {type: Ready, status: "True"}]
  containerStatuses: [{name: main, ready: true, restartCount: 0, state: {running: {}}}]
)";
}

inline const Target cart_route{Kind::http_route, "shop", "cart"};

// The world with a text in it replaced: each such change must hit something.
inline std::string with(std::string world, std::string_view before, std::string_view after) {
  const std::size_t at = world.find(before);
  REQUIRE_MESSAGE(at != std::string::npos, std::string(before));
  return world.replace(at, before.size(), after);
}

}  // namespace gwdoctor::test

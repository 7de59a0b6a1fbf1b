#pragma once
// Requests to a Traefik with IngressRoutes, for its tests.

#include <string>

#include "chain/router/tracer.h"
#include "tests/unit/dialect_help.h"
#include "tests/unit/world_help.h"

namespace traefik_test {

using namespace gwdoctor;

// What a small world holds beside the objects of a test.
struct World {
  std::string yaml;
  std::vector<ManifestSource::Denial> denials;
  std::set<Kind> unserved;
};

inline Trace traced(const World& world, const Request& sent) {
  ManifestSource source = gwdoctor::test::cluster(world.yaml);
  for (const ManifestSource::Denial& one : world.denials) source.deny(one);
  for (const Kind kind : world.unserved) source.unserve(kind);
  Facts facts(gwdoctor::test::noon());
  Question question;
  question.request = sent;
  question.ns = "shop";
  question.entry = EntryPoint{EntryPoint::Kind::ingress, {}, "traefik"};
  Trace out = trace(question, facts);
  for (int round = 0; round < 20 && fetch_wanted(facts, source); ++round) out = trace(question, facts);
  return out;
}
inline Trace traced(const World& world, const std::string& url) { return traced(world, dialect_test::request(url)); }
inline Trace traced(const std::string& yaml, const std::string& url) { return traced(World{yaml, {}, {}}, url); }

inline std::string service(const std::string& name, const std::string& ns = "shop") {
  return "---\napiVersion: v1\nkind: Service\nmetadata: {name: " + name + ", namespace: " + ns +
         "}\nspec: {selector: {app: " + name + "}, ports: [{name: http, port: 80, targetPort: 8080}]}\n";
}
inline std::string services() { return service("web") + service("api") + service("next"); }

// An IngressRoute shop/NAME; `routes` in flow style, `rest` of its spec.
inline std::string route(const std::string& name, const std::string& routes,
                         const std::string& rest = "entryPoints: [web, websecure]", const std::string& more = "") {
  return "---\napiVersion: traefik.io/v1alpha1\nkind: IngressRoute\nmetadata: {name: " + name + ", namespace: shop" + more +
         "}\nspec:\n  " + rest + "\n  routes: [" + routes + "]\n";
}
// One route to port 80 of a Service.
inline std::string rule(const std::string& match, const std::string& to, const std::string& more = "") {
  return "{match: '" + match + "', kind: Rule, services: [{name: " + to + ", port: 80}]" + more + "}";
}
inline std::string middleware(const std::string& name, const std::string& spec, const std::string& ns = "shop") {
  return "---\napiVersion: traefik.io/v1alpha1\nkind: Middleware\nmetadata: {name: " + name + ", namespace: " + ns +
         "}\nspec: " + spec + "\n";
}
inline std::string traefik_service(const std::string& name, const std::string& spec) {
  return "---\napiVersion: traefik.io/v1alpha1\nkind: TraefikService\nmetadata: {name: " + name +
         ", namespace: shop}\nspec: " + spec + "\n";
}
inline std::string ingress(const std::string& name, const std::string& host, const std::string& path, const std::string& to,
                           const std::string& annotations = "{}") {
  return "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: " + name +
         ", namespace: shop, annotations: " + annotations + "}\nspec:\n  ingressClassName: traefik\n  rules:\n  - host: " + host +
         "\n    http: {paths: [{path: " + path + ", pathType: Prefix, backend: {service: {name: " + to +
         ", port: {number: 80}}}}]}\n";
}
// Traefik itself with these arguments.
inline std::string traefik(const std::string& arguments, const std::string& image = "traefik:v3.7") {
  return "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: traefik, namespace: traefik, labels: "
         "{app.kubernetes.io/name: traefik}}\nspec: {template: {spec: {containers: [{name: traefik, image: '" +
         image + "', args: [" + arguments + "]}]}}}\n";
}

}  // namespace traefik_test

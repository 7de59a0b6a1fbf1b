// The paths of Ingresses, Gateways and Services.
#include "chain/path.h"

#include <doctest/doctest.h>

#include "tests/unit/world_help.h"

using namespace gwdoctor;
using namespace gwdoctor::test;

namespace {

using Words = std::vector<std::string>;

constexpr std::string_view nginx = R"(
{apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: nginx}, spec: {controller: k8s.io/ingress-nginx}}
---
{apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: other}, spec: {controller: example.com/other}}
---
)";

std::string ingress(std::string_view spec, std::string_view annotations = "") {
  return fmt::format(
      "{}apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: legacy, namespace: shop, annotations: "
      "{{{}}}}}\nspec: {{{}}}\n",
      nginx, annotations, spec);
}

Path path_of(std::string_view spec, std::string_view annotations = "") {
  return path_in({Kind::ingress, "shop", "legacy"}, ingress(spec, annotations));
}

Words entrances(const Path& path) {
  Words out;
  for (const Entrance& entrance : path.entrances) out.push_back(entrance.scheme + "://" + entrance.host);
  return out;
}

constexpr std::string_view two_hosts =
    "rules: [{host: a.example, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: cart, port: {number: "
    "80}}}}]}},"
    "{host: b.example, http: {paths: [{path: /x, pathType: Prefix, backend: {service: {name: cart, port: {name: http}}}}]}}]";

}  // namespace

TEST_CASE("each host of an Ingress is an entrance of its own, with the legs of its rules alone") {
  const Path path = path_of(fmt::format("ingressClassName: other, {}", two_hosts));
  CHECK(entrances(path) == Words{"http://a.example", "http://b.example"});
  CHECK(path.streams.size() == 2);
  CHECK(path.legs[0].requests == "requests to a.example/");
  CHECK(path.legs[1].requests == "requests to b.example/x");
  CHECK(path.legs[0].port == 80);
  CHECK(path.legs[1].port_name == "http");
  CHECK(path.backends.size() == 1);
}

TEST_CASE("the default backend of an Ingress takes requests of every host") {
  const Path path = path_of(
      fmt::format("ingressClassName: other, defaultBackend: {{service: {{name: rest, port: {{number: 80}}}}}}, {}", two_hosts));
  CHECK(path.legs.back().rule == no_index);
  CHECK(path.legs.back().scope.count() == 2);
  CHECK(entrances(path_of("ingressClassName: other, defaultBackend: {service: {name: rest, port: {number: 80}}}")) ==
        Words{"http://"});
}

TEST_CASE("a host with TLS comes in by https and http, by https alone where the controller redirects") {
  const std::string tls = fmt::format("tls: [{{hosts: [a.example], secretName: a-tls}}], {}", two_hosts);
  CHECK(entrances(path_of("ingressClassName: other, " + tls)) ==
        Words{"https://a.example", "http://a.example", "http://b.example"});
  CHECK(entrances(path_of("ingressClassName: nginx, " + tls)) == Words{"https://a.example", "http://b.example"});
  CHECK(entrances(path_of("ingressClassName: nginx, " + tls, "nginx.ingress.kubernetes.io/ssl-redirect: 'false'")) ==
        Words{"https://a.example", "http://a.example", "http://b.example"});
}

TEST_CASE("the certificate of an Ingress is for the hosts of its entry, and touches their TLS streams") {
  const Path path =
      path_of(fmt::format("ingressClassName: other, tls: [{{hosts: [a.example], secretName: a-tls}}], {}", two_hosts));
  REQUIRE(path.certificates.size() == 1);
  CHECK(path.certificates[0].hosts == Words{"a.example"});
  CHECK(path.certificates[0].path == "spec.tls[0].secretName");
  CHECK(path.describe(path.certificates[0].scope) == "HTTPS requests for a.example");
  const Path all = path_of(fmt::format("ingressClassName: other, tls: [{{secretName: tls}}], {}", two_hosts));
  CHECK(all.certificates[0].hosts == Words{"a.example", "b.example"});
  CHECK(path_of(fmt::format("ingressClassName: other, tls: [{{hosts: [a.example]}}], {}", two_hosts)).certificates.empty());
}

TEST_CASE("the class of an Ingress comes from its field, its annotation, or the cluster's default") {
  const Path field = path_of(fmt::format("ingressClassName: nginx, {}", two_hosts), "kubernetes.io/ingress.class: other");
  CHECK(field.ingresses[0].class_by == ClassBy::field);
  CHECK(field.ingresses[0].class_name == "nginx");
  CHECK(field.controllers.at(0).name == "k8s.io/ingress-nginx");
  const Path annotation = path_of(two_hosts, "kubernetes.io/ingress.class: other");
  CHECK(annotation.ingresses[0].class_by == ClassBy::annotation);
  CHECK(annotation.ingresses[0].class_name == "other");
  const Path none = path_of(two_hosts);
  CHECK(none.ingresses[0].class_by == ClassBy::nothing);
  CHECK(none.controllers.empty());
  const Path byDefault =
      path_in({Kind::ingress, "shop", "legacy"},
              with(ingress(two_hosts), "metadata: {name: other}",
                   "metadata: {name: other, annotations: {ingressclass.kubernetes.io/is-default-class: 'true'}}"));
  CHECK(byDefault.ingresses[0].class_by == ClassBy::cluster_default);
  CHECK(byDefault.ingresses[0].class_name == "other");
}

TEST_CASE("a Gateway by itself has one stream for each listener") {
  const Path path = path_in({Kind::gateway, "shop", "web"}, shop());
  CHECK(path.state == State::present);
  CHECK(entrances(path) == Words{"http://"});
  CHECK(path.streams.size() == 1);
  CHECK(path.gateways[0].scope.count() == 1);
  CHECK(path.backends.empty());
}

TEST_CASE("a Service is judged by the routes that lead to it, and by their legs to it alone") {
  const std::string world = with(shop(), "rules: [{backendRefs: [{name: cart, port: 80}]}]",
                                 "rules: [{backendRefs: [{name: cart, port: 80}]}, {matches: [{path: {value: /x}}], backendRefs: "
                                 "[{name: other, port: 80}]}]");
  const Path path = path_in({Kind::service, "shop", "cart"}, world);
  REQUIRE(path.routes.size() == 1);
  REQUIRE(path.legs.size() == 1);
  CHECK(path.backends[path.legs[0].backend].ref.name == "cart");
  CHECK(path.describe(path.all()) == "all connections");
}

TEST_CASE("routes of another namespace are found by the grants of the Service's own") {
  constexpr std::string_view stock = R"(
---
{apiVersion: v1, kind: Service, metadata: {name: stock, namespace: stock}, spec: {ports: [{port: 80}]}}
---
apiVersion: gateway.networking.k8s.io/v1beta1
kind: ReferenceGrant
metadata: {name: g, namespace: stock}
spec: {from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: shop}], to: [{group: '', kind: Service}]}
)";
  const std::string world =
      with(shop(), "backendRefs: [{name: cart, port: 80}]", "backendRefs: [{name: stock, namespace: stock, port: 80}]") +
      std::string(stock);
  const Path path = path_in({Kind::service, "stock", "stock"}, world);
  REQUIRE(path.routes.size() == 1);
  CHECK(path.routes[0].ref.text() == "HTTPRoute shop/cart");
  CHECK(path.grants.at(0).state == GrantView::State::granted);
}

TEST_CASE("a Service that no route leads to is judged port by port, for clients in the cluster") {
  const Path path = path_in({Kind::service, "shop", "db"},
                            "{apiVersion: v1, kind: Service, metadata: {name: db, namespace: shop}, spec: {selector: {app: db}, "
                            "ports: [{name: a, port: 5432}, {name: b, port: 9187}]}}");
  CHECK(path.routes.empty());
  CHECK(path.streams.size() == 2);
  CHECK(path.legs[1].requests == "connections to port 9187");
  CHECK(path.describe(path.legs[1].scope) == "connections to port 9187");
  CHECK(path.backends.at(0).has_selector);
}

TEST_CASE("where routes to a Service could not be looked for, the path says so") {
  ManifestSource source = cluster(shop());
  source.deny({Kind::ingress, "", {}});
  Facts facts(noon());
  const Path path = path_in({Kind::service, "shop", "cart"}, facts, source);
  const auto ingresses = std::find_if(path.upstream.begin(), path.upstream.end(),
                                      [](const UpstreamView& view) { return view.kind == Kind::ingress; });
  REQUIRE(ingresses != path.upstream.end());
  CHECK(ingresses->state == State::unknown);
  CHECK(ingresses->why.reason == Why::Reason::forbidden);
}

// Which requests are gRPC calls, by what the objects say.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "checks/support/grpc.h"
#include "tests/unit/world_help.h"

using namespace gwdoctor;
using namespace gwdoctor::test;

namespace {

std::string ingress(std::string_view annotation, std::string_view port) {
  return fmt::format(R"(
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {{name: web, namespace: shop, annotations: {{{}}}}}
spec:
  rules:
  - host: shop.example
    http:
      paths: [{{path: /, pathType: Prefix, backend: {{service: {{name: api, port: {{number: 80}}}}}}}}]
---
apiVersion: v1
kind: Service
metadata: {{name: api, namespace: shop}}
spec: {{selector: {{app: api}}, ports: [{{port: 80{}}}]}}
)",
                     annotation, port);
}

std::string route(std::string_view kind) {
  return fmt::format(R"(
apiVersion: gateway.networking.k8s.io/v1
kind: {}
metadata: {{name: web, namespace: shop}}
spec: {{parentRefs: [{{name: web}}], rules: [{{backendRefs: [{{name: api, port: 80}}]}}]}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {{name: web, namespace: shop}}
spec: {{gatewayClassName: x, listeners: [{{name: http, protocol: HTTP, port: 80}}]}}
)",
                     kind);
}

}  // namespace

TEST_CASE("an annotation of the Ingress or the appProtocol of the Service port says that gRPC is spoken") {
  struct Row {
    std::string annotation;
    std::string port;
    Speaks spoken;
  };
  for (const Row& row :
       {Row{"", "", Speaks::other}, Row{"nginx.ingress.kubernetes.io/backend-protocol: GRPC", "", Speaks::grpc},
        Row{"nginx.ingress.kubernetes.io/backend-protocol: grpcs", "", Speaks::grpc},
        Row{"nginx.ingress.kubernetes.io/backend-protocol: HTTPS", "", Speaks::other},
        Row{"haproxy-ingress.github.io/backend-protocol: grpc", "", Speaks::grpc},
        Row{"alb.ingress.kubernetes.io/backend-protocol-version: GRPC", "", Speaks::grpc},
        Row{"alb.ingress.kubernetes.io/backend-protocol-version: HTTP2", "", Speaks::other},
        Row{"konghq.com/protocols: 'https, grpcs'", "", Speaks::grpc}, Row{"", ", appProtocol: grpc", Speaks::grpc},
        Row{"", ", appProtocol: kubernetes.io/h2c", Speaks::perhaps_grpc}, Row{"", ", appProtocol: http", Speaks::other}}) {
    CAPTURE(row.annotation);
    CAPTURE(row.port);
    ManifestSource source = cluster(ingress(row.annotation, row.port));
    Facts facts(noon());
    const Path path = path_in({Kind::ingress, "shop", "web"}, facts, source);
    REQUIRE(path.legs.size() == 1);
    CHECK(speaks(path.legs[0], path) == row.spoken);
    CHECK(is_for_grpc_alone(path.all(), path) == (row.spoken == Speaks::grpc));
  }
}

TEST_CASE("a GRPCRoute carries gRPC alone, and nothing carries none") {
  for (const Kind kind : {Kind::grpc_route, Kind::http_route}) {
    ManifestSource source = cluster(route(info(kind).name));
    Facts facts(noon());
    const Path path = path_in({kind, "shop", "web"}, facts, source);
    REQUIRE(path.all().any());
    CHECK(is_for_grpc_alone(path.all(), path) == (kind == Kind::grpc_route));
    CHECK_FALSE(is_for_grpc_alone(path.nothing(), path));
  }
}

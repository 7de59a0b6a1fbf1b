#include "chain/controllers.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

#include "kube/selector.h"

using namespace gwdoctor;

namespace {

std::string id(const Controller* controller) { return controller == nullptr ? "nobody" : std::string(controller->id); }

const Controller& row(std::string_view name) {
  const Controller* found = find_controller(name);
  REQUIRE(found != nullptr);
  return *found;
}

std::vector<Place> places(const Controller& controller) {
  std::vector<Place> all;
  for (const auto* list :
       {&controller.workloads, &controller.pods, &controller.ingress_plane.places, &controller.gateway_plane.places}) {
    all.insert(all.end(), list->begin(), list->end());
  }
  return all;
}

}  // namespace

TEST_SUITE("controllers") {
  TEST_CASE("an IngressClass leads to its controller") {
    const std::map<std::string, std::string> known{
        {"k8s.io/ingress-nginx", "ingress-nginx"},
        {"k8s.io/internal-ingress-nginx", "ingress-nginx"},
        {"webapprouting.kubernetes.azure.com/nginx/second", "ingress-nginx"},
        {"nginx.org/ingress-controller", "nginx-inc"},
        {"ingress.k8s.aws/alb", "aws-load-balancer-controller"},
        {"eks.amazonaws.com/alb", "eks-auto-mode"},
        {"traefik.io/ingress-controller", "traefik"},
        {"istio.io/ingress-controller", "istio"},
        {"projectcontour.io/ingress-contour/contour", "contour"},
        {"haproxy.org/ingress-controller", "haproxy"},
        {"haproxy.org/ingress-controller/prod", "haproxy"},
        {"haproxy-ingress.github.io/controller/staging", "haproxy-ingress"},
        {"ingress-controllers.konghq.com/kong", "kong"},
        {"cilium.io/ingress-controller", "cilium"},
        {"azure/application-gateway", "agic"},
        {"alb.networking.azure.io/alb-controller", "application-gateway-for-containers"}};
    for (const auto& entry : known) {
      CAPTURE(entry.first);
      CHECK(id(find_by_ingress_controller(entry.first)) == entry.second);
    }
  }

  TEST_CASE("a GatewayClass leads to its controller") {
    const std::map<std::string, std::string> known{
        {"gateway.nginx.org/nginx-gateway-controller", "nginx-gateway-fabric"},
        {"gateway.k8s.aws/alb", "aws-load-balancer-controller"},
        {"gateway.k8s.aws/nlb", "aws-load-balancer-controller"},
        {"traefik.io/gateway-controller", "traefik"},
        {"istio.io/gateway-controller", "istio"},
        {"gateway.envoyproxy.io/gatewayclass-controller", "envoy-gateway"},
        {"projectcontour.io/gateway-controller", "contour"},
        {"haproxy.org/gateway-controller", "haproxy"},
        {"haproxy-ingress.github.io/controller", "haproxy-ingress"},
        {"konghq.com/kic-gateway-controller", "kong"},
        {"io.cilium/gateway-controller", "cilium"},
        {"networking.gke.io/gateway", "gke"},
        {"kgateway.dev/kgateway", "kgateway"},
        {"kgateway.dev/agentgateway", "agentgateway"},
        {"agentgateway.dev/agentgateway", "agentgateway"},
        {"alb.networking.azure.io/alb-controller", "application-gateway-for-containers"}};
    for (const auto& entry : known) {
      CAPTURE(entry.first);
      CHECK(id(find_by_gateway_controller(entry.first)) == entry.second);
    }
  }

  TEST_CASE("a controller that nobody knows is nobody's") {
    CHECK(find_by_ingress_controller("example.net/absent-controller") == nullptr);
    CHECK(find_by_ingress_controller("haproxy.org/ingress-controllers") == nullptr);
    CHECK(find_by_gateway_controller("example.net/absent-controller") == nullptr);
    CHECK(find_by_gateway_controller("k8s.io/ingress-nginx") == nullptr);
    CHECK(find_by_ingress_controller("") == nullptr);
    CHECK(find_by_annotation_class("gcee") == nullptr);
    CHECK(find_by_status_manager("kubectl-edit") == nullptr);
    CHECK(find_controller("nginx") == nullptr);
  }

  TEST_CASE("the class annotation of GKE leads to it without an IngressClass") {
    CHECK(id(find_by_annotation_class("gce")) == "gke");
    CHECK(id(find_by_annotation_class("gce-internal")) == "gke");
    CHECK(row("gke").classless == Classless::taken);
  }

  TEST_CASE("a class annotation that two controllers take gives both, ingress-nginx first") {
    const auto both = all_by_annotation_class("nginx");
    REQUIRE(both.size() == 2);
    CHECK(id(both[0]) == "ingress-nginx");
    CHECK(id(both[1]) == "nginx-inc");
    CHECK(find_by_annotation_class("nginx") == both[0]);
    CHECK(all_by_annotation_class("nobody").empty());
  }

  TEST_CASE("the writer of a status leads to its controller") {
    CHECK(id(find_by_status_manager("nginx-ingress-controller")) == "ingress-nginx");
    CHECK(id(find_by_status_manager("pilot-discovery")) == "istio");
    CHECK(id(find_by_status_manager("contour")) == "contour");
  }

  TEST_CASE("no two rows share an id, a name, a controller or a status manager") {
    std::set<std::string_view> ids;
    std::set<std::string_view> names;
    std::set<std::string_view> ingress;
    std::set<std::string_view> gateway;
    std::set<std::string_view> managers;
    for (const Controller& controller : all_controllers()) {
      CAPTURE(controller.id);
      CHECK(ids.insert(controller.id).second);
      CHECK(names.insert(controller.name).second);
      for (const std::string_view name : controller.ingress_controllers) CHECK(ingress.insert(name).second);
      for (const std::string_view name : controller.gateway_controllers) CHECK(gateway.insert(name).second);
      for (const std::string_view name : controller.status_managers) CHECK(managers.insert(name).second);
    }
  }

  TEST_CASE("every search by labels is bounded: a selector that parses, with a label that must have a value") {
    for (const Controller& controller : all_controllers()) {
      for (const Place& place : places(controller)) {
        CAPTURE(place.labels);
        const DataPlane one{DataPlane::Kind::workload, {place}};
        const auto queries = workload_queries(one, "controller-ns", "gateway-ns", "gateway");
        REQUIRE(queries.size() == 1);
        const Selector selector = Selector::parse(queries[0].labels);
        CHECK_FALSE(selector.empty());
        CHECK(std::all_of(selector.requirements.begin(), selector.requirements.end(), [](const Requirement& requirement) {
          return requirement.op == Requirement::Op::in && !requirement.values.empty();
        }));
        CHECK((queries[0].ns.empty() == (place.where == Where::any_namespace)));
      }
    }
  }

  TEST_CASE("each API has a data plane where it has a controller string, and only there") {
    using Kind = DataPlane::Kind;
    for (const Controller& controller : all_controllers()) {
      CAPTURE(controller.id);
      const bool ingress = !controller.ingress_controllers.empty() || !controller.annotation_classes.empty();
      CHECK((controller.ingress_plane.kind != Kind::none) == ingress);
      CHECK((controller.gateway_plane.kind != Kind::none) == !controller.gateway_controllers.empty());
      CHECK((controller.ingress_address != StatusAddress::never) == ingress);
      CHECK((controller.gateway_address != StatusAddress::never) == !controller.gateway_controllers.empty());
      CHECK(controller.writes_parents == !controller.gateway_controllers.empty());
      for (const DataPlane& plane : {controller.ingress_plane, controller.gateway_plane}) {
        CHECK(plane.places.empty() == (plane.kind != Kind::workload && plane.kind != Kind::per_gateway));
      }
    }
  }

  TEST_CASE("a controller outside the cluster has no workload to look for, one inside has workloads or pods") {
    for (const Controller& controller : all_controllers()) {
      CAPTURE(controller.id);
      const bool searchable = !controller.workloads.empty() || !controller.pods.empty();
      CHECK(searchable == (controller.runs == Runs::in_cluster));
    }
    CHECK(row("gke").runs == Runs::outside);
    CHECK(row("eks-auto-mode").runs == Runs::outside);
  }

  TEST_CASE("where only pods are known by their labels, or other labels are usual, finding nothing proves nothing") {
    for (const Controller& controller : all_controllers()) {
      CAPTURE(controller.id);
      if (!controller.pods.empty()) CHECK(controller.labels_may_differ);
    }
    CHECK(row("ingress-nginx").labels_may_differ);
    CHECK(row("kong").labels_may_differ);
    CHECK_FALSE(row("envoy-gateway").labels_may_differ);
  }

  TEST_CASE("a row that stands in for another names one") {
    for (const Controller& controller : all_controllers()) {
      for (const std::string_view other : controller.stands_in_for) CHECK(find_controller(other) != nullptr);
    }
    CHECK(row("traefik").stands_in_for.front() == "ingress-nginx");
  }

  TEST_CASE("one retired controller, one that takes the target port") {
    const auto count = [](bool Controller::*flag) {
      const auto rows = all_controllers();
      return std::count_if(rows.begin(), rows.end(), [&](const Controller& controller) { return controller.*flag; });
    };
    CHECK(count(&Controller::retired) == 1);
    CHECK(row("ingress-nginx").retired);
    CHECK(count(&Controller::accepts_target_port) == 1);
    CHECK(row("ingress-nginx").accepts_target_port);
  }

  TEST_CASE("what controllers were seen to do with TLS Secrets and ExternalName") {
    CHECK(row("envoy-gateway").accepts_opaque_secret == false);
    CHECK(row("traefik").accepts_opaque_secret == true);
    CHECK(row("contour").accepts_opaque_secret == true);
    CHECK(row("istio").accepts_opaque_secret == true);
    CHECK_FALSE(row("kong").accepts_opaque_secret.has_value());
    CHECK(row("traefik").bad_certificate == BadCertificate::default_certificate);
    CHECK(row("envoy-gateway").bad_certificate == BadCertificate::refused);
    CHECK(row("istio").gateway_external_name == ExternalName::served);
    CHECK(row("traefik").gateway_external_name == ExternalName::refused);
    CHECK(row("ingress-nginx").redirects_to_https == true);
    CHECK(row("traefik").redirects_to_https == false);
    CHECK(row("traefik").ingress_address == StatusAddress::when_configured);
  }

  TEST_CASE("cloud load balancers are given more time") {
    CHECK(row("traefik").status_grace == std::chrono::seconds(60));
    CHECK(row("traefik").address_grace == std::chrono::minutes(5));
    CHECK(row("gke").health_grace == std::chrono::minutes(10));
    CHECK(row("aws-load-balancer-controller").health_grace == std::chrono::minutes(2));
  }
}

TEST_SUITE("workload queries") {
  TEST_CASE("the data plane of an Istio Gateway is looked for beside the Gateway") {
    const auto queries = workload_queries(row("istio").gateway_plane, "istio-system", "platform-ingress", "public-web");
    REQUIRE(queries.size() == 1);
    CHECK(queries[0] == WorkloadQuery{"platform-ingress", "gateway.networking.k8s.io/gateway-name=public-web"});
  }

  TEST_CASE("that of an Envoy Gateway is looked for everywhere, by name and namespace of the Gateway") {
    const auto queries = workload_queries(row("envoy-gateway").gateway_plane, "", "platform-ingress", "public-web");
    REQUIRE(queries.size() == 1);
    CHECK(queries[0].ns.empty());
    CHECK(queries[0].labels ==
          "gateway.envoyproxy.io/owning-gateway-name=public-web,gateway.envoyproxy.io/owning-gateway-namespace=platform-ingress");
  }

  TEST_CASE("a place beside the controller is left out while the controller was not found") {
    const DataPlane& plane = row("contour").ingress_plane;
    const auto found = workload_queries(plane, "projectcontour");
    REQUIRE(found.size() == 2);
    CHECK(found[0] == WorkloadQuery{"projectcontour", "app=envoy"});
    CHECK(workload_queries(plane, "").size() == 1);
  }

  TEST_CASE("a name that cannot be a label is not put into a selector") {
    const DataPlane& plane = row("istio").gateway_plane;
    CHECK(workload_queries(plane, "", "ns", std::string(64, 'a')).empty());
    CHECK(workload_queries(plane, "", "ns", "x,app!=y").empty());
    CHECK(workload_queries(plane, "", "ns", "").empty());
    CHECK(workload_queries(row("gke").gateway_plane, "", "ns", "gateway").empty());
    CHECK(workload_queries(row("envoy-gateway").gateway_plane, "", "{name}", "gateway").empty());
  }
}

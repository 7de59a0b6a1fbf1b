#include "chain/controllers.h"

#include <algorithm>

#include "kube/ascii.h"

namespace gwdoctor {

namespace {

using std::chrono::minutes;

// The label that the Gateway API reserves for generated workloads (GEP-1762).
constexpr Place by_gateway_name{"gateway.networking.k8s.io/gateway-name={name}", Where::gateway_namespace};

constexpr DataPlane own_pods{DataPlane::Kind::controller_pods, {}};
constexpr DataPlane in_the_cloud{DataPlane::Kind::cloud, {}};
constexpr DataPlane each_gateway{DataPlane::Kind::per_gateway, {by_gateway_name}};

// The files named are those of each project's repository that give the strings and labels. Observed on running
// controllers (Traefik 3.7.13, Envoy Gateway 1.9.1, Contour 1.33.8, Istio): what they do with Opaque and unusable
// Secrets, with ExternalName under the Gateway API, and with Ingresses without a class. The rest was not tried out.
constexpr Controller table[] = {
    // Static manifests, docs/user-guide (annotations, multiple-ingress), pkg/flags. rke2-ingress-nginx: RKE2's chart.
    // webapprouting: AKS app routing (aks-app-routing-operator), whose labels name more than the controller.
    {.id = "ingress-nginx",
     .name = "ingress-nginx",
     .ingress_controllers = {"k8s.io/ingress-nginx*", "k8s.io/internal-ingress-nginx",
                             "webapprouting.kubernetes.azure.com/nginx*"},
     .ingress_classes = {"nginx", "nginx-internal", "webapprouting.kubernetes.azure.com"},
     .annotation_classes = {"nginx"},
     .classless = Classless::when_configured,
     .status_managers = {"nginx-ingress-controller"},
     .workloads = {{"app.kubernetes.io/name in (ingress-nginx,rke2-ingress-nginx),app.kubernetes.io/component=controller"}},
     .labels_may_differ = true,
     .namespaces = {"ingress-nginx", "kube-system", "app-routing-system"},
     .ingress_plane = own_pods,
     .ingress_address = StatusAddress::always,
     .redirects_to_https = true,
     .accepts_target_port = true,
     .accepts_opaque_secret = true,
     .bad_certificate = BadCertificate::default_certificate,
     .ingress_external_name = ExternalName::served,
     .retired = true},

    // nginx/kubernetes-ingress: chart _helpers.tpl; deployments/deployment/nginx-ingress.yaml, whose Deployment has
    // no labels; ConfigMap key ssl-redirect. ExternalName needs NGINX Plus.
    {.id = "nginx-inc",
     .name = "NGINX Ingress Controller (F5)",
     .ingress_controllers = {"nginx.org/ingress-controller"},
     .ingress_classes = {"nginx"},
     .annotation_classes = {"nginx"},
     .workloads = {{"app.kubernetes.io/name=nginx-ingress"}},
     .pods = {{"app.kubernetes.io/name=nginx-ingress"}, {"app=nginx-ingress"}},
     .labels_may_differ = true,
     .namespaces = {"nginx-ingress"},
     .ingress_plane = own_pods,
     .ingress_address = StatusAddress::when_configured,
     .redirects_to_https = true,
     .accepts_opaque_secret = false,
     .bad_certificate = BadCertificate::refused,
     .ingress_external_name = ExternalName::off_by_default},

    // Chart (nginx-gateway-fabric) and plain manifests (nginx-gateway). Until 1.6 the proxy ran in the
    // controller's pod; since 2.0 each Gateway has its own.
    {.id = "nginx-gateway-fabric",
     .name = "NGINX Gateway Fabric",
     .gateway_controllers = {"gateway.nginx.org/nginx-gateway-controller"},
     .gateway_classes = {"nginx"},
     .workloads = {{"app.kubernetes.io/name in (nginx-gateway-fabric,nginx-gateway)"}},
     .namespaces = {"nginx-gateway"},
     .gateway_plane = {DataPlane::Kind::per_gateway,
                       {by_gateway_name, {"app.kubernetes.io/name in (nginx-gateway-fabric,nginx-gateway)"}}},
     .gateway_address = StatusAddress::from_service,
     .writes_parents = true},

    // Chart _helpers.tpl, docs/guide (ingress_class.md, gateway/). Secrets are not read: certificates come from ACM.
    {.id = "aws-load-balancer-controller",
     .name = "AWS Load Balancer Controller",
     .ingress_controllers = {"ingress.k8s.aws/alb"},
     .gateway_controllers = {"gateway.k8s.aws/alb", "gateway.k8s.aws/nlb"},
     .ingress_classes = {"alb"},
     .annotation_classes = {"alb"},
     .classless = Classless::when_configured,
     .workloads = {{"app.kubernetes.io/name=aws-load-balancer-controller"}},
     .namespaces = {"kube-system"},
     .ingress_plane = in_the_cloud,
     .gateway_plane = in_the_cloud,
     .ingress_address = StatusAddress::always,
     .gateway_address = StatusAddress::always,
     .writes_parents = true,
     .redirects_to_https = false,
     .health_grace = minutes(2)},

    // Amazon EKS user guide, Auto Mode: the controller is part of the managed control plane.
    {.id = "eks-auto-mode",
     .name = "EKS Auto Mode",
     .ingress_controllers = {"eks.amazonaws.com/alb"},
     .ingress_classes = {"alb"},
     .runs = Runs::outside,
     .ingress_plane = in_the_cloud,
     .ingress_address = StatusAddress::always,
     .redirects_to_https = false,
     .health_grace = minutes(2)},

    // pkg/provider/kubernetes/ingress (shouldProcessIngress, updateIngressStatus), chart _helpers.tpl; k3s uses the
    // same labels. Redirection is a matter of the entry point. Its ingress-nginx provider (3.5) serves that class.
    {.id = "traefik",
     .name = "Traefik",
     .ingress_controllers = {"traefik.io/ingress-controller"},
     .gateway_controllers = {"traefik.io/gateway-controller"},
     .ingress_classes = {"traefik"},
     .gateway_classes = {"traefik"},
     .annotation_classes = {"traefik"},
     .classless = Classless::taken,
     .stands_in_for = {"ingress-nginx"},
     .status_managers = {"traefik"},
     .workloads = {{"app.kubernetes.io/name=traefik"}},
     .namespaces = {"traefik", "kube-system"},
     .ingress_plane = own_pods,
     .gateway_plane = own_pods,
     .ingress_address = StatusAddress::when_configured,
     .gateway_address = StatusAddress::when_configured,
     .writes_parents = true,
     .redirects_to_https = false,
     .accepts_opaque_secret = true,
     .bad_certificate = BadCertificate::default_certificate,
     .ingress_external_name = ExternalName::off_by_default,
     .gateway_external_name = ExternalName::refused},

    // Chart istio-discovery, docs on automated Gateway deployment. Ingress goes through the classic
    // istio-ingressgateway; its status is written only where that Service is named in the mesh configuration.
    {.id = "istio",
     .name = "Istio",
     .ingress_controllers = {"istio.io/ingress-controller"},
     .gateway_controllers = {"istio.io/gateway-controller", "istio.io/unmanaged-gateway", "istio.io/mesh-controller"},
     .ingress_classes = {"istio"},
     .gateway_classes = {"istio", "istio-remote", "istio-waypoint"},
     .annotation_classes = {"istio"},
     .classless = Classless::when_configured,
     .status_managers = {"pilot-discovery"},
     .workloads = {{"app=istiod"}},
     .namespaces = {"istio-system"},
     .ingress_plane = {DataPlane::Kind::workload, {{"istio=ingressgateway"}}},
     .gateway_plane = each_gateway,
     .ingress_address = StatusAddress::when_configured,
     .gateway_address = StatusAddress::from_service,
     .writes_parents = true,
     .redirects_to_https = false,
     .accepts_opaque_secret = true,
     .bad_certificate = BadCertificate::refused,
     .gateway_external_name = ExternalName::served},

    // Chart gateway-helm, internal/gatewayapi (owning-gateway labels; mergeGateways labels by class alone).
    {.id = "envoy-gateway",
     .name = "Envoy Gateway",
     .gateway_controllers = {"gateway.envoyproxy.io/gatewayclass-controller"},
     .gateway_classes = {"eg", "envoy-gateway"},
     .status_managers = {"envoy-gateway"},
     .workloads = {{"control-plane=envoy-gateway"}},
     .namespaces = {"envoy-gateway-system"},
     .gateway_plane =
         {DataPlane::Kind::per_gateway,
          {{"gateway.envoyproxy.io/owning-gateway-name={name},gateway.envoyproxy.io/owning-gateway-namespace={namespace}"}}},
     .gateway_address = StatusAddress::from_service,
     .writes_parents = true,
     .accepts_opaque_secret = false,
     .bad_certificate = BadCertificate::refused,
     .gateway_external_name = ExternalName::refused},

    // examples/contour, internal/provisioner; Bitnami's chart (app.kubernetes.io/name=contour). Classes are
    // compared by name, no IngressClass is read; the provisioner's controllerName may hold its namespace.
    {.id = "contour",
     .name = "Contour",
     .ingress_controllers = {"projectcontour.io/*"},
     .gateway_controllers = {"projectcontour.io/*"},
     .ingress_classes = {"contour"},
     .gateway_classes = {"contour"},
     .annotation_classes = {"contour"},
     .classes_without_object = {"contour"},
     .classless = Classless::taken,
     .status_managers = {"contour"},
     .workloads = {{"app=contour"},
                   {"app.kubernetes.io/name=contour,app.kubernetes.io/component=contour"},
                   {"control-plane=contour-gateway-provisioner"}},
     .namespaces = {"projectcontour"},
     .ingress_plane = {DataPlane::Kind::workload,
                       {{"app=envoy", Where::controller_namespace},
                        {"app.kubernetes.io/name=contour,app.kubernetes.io/component=envoy"}}},
     .gateway_plane = {DataPlane::Kind::per_gateway,
                       {{"projectcontour.io/owning-gateway-name={name}", Where::gateway_namespace},
                        {"app=envoy", Where::controller_namespace},
                        {"app.kubernetes.io/name=contour,app.kubernetes.io/component=envoy"}}},
     .ingress_address = StatusAddress::from_service,
     .gateway_address = StatusAddress::from_service,
     .writes_parents = true,
     .redirects_to_https = false,
     .accepts_opaque_secret = true,
     .bad_certificate = BadCertificate::refused,
     .ingress_external_name = ExternalName::off_by_default,
     .gateway_external_name = ExternalName::off_by_default},

    // haproxytech/kubernetes-ingress: documentation/ingressclass.md, chart kubernetes-ingress. Its class annotation is
    // not the usual one.
    {.id = "haproxy",
     .name = "HAProxy Kubernetes Ingress Controller",
     .ingress_controllers = {"haproxy.org/ingress-controller", "haproxy.org/ingress-controller/*"},
     .gateway_controllers = {"haproxy.org/gateway-controller"},
     .ingress_classes = {"haproxy"},
     .classless = Classless::when_configured,
     .workloads = {{"app.kubernetes.io/name=kubernetes-ingress"}},
     .labels_may_differ = true,
     .namespaces = {"haproxy-controller"},
     .ingress_plane = own_pods,
     .gateway_plane = own_pods,
     .ingress_address = StatusAddress::when_configured,
     .gateway_address = StatusAddress::when_configured,
     .writes_parents = true},

    // jcmoraisjr/haproxy-ingress: docs (command-line), chart haproxy-ingress.
    {.id = "haproxy-ingress",
     .name = "HAProxy Ingress",
     .ingress_controllers = {"haproxy-ingress.github.io/controller", "haproxy-ingress.github.io/controller/*"},
     .gateway_controllers = {"haproxy-ingress.github.io/controller", "haproxy-ingress.github.io/controller/*"},
     .ingress_classes = {"haproxy"},
     .gateway_classes = {"haproxy"},
     .annotation_classes = {"haproxy"},
     .classless = Classless::when_configured,
     .workloads = {{"app.kubernetes.io/name=haproxy-ingress"}},
     .namespaces = {"ingress-controller", "haproxy-ingress"},
     .ingress_plane = own_pods,
     .gateway_plane = own_pods,
     .ingress_address = StatusAddress::when_configured,
     .gateway_address = StatusAddress::when_configured,
     .writes_parents = true},

    // Chart kong. The chart "ingress" and the operator give their workloads names too general to search for.
    {.id = "kong",
     .name = "Kong",
     .ingress_controllers = {"ingress-controllers.konghq.com/kong"},
     .gateway_controllers = {"konghq.com/kic-gateway-controller", "konghq.com/gateway-operator"},
     .ingress_classes = {"kong"},
     .gateway_classes = {"kong"},
     .annotation_classes = {"kong"},
     .workloads = {{"app.kubernetes.io/name=kong"}},
     .labels_may_differ = true,
     .namespaces = {"kong"},
     .ingress_plane = own_pods,
     .gateway_plane = own_pods,
     .ingress_address = StatusAddress::when_configured,
     .gateway_address = StatusAddress::when_configured,
     .writes_parents = true,
     .redirects_to_https = false},

    // Chart cilium. The operator writes status; Envoy on every node carries the requests, in the agent's pod
    // where there is no DaemonSet of its own. enforce-ingress-https is on by default.
    {.id = "cilium",
     .name = "Cilium",
     .ingress_controllers = {"cilium.io/ingress-controller"},
     .gateway_controllers = {"io.cilium/gateway-controller"},
     .ingress_classes = {"cilium"},
     .gateway_classes = {"cilium"},
     .annotation_classes = {"cilium"},
     .workloads = {{"io.cilium/app=operator"}},
     .namespaces = {"kube-system", "cilium"},
     .ingress_plane = {DataPlane::Kind::workload, {{"k8s-app=cilium-envoy"}, {"k8s-app=cilium"}}},
     .gateway_plane = {DataPlane::Kind::workload, {{"k8s-app=cilium-envoy"}, {"k8s-app=cilium"}}},
     .ingress_address = StatusAddress::from_service,
     .gateway_address = StatusAddress::from_service,
     .writes_parents = true,
     .redirects_to_https = true},

    // GKE documentation on Ingress (how the class is chosen), GatewayClass capabilities. The controllers are part of
    // the managed control plane; network endpoint groups take up to ten minutes.
    {.id = "gke",
     .name = "GKE",
     .gateway_controllers = {"networking.gke.io/gateway"},
     .gateway_classes = {"gke-l7-global-external-managed", "gke-l7-regional-external-managed", "gke-l7-rilb", "gke-l7-gxlb",
                         "gke-l7-global-external-managed-mc", "gke-l7-regional-external-managed-mc", "gke-l7-rilb-mc",
                         "gke-l7-gxlb-mc"},
     .annotation_classes = {"gce", "gce-internal", "gce-regional-external"},
     .classless = Classless::taken,
     .runs = Runs::outside,
     .ingress_plane = in_the_cloud,
     .gateway_plane = in_the_cloud,
     .ingress_address = StatusAddress::always,
     .gateway_address = StatusAddress::always,
     .writes_parents = true,
     .redirects_to_https = false,
     .address_grace = minutes(10),
     .health_grace = minutes(10)},

    // Chart kgateway, pkg/deployer.
    {.id = "kgateway",
     .name = "kgateway",
     .gateway_controllers = {"kgateway.dev/kgateway"},
     .gateway_classes = {"kgateway", "kgateway-waypoint"},
     .workloads = {{"app.kubernetes.io/name=kgateway"}},
     .namespaces = {"kgateway-system"},
     .gateway_plane = each_gateway,
     .gateway_address = StatusAddress::from_service,
     .writes_parents = true},

    // Chart agentgateway; until it had its own installation kgateway ran it, under kgateway.dev.
    {.id = "agentgateway",
     .name = "agentgateway",
     .gateway_controllers = {"agentgateway.dev/agentgateway", "kgateway.dev/agentgateway"},
     .gateway_classes = {"agentgateway"},
     .workloads = {{"app.kubernetes.io/name in (agentgateway,kgateway)"}},
     .namespaces = {"agentgateway-system", "kgateway-system"},
     .gateway_plane = each_gateway,
     .gateway_address = StatusAddress::from_service,
     .writes_parents = true},

    // Chart ingress-azure; the AKS add-on runs it as ingress-appgw in kube-system.
    {.id = "agic",
     .name = "Application Gateway Ingress Controller",
     .ingress_controllers = {"azure/application-gateway"},
     .ingress_classes = {"azure-application-gateway"},
     .annotation_classes = {"azure/application-gateway"},
     .workloads = {{"app in (ingress-appgw,ingress-azure)"}},
     .pods = {{"app in (ingress-appgw,ingress-azure)"}},
     .labels_may_differ = true,
     .namespaces = {"kube-system"},
     .ingress_plane = in_the_cloud,
     .ingress_address = StatusAddress::always,
     .redirects_to_https = false},

    // Azure documentation, Application Gateway for Containers: the ALB controller in the cluster programs Azure. Only
    // the labels of its pods are documented.
    {.id = "application-gateway-for-containers",
     .name = "Application Gateway for Containers",
     .ingress_controllers = {"alb.networking.azure.io/alb-controller"},
     .gateway_controllers = {"alb.networking.azure.io/alb-controller"},
     .ingress_classes = {"azure-alb-external"},
     .gateway_classes = {"azure-alb-external"},
     .pods = {{"app=alb-controller"}},
     .labels_may_differ = true,
     .namespaces = {"azure-alb-system", "kube-system"},
     .ingress_plane = in_the_cloud,
     .gateway_plane = in_the_cloud,
     .ingress_address = StatusAddress::always,
     .gateway_address = StatusAddress::always,
     .writes_parents = true},
};

bool fits(std::string_view pattern, std::string_view name) {
  return pattern.ends_with('*') ? name.starts_with(pattern.substr(0, pattern.size() - 1)) : pattern == name;
}

template <class Member>
const Controller* first_with(Member member, std::string_view name) {
  for (const Controller& controller : table) {
    const auto& patterns = controller.*member;
    if (std::any_of(patterns.begin(), patterns.end(), [&](std::string_view pattern) { return fits(pattern, name); })) {
      return &controller;
    }
  }
  return nullptr;
}

// Label values: at most 63 letters, digits, "-", "_" and "." (apimachinery, IsValidLabelValue).
bool can_be_label(std::string_view name) {
  return !name.empty() && name.size() <= 63 && std::all_of(name.begin(), name.end(), [](char letter) {
    return is_alphanumeric(letter) || letter == '-' || letter == '_' || letter == '.';
  });
}

// Puts the value in place of the word; false where it is needed and cannot stand in a label.
bool fill_in(std::string& text, std::string_view word, std::string_view value) {
  const std::size_t at = text.find(word);
  if (at == std::string::npos) return true;
  if (!can_be_label(value)) return false;
  text.replace(at, word.size(), value);
  return true;
}

}  // namespace

std::span<const Controller> all_controllers() { return table; }

const Controller* find_controller(std::string_view id) {
  const auto found = std::find_if(std::begin(table), std::end(table), [&](const Controller& row) { return row.id == id; });
  return found == std::end(table) ? nullptr : &*found;
}

const Controller* find_by_ingress_controller(std::string_view controller) {
  return first_with(&Controller::ingress_controllers, controller);
}

const Controller* find_by_gateway_controller(std::string_view controller) {
  return first_with(&Controller::gateway_controllers, controller);
}

const Controller* find_by_annotation_class(std::string_view name) { return first_with(&Controller::annotation_classes, name); }

std::vector<const Controller*> all_by_annotation_class(std::string_view name) {
  std::vector<const Controller*> found;
  for (const Controller& controller : table) {
    const auto& names = controller.annotation_classes;
    if (std::find(names.begin(), names.end(), name) != names.end()) found.push_back(&controller);
  }
  return found;
}

const Controller* find_by_status_manager(std::string_view manager) { return first_with(&Controller::status_managers, manager); }

std::vector<WorkloadQuery> workload_queries(const DataPlane& plane, std::string_view controller_ns, std::string_view gateway_ns,
                                            std::string_view gateway) {
  std::vector<WorkloadQuery> queries;
  for (const Place& place : plane.places) {
    WorkloadQuery query{{}, std::string(place.labels)};
    if (!fill_in(query.labels, "{namespace}", gateway_ns) || !fill_in(query.labels, "{name}", gateway)) continue;
    if (place.where == Where::controller_namespace) query.ns = controller_ns;
    if (place.where == Where::gateway_namespace) query.ns = gateway_ns;
    if (place.where != Where::any_namespace && query.ns.empty()) continue;
    queries.push_back(std::move(query));
  }
  return queries;
}

}  // namespace gwdoctor

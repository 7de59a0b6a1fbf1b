#include "kube/kind.h"

#include <algorithm>
#include <array>

#include "kube/ascii.h"

namespace gwdoctor {

namespace {

constexpr std::string_view gateway_group = "gateway.networking.k8s.io";
constexpr std::array<std::string_view, 1> v1{"v1"};
constexpr std::string_view traefik_group = "traefik.io";
constexpr std::array<std::string_view, 1> v1alpha1{"v1alpha1"};
constexpr std::array<std::string_view, 2> v1_v1beta1{"v1", "v1beta1"};
constexpr std::array<std::string_view, 2> v1_v1alpha2{"v1", "v1alpha2"};
// TLSRoute graduated through v1alpha3; the x-k8s group of ListenerSet is not read.
constexpr std::array<std::string_view, 3> v1_v1alpha3_v1alpha2{"v1", "v1alpha3", "v1alpha2"};
constexpr std::array<std::string_view, 2> v1_v1alpha3{"v1", "v1alpha3"};

constexpr std::array<KindInfo, kind_count> table{{
    {Kind::gateway_class, "GatewayClass", gateway_group, "gatewayclasses", "gatewayclass", "gc", false, v1_v1beta1},
    {Kind::gateway, "Gateway", gateway_group, "gateways", "gateway", "gtw", true, v1_v1beta1},
    {Kind::listener_set, "ListenerSet", gateway_group, "listenersets", "listenerset", "lset", true, v1},
    {Kind::http_route, "HTTPRoute", gateway_group, "httproutes", "httproute", "", true, v1_v1beta1},
    {Kind::grpc_route, "GRPCRoute", gateway_group, "grpcroutes", "grpcroute", "", true, v1_v1alpha2},
    {Kind::tls_route, "TLSRoute", gateway_group, "tlsroutes", "tlsroute", "", true, v1_v1alpha3_v1alpha2},
    {Kind::tcp_route, "TCPRoute", gateway_group, "tcproutes", "tcproute", "", true, v1_v1alpha2},
    {Kind::udp_route, "UDPRoute", gateway_group, "udproutes", "udproute", "", true, v1_v1alpha2},
    {Kind::reference_grant, "ReferenceGrant", gateway_group, "referencegrants", "referencegrant", "refgrant", true, v1_v1beta1},
    {Kind::backend_tls_policy, "BackendTLSPolicy", gateway_group, "backendtlspolicies", "backendtlspolicy", "btlspolicy", true,
     v1_v1alpha3},
    {Kind::ingress_class, "IngressClass", "networking.k8s.io", "ingressclasses", "ingressclass", "", false, v1},
    {Kind::ingress, "Ingress", "networking.k8s.io", "ingresses", "ingress", "ing", true, v1},
    {Kind::service, "Service", "", "services", "service", "svc", true, v1},
    {Kind::endpoint_slice, "EndpointSlice", "discovery.k8s.io", "endpointslices", "endpointslice", "", true, v1},
    {Kind::pod, "Pod", "", "pods", "pod", "po", true, v1},
    {Kind::deployment, "Deployment", "apps", "deployments", "deployment", "deploy", true, v1},
    {Kind::stateful_set, "StatefulSet", "apps", "statefulsets", "statefulset", "sts", true, v1},
    {Kind::daemon_set, "DaemonSet", "apps", "daemonsets", "daemonset", "ds", true, v1},
    {Kind::replica_set, "ReplicaSet", "apps", "replicasets", "replicaset", "rs", true, v1},
    {Kind::pod_disruption_budget, "PodDisruptionBudget", "policy", "poddisruptionbudgets", "poddisruptionbudget", "pdb", true,
     v1},
    {Kind::secret, "Secret", "", "secrets", "secret", "", true, v1},
    {Kind::config_map, "ConfigMap", "", "configmaps", "configmap", "cm", true, v1},
    {Kind::name_space, "Namespace", "", "namespaces", "namespace", "ns", false, v1},
    {Kind::event, "Event", "", "events", "event", "ev", true, v1},
    {Kind::custom_resource_definition, "CustomResourceDefinition", "apiextensions.k8s.io", "customresourcedefinitions",
     "customresourcedefinition", "crd", false, v1},
    {Kind::ingress_route, "IngressRoute", traefik_group, "ingressroutes", "ingressroute", "", true, v1alpha1},
    {Kind::middleware, "Middleware", traefik_group, "middlewares", "middleware", "", true, v1alpha1},
    {Kind::traefik_service, "TraefikService", traefik_group, "traefikservices", "traefikservice", "", true, v1alpha1},
}};

}  // namespace

std::span<const KindInfo> all_kinds() { return table; }

const KindInfo& info(Kind kind) { return table[static_cast<std::size_t>(kind)]; }

std::optional<Kind> kind_of(std::string_view group, std::string_view name) {
  for (const KindInfo& entry : table) {
    if (entry.group == group && entry.name == name) return entry.kind;
  }
  return std::nullopt;
}

std::optional<Kind> kind_named(std::string_view word) {
  const std::size_t dot = word.find('.');
  const std::string_view group = dot == std::string_view::npos ? std::string_view{} : word.substr(dot + 1);
  const std::string_view plain = word.substr(0, dot);
  for (const KindInfo& entry : table) {
    // httproutes.gateway.networking.k8s.io and httproutes.v1.gateway.networking.k8s.io are both kubectl's.
    const bool in_group =
        dot == std::string_view::npos || same_ascii(group, entry.group) ||
        (group.size() > entry.group.size() && same_ascii(group.substr(group.size() - entry.group.size()), entry.group));
    if (!in_group) continue;
    if (same_ascii(plain, entry.name) || same_ascii(plain, entry.plural) || same_ascii(plain, entry.singular) ||
        (!entry.short_name.empty() && same_ascii(plain, entry.short_name))) {
      return entry.kind;
    }
  }
  return std::nullopt;
}

std::string api_version(Kind kind, std::string_view version) {
  const KindInfo& entry = info(kind);
  const std::string used(version.empty() ? entry.versions.front() : version);
  return entry.group.empty() ? used : std::string(entry.group) + "/" + used;
}

std::string resource_name(Kind kind) {
  const KindInfo& entry = info(kind);
  return entry.group.empty() ? std::string(entry.plural) : std::string(entry.plural) + "." + std::string(entry.group);
}

bool is_route(Kind kind) {
  switch (kind) {
    case Kind::http_route:
    case Kind::grpc_route:
    case Kind::tls_route:
    case Kind::tcp_route:
    case Kind::udp_route:
      return true;
    default:
      return false;
  }
}

std::string Ref::text() const {
  std::string out = kind + " " + (ns.empty() ? name : ns + "/" + name);
  if (!section.empty()) out += " (" + section + ")";
  return out;
}

bool same_object(const Ref& left, const Ref& right) {
  return left.kind == right.kind && left.ns == right.ns && left.name == right.name;
}

Ref ref(Kind kind, std::string_view ns, std::string_view name) {
  return {api_version(kind),
          std::string(info(kind).name),
          info(kind).namespaced ? std::string(ns) : std::string(),
          std::string(name),
          {}};
}

std::optional<Kind> kind_of(const Ref& object) {
  const std::size_t slash = object.api_version.find('/');
  return kind_of(slash == std::string::npos ? std::string() : object.api_version.substr(0, slash), object.kind);
}

}  // namespace gwdoctor

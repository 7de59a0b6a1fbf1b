// From the documents in the store to the structs that readers get.

#include "kube/facts_store.h"

namespace gwdoctor {

namespace {

using Decoded = std::shared_ptr<const void>;

template <class T>
Decoded decode_as(const Value& document, Kind kind) {
  return std::make_shared<const T>(decode<T>(document, kind));
}

Decoded decode_any(const Value& document, Kind kind) {
  switch (kind) {
    case Kind::gateway_class:
      return decode_as<GatewayClass>(document, kind);
    case Kind::gateway:
      return decode_as<Gateway>(document, kind);
    case Kind::listener_set:
      return decode_as<ListenerSet>(document, kind);
    case Kind::http_route:
    case Kind::grpc_route:
    case Kind::tls_route:
    case Kind::tcp_route:
    case Kind::udp_route:
      return decode_as<Route>(document, kind);
    case Kind::reference_grant:
      return decode_as<ReferenceGrant>(document, kind);
    case Kind::backend_tls_policy:
      return decode_as<BackendTlsPolicy>(document, kind);
    case Kind::ingress_class:
      return decode_as<IngressClass>(document, kind);
    case Kind::ingress:
      return decode_as<Ingress>(document, kind);
    case Kind::service:
      return decode_as<Service>(document, kind);
    case Kind::endpoint_slice:
      return decode_as<EndpointSlice>(document, kind);
    case Kind::pod:
      return decode_as<Pod>(document, kind);
    case Kind::deployment:
    case Kind::stateful_set:
    case Kind::daemon_set:
    case Kind::replica_set:
      return decode_as<Workload>(document, kind);
    case Kind::pod_disruption_budget:
      return decode_as<PodDisruptionBudget>(document, kind);
    case Kind::secret:
      return decode_as<Secret>(document, kind);
    case Kind::config_map:
      return decode_as<ConfigMap>(document, kind);
    case Kind::name_space:
      return decode_as<Namespace>(document, kind);
    case Kind::event:
      return decode_as<Event>(document, kind);
    case Kind::custom_resource_definition:
      return decode_as<CustomResourceDefinition>(document, kind);
    case Kind::ingress_route:
      return decode_as<IngressRoute>(document, kind);
    case Kind::middleware:
      return decode_as<Middleware>(document, kind);
    case Kind::traefik_service:
      return decode_as<TraefikService>(document, kind);
  }
  return {};
}

Decoded decode_observation(Wish::What what, const Value& document) {
  switch (what) {
    case Wish::What::dns:
      return decode_as<DnsAnswer>(document, Kind::pod);
    case Wish::What::tcp:
      return decode_as<TcpAnswer>(document, Kind::pod);
    case Wish::What::tls:
      return decode_as<TlsAnswer>(document, Kind::pod);
    case Wish::What::http:
      return decode_as<HttpAnswer>(document, Kind::pod);
    default:
      return decode_as<ProxyAnswer>(document, Kind::pod);
  }
}

}  // namespace

FactItem make_observed(Wish::What what, Value document) {
  FactItem item;
  item.object = decode_observation(what, document);
  item.document = std::make_shared<const Value>(std::move(document));
  return item;
}

FactItem make_item(Kind kind, Value document) {
  FactItem item;
  item.ns = info(kind).namespaced ? document["metadata"]["namespace"].text() : std::string();
  item.name = document["metadata"]["name"].text();
  item.object = decode_any(document, kind);
  item.document = std::make_shared<const Value>(std::move(document));
  return item;
}

Wish object_wish(Kind kind, std::string_view ns, std::string_view name) {
  return {Wish::What::object, kind, info(kind).namespaced ? std::string(ns) : std::string(), std::string(name), {}, {}};
}

}  // namespace gwdoctor

#pragma once
// Documents to plain structs, the API server's defaulting applied, so that a manifest reads like a live object.
// Decoding never fails: a field of the wrong type reads as absent (manifests are checked for that when they are
// loaded). Nothing is kept of the document.

#include "kube/objects/cluster.h"
#include "kube/objects/gateway.h"
#include "kube/objects/grant.h"
#include "kube/objects/ingress.h"
#include "kube/objects/observed.h"
#include "kube/objects/pod.h"
#include "kube/objects/policy.h"
#include "kube/objects/route.h"
#include "kube/objects/secret.h"
#include "kube/objects/service.h"
#include "kube/objects/traefik.h"
#include "kube/value.h"

namespace gwdoctor {

// One specialisation a struct; `kind` tells the kinds that share one.
template <class T>
[[nodiscard]] T decode(const Value& document, Kind kind);

template <>
GatewayClass decode<GatewayClass>(const Value&, Kind);
template <>
Gateway decode<Gateway>(const Value&, Kind);
template <>
ListenerSet decode<ListenerSet>(const Value&, Kind);
template <>
Route decode<Route>(const Value&, Kind);
template <>
ReferenceGrant decode<ReferenceGrant>(const Value&, Kind);
template <>
BackendTlsPolicy decode<BackendTlsPolicy>(const Value&, Kind);
template <>
IngressClass decode<IngressClass>(const Value&, Kind);
template <>
Ingress decode<Ingress>(const Value&, Kind);
template <>
Service decode<Service>(const Value&, Kind);
template <>
EndpointSlice decode<EndpointSlice>(const Value&, Kind);
template <>
Pod decode<Pod>(const Value&, Kind);
template <>
Workload decode<Workload>(const Value&, Kind);
template <>
PodDisruptionBudget decode<PodDisruptionBudget>(const Value&, Kind);
template <>
Secret decode<Secret>(const Value&, Kind);
template <>
ConfigMap decode<ConfigMap>(const Value&, Kind);
template <>
Namespace decode<Namespace>(const Value&, Kind);
template <>
Event decode<Event>(const Value&, Kind);
template <>
CustomResourceDefinition decode<CustomResourceDefinition>(const Value&, Kind);
template <>
IngressRoute decode<IngressRoute>(const Value&, Kind);
template <>
Middleware decode<Middleware>(const Value&, Kind);
template <>
TraefikService decode<TraefikService>(const Value&, Kind);
// Of observations (kube/observation.h); the kind does not count. What a document leaves out reads as not observed.
template <>
DnsAnswer decode<DnsAnswer>(const Value&, Kind);
template <>
TcpAnswer decode<TcpAnswer>(const Value&, Kind);
template <>
TlsAnswer decode<TlsAnswer>(const Value&, Kind);
template <>
HttpAnswer decode<HttpAnswer>(const Value&, Kind);
template <>
ProxyAnswer decode<ProxyAnswer>(const Value&, Kind);

// The metadata of a document. `kind` gives apiVersion and kind where the document (an item of a list) has none.
[[nodiscard]] Meta decode_meta(const Value& document, Kind kind);
[[nodiscard]] Conditions decode_conditions(const Value& conditions);

}  // namespace gwdoctor

#pragma once
// GatewayClass, Gateway and ListenerSet (Gateway API v1.6), with the API server's defaults applied.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kube/objects/meta.h"

namespace gwdoctor {

struct GatewayClass {
  Meta meta;
  std::string controller_name;
  std::vector<std::string> supported_features;  // status.supportedFeatures; empty where nobody wrote them
  Conditions conditions;
};

// A reference with the spec's defaults filled in; `path` is the field in the object that holds it.
struct ObjectRef {
  std::string group;
  std::string kind;
  std::string ns;  // the namespace meant, the referrer's own where the field is absent
  std::string name;
  bool names_namespace = false;  // the namespace field is written
  std::string path;              // spec.listeners[0].tls.certificateRefs[0]

  [[nodiscard]] bool is(std::string_view of_group, std::string_view of_kind) const {
    return group == of_group && kind == of_kind;
  }
};

struct RouteGroupKind {
  std::string group;
  std::string kind;
};

// AllowedRoutes.namespaces and AllowedListeners.namespaces.
struct FromNamespaces {
  enum class From { same, all, selector, none };
  From from = From::same;
  Selector selector;
  bool written = false;  // the field stands in the document: the default was not used
};

struct Listener {
  enum class TlsMode { none, terminate, passthrough };
  std::string name;
  std::string protocol;  // HTTP, HTTPS, TLS, TCP, UDP, or a domain-prefixed one
  std::int64_t port = 0;
  std::string hostname;  // lower case; "" serves every host
  TlsMode tls = TlsMode::none;
  bool has_tls = false;  // the tls field is written
  std::vector<ObjectRef> certificates;
  FromNamespaces namespaces;
  std::vector<RouteGroupKind> kinds;  // allowedRoutes.kinds; empty: those of the protocol
  std::string path;                   // spec.listeners[0]
};

struct ListenerStatus {
  std::string name;
  std::optional<std::int64_t> attached_routes;
  std::vector<RouteGroupKind> supported_kinds;
  Conditions conditions;
  std::string path;  // status.listeners[0]
};

struct GatewayAddress {
  std::string type;  // IPAddress, Hostname, or a domain-prefixed one
  std::string value;
};

struct Gateway {
  Meta meta;
  std::string class_name;
  std::vector<GatewayAddress> wanted_addresses;  // spec.addresses
  std::vector<Listener> listeners;
  FromNamespaces allowed_listeners{FromNamespaces::From::none, {}, false};  // who may attach ListenerSets
  std::vector<GatewayAddress> addresses;                                    // status.addresses
  Conditions conditions;
  std::vector<ListenerStatus> listener_status;
  bool has_status = false;  // anything but the CRD's default stands in status
};

struct ListenerSet {
  Meta meta;
  ObjectRef parent;
  std::vector<Listener> listeners;
  Conditions conditions;
  std::vector<ListenerStatus> listener_status;
  bool has_status = false;
};

}  // namespace gwdoctor

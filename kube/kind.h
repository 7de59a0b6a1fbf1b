#pragma once
// The kinds of object that are read, and how the API server names them.

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace gwdoctor {

enum class Kind {
  gateway_class,
  gateway,
  listener_set,
  http_route,
  grpc_route,
  tls_route,
  tcp_route,
  udp_route,
  reference_grant,
  backend_tls_policy,
  ingress_class,
  ingress,
  service,
  endpoint_slice,
  pod,
  deployment,
  stateful_set,
  daemon_set,
  replica_set,
  pod_disruption_budget,
  secret,
  config_map,
  name_space,
  event,
  custom_resource_definition,
  // Traefik's own.
  ingress_route,
  middleware,
  traefik_service,
};
inline constexpr std::size_t kind_count = static_cast<std::size_t>(Kind::traefik_service) + 1;

struct KindInfo {
  Kind kind;
  std::string_view name;        // "HTTPRoute"
  std::string_view group;       // "gateway.networking.k8s.io"; "" is the core group
  std::string_view plural;      // "httproutes"
  std::string_view singular;    // "httproute": as kubectl takes it
  std::string_view short_name;  // "svc"; "" where there is none
  bool namespaced;
  // Versions that are understood, the preferred first. Discovery decides which one is asked for.
  std::span<const std::string_view> versions;
};

// Every kind, in the order of the enumeration.
[[nodiscard]] std::span<const KindInfo> all_kinds();
[[nodiscard]] const KindInfo& info(Kind kind);
// The kind with this group and name ("apps", "Deployment"); nothing for one that is not read.
[[nodiscard]] std::optional<Kind> kind_of(std::string_view group, std::string_view name);
// The kind that a person means: HTTPRoute, httproutes, svc, deployments.apps, in any case of letters.
[[nodiscard]] std::optional<Kind> kind_named(std::string_view word);
// "gateway.networking.k8s.io/v1"; "v1" for the core group. With the preferred version unless told another.
[[nodiscard]] std::string api_version(Kind kind, std::string_view version = {});
// "httproutes.gateway.networking.k8s.io"; "services" for the core group.
[[nodiscard]] std::string resource_name(Kind kind);
[[nodiscard]] bool is_route(Kind kind);

// Names an object. `section` is a listener or port inside it, "" for the whole.
struct Ref {
  std::string api_version;
  std::string kind;
  std::string ns;  // "" for an object without a namespace
  std::string name;
  std::string section;

  friend bool operator==(const Ref&, const Ref&) = default;
  friend auto operator<=>(const Ref&, const Ref&) = default;

  // "HTTPRoute payments/payments-api", "GatewayClass contour": how messages name an object.
  [[nodiscard]] std::string text() const;
};
// Whether both name one object, in whatever version and section.
[[nodiscard]] bool same_object(const Ref& left, const Ref& right);
[[nodiscard]] Ref ref(Kind kind, std::string_view ns, std::string_view name);
// The kind of the object that is named, whatever the version; nothing for one that is not read.
[[nodiscard]] std::optional<Kind> kind_of(const Ref& object);

}  // namespace gwdoctor

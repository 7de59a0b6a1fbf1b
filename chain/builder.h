#pragma once
// Builds a Path, piece by piece. Internal to chain/.

#include <string>
#include <string_view>
#include <vector>

#include "chain/path.h"

namespace gwdoctor {

struct IngressRoute;

class PathBuilder {
 public:
  PathBuilder(const Target& target, const Facts& facts);
  [[nodiscard]] Path build();

 private:
  // The way in, by the kind of the target (path.cc).
  void from_route();
  void from_ingress();
  void from_gateway();
  void from_service();

  // Routes and their parents (path_route.cc).
  std::size_t add_route(Kind kind, std::string_view ns, std::string_view name);
  void add_parent(std::size_t route, const Route& object, std::size_t index);
  void add_entrances(std::size_t route, const Route& object, std::size_t parent);
  void add_lost_hostnames(std::size_t route, const Route& object);
  void add_route_legs(std::size_t route, const Route& object);
  void add_rule_legs(std::size_t route, const Route& object, std::size_t rule, std::size_t match);

  // Gateways, their listeners and certificates (path_gateway.cc).
  std::size_t add_gateway(std::string_view ns, std::string_view name);
  void add_listeners(std::size_t gateway, const std::vector<Listener>& listeners, const std::vector<ListenerStatus>& status,
                     const Ref& owner, const std::shared_ptr<const Value>& document);
  void add_listener_set(std::size_t gateway, const Seen<ListenerSet>& set);
  void add_listener_certificates(std::size_t gateway, std::size_t listener);

  // Ingresses (path_ingress.cc).
  std::size_t add_ingress(std::string_view ns, std::string_view name);
  void find_class(IngressView& view, const Ingress& ingress);
  void add_ingress_controller(std::size_t at);
  void add_ingress_certificates(std::size_t at, const Ingress& ingress);
  void add_ingress_entrances(std::size_t at, const Ingress& ingress);
  void add_ingress_leg(std::size_t at, const IngressBackend& backend, std::size_t rule, const std::string& requests);

  // IngressRoutes of Traefik (path_traefik.cc).
  void follow_ingress_route(const Trace& trace);
  std::size_t add_ingress_route(const Ref& name, const Ref& ingress_class);
  void add_route_certificate(std::size_t at, const IngressRoute& object, const std::string& host);

  // Controllers and their workloads (path_controller.cc).
  std::size_t add_controller(std::string_view name, const Controller* known);
  void add_data_plane(std::size_t controller, const DataPlane& plane, const Ref& gateway);

  // What rules send requests to (path_backend.cc).
  std::size_t add_backend(const ObjectRef& reference);
  void find_owners(BackendView& view);
  void find_makers(BackendView& view);
  void find_owner(BackendView& view, const Pod& pod);
  void add_owner(BackendView& view, Kind kind, const std::string& name);
  std::size_t add_grant(const Ref& from, std::string_view path, const ObjectRef& to);

  // The routes and Ingresses that lead to a Service (path_service.cc).
  void add_routes_to(std::string_view ns, std::string_view name);
  void keep_legs_to(std::size_t backend);

  // A request at one entrance (path_trace.cc).
  void from_trace();
  void follow_route(Kind kind, Outcome& outcome);
  void follow_ingress(Trace& trace);
  void stand_at_entrance(const Trace& trace);
  // The way in of a request at this host; the Gateway or Ingress is for the caller to say.
  [[nodiscard]] static Entrance entrance_for(const Request& request, std::string_view host);
  void follow_intended(const Trace& trace);
  void settle_backends(Trace& trace);
  void admit_unread(const Trace& trace);

  void make_streams();
  void spread_scopes();

  // What of a route a traced request takes. Everything where the target is no request.
  struct Narrow {
    std::size_t rule = 0;
    std::size_t match = 0;
    Ref owner;             // of the listener
    std::string listener;  // "": each that the parentRef names
    std::string hostname;

    [[nodiscard]] bool takes(const ParentRef& parent) const {
      return parent.kind == owner.kind && parent.ns == owner.ns && parent.name == owner.name &&
             (listener.empty() || parent.section.empty() || parent.section == listener);
    }
  };
  [[nodiscard]] static std::optional<Narrow> meant_by(const Route& route, const Request& request, const Ref& gateway);
  std::optional<Narrow> narrow_;

  const Target target_;
  const Facts& facts_;
  Path path_;
};

}  // namespace gwdoctor

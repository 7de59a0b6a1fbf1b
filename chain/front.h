#pragma once
// What stands before the cluster: the hostnames by which clients come, the addresses that the cluster publishes for them, and the
// Service in front of the data plane. Pure; asks facts for what it needs. Observations are asked for only where the probe is
// chosen.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "chain/path.h"

namespace gwdoctor {

// An address that some object publishes for a host: Gateway.status.addresses, Ingress.status.loadBalancer.
struct FrontAddress {
  std::string value;
  bool is_hostname = false;
  Ref object;        // that publishes it
  std::string path;  // status.addresses[0].value
};

// A port on which the host is served, as clients meet it: that of the Service where the listener's is the data plane's own.
struct FrontPort {
  std::int64_t port = 0;
  std::int64_t listener = 0;  // of the listener; the same but there
  bool tls = false;           // clients speak TLS there
  bool passthrough = false;   // TLS ends in a pod
  std::string scheme;         // http, https, tls, tcp, udp
  Scope scope;
};

// One concrete hostname of the target (a wildcard is none: nobody asks for it) with where it should lead. `host` "" is for
// addresses alone: a target without hostnames, or with wildcards.
struct FrontHost {
  std::string host;
  Ref object;        // that holds the hostname: the route, the Gateway or ListenerSet of the listener, the Ingress …
  std::string path;  // … and the field: spec.hostnames[0]; "" where `host` is
  std::vector<FrontAddress> addresses;  // each value once
  std::vector<FrontPort> ports;
  std::size_t gateway = no_index;  // into Path::gateways …
  std::size_t ingress = no_index;  // … or Path::ingresses
  Scope scope;
};

// The Service in front of the data plane of a Gateway or of an Ingress controller: it selects the pods of the data plane's
// workload, and is of type LoadBalancer, else NodePort, else ClusterIP. Several where a data plane has several.
struct FrontService {
  Known<Service> service;
  Known<Workload> workload;        // whose pods it selects; null where the controller makes it without a selector
  std::size_t gateway = no_index;  // that it serves; none: the Ingresses of the controller
  std::size_t controller = no_index;
  Scope scope;

  [[nodiscard]] bool is_load_balancer() const { return service->type == "LoadBalancer"; }
};

struct Front {
  std::vector<FrontHost> hosts;
  std::vector<FrontService> services;
  // What could not be read on the way to the Services: the class, the workloads, the Services themselves. Whether there is a
  // Service in front, and what it has, is not known then.
  struct Unread {
    Wish wish;
    Why why;
    std::size_t gateway = no_index;
    std::size_t controller = no_index;
    std::size_t ingress = no_index;  // where its class, and so its controller, is not known
    Scope scope;
  };
  std::vector<Unread> unread;

  // Those in front of the way that a host takes.
  [[nodiscard]] std::vector<const FrontService*> services_of(const FrontHost& host, const Path& path) const;
  // What was to be read for it and could not be; nullptr where there is none.
  [[nodiscard]] const Unread* unread_of(const FrontHost& host, const Path& path) const;
};

// The port of a Service by which clients reach this port of the data plane's listener: the one of that number, else one whose
// target it is. nullptr where the Service has neither.
[[nodiscard]] const ServicePort* port_for(const Service& service, const Workload* workload, std::int64_t listener,
                                          std::string_view protocol);
// The pods of the workload listen on their nodes: hostNetwork, or a hostPort of this number (0: of any).
[[nodiscard]] bool listens_on_nodes(const Known<Workload>& workload, std::int64_t port = 0);

// Of a path whose streams are known. Kept in facts.memo for the round.
[[nodiscard]] std::shared_ptr<const Front> front_of(const Path& path, const Facts& facts);

}  // namespace gwdoctor

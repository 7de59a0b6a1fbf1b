#pragma once
// What is known of the controllers that people run: how to recognise one, where its workloads are, and what it does
// where the specs leave room. A fact that is not sure is left out: an empty list, `unknown` or no value.

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kube/few.h"

namespace gwdoctor {

// Where the objects are that a selector finds.
enum class Where { any_namespace, controller_namespace, gateway_namespace };

// Labels that find a workload or its pods, in the form of `kubectl -l`. {name} and {namespace} stand for the Gateway's.
struct Place {
  std::string_view labels;
  Where where = Where::any_namespace;
};

// What carries the requests.
struct DataPlane {
  enum class Kind {
    none,             // this API is not served
    controller_pods,  // the controller's own
    workload,         // one of its own, for all Gateways or Ingresses
    per_gateway,      // one for each Gateway
    cloud,            // outside the cluster
  };
  Kind kind = Kind::none;
  // For workload and per_gateway. Alternatives, the most usual first: the first that finds something is meant.
  Few<Place> places{};
};

// When status carries an address.
enum class StatusAddress {
  never,            // this API is not served
  always,           // once the load balancer is made, or from the nodes where there is none
  from_service,     // copied from the Service in front: none where that is no LoadBalancer, or has no address
  when_configured,  // only where the controller was told which address or Service to publish
};

enum class Runs { in_cluster, outside };
// Ingresses that name no class, in a cluster without a default class.
enum class Classless { ignored, when_configured, taken };
// What becomes of a TLS listener or host whose Secret is missing or unusable.
enum class BadCertificate { unknown, default_certificate, refused };
// ExternalName Services as backends.
enum class ExternalName { unknown, served, off_by_default, refused };

struct Controller {
  std::string_view id;    // for `find` and for machines: "ingress-nginx"
  std::string_view name;  // for people: "ingress-nginx", "Envoy Gateway"

  // IngressClass.spec.controller and GatewayClass.spec.controllerName. A final * stands for anything.
  Few<std::string_view> ingress_controllers{};
  Few<std::string_view> gateway_controllers{};
  // The names that its installation gives its classes.
  Few<std::string_view> ingress_classes{};
  Few<std::string_view> gateway_classes{};
  // Values of the annotation kubernetes.io/ingress.class that it takes though no IngressClass has that name.
  Few<std::string_view> annotation_classes{};
  // Values of ingressClassName that it takes though no IngressClass has that name.
  Few<std::string_view> classes_without_object{};
  Classless classless = Classless::ignored;
  // Rows (by id) whose classes it may be set up to serve in their place.
  Few<std::string_view> stands_in_for{};
  // The managedFields manager under which it writes status.
  Few<std::string_view> status_managers{};

  Runs runs = Runs::in_cluster;
  // Labels of its Deployment or DaemonSet; alternatives, the most usual first. Empty: it cannot be searched for.
  Few<Place> workloads{};
  // Labels of its pods, where those are known and the labels of every Deployment are not.
  Few<Place> pods{};
  // A usual installation has other labels than these: that nothing is found does not prove that nothing runs.
  bool labels_may_differ = false;
  Few<std::string_view> namespaces{};  // where it is usually installed
  DataPlane ingress_plane{};
  DataPlane gateway_plane{};

  StatusAddress ingress_address = StatusAddress::never;
  StatusAddress gateway_address = StatusAddress::never;
  bool writes_parents = false;  // status.parents of routes

  std::optional<bool> redirects_to_https{};     // plain HTTP is redirected where the Ingress has tls, without any annotation
  bool accepts_target_port = false;             // an Ingress backend may name the Service's targetPort as its port
  std::optional<bool> accepts_opaque_secret{};  // type Opaque with tls.crt and tls.key
  BadCertificate bad_certificate = BadCertificate::unknown;
  ExternalName ingress_external_name = ExternalName::unknown;
  ExternalName gateway_external_name = ExternalName::unknown;
  bool retired = false;  // gets no more security fixes

  // How long after a change silence is normal: until status is written, until the load balancer has an address,
  // until it calls the pods healthy (readiness gates).
  std::chrono::seconds status_grace{60};
  std::chrono::seconds address_grace{300};
  std::chrono::seconds health_grace{0};
};

[[nodiscard]] std::span<const Controller> all_controllers();

// The row with this id; nullptr where there is none. The same for all that follow: unknown controllers are common.
[[nodiscard]] const Controller* find_controller(std::string_view id);
// By IngressClass.spec.controller.
[[nodiscard]] const Controller* find_by_ingress_controller(std::string_view controller);
// By GatewayClass.spec.controllerName, or the controllerName of a route's status.
[[nodiscard]] const Controller* find_by_gateway_controller(std::string_view controller);
// By the value of kubernetes.io/ingress.class. The first row of those that take it ("nginx" is taken by two).
[[nodiscard]] const Controller* find_by_annotation_class(std::string_view name);
[[nodiscard]] std::vector<const Controller*> all_by_annotation_class(std::string_view name);
// By the manager of managedFields under subresource status.
[[nodiscard]] const Controller* find_by_status_manager(std::string_view manager);

// Where to look for the workload that serves one Gateway: the places of `plane` with the Gateway's name filled in,
// `ns` "" for all namespaces. `controller_ns` is where the controller was found, "" where that is not known: places
// that need it are left out then. Empty as well where a name cannot be the value of a label (more than 63 characters:
// the controllers shorten such names, each in its way).
struct WorkloadQuery {
  std::string ns;
  std::string labels;
  friend bool operator==(const WorkloadQuery&, const WorkloadQuery&) = default;
};
[[nodiscard]] std::vector<WorkloadQuery> workload_queries(const DataPlane& plane, std::string_view controller_ns,
                                                          std::string_view gateway_ns = {}, std::string_view gateway = {});

}  // namespace gwdoctor

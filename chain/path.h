#pragma once
// The path of the target's traffic, from the way in to the pods, as far as the facts tell. Built from the start in
// every round by a pure function; the views hold what was read and what the spec makes of it, never an opinion.
//
// The traffic is cut into streams: one entrance (a listener with one hostname, or an Ingress host by one scheme)
// times one leg (rule × match × backend). Every view says in `scope` which streams pass through it, so that a
// finding can say what it breaks, and "all requests" or "requests to /v2" come from counting.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chain/controllers.h"
#include "chain/router/outcome.h"
#include "chain/router/question.h"
#include "chain/scope.h"
#include "kube/facts.h"

namespace gwdoctor {

inline constexpr std::size_t no_index = static_cast<std::size_t>(-1);

// A reference from one namespace into another, and what the ReferenceGrants there say (Gateway API: ReferenceGrant).
struct GrantView {
  enum class State { not_needed, granted, missing, mismatch, unknown };
  State state = State::not_needed;
  Ref from;          // the object that refers
  std::string path;  // the field that refers: spec.rules[0].backendRefs[0]
  ObjectRef to;
  Seen<List<ReferenceGrant>> grants;  // of the namespace referred to
  Scope scope;
};

// A TLS certificate that a listener or an Ingress names.
struct CertificateView {
  Ref owner;         // the Gateway, ListenerSet or Ingress
  std::string path;  // spec.listeners[0].tls.certificateRefs[0], spec.tls[0].secretName
  ObjectRef reference;
  Seen<Secret> secret;             // wanted only where the reference is to a Secret and no grant is missing
  bool is_secret = true;           // the reference is to a core Secret
  std::vector<std::string> hosts;  // the hostnames it is to be served for; "" is any
  std::size_t gateway = no_index;  // the view of its Gateway, with its listener …
  std::size_t listener = no_index;
  std::size_t ingress = no_index;  // … or of its Ingress
  std::size_t siblings = 1;        // how many certificates that listener names: any one may cover a host
  Scope scope;                     // the TLS streams of that listener or host
};

// A listener of a Gateway, or of a ListenerSet that is attached to it.
struct ListenerView {
  Listener spec;
  Ref owner;                              // the Gateway or ListenerSet that holds it
  std::shared_ptr<const Value> document;  // of the owner
  std::optional<ListenerStatus> status;   // what the controller said; nothing where it said nothing
  std::vector<std::size_t> certificates;  // into Path::certificates
  // Another listener of this Gateway that cannot stand beside this one (Gateway API: distinct listeners):
  // the same port with the same hostname, or with a protocol that does not share a port. The earlier one wins.
  std::vector<std::size_t> conflicts;
  bool on_path = false;  // some stream passes through it
  Scope scope;
};

// The workloads of a controller or data plane, as far as they live in the cluster and their labels are known.
struct WorkloadSearch {
  std::vector<Seen<List<Workload>>> lists;  // one for each place and kind; empty: nothing is known to look for
  std::vector<Known<Workload>> found;

  [[nodiscard]] bool possible() const { return !lists.empty(); }
  // The first list that could not be read, or nullptr.
  [[nodiscard]] const Seen<List<Workload>>* unread() const;
};

// The controller behind a class.
struct ControllerView {
  std::string name;                   // controllerName, or IngressClass.spec.controller; "" where unknown
  const Controller* known = nullptr;  // its row in the table
  WorkloadSearch control;
  // Of the data plane where that is another workload, by the Gateway that it serves ("" for all).
  struct Plane {
    Ref gateway;
    WorkloadSearch search;
  };
  std::vector<Plane> planes;
  bool wrote_status = false;  // some object on the path carries a status that this controller wrote
  Scope scope;
};

struct GatewayView {
  Ref ref;
  Seen<Gateway> gateway;
  Seen<GatewayClass> gateway_class;
  bool class_wanted = false;  // the Gateway is known, so that gateway_class was asked for
  std::vector<ListenerView> listeners;
  std::size_t controller = no_index;  // into Path::controllers
  Scope scope;
};

// Why a listener does or does not take a route (Gateway API: route attachment); the first step that fails.
enum class Attachment {
  attached,
  other_section,       // sectionName names another listener
  other_port,          // parentRef.port is another
  kind_excluded,       // allowedRoutes.kinds does not list the route's kind
  protocol_excluded,   // the listener's protocol cannot carry the route's kind
  namespace_excluded,  // allowedRoutes.namespaces does not admit the route's namespace
  hostname_disjoint,   // no hostname in common
  unknown,             // the labels of the route's namespace could not be read
};

struct AttachmentView {
  std::size_t listener = no_index;  // into GatewayView::listeners
  Attachment state = Attachment::unknown;
  std::vector<std::string> hostnames;  // the effective ones where attached; "" is any
};

// One parentRef of a route.
struct ParentView {
  std::size_t index = 0;  // spec.parentRefs[index]
  ParentRef reference;
  enum class Target { gateway, listener_set, service, other };
  Target target = Target::gateway;
  std::size_t gateway = no_index;  // into Path::gateways; none for a Service (mesh) or an unknown kind
  Seen<ListenerSet> listener_set;  // where the parent is one
  std::vector<AttachmentView> attachments;
  std::optional<RouteParentStatus> status;  // the entry of the Gateway's controller, else the only one for this parent
  bool attached = false;                    // some listener takes the route
  Scope scope;
};

struct RouteView {
  Ref ref;
  Seen<Route> route;
  std::vector<ParentView> parents;
  Seen<Namespace> name_space;               // asked for only where a listener selects namespaces by label
  std::vector<std::string> lost_hostnames;  // hostnames of the route that no listener serves, while others are served
  Scope scope;
};

// How the class of an Ingress was found.
enum class ClassBy { field, annotation, cluster_default, nothing, unknown };

struct IngressView {
  Ref ref;
  Seen<Ingress> ingress;
  ClassBy class_by = ClassBy::unknown;
  std::string class_name;
  Seen<IngressClass> ingress_class;  // where a class is named
  Seen<List<IngressClass>> classes;  // asked for where none is named: the defaults
  std::size_t controller = no_index;
  Scope scope;
};

// What a rule sends requests to.
struct BackendView {
  Ref ref;
  bool is_service = true;  // a core Service; nothing below is asked for otherwise
  Seen<Service> service;
  Seen<List<EndpointSlice>> slices;  // asked for where the Service has, or may have, endpoints
  Seen<List<Pod>> pods;              // by the Service's selector; asked for where it has one
  bool has_selector = false;
  std::vector<Known<Workload>> workloads;  // owners of the pods; asked for only where something is wrong with them
  std::optional<Wish> workloads_missing;   // a look-up of an owner that gave no answer
  Why workloads_why;
  Scope scope;
};

// One rule × match × backend of a route, or one path (or the default backend) of an Ingress.
struct Leg {
  std::size_t route = no_index;    // into Path::routes, or …
  std::size_t ingress = no_index;  // … Path::ingresses
  std::size_t rule = no_index;     // none: the default backend of an Ingress, or a target without routes
  std::size_t match = 0;
  std::size_t backend_ref = no_index;  // index in the rule; none: the rule answers itself (redirect), or has no backend
  std::size_t backend = no_index;      // into Path::backends
  std::size_t grant = no_index;        // into Path::grants
  Ref object;                          // the route or Ingress
  std::string path;                    // the field of the backend: spec.rules[0].backendRefs[0]; of the rule where there is none
  std::optional<std::int64_t> port;    // as referred to: by number …
  std::string port_name;               // … or by name (Ingress)
  std::int64_t weight = 1;
  std::int64_t total_weight = 1;  // of the rule; 0 where all weights are
  std::string requests;           // "requests to /v2", "requests to payments.example /v2", "requests with header x=1"
  bool redirects = false;         // a RequestRedirect answers in place of a backend
  Scope scope;
};

// One way in.
struct Entrance {
  std::string host;       // "" is any
  std::string scheme;     // http, https, tls, tcp, udp
  std::int64_t port = 0;  // 0 where unknown
  std::size_t gateway = no_index;
  std::size_t listener = no_index;  // none: no listener takes this traffic
  std::size_t route = no_index;
  std::size_t parent = no_index;
  std::size_t ingress = no_index;
  bool tls = false;
};

struct Stream {
  std::size_t entrance = 0;
  std::size_t leg = 0;
};

// A place where routes to a Service were looked for.
struct UpstreamView {
  Kind kind = Kind::http_route;
  std::string ns;
  State state = State::unknown;
  Why why;
  Wish wish;
};

struct Path {
  Ref target;
  Kind target_kind = Kind::http_route;
  // How the target itself was found. Anything but present and the rest is empty.
  State state = State::wanted;
  Why why;

  // Where the target is a request: what becomes of it. The rest is then the path of that request alone.
  std::shared_ptr<const Trace> trace;

  std::vector<RouteView> routes;
  std::vector<IngressView> ingresses;
  std::vector<GatewayView> gateways;
  std::vector<ControllerView> controllers;
  std::vector<CertificateView> certificates;
  std::vector<GrantView> grants;
  std::vector<BackendView> backends;
  std::vector<UpstreamView> upstream;  // for a Service
  std::vector<Entrance> entrances;
  std::vector<Leg> legs;
  std::vector<Stream> streams;

  [[nodiscard]] Scope all() const { return Scope(streams.size(), true); }
  [[nodiscard]] Scope nothing() const { return Scope(streams.size()); }
  // The streams of the given entrances (by a test on Entrance).
  template <class Test>
  [[nodiscard]] Scope through(Test&& test) const {
    Scope scope(streams.size());
    for (std::size_t at = 0; at < streams.size(); ++at) {
      if (test(entrances[streams[at].entrance], legs[streams[at].leg])) scope.add(at);
    }
    return scope;
  }
  // "all requests", "requests to /v2", "about 30 % of requests to / (weight 3 of 10)", "HTTPS requests for a.example".
  [[nodiscard]] std::string describe(const Scope& scope) const;
};

struct Target {
  Kind kind = Kind::http_route;
  std::string ns;
  std::string name;
  // A request at one entrance in place of an object; kind, ns and name are then those of the Gateway or IngressClass.
  std::shared_ptr<const Question> question = nullptr;
};

// The path of one target. Asks `facts` for what it needs; what is not known yet is asked for again next round.
[[nodiscard]] Path build_path(const Target& target, const Facts& facts);

}  // namespace gwdoctor

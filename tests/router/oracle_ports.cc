#include "tests/router/oracle_parts.h"

#include <algorithm>

namespace gwdoctor::oracle {

bool is_wild(const std::string& host) { return host.starts_with("*."); }

// HTTPRouteSpec.hostnames: "Hostnames that are prefixed with a wildcard label (`*.`) are interpreted as a suffix match. That
// means that a match for `*.example.com` would match both `test.example.com`, and `foo.test.example.com`, but not `example.com`."
// Listener.hostname: "When unspecified, all hostnames are matched."
bool host_matches(const std::string& pattern, const std::string& host) {
  if (pattern.empty()) return true;
  if (!is_wild(pattern)) return pattern == host;
  const std::string suffix = pattern.substr(1);
  return host.size() > suffix.size() && host.ends_with(suffix);
}

namespace {

// The hosts of one hostname that are hosts of the other, as a hostname; nothing where there is none ("there must be at least one
// intersecting hostname for the HTTPRoute to be attached to the Listener").
std::vector<std::string> common(const std::string& one, const std::string& other) {
  if (one.empty()) return {other};
  if (other.empty()) return {one};
  if (!is_wild(one)) return host_matches(other, one) ? std::vector<std::string>{one} : std::vector<std::string>{};
  if (!is_wild(other)) return common(other, one);
  // Of two suffixes the longer one is the intersection where it ends in the shorter.
  const std::string left = one.substr(1);
  const std::string right = other.substr(1);
  if (left.ends_with(right)) return {one};
  if (right.ends_with(left)) return {other};
  return {};
}

}  // namespace

// "any HTTPRoute hostnames that do not match the Listener hostname MUST be ignored"; one without hostnames has the listener's.
std::vector<std::string> effective_hostnames(const Listener& listener, const Route& route) {
  if (route.hostnames.empty()) return {listener.hostname};
  std::vector<std::string> out;
  for (const std::string& hostname : route.hostnames) {
    for (const std::string& shared : common(listener.hostname, hostname)) out.push_back(shared);
  }
  return out;
}

// "The oldest Route based on creation timestamp. The Route appearing first in alphabetical order by "{namespace}/{name}"."
bool older(const Meta& one, const Meta& other) {
  if (one.created != other.created) return one.created < other.created;
  return one.ref.ns + "/" + one.ref.name < other.ref.ns + "/" + other.ref.name;
}

namespace {

// AllowedRoutes.namespaces, AllowedListeners.namespaces: All, Selector ("Routes in namespaces selected by the selector"), Same,
// None.
bool admits(const FromNamespaces& from, const std::string& own, const std::string& ns, const Cluster& cluster) {
  if (from.from == FromNamespaces::From::all) return true;
  if (from.from == FromNamespaces::From::same) return own == ns;
  if (from.from == FromNamespaces::From::none) return false;
  const auto found = cluster.namespaces.find(ns);
  return found != cluster.namespaces.end() && from.selector.matches(found->second);
}

// ListenerSetSpec.listeners: "Implementations MUST treat the parent Gateway as having the merged list of all listeners from
// itself and attached ListenerSets using the following precedence: "parent" Gateway; ListenerSet ordered by creation time (oldest
// first); ListenerSet ordered alphabetically by "{namespace}/{name}"."
std::vector<Port> merged_listeners(const Cluster& cluster) {
  std::vector<Port> out;
  for (const Listener& listener : cluster.gateway.listeners) out.push_back({listener, cluster.gateway.meta.ref, {}});
  const Ref& gateway = cluster.gateway.meta.ref;
  std::vector<const ListenerSet*> attached;
  for (const ListenerSet& set : cluster.sets) {
    const bool names_it = set.parent.kind == "Gateway" && set.parent.ns == gateway.ns && set.parent.name == gateway.name;
    if (names_it && admits(cluster.gateway.allowed_listeners, gateway.ns, set.meta.ref.ns, cluster)) attached.push_back(&set);
  }
  while (!attached.empty()) {
    std::size_t first = 0;
    for (std::size_t at = 1; at < attached.size(); ++at) {
      if (older(attached[at]->meta, attached[first]->meta)) first = at;
    }
    for (const Listener& listener : attached[first]->listeners) out.push_back({listener, attached[first]->meta.ref, {}});
    attached.erase(attached.begin() + static_cast<std::ptrdiff_t>(first));
  }
  return out;
}

// GatewaySpec.listeners: "The set of listeners that all share a protocol value MUST have different values for at least one of
// these fields to be distinct: HTTP, HTTPS, TLS: Port, Hostname". GEP-1713, Listener and ListenerSet Conflicts: "the first
// Listener in the precedence list MUST be accepted", those in conflict with it are not.
std::vector<Port> distinct_listeners(const Cluster& cluster) {
  std::vector<Port> out;
  for (const Port& port : merged_listeners(cluster)) {
    const bool taken = std::any_of(out.begin(), out.end(), [&](const Port& earlier) {
      return earlier.listener.port == port.listener.port && earlier.listener.protocol == port.listener.protocol &&
             earlier.listener.hostname == port.listener.hostname;
    });
    if (!taken) out.push_back(port);
  }
  return out;
}

// ParentReference: "When both Port (experimental) and SectionName are specified, the name and port of the selected listener must
// match both specified values." GEP-1713: a parentRef selects listeners of the object that it names, a Gateway or a ListenerSet,
// alone.
bool refers_to(const ParentRef& parent, const Port& port) {
  return parent.group == "gateway.networking.k8s.io" && parent.kind == port.owner.kind && parent.ns == port.owner.ns &&
         parent.name == port.owner.name && (parent.section.empty() || parent.section == port.listener.name) &&
         (!parent.port || *parent.port == port.listener.port);
}

// AllowedRoutes.kinds: "When unspecified or empty, the kinds of Routes selected are determined using the Listener protocol."
bool takes_kind(const Listener& listener, const Route& route) {
  if (listener.kinds.empty()) return true;
  return std::any_of(listener.kinds.begin(), listener.kinds.end(), [&](const RouteGroupKind& kind) {
    return kind.group == "gateway.networking.k8s.io" && kind.kind == route.meta.ref.kind;
  });
}

bool attaches(const Route& route, const Port& port, const Cluster& cluster) {
  return std::any_of(route.parents.begin(), route.parents.end(),
                     [&](const ParentRef& parent) { return refers_to(parent, port); }) &&
         takes_kind(port.listener, route) && admits(port.listener.namespaces, port.owner.ns, route.meta.ref.ns, cluster) &&
         !effective_hostnames(port.listener, route).empty();
}

bool share_a_host(const Listener& listener, const Route& one, const Route& other) {
  for (const std::string& left : effective_hostnames(listener, one)) {
    for (const std::string& right : effective_hostnames(listener, other)) {
      if (!common(left, right).empty()) return true;
    }
  }
  return false;
}

// GRPCRouteSpec.hostnames: "If a Route (A) of type HTTPRoute or GRPCRoute is attached to a Listener and that listener already has
// another Route (B) of the other type attached and the intersection of the hostnames of A and B is non-empty, then the
// implementation MUST accept exactly one of these two routes": the older, then the first by "{namespace}/{name}".
std::vector<const Route*> accepted_routes(const Port& port, const Cluster& cluster) {
  std::vector<const Route*> waiting;
  for (const Route& route : cluster.routes) {
    if (attaches(route, port, cluster)) waiting.push_back(&route);
  }
  std::vector<const Route*> out;
  while (!waiting.empty()) {
    std::size_t first = 0;
    for (std::size_t at = 1; at < waiting.size(); ++at) {
      if (older(waiting[at]->meta, waiting[first]->meta)) first = at;
    }
    const Route* next = waiting[first];
    waiting.erase(waiting.begin() + static_cast<std::ptrdiff_t>(first));
    const bool displaced = std::any_of(out.begin(), out.end(), [&](const Route* earlier) {
      return earlier->kind != next->kind && share_a_host(port.listener, *earlier, *next);
    });
    if (!displaced) out.push_back(next);
  }
  return out;
}

}  // namespace

Judge::Judge(Cluster cluster) : cluster_(std::move(cluster)), ports_(distinct_listeners(cluster_)) {
  for (Port& port : ports_) port.routes = accepted_routes(port, cluster_);
}

}  // namespace gwdoctor::oracle

#include "chain/attachment.h"

#include <algorithm>

#include "chain/hostname.h"

namespace gwdoctor {

namespace {

enum class Family { http, tls, tcp, udp, other };

Family family(const Listener& listener) {
  if (listener.protocol == "HTTP") return Family::http;
  if (listener.protocol == "HTTPS" || listener.protocol == "TLS") return Family::tls;
  if (listener.protocol == "TCP") return Family::tcp;
  if (listener.protocol == "UDP") return Family::udp;
  return Family::other;
}

}  // namespace

bool protocol_carries(const Listener& listener, Kind kind, const std::optional<ListenerStatus>& status) {
  if (listener.protocol == "HTTP" || listener.protocol == "HTTPS") return kind == Kind::http_route || kind == Kind::grpc_route;
  if (listener.protocol == "TLS") {
    return kind == Kind::tls_route || (kind == Kind::tcp_route && listener.tls == Listener::TlsMode::terminate);
  }
  if (listener.protocol == "TCP") return kind == Kind::tcp_route;
  if (listener.protocol == "UDP") return kind == Kind::udp_route;
  if (!status || status->supported_kinds.empty()) return true;
  return std::any_of(status->supported_kinds.begin(), status->supported_kinds.end(),
                     [&](const RouteGroupKind& supported) { return kind_of(supported.group, supported.kind) == kind; });
}

bool kinds_admit(const Listener& listener, Kind kind) {
  if (listener.kinds.empty()) return true;
  return std::any_of(listener.kinds.begin(), listener.kinds.end(),
                     [&](const RouteGroupKind& allowed) { return kind_of(allowed.group, allowed.kind) == kind; });
}

std::optional<bool> namespaces_admit(const FromNamespaces& from, std::string_view owner_ns, std::string_view ns,
                                     const Facts& facts, Seen<Namespace>& labels) {
  switch (from.from) {
    case FromNamespaces::From::all:
      return true;
    case FromNamespaces::From::none:
      return false;
    case FromNamespaces::From::same:
      return owner_ns == ns;
    case FromNamespaces::From::selector:
      break;
  }
  if (from.selector.empty()) return true;
  labels = facts.name_space(ns);
  if (labels.unknown()) return std::nullopt;
  if (labels.absent()) return false;
  return from.selector.matches(labels->meta.labels);
}

AttachmentView attach(const Route& route, const ParentRef& parent, const ListenerView& listener, std::size_t index,
                      const Facts& facts, Seen<Namespace>& labels) {
  AttachmentView view;
  view.listener = index;
  const auto stop = [&](Attachment at) {
    view.state = at;
    return view;
  };
  if (!parent.section.empty() && parent.section != listener.spec.name) return stop(Attachment::other_section);
  if (parent.port && *parent.port != listener.spec.port) return stop(Attachment::other_port);
  if (!protocol_carries(listener.spec, route.kind, listener.status)) return stop(Attachment::protocol_excluded);
  if (!kinds_admit(listener.spec, route.kind)) return stop(Attachment::kind_excluded);
  const std::optional<bool> admitted =
      namespaces_admit(listener.spec.namespaces, listener.owner.ns, route.meta.ref.ns, facts, labels);
  if (!admitted) return stop(Attachment::unknown);
  if (!*admitted) return stop(Attachment::namespace_excluded);
  if (route.kind == Kind::tcp_route || route.kind == Kind::udp_route) {
    view.hostnames = {std::string()};
    return stop(Attachment::attached);
  }
  view.hostnames = intersect(listener.spec.hostname, route.hostnames).effective;
  return stop(view.hostnames.empty() ? Attachment::hostname_disjoint : Attachment::attached);
}

bool listeners_conflict(const Listener& one, const Listener& other) {
  if (one.port != other.port) return false;
  const Family left = family(one);
  const Family right = family(other);
  // UDP has ports of its own; a domain-prefixed protocol is the implementation's affair.
  if (left == Family::other || right == Family::other) return false;
  if ((left == Family::udp) != (right == Family::udp)) return false;
  if (left != right || left == Family::tcp || left == Family::udp) return true;
  return one.hostname == other.hostname;
}

bool listens_on(const GatewayView& gateway, std::int64_t port) {
  return std::any_of(gateway.listeners.begin(), gateway.listeners.end(),
                     [&](const ListenerView& listener) { return listener.spec.port == port; });
}

}  // namespace gwdoctor

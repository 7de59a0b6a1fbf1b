#pragma once
// Whether a listener takes a route (Gateway API v1.6, "Attaching to Gateways" and AllowedRoutes), from the spec of both
// alone. What a controller says of it stands in the status.

#include "chain/path.h"
#include "kube/facts.h"

namespace gwdoctor {

// The route kinds that a protocol can carry: HTTP and HTTPS take HTTPRoute and GRPCRoute; TLS takes TLSRoute, and
// TCPRoute where it terminates; TCP and UDP their own. Of a protocol that the spec does not define, `status` decides
// where the controller listed supportedKinds, and otherwise nothing is excluded.
[[nodiscard]] bool protocol_carries(const Listener& listener, Kind kind, const std::optional<ListenerStatus>& status);

// allowedRoutes.kinds, where it is written, lists the kind.
[[nodiscard]] bool kinds_admit(const Listener& listener, Kind kind);

// Whether `from` of the object in `owner_ns` admits a namespace. Its labels are read, by `facts`, only for a
// selector that is not empty. Nothing where they could not be read; `labels` is what was seen.
[[nodiscard]] std::optional<bool> namespaces_admit(const FromNamespaces& from, std::string_view owner_ns, std::string_view ns,
                                                   const Facts& facts, Seen<Namespace>& labels);

// The first step of attachment that fails, of this route's parentRef to this listener, with the effective hostnames
// where none does.
[[nodiscard]] AttachmentView attach(const Route& route, const ParentRef& parent, const ListenerView& listener, std::size_t index,
                                    const Facts& facts, Seen<Namespace>& labels);

// True where two listeners of one Gateway cannot both be served: not distinct (same port, compatible protocols, same
// hostname), or protocols on one port that exclude each other (Gateway API: GatewaySpec.listeners).
[[nodiscard]] bool listeners_conflict(const Listener& one, const Listener& other);

// Whether any listener of the Gateway, and of the ListenerSets attached to it, is on this port.
[[nodiscard]] bool listens_on(const GatewayView& gateway, std::int64_t port);

}  // namespace gwdoctor

#include "checks/check.h"

#include <algorithm>

#include "checks/support/gateway_state.h"
#include "checks/support/names.h"

namespace gwdoctor {

namespace {

std::string kinds_of(const Listener& listener) {
  std::vector<std::string> names;
  for (const RouteGroupKind& kind : listener.kinds) names.push_back(kind.kind);
  return join_names(names);
}

std::optional<Fix> admit(const ListenerView& listener, const std::string& kind) {
  Value entry{Value::Object{}};
  entry.set("kind", kind);
  const std::string path = fmt::format("{}.allowedRoutes.kinds[{}]", listener.spec.path, listener.spec.kinds.size());
  return set_field(listener.owner, *listener.document, path, std::move(entry),
                   fmt::format("allow {} at listener {}", kind, listener.spec.name));
}

// The listener that the route came nearest to: one that its kind alone keeps it from. nullptr where another one goes
// further, or none came so far: then the kind is not what decides.
const ListenerView* kept_by_kind(const ParentView& parent, const GatewayView& gateway) {
  const ListenerView* out = nullptr;
  for (const AttachmentView& attachment : parent.attachments) {
    switch (attachment.state) {
      case Attachment::other_section:
      case Attachment::other_port:
      case Attachment::protocol_excluded:
        break;
      case Attachment::kind_excluded:
        if (out == nullptr) out = &gateway.listeners[attachment.listener];
        break;
      case Attachment::attached:
      case Attachment::namespace_excluded:
      case Attachment::hostname_disjoint:
      case Attachment::unknown:
        return nullptr;
    }
  }
  return out;
}

// Gateway API v1.6, AllowedRoutes.kinds: where it is written, it lists the kinds of route that may attach.
void run(const Facts&, const Path& path, Verdicts& out) {
  for (const RouteView& view : path.routes) {
    if (!view.route.present()) continue;
    for (const ParentView& parent : view.parents) {
      if (parent.gateway == no_index) continue;
      const GatewayView& gateway = path.gateways[parent.gateway];
      if (gateway.gateway.unknown()) out.unknown(parent.scope, gateway.gateway);
      if (!gateway.gateway.present()) continue;
      const ListenerView* listener = kept_by_kind(parent, gateway);
      if (listener == nullptr) {
        if (parent.attached) out.pass(parent.scope);
        continue;
      }
      const std::string field = listener->spec.path + ".allowedRoutes.kinds";
      out.fail(parent.scope)
          .object(listener->owner, field)
          .says("{} allows {} only, and {} is none", text_of(*listener), kinds_of(listener->spec), view.ref.text())
          .saw(listener->owner, field, listener->document->at_path(field))
          .affects(view.ref)
          .fix(admit(*listener, view.ref.kind));
    }
  }
}

}  // namespace

extern constinit const Check listener_kinds_exclude_route{
    .code = "listener-kinds-exclude-route",
    .title = "the listener does not allow routes of this kind",
    .severity = Severity::error,
    .layer = Layer::gateway,
    .reads = {Kind::http_route, Kind::gateway},
    .explains = {"route-not-accepted", "route-not-attached", "route-request-unmatched"},
    .run = run,
};

}  // namespace gwdoctor

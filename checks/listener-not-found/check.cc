#include "checks/check.h"

#include <algorithm>

#include "chain/nearest.h"
#include "checks/support/names.h"

namespace gwdoctor {

namespace {

std::vector<const Listener*> candidates(const ParentView& parent, const GatewayView& gateway) {
  std::vector<const Listener*> out;
  for (const AttachmentView& attachment : parent.attachments) out.push_back(&gateway.listeners[attachment.listener].spec);
  return out;
}

std::string list(const std::vector<const Listener*>& listeners) {
  std::vector<std::string> texts;
  for (const Listener* listener : listeners) texts.push_back(fmt::format("{} (port {})", listener->name, listener->port));
  return join_names(texts, "no listener");
}

bool found(const ParentView& parent) {
  return std::any_of(parent.attachments.begin(), parent.attachments.end(), [](const AttachmentView& attachment) {
    return attachment.state != Attachment::other_section && attachment.state != Attachment::other_port;
  });
}

// The listener that was meant: near by its name, else the only one.
const Listener* by_name(const std::string& wanted, const std::vector<const Listener*>& listeners) {
  std::vector<std::string> names;
  for (const Listener* listener : listeners) names.push_back(listener->name);
  const std::optional<std::string> meant = nearest(wanted, names);
  for (const Listener* listener : listeners) {
    if (meant && listener->name == *meant) return listener;
  }
  return listeners.size() == 1 ? listeners.front() : nullptr;
}

struct Fault {
  std::string field;  // sectionName or port
  std::string message;
  std::optional<Fix> fix;
};

Fault wrong_section(const RouteView& view, const ParentView& parent, const std::string& owner,
                    const std::vector<const Listener*>& listeners) {
  const ParentRef& reference = parent.reference;
  Fault fault{".sectionName", fmt::format("{} has no listener {}; it has {}", owner, reference.section, list(listeners)),
              std::nullopt};
  const Listener* meant = by_name(reference.section, listeners);
  if (meant == nullptr) return fault;
  std::vector<FieldChange> changes{{reference.path + ".sectionName", meant->name}};
  if (reference.port && *reference.port != meant->port) changes.push_back({reference.path + ".port", meant->port});
  fault.fix = set_fields(view.ref, view.route.document(), changes, fmt::format("name the listener {}", meant->name));
  return fault;
}

Fault wrong_port(const RouteView& view, const ParentView& parent, const std::string& owner,
                 const std::vector<const Listener*>& listeners) {
  const ParentRef& reference = parent.reference;
  const std::int64_t port = *reference.port;
  const auto named =
      std::find_if(listeners.begin(), listeners.end(), [&](const Listener* one) { return one->name == reference.section; });
  const Listener* meant = named != listeners.end() ? *named : listeners.size() == 1 ? listeners.front() : nullptr;
  Fault fault{".port", {}, std::nullopt};
  fault.message = named != listeners.end()
                      ? fmt::format("listener {} of {} is on port {}, not on {}", reference.section, owner, (*named)->port, port)
                      : fmt::format("{} has no listener on port {}; it has {}", owner, port, list(listeners));
  if (meant == nullptr) return fault;
  fault.fix = set_field(view.ref, view.route.document(), reference.path + ".port", meant->port,
                        fmt::format("name port {}, that of listener {}", meant->port, meant->name));
  return fault;
}

// Gateway API v1.6, ParentReference.sectionName and .port: each must match a listener of the parent.
void judge(const RouteView& view, const ParentView& parent, const GatewayView& gateway, Verdicts& out) {
  if (gateway.gateway.unknown()) out.unknown(parent.scope, gateway.gateway);
  if (!gateway.gateway.present()) return;
  if (found(parent)) return out.pass(parent.scope);
  const ParentRef& reference = parent.reference;
  const Ref owner = parent.target == ParentView::Target::listener_set ? parent.listener_set->meta.ref : gateway.ref;
  const std::vector<const Listener*> listeners = candidates(parent, gateway);
  const bool section_exists =
      std::any_of(listeners.begin(), listeners.end(), [&](const Listener* one) { return one->name == reference.section; });
  Fault fault{"", fmt::format("{} has no listener", owner.text()), std::nullopt};
  if (!reference.section.empty() && !section_exists) {
    fault = wrong_section(view, parent, owner.text(), listeners);
  } else if (reference.port && !listeners.empty()) {
    fault = wrong_port(view, parent, owner.text(), listeners);
  }
  if (!fault.fix) {
    fault.fix = by_hand("name a listener that exists",
                        {fmt::format("kubectl get {} -o jsonpath='{{.spec.listeners}}'", kubectl_object(owner))});
  }
  out.fail(parent.scope)
      .object(view.ref, reference.path + fault.field)
      .reason("route-no-matching-parent")
      .says("{}", fault.message)
      .saw(view.route, view.ref, reference.path)
      .saw(gateway.gateway, gateway.ref, "spec.listeners")
      .affects(owner)
      .fix(std::move(fault.fix));
}

void run(const Facts&, const Path& path, Verdicts& out) {
  for (const RouteView& view : path.routes) {
    if (!view.route.present()) continue;
    for (const ParentView& parent : view.parents) {
      if (parent.gateway != no_index) judge(view, parent, path.gateways[parent.gateway], out);
    }
  }
}

}  // namespace

extern constinit const Check listener_not_found{
    .code = "listener-not-found",
    .title = "a route names a listener that its Gateway does not have",
    .severity = Severity::error,
    .layer = Layer::gateway,
    .reads = {Kind::http_route, Kind::gateway},
    .explains = {"route-not-accepted", "route-not-attached", "route-request-unmatched"},
    .run = run,
};

}  // namespace gwdoctor

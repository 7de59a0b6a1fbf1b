#include "checks/support/parents.h"

#include <algorithm>

#include "chain/hostname.h"
#include "checks/grace.h"

namespace gwdoctor {

namespace {

bool is_close(Attachment state) {
  return state == Attachment::namespace_excluded || state == Attachment::hostname_disjoint || state == Attachment::unknown;
}

// TCP and UDP routes have no hostnames.
bool shares_hostname(const Route& route, const Listener& listener) {
  if (route.kind == Kind::tcp_route || route.kind == Kind::udp_route) return true;
  return !intersect(listener.hostname, route.hostnames).effective.empty();
}

Refusal far_refusal(const ParentView& parent) {
  Refusal out;
  for (const AttachmentView& attachment : parent.attachments) {
    if (attachment.state == Attachment::kind_excluded) return {};
    if (attachment.state == Attachment::protocol_excluded) out.by_protocol.push_back(attachment.listener);
  }
  return out;
}

bool same_parent(const ParentRef& left, const ParentRef& right) {
  return left.group == right.group && left.kind == right.kind && left.ns == right.ns && left.name == right.name &&
         left.section == right.section && left.port == right.port;
}

ParentWord read(const RouteParentStatus& status, std::string_view type, std::int64_t generation) {
  ParentWord out;
  out.status = &status;
  out.condition = condition(status.conditions, type);
  out.word = word(out.condition, generation);
  return out;
}

const ControllerView* controller_view(const ParentView& parent, const Path& path) {
  if (parent.gateway == no_index || path.gateways[parent.gateway].controller == no_index) return nullptr;
  return &path.controllers[path.gateways[parent.gateway].controller];
}

bool class_unread(const ParentView& parent, const Path& path) {
  if (parent.gateway == no_index) return false;
  const GatewayView& gateway = path.gateways[parent.gateway];
  return gateway.gateway.unknown() || (gateway.class_wanted && gateway.gateway_class.unknown());
}

}  // namespace

Refusal refusal_of(const RouteView& route, const ParentView& parent, const GatewayView& gateway) {
  if (parent.attached) return {};
  std::vector<AttachmentView> close;
  bool shared = false;
  bool admitted = false;
  for (const AttachmentView& attachment : parent.attachments) {
    if (!is_close(attachment.state)) continue;
    close.push_back(attachment);
    shared = shared || shares_hostname(*route.route, gateway.listeners[attachment.listener].spec);
    admitted = admitted || attachment.state == Attachment::hostname_disjoint;
  }
  if (close.empty()) return far_refusal(parent);
  Refusal out;
  for (const AttachmentView& attachment : close) {
    // A hostname in common, or else a namespace that is admitted, tells which listener was meant.
    if (shared && !shares_hostname(*route.route, gateway.listeners[attachment.listener].spec)) continue;
    if (!shared && admitted && attachment.state != Attachment::hostname_disjoint) continue;
    if (attachment.state == Attachment::namespace_excluded) out.by_namespace.push_back(attachment.listener);
    if (attachment.state == Attachment::unknown) out.unsure = true;
    if (!shared) out.by_hostname.push_back(attachment.listener);
  }
  if (out.unsure) out.by_namespace.clear();
  return out;
}

ParentWord word_of(const RouteView& route, const ParentView& parent, const Path& path, std::string_view type) {
  const Route& object = *route.route;
  const ControllerView* controller = controller_view(parent, path);
  ParentWord out;
  for (const RouteParentStatus& status : object.parent_status) {
    if (!same_parent(status.parent, parent.reference)) continue;
    if (controller != nullptr && status.controller_name != controller->name) continue;
    const ParentWord one = read(status, type, object.meta.generation);
    if (out.status == nullptr) {
      out = one;
    } else if (one.word != out.word) {
      ParentWord mixed;
      mixed.unsure = class_unread(parent, path);
      return mixed;
    }
  }
  return out;
}

void unsure_of(const ParentView& parent, const Path& path, Verdicts& out) {
  const GatewayView& gateway = path.gateways[parent.gateway];
  if (gateway.gateway.unknown()) return out.unknown(parent.scope, gateway.gateway);
  out.unknown(parent.scope, gateway.gateway_class);
}

bool may_change(const Condition& condition, const RouteView& route, const ParentView& parent, const Path& path,
                const Facts& facts) {
  const GatewayView& gateway = path.gateways[parent.gateway];
  if (gateway.gateway.present() && settling(gateway.gateway->meta, facts)) return true;
  if (route.name_space.present() && settling(route.name_space->meta, facts)) return true;
  return condition.observed.value_or(0) == 0 && settling(route.route->meta, facts);
}

std::string text_of(const ParentRef& parent) {
  Ref object;
  object.kind = parent.kind;
  object.ns = parent.ns;
  object.name = parent.name;
  return object.text();
}

std::string controller_of(const ParentView& parent, const Path& path, const RouteParentStatus& status) {
  if (parent.gateway != no_index && path.gateways[parent.gateway].controller != no_index) {
    return controller_name(path, path.gateways[parent.gateway].controller);
  }
  const Controller* known = find_by_gateway_controller(status.controller_name);
  return known == nullptr ? status.controller_name : std::string(known->name);
}

}  // namespace gwdoctor

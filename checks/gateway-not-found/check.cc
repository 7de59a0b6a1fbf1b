#include "checks/check.h"

#include "chain/nearest.h"
#include "checks/support/gateway_state.h"
#include "checks/support/names.h"

namespace gwdoctor {

namespace {

// Contour, told which Gateway is its own, takes every parentRef of that name for it, whatever its namespace.
bool taken_by_name(const ParentView& parent, std::int64_t generation) {
  if (!parent.status || word(parent.status->conditions, "Accepted", generation) != Word::yes) return false;
  const Controller* writer = find_by_gateway_controller(parent.status->controller_name);
  return writer != nullptr && writer->id == "contour";
}

// The object that the reference leads to, and what is known of its like: the same for Gateways and ListenerSets.
struct Elsewhere {
  std::vector<std::string> namespaces;  // that have an object of this name
  std::vector<std::string> neighbours;  // names of the objects in the namespace that was looked at
};

template <class T>
Elsewhere look_around(Kind kind, const Ref& wanted, const Facts& facts) {
  Elsewhere out;
  const Seen<List<T>> same_name = facts.anywhere<T>(kind, wanted.name);
  if (same_name.present()) {
    for (const Known<T>& one : *same_name) {
      if (one->meta.ref.ns != wanted.ns) out.namespaces.push_back(one->meta.ref.ns);
    }
  }
  std::sort(out.namespaces.begin(), out.namespaces.end());
  if (out.namespaces.empty()) out.neighbours = names_of(facts.list<T>(kind, wanted.ns));
  return out;
}

std::optional<Fix> remedy(const Ref& object, const Value& document, const std::string& path, const Ref& wanted,
                          const Elsewhere& around) {
  if (around.namespaces.size() == 1) {
    return set_field(object, document, path + ".namespace", around.namespaces.front(),
                     fmt::format("name the namespace of the {}, {}", wanted.kind, around.namespaces.front()));
  }
  if (const std::optional<std::string> meant = nearest(wanted.name, around.neighbours)) {
    return set_field(object, document, path + ".name", *meant, fmt::format("name the {} {}", wanted.kind, *meant));
  }
  const std::string resource = wanted.kind == "Gateway" ? "gateways" : "listenersets";
  return by_hand(fmt::format("name a {} that exists, with its namespace", wanted.kind),
                 {fmt::format("kubectl get {} -A", resource)});
}

std::string where(const Ref& wanted, const Elsewhere& around) {
  if (!around.namespaces.empty())
    return fmt::format("; a {} of that name exists in namespace {}", wanted.kind, join_names(around.namespaces));
  if (!around.neighbours.empty()) return fmt::format("; namespace {} has {}", wanted.ns, join_names(around.neighbours));
  return {};
}

void missing(const Ref& object, const Value& document, const std::string& path, const Ref& wanted, const Elsewhere& around,
             const Scope& scope, bool served, Verdicts& out) {
  FindingBuilder finding = out.fail(scope);
  finding.object(object, path)
      .reason("route-parent-gateway-missing")
      .says("{} of {} does not exist{}", wanted.text(), object.text(), where(wanted, around))
      .saw(object, path, document.at_path(path))
      .affects(wanted)
      .fix(remedy(object, document, path, wanted, around));
  if (served) finding.severity(Severity::warning);
}

void judge_gateway(const RouteView& view, const ParentView& parent, const Path& path, const Facts& facts, Verdicts& out) {
  const GatewayView& gateway = path.gateways[parent.gateway];
  const bool by_set = parent.target == ParentView::Target::listener_set;
  if (gateway.gateway.unknown()) out.unknown(parent.scope, gateway.gateway);
  if (gateway.gateway.present()) out.pass(parent.scope);
  if (!gateway.gateway.absent()) return;
  const Elsewhere around = look_around<Gateway>(Kind::gateway, gateway.ref, facts);
  if (by_set) {
    const Ref& set = parent.listener_set->meta.ref;
    missing(set, parent.listener_set.document(), parent.listener_set->parent.path, gateway.ref, around, parent.scope, false, out);
    return;
  }
  const bool served = !around.namespaces.empty() && taken_by_name(parent, view.route->meta.generation);
  missing(view.ref, view.route.document(), parent.reference.path, gateway.ref, around, parent.scope, served, out);
}

void judge_set(const RouteView& view, const ParentView& parent, const Facts& facts, Verdicts& out) {
  if (parent.listener_set.unknown()) out.unknown(parent.scope, parent.listener_set);
  if (!parent.listener_set.absent()) return;
  const Ref wanted = ref(Kind::listener_set, parent.reference.ns, parent.reference.name);
  const Elsewhere around = look_around<ListenerSet>(Kind::listener_set, wanted, facts);
  missing(view.ref, view.route.document(), parent.reference.path, wanted, around, parent.scope, false, out);
}

// A parentRef without a namespace means the route's own (Gateway API v1.6: ParentReference.namespace).
void run(const Facts& facts, const Path& path, Verdicts& out) {
  for (const RouteView& view : path.routes) {
    if (!view.route.present()) continue;
    for (const ParentView& parent : view.parents) {
      if (parent.gateway != no_index) {
        judge_gateway(view, parent, path, facts, out);
      } else if (parent.target == ParentView::Target::listener_set) {
        judge_set(view, parent, facts, out);
      }
    }
  }
}

}  // namespace

extern constinit const Check gateway_not_found{
    .code = "gateway-not-found",
    .title = "a route names a Gateway that does not exist",
    .severity = Severity::error,
    .layer = Layer::gateway,
    .reads = {Kind::http_route, Kind::gateway, Kind::listener_set},
    .explains = {"controller-not-synced", "route-not-accepted", "route-not-attached"},
    .run = run,
};

}  // namespace gwdoctor

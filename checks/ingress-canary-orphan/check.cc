#include "checks/check.h"

#include <algorithm>

#include "chain/dialects/nginx.h"
#include "chain/dialects/order.h"
#include "checks/support/ingresses.h"

namespace gwdoctor {

namespace {

bool has_host(const IngressTable& table, const std::string& host) {
  return std::any_of(table.entries.begin(), table.entries.end(), [&](const IngressEntry& entry) { return entry.host == host; });
}

// ingress-nginx merges a canary into the location of the same host, path and type (controller.go, mergeAlternativeBackends).
bool has_primary(const IngressTable& table, const IngressRule& rule, const IngressPath& path) {
  const std::string wanted = path.path.empty() ? "/" : path.path;
  return std::any_of(table.entries.begin(), table.entries.end(), [&](const IngressEntry& entry) {
    return !is_canary(*entry.ingress) && entry.host == rule.host && path_of(entry) == wanted && type_of(entry) == path.type;
  });
}

// A canary of weight 0 that no header and no cookie leads to gets nothing on purpose (failures/traps, 14): its path has no
// backend.
bool is_idle(const Scope& scope, const Path& path) {
  for (std::size_t at = 0; at < path.streams.size(); ++at) {
    if (scope.has(at) && path.legs[path.streams[at].leg].backend != no_index) return false;
  }
  return true;
}

void run(const Facts& facts, const Path& path, Verdicts& out) {
  for (const IngressView& view : path.ingresses) {
    const std::shared_ptr<const IngressTable> table = table_of(view, path, facts);
    if (table == nullptr || table->dialect->id != "ingress-nginx" || !is_canary(*view.ingress)) continue;
    if (admit_unread(*table, view.scope, out)) continue;
    for (const IngressRule& rule : view.ingress->rules) {
      for (const IngressPath& spec : rule.paths) {
        const Scope scope = scope_of(view, spec, path);
        if (is_idle(scope, path)) continue;
        if (has_primary(*table, rule, spec)) {
          out.pass(scope);
          continue;
        }
        const std::string_view missing = has_host(*table, rule.host) ? "that path with that type" : "that host";
        out.fail(scope)
            .object(view.ref, spec.field)
            .reason("ingress-canary-no-primary")
            .says("the canary for {}{} ({}) gets no request: no other Ingress of the controller has {}", rule.host,
                  spec.path.empty() ? "/" : spec.path, type_name(spec.type), missing)
            .saw(view.ingress, view.ref, spec.field)
            .saw(view.ingress, view.ref, "metadata.annotations")
            .fix(by_hand(
                "create the primary Ingress with the same host, path and pathType, or take the canary annotation off this one",
                {fmt::format("kubectl annotate {} nginx.ingress.kubernetes.io/canary-", kubectl_object(view.ref))}));
      }
    }
  }
}

}  // namespace

extern constinit const Check ingress_canary_orphan{
    .code = "ingress-canary-orphan",
    .title = "a canary Ingress has no primary",
    .severity = Severity::warning,
    .layer = Layer::ingress,
    .reads = {Kind::ingress, Kind::ingress_class},
    .run = run,
};

}  // namespace gwdoctor

#include "checks/check.h"

#include <algorithm>

#include "chain/dialects/nginx.h"
#include "chain/dialects/order.h"
#include "checks/support/ingresses.h"

namespace gwdoctor {

namespace {

// The same host, path and type, on the same load balancer.
bool is_twin(const IngressEntry& left, const IngressEntry& right, const IngressTable& table) {
  if (left.ingress->meta.ref == right.ingress->meta.ref || left.host != right.host) return false;
  if (path_of(left) != path_of(right) || type_of(left) != type_of(right)) return false;
  const auto& balancer = table.dialect->balancer;
  return balancer == nullptr || balancer(*left.ingress) == balancer(*right.ingress);
}

// Which of the two serves, as far as the controller's ways tell.
std::string who_serves(const IngressEntry& own, const IngressEntry& other, const IngressTable& table) {
  const auto is_dropped = [&](const IngressEntry& entry) {
    return std::any_of(table.dropped.begin(), table.dropped.end(), [&](const IngressTable::Dropped& dropped) {
      return dropped.entry.ingress->meta.ref == entry.ingress->meta.ref && dropped.entry.rule == entry.rule &&
             dropped.entry.path == entry.path;
    });
  };
  const std::string name(table.dialect->name);
  if (is_dropped(own)) return fmt::format("{} serves {}", name, other.ingress->meta.ref.text());
  if (is_dropped(other)) return fmt::format("{} serves {}", name, own.ingress->meta.ref.text());
  for (const IngressEntry& entry : table.entries) {
    if (entry.ingress->meta.ref == own.ingress->meta.ref && entry.rule == own.rule && entry.path == own.path)
      return fmt::format("{} tries {} first", name, own.ingress->meta.ref.text());
    if (entry.ingress->meta.ref == other.ingress->meta.ref && entry.rule == other.rule && entry.path == other.path)
      return fmt::format("{} tries {} first", name, other.ingress->meta.ref.text());
  }
  return fmt::format("which of them {} serves is not settled", name);
}

void report(const IngressView& view, const IngressEntry& own, const IngressEntry& other, const IngressTable& table,
            const Facts& facts, const Scope& scope, Verdicts& out) {
  const Ref& twin = other.ingress->meta.ref;
  const std::string& field = own.spec()->field;
  FindingBuilder finding = out.fail(scope);
  finding.object(view.ref, field)
      .reason("ingress-duplicate-host-path")
      .severity(Severity::warning)
      .says("{}{} ({}) stands in {} as well; {}", own.host, path_of(own), type_name(type_of(own)), twin.text(),
            who_serves(own, other, table))
      .saw(view.ingress, view.ref, field)
      .affects(twin)
      .fix(by_hand("remove the path from the Ingress that is not meant to serve it",
                   {fmt::format("kubectl get {} -o yaml", kubectl_object(twin))}));
  if (const auto document = facts.document(twin)) finding.saw(twin, other.spec()->field, document->at_path(other.spec()->field));
  if (same_backend(own, other) && twin.ns == view.ref.ns) finding.severity(Severity::info);
}

void run(const Facts& facts, const Path& path, Verdicts& out) {
  for (const IngressView& view : path.ingresses) {
    const std::shared_ptr<const IngressTable> table = table_of(view, path, facts);
    // Two Ingresses of which one is a canary hold the same path on purpose (failures/traps, 16).
    if (table == nullptr || is_canary(*view.ingress) || admit_unread(*table, view.scope, out)) continue;
    const std::vector<IngressEntry> all = all_entries(*table);
    for (const IngressEntry& own : all) {
      if (!is_of(own, view) || own.is_default()) continue;
      const Scope scope = scope_of(view, *own.spec(), path);
      const auto other = std::find_if(all.begin(), all.end(), [&](const IngressEntry& one) {
        return !one.is_default() && !is_canary(*one.ingress) && is_twin(own, one, *table);
      });
      if (!scope.any()) continue;
      if (other == all.end()) {
        out.pass(scope);
      } else {
        report(view, own, *other, *table, facts, scope, out);
      }
    }
  }
}

}  // namespace

extern constinit const Check ingress_host_duplicated{
    .code = "ingress-host-duplicated",
    .title = "the same host and path stands in another Ingress of the same controller",
    .severity = Severity::warning,
    .layer = Layer::ingress,
    .reads = {Kind::ingress, Kind::ingress_class},
    .explains = {"tls-host-mismatch"},
    .run = run,
};

}  // namespace gwdoctor

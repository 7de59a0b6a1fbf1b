#include "checks/check.h"

#include "chain/dialects/order.h"
#include "checks/support/ingresses.h"

namespace gwdoctor {

namespace {

// The first entry that stands before this one and takes all that it could take; nullptr where some of it is left.
const IngressEntry* taken_by(const IngressEntry& entry, const IngressTable& table) {
  for (const IngressEntry& earlier : table.entries) {
    if (&earlier == &entry) return nullptr;
    if (takes_all_of(earlier, entry, table)) return &earlier;
  }
  return nullptr;
}

// That the same host and path is written twice is ingress-host-duplicated.
bool is_twin(const IngressEntry& left, const IngressEntry& right) {
  return left.host == right.host && path_of(left) == path_of(right) && type_of(left) == type_of(right) &&
         left.ingress != right.ingress;
}

std::string example_of(const IngressEntry& entry, const Ingress& ingress) {
  const std::optional<Request> request = example_request(entry, !ingress.tls.empty());
  return request ? ", as " + request->text() : std::string();
}

void run(const Facts& facts, const Path& path, Verdicts& out) {
  for (const IngressView& view : path.ingresses) {
    const std::shared_ptr<const IngressTable> table = table_of(view, path, facts);
    if (table == nullptr || table->dialect->shape == nullptr || admit_unread(*table, view.scope, out)) continue;
    for (const IngressEntry& entry : table->entries) {
      if (!is_of(entry, view) || entry.is_default()) continue;
      const Scope scope = scope_of(view, *entry.spec(), path);
      if (!scope.any()) continue;
      const IngressEntry* winner = taken_by(entry, *table);
      if (winner == nullptr || is_twin(*winner, entry)) {
        out.pass(scope);
        continue;
      }
      const std::string& field = entry.spec()->field;
      FindingBuilder finding = out.fail(scope);
      finding.object(view.ref, field)
          .reason("ingress-path-shadowed")
          .says("{} gets no request{}: {} takes them all by the rules of {}: {}", entry_text(entry),
                example_of(entry, *view.ingress), entry_text(*winner), table->dialect->name,
                table->dialect->lost_by(entry, *winner, *table))
          .saw(view.ingress, view.ref, field)
          .fix(by_hand("give the two paths that tell their requests apart, or remove the one that is not meant to serve",
                       {fmt::format("kubectl get {} -o yaml", kubectl_object(winner->ingress->meta.ref))}));
      if (!winner->is_default())
        if (const auto document = facts.document(winner->ingress->meta.ref))
          finding.saw(winner->ingress->meta.ref, winner->spec()->field, document->at_path(winner->spec()->field));
      if (winner->ingress->meta.ref != view.ref) finding.affects(winner->ingress->meta.ref);
      if (!table->dialect->known) finding.certainty(Certainty::likely);
      if (same_backend(entry, *winner) && entry.ingress->meta.ref.ns == winner->ingress->meta.ref.ns)
        finding.severity(Severity::info);
    }
  }
}

}  // namespace

extern constinit const Check ingress_path_shadowed{
    .code = "ingress-path-shadowed",
    .title = "another rule takes all the requests of a path of an Ingress",
    .severity = Severity::error,
    .layer = Layer::ingress,
    .reads = {Kind::ingress, Kind::ingress_class},
    .run = run,
};

}  // namespace gwdoctor

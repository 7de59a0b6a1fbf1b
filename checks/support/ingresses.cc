#include "checks/support/ingresses.h"

#include "chain/dialects/order.h"

namespace gwdoctor {

std::shared_ptr<const IngressTable> table_of(const IngressView& view, const Path& path, const Facts& facts) {
  if (!view.ingress.present() || view.controller == no_index || path.controllers[view.controller].known == nullptr)
    return nullptr;
  return ingress_table(view.class_name, view.ref.ns, facts);
}

Scope scope_of(const IngressView& view, const IngressPath& spec, const Path& path) {
  return path.through([&](const Entrance&, const Leg& leg) { return leg.object == view.ref && leg.path == spec.backend.path; });
}

bool admit_unread(const IngressTable& table, const Scope& scope, Verdicts& out) {
  for (const Unread& unread : table.unread) out.unknown(scope, unread.wish, unread.why);
  return !table.unread.empty();
}

std::string entry_text(const IngressEntry& entry) {
  const std::string owner = entry.ingress->meta.ref.text();
  if (entry.is_default()) return "the default backend of " + owner;
  return fmt::format("path {} ({}) of {}", path_of(entry), type_name(type_of(entry)), owner);
}

bool is_of(const IngressEntry& entry, const IngressView& view) { return entry.ingress->meta.ref == view.ref; }

}  // namespace gwdoctor

#pragma once
// What the checks of Ingress rules share: the table of the controller that serves an Ingress, and the streams of one of its
// paths.

#include <memory>

#include "chain/dialects/ingress_table.h"
#include "checks/check.h"

namespace gwdoctor {

// The table in which an Ingress of the path stands. nullptr where the class or the controller is not known, and while it is being
// read.
[[nodiscard]] std::shared_ptr<const IngressTable> table_of(const IngressView& view, const Path& path, const Facts& facts);
// The streams of one path of an Ingress of the path.
[[nodiscard]] Scope scope_of(const IngressView& view, const IngressPath& spec, const Path& path);
// Says of these streams what the table could not be read for: true where it could not.
bool admit_unread(const IngressTable& table, const Scope& scope, Verdicts& out);
// "path /api (Prefix) of Ingress shop/web".
[[nodiscard]] std::string entry_text(const IngressEntry& entry);
[[nodiscard]] bool is_of(const IngressEntry& entry, const IngressView& view);

}  // namespace gwdoctor

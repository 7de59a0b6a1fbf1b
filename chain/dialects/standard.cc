#include "chain/dialects/standard.h"

#include <fmt/format.h>

#include <algorithm>

#include "chain/dialects/answers.h"
#include "chain/dialects/order.h"
#include "chain/hostname.h"

namespace gwdoctor {

namespace {

// Where hosts are chosen first, the less specific host's rules never see the request.
void note_host_choice(const IngressEntry& entry, const Request& request, const IngressTable& table, Outcome& out) {
  const std::optional<std::string> nearest = virtual_host(table, request.host);
  if (!nearest || *nearest == entry.host || compare_hosts(*nearest, entry.host) >= 0) return;
  out.notes.push_back(
      fmt::format("controllers that choose the host first answer 404 here: host {} has rules, and none for this path", *nearest));
}

void note_equals(const IngressEntry& entry, const IngressTable& table, Outcome& out) {
  for (const IngressEntry& other : table.entries) {
    if (other.ingress == entry.ingress || other.host != entry.host || other.is_default() != entry.is_default()) continue;
    if (path_of(other) != path_of(entry) || type_of(other) != type_of(entry) || same_backend(other, entry)) continue;
    out.notes.push_back(
        fmt::format("Ingress {} has the same host and path with another backend: which of the two goes first is left to "
                    "the controller, the older one in most",
                    name_of(*other.ingress)));
    return;
  }
}

}  // namespace

bool goes_first_by_standard(const IngressEntry& left, const IngressEntry& right) {
  if (left.is_default() != right.is_default()) return right.is_default();
  if (const int order = compare_hosts(left.host, right.host); order != 0) return order < 0;
  if (path_of(left).size() != path_of(right).size()) return path_of(left).size() > path_of(right).size();
  const bool exact = type_of(left) == IngressPath::Type::exact;
  return exact && type_of(right) != IngressPath::Type::exact;
}

void compile_standard(IngressTable& table) {
  table.entries = all_entries(table);
  std::stable_sort(table.entries.begin(), table.entries.end(), goes_first_by_standard);
  for (const std::shared_ptr<const Ingress>& ingress : table.ingresses) {
    for (const IngressRule& rule : ingress->rules) add_host(table, rule.host);
  }
}

PathShape standard_shape(const IngressEntry& entry, const IngressTable&) {
  PathShape shape;
  if (entry.is_default()) return shape;
  shape.kind = type_of(entry) == IngressPath::Type::exact ? PathShape::Kind::exact : PathShape::Kind::elements;
  shape.text = std::string(path_of(entry));
  return shape;
}

std::string standard_lost_by(const IngressEntry& loser, const IngressEntry& winner, const IngressTable&) {
  if (std::string why = lost_by_default(loser, winner); !why.empty()) return why;
  if (std::string why = lost_by_host(loser, winner); !why.empty()) return why;
  if (std::string why = lost_by_length(loser, winner); !why.empty()) return why;
  if (std::string why = lost_by_type(loser, winner); !why.empty()) return why;
  return lost_by_age(loser, winner);
}

void note_default_certificate(const IngressEntry& entry, const Request& request, const IngressTable& table, Outcome& out) {
  if (!request.tls) return;
  const bool listed =
      std::any_of(table.ingresses.begin(), table.ingresses.end(), [&](const std::shared_ptr<const Ingress>& ingress) {
        return tls_covers(*ingress, request.host) &&
               (ingress == entry.ingress ||
                std::any_of(ingress->rules.begin(), ingress->rules.end(),
                            [&](const IngressRule& rule) { return ingress_host_covers(rule.host, request.host); }));
      });
  if (!listed) {
    out.notes.push_back(
        fmt::format("no spec.tls names {}: {} serves it with its default certificate", request.host, table.dialect->name));
  }
}

void forward_plainly(const IngressEntry& entry, const Request& request, std::string_view path, const IngressTable& table,
                     Outcome& out) {
  forward_to(entry, request, path, out);
  note_host_choice(entry, request, table, out);
  note_equals(entry, table, out);
  if (!entry.is_default() && type_of(entry) == IngressPath::Type::implementation_specific) {
    out.notes.push_back("pathType ImplementationSpecific is taken as Prefix here; what it means is the controller's to say");
  }
  if (table.dialect->known) note_default_certificate(entry, request, table, out);
}

IngressDialect standard_dialect(bool known) {
  IngressDialect dialect;
  dialect.name = known ? "the Ingress API" : "the controller";
  dialect.version = "networking.k8s.io/v1";
  dialect.compile = compile_standard;
  dialect.match = match_by_shape;
  dialect.lost_by = standard_lost_by;
  dialect.apply = forward_plainly;
  dialect.shape = standard_shape;
  dialect.known = known;
  if (!known) {
    dialect.notes = {
        "how this controller reads paths and annotations is not known here: the prediction goes by the rules of the Ingress API"};
  }
  return dialect;
}

}  // namespace gwdoctor

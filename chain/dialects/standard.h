#pragma once
// The rules of networking.k8s.io/v1 alone (Kubernetes v1.36, IngressSpec): what every controller is held to.

#include <string>
#include <string_view>

#include "chain/dialects/ingress_table.h"

namespace gwdoctor {

// `known` false where they stand in for a controller whose dialect is not known.
[[nodiscard]] IngressDialect standard_dialect(bool known);

void compile_standard(IngressTable& table);
// Exact, or prefix by path elements; ImplementationSpecific as Prefix.
[[nodiscard]] PathShape standard_shape(const IngressEntry& entry, const IngressTable& table);
[[nodiscard]] std::string standard_lost_by(const IngressEntry& loser, const IngressEntry& winner, const IngressTable& table);
void forward_plainly(const IngressEntry& entry, const Request& request, std::string_view path, const IngressTable& table,
                     Outcome& out);
// Puts entries into the standard's order.
[[nodiscard]] bool goes_first_by_standard(const IngressEntry& left, const IngressEntry& right);
// Notes that an https request is served with the controller's default certificate where no entry of spec.tls is for its host.
void note_default_certificate(const IngressEntry& entry, const Request& request, const IngressTable& table, Outcome& out);

}  // namespace gwdoctor

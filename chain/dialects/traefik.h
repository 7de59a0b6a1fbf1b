#pragma once
// What Traefik makes of an entry of an Ingress, for those that compare it with other routers of Traefik's.

#include <cstdint>
#include <string>
#include <string_view>

#include "chain/dialects/ingress_table.h"

namespace gwdoctor {

// The text of the rule, as Traefik writes it: Host(`a.example`) && PathPrefix(`/api`).
[[nodiscard]] std::string traefik_rule(const IngressEntry& entry);
// router.priority, else the length of the rule.
[[nodiscard]] std::int64_t traefik_priority(const IngressEntry& entry);
// The annotation router.middlewares; "" where there is none.
[[nodiscard]] std::string traefik_middlewares(const Ingress& ingress);

inline constexpr std::string_view traefik_entry_point_note =
    "an entry point may redirect to https: that is in Traefik's own configuration, which is not read";

}  // namespace gwdoctor

#pragma once
// What keeps a reference to a backend from being used, by the objects alone.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "chain/path.h"
#include "kube/facts.h"

namespace gwdoctor {

// What the ReferenceGrants of the namespace referred to say of a reference into it (Gateway API v1.6, ReferenceGrantSpec).
[[nodiscard]] GrantView::State grant_state(const Seen<List<ReferenceGrant>>& grants, const Ref& from, const ObjectRef& to);
// The same for an object that is referred to from another namespace or its own, in words: "" where it may be, and where that is
// not known; then what could not be read is added to `unread`.
[[nodiscard]] std::string grant_problem(const Ref& from, const Ref& to, const Facts& facts, std::vector<Unread>& unread);
// A reference to an object, as a field that names its namespace would have it.
[[nodiscard]] ObjectRef reference_to(const Ref& object);
// In words, where grants do not let it.
[[nodiscard]] std::string ungranted(const Ref& from, std::string_view ns);

// Why a Service cannot be used as it is referred to: "Service shop/x does not exist", "Service shop/x has no port 81". "" where
// it can, and where that could not be read. `target_ports`: a controller that takes the number of a targetPort as well.
[[nodiscard]] std::string service_problem(const Seen<Service>& service, const Ref& name, const std::optional<std::int64_t>& port,
                                          std::string_view port_name, bool target_ports = false);

}  // namespace gwdoctor

#pragma once
// How near the ReferenceGrants of a cluster come to a reference that none of them allows.

#include <optional>
#include <string>

#include "checks/check.h"

namespace gwdoctor {

struct NearGrant {
  enum class What {
    wrong_namespace,  // it covers the reference and lies in the namespace of the referrer
    from,             // its `to` covers the reference, and a `from` differs in one field
    to,               // its `from` covers the reference, and a `to` differs in one field
  };
  What what = What::from;
  Known<ReferenceGrant> grant;
  std::string path;   // the field that differs: spec.from[0].namespace; metadata.namespace
  std::string found;  // what stands there
  std::string wanted;
};

// The grant that was meant for a reference which none covers, or nothing: then one is missing. Looks at the grants of
// the namespace referred to, and only then at those of the referrer's own.
[[nodiscard]] std::optional<NearGrant> near_grant(const GrantView& view, const Facts& facts);

// The API group of an object: "gateway.networking.k8s.io"; "" for the core group.
[[nodiscard]] std::string group_of(const Ref& object);
// "Service payments-backend/payments-api": what the reference leads to.
[[nodiscard]] std::string text_of(const ObjectRef& object);

// The controller says of the route or listener as it stands that its references are resolved: then a grant that could
// not be read is there.
[[nodiscard]] bool is_vouched_for(const GrantView& view, const Path& path);

// The condition with which it says that this reference is not permitted (RefNotPermitted). Nothing where the message
// leaves open which of several references is meant.
struct NotPermitted {
  Condition condition;
  Ref object;
  std::string path;  // status.parents[0].conditions
};
[[nodiscard]] std::optional<NotPermitted> not_permitted(const GrantView& view, const Path& path);

// Part of what hangs on it is served all the same: the listener names other certificates too.
[[nodiscard]] bool has_alternatives(const GrantView& view, const Path& path);

// The entries of a grant that cover this reference and no other.
[[nodiscard]] Value from_entry(const GrantView& view);
[[nodiscard]] Value to_entry(const GrantView& view);
// Creates a grant for this reference alone in the namespace referred to. Words where the API server has no such kind.
[[nodiscard]] Fix create_grant(const GrantView& view, const Facts& facts);

}  // namespace gwdoctor

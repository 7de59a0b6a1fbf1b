#pragma once
// What every object has: metadata, and conditions as controllers write them.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kube/kind.h"
#include "kube/selector.h"
#include "kube/time.h"

namespace gwdoctor {

struct OwnerRef {
  std::string api_version;
  std::string kind;
  std::string name;
  bool controller = false;
};

struct Meta {
  Ref ref;
  std::string uid;
  std::int64_t generation = 0;  // 0 where the kind has none, or in a manifest
  std::optional<Time> created;
  std::optional<Time> deleted;  // deletionTimestamp: the object is being deleted
  std::optional<Time> changed;  // the newest managedFields time of spec or metadata (status writers do not count)
  Labels labels;
  Labels annotations;
  std::vector<OwnerRef> owners;
  // Set on an object in a trial of a fix: what controllers wrote into its status is stale and was left out.
  bool settling = false;
};

// meta/v1 Condition. `observed` is observedGeneration, absent where the writer does not set it.
struct Condition {
  enum class Status { is_true, is_false, unknown };
  std::string type;
  Status status = Status::unknown;
  std::string reason;
  std::string message;
  std::optional<std::int64_t> observed;
  std::optional<Time> since;  // lastTransitionTime; 1970-01-01 is the CRD's default, written by nobody
};
using Conditions = std::vector<Condition>;

// The condition of this type, or nullptr.
[[nodiscard]] const Condition* condition(const Conditions& conditions, std::string_view type);
// True where the condition was written by the CRD's defaulting alone: reason Pending, "Waiting for controller", 1970.
[[nodiscard]] bool is_crd_default(const Condition& condition);

}  // namespace gwdoctor

#include <algorithm>

#include "kube/objects/decode.h"
#include "kube/objects/fields.h"

namespace gwdoctor {

namespace {

// It repeats the whole object, of a Secret the private key as well.
constexpr std::string_view last_applied = "kubectl.kubernetes.io/last-applied-configuration";

// What the last write of spec or metadata was; a controller's status goes through the subresource (KEP-555).
std::optional<Time> newest_change(const Value& managed_fields) {
  std::optional<Time> newest;
  for (const Value& entry : managed_fields.items()) {
    if (entry["subresource"].string() == "status") continue;
    const std::optional<Time> time = decode_time(entry["time"]);
    if (time && (!newest || *time > *newest)) newest = time;
  }
  return newest;
}

Condition::Status decode_condition_status(const Value& value) {
  const std::string text = value.text();
  if (text == "True") return Condition::Status::is_true;
  if (text == "False") return Condition::Status::is_false;
  return Condition::Status::unknown;
}

}  // namespace

Meta decode_meta(const Value& document, Kind kind) {
  const Value& metadata = document["metadata"];
  Meta out;
  out.ref = ref(kind, metadata["namespace"].text(), metadata["name"].text());
  out.ref.api_version = filled_text(document["apiVersion"], out.ref.api_version);
  out.ref.kind = filled_text(document["kind"], out.ref.kind);
  out.uid = metadata["uid"].text();
  out.generation = metadata["generation"].integer().value_or(0);
  out.created = decode_time(metadata["creationTimestamp"]);
  out.deleted = decode_time(metadata["deletionTimestamp"]);
  out.changed = newest_change(metadata["managedFields"]);
  out.labels = decode_labels(metadata["labels"]);
  out.annotations = decode_labels(metadata["annotations"]);
  std::erase_if(out.annotations, [](const auto& annotation) { return annotation.first == last_applied; });
  out.owners = decode_each(metadata["ownerReferences"], "metadata.ownerReferences", [](const Value& item, const std::string&) {
    return OwnerRef{item["apiVersion"].text(), item["kind"].text(), item["name"].text(),
                    item["controller"].boolean().value_or(false)};
  });
  return out;
}

Conditions decode_conditions(const Value& conditions) {
  Conditions out = decode_each(conditions, "conditions", [](const Value& item, const std::string&) {
    return Condition{item["type"].text(),    decode_condition_status(item["status"]), item["reason"].text(),
                     item["message"].text(), item["observedGeneration"].integer(),    decode_time(item["lastTransitionTime"])};
  });
  // Conditions are looked up by type: one without says nothing.
  std::erase_if(out, [](const Condition& condition) { return condition.type.empty(); });
  return out;
}

}  // namespace gwdoctor

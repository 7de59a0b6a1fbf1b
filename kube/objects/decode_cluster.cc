#include "kube/objects/decode.h"
#include "kube/objects/fields.h"

namespace gwdoctor {

namespace {

// A new event has eventTime alone, a repeated one lastTimestamp or, from events.k8s.io clients, a series.
std::optional<Time> last_seen(const Value& event) {
  for (const Value* value : {&event["lastTimestamp"], &event["series"]["lastObservedTime"], &event["eventTime"],
                             &event["firstTimestamp"], &event["metadata"]["creationTimestamp"]}) {
    if (const std::optional<Time> time = decode_time(*value)) return time;
  }
  return std::nullopt;
}

std::int64_t times_seen(const Value& event) {
  for (const Value* value : {&event["count"], &event["series"]["count"]}) {
    if (const auto count = value->integer(); count && *count > 0) return *count;
  }
  return 1;
}

}  // namespace

template <>
Namespace decode<Namespace>(const Value& document, Kind kind) {
  return {decode_meta(document, kind)};
}

template <>
ConfigMap decode<ConfigMap>(const Value& document, Kind kind) {
  return {decode_meta(document, kind), decode_labels(document["data"])};
}

template <>
Event decode<Event>(const Value& document, Kind kind) {
  const Value& object = document["involvedObject"];
  Event out;
  out.meta = decode_meta(document, kind);
  out.type = document["type"].text();
  out.reason = document["reason"].text();
  out.message = document["message"].text();
  out.object_kind = object["kind"].text();
  out.object_ns = object["namespace"].text();
  out.object_name = object["name"].text();
  out.count = times_seen(document);
  out.last = last_seen(document);
  return out;
}

template <>
CustomResourceDefinition decode<CustomResourceDefinition>(const Value& document, Kind kind) {
  const Value& spec = document["spec"];
  CustomResourceDefinition out;
  out.meta = decode_meta(document, kind);
  out.group = spec["group"].text();
  out.kind = spec["names"]["kind"].text();
  for (const Value& version : spec["versions"].items()) {
    if (version["served"].boolean() == true) out.served_versions.push_back(version["name"].text());
  }
  return out;
}

}  // namespace gwdoctor

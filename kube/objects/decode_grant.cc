#include "kube/objects/decode.h"
#include "kube/objects/fields.h"

namespace gwdoctor {

template <>
ReferenceGrant decode<ReferenceGrant>(const Value& document, Kind kind) {
  const Value& spec = document["spec"];
  ReferenceGrant out;
  out.meta = decode_meta(document, kind);
  out.from = decode_each(spec["from"], "spec.from", [](const Value& item, const std::string&) {
    return ReferenceGrant::From{item["group"].text(), item["kind"].text(), item["namespace"].text()};
  });
  out.to = decode_each(spec["to"], "spec.to", [](const Value& item, const std::string&) {
    return ReferenceGrant::To{item["group"].text(), item["kind"].text(), item["name"].text()};
  });
  return out;
}

}  // namespace gwdoctor

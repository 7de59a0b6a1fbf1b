#pragma once
// What the decoders share: reading the fields of documents that nobody has checked. A field of the wrong type, and
// a null one, reads as absent; an element that is no object is passed over, the others keep their index.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "kube/ascii.h"
#include "kube/objects/gateway.h"
#include "kube/objects/ingress.h"
#include "kube/objects/meta.h"
#include "kube/objects/pod.h"
#include "kube/value.h"

namespace gwdoctor {

// "spec.rules" and 3: "spec.rules[3]".
[[nodiscard]] std::string element_path(std::string_view path, std::size_t index);

// What `decode_one(element, path of the element)` makes of each object in an array.
template <class DecodeOne>
[[nodiscard]] auto decode_each(const Value& array, std::string_view path, DecodeOne&& decode_one) {
  std::vector<std::invoke_result_t<DecodeOne&, const Value&, const std::string&>> out;
  const Value::Array& items = array.items();
  for (std::size_t index = 0; index < items.size(); ++index) {
    if (items[index].is_object()) out.push_back(decode_one(items[index], element_path(path, index)));
  }
  return out;
}

// The text, or `fallback` where it is absent or "": Go's types write an unset field either way.
[[nodiscard]] std::string filled_text(const Value& value, std::string_view fallback);
[[nodiscard]] std::vector<std::string> decode_texts(const Value& array);
// The string members of an object; of a key written twice the later one.
[[nodiscard]] Labels decode_labels(const Value& object);
[[nodiscard]] std::optional<Time> decode_time(const Value& value);

// util/intstr: a number or a name. Neither is set where the field is absent, 0 or "": Go's zero value.
struct IntOrString {
  std::optional<std::int64_t> number;
  std::string name;
};
[[nodiscard]] IntOrString decode_int_or_string(const Value& value);
// The same as text: "1", "25%", or `fallback` where the field is absent. Here 0 is a value: maxUnavailable: 0.
[[nodiscard]] std::string int_or_string_text(const Value& value, std::string_view fallback);

// A LabelSelector. Absent it selects nothing, empty ({}) everything (meta/v1, LabelSelectorAsSelector).
[[nodiscard]] Selector decode_selector(const Value& value);

// A reference into a group and kind that the API server fills in, from an object in `ns`.
[[nodiscard]] ObjectRef decode_ref(const Value& value, std::string path, std::string_view default_group,
                                   std::string_view default_kind, std::string_view ns);

// Whether a status holds anything that somebody wrote: zeros, empty lists and objects are how Go serialises a status
// that nobody set, and conditions of the CRD's default are the API server's own.
[[nodiscard]] bool has_written_status(const Value& status);

// status.loadBalancer.ingress of an Ingress or a Service.
[[nodiscard]] std::vector<IngressAddress> decode_load_balancer(const Value& status);

// The containers of a pod's spec at `path` ("spec", "spec.template.spec"); the init containers follow the others.
[[nodiscard]] std::vector<Container> decode_containers(const Value& pod_spec, std::string_view path);

}  // namespace gwdoctor

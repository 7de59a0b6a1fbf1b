#include "kube/objects/fields.h"

#include <algorithm>
#include <unordered_set>

#include "kube/objects/decode.h"

namespace gwdoctor {

std::string element_path(std::string_view path, std::size_t index) {
  return std::string(path) + "[" + std::to_string(index) + "]";
}

std::string filled_text(const Value& value, std::string_view fallback) {
  const std::string_view text = value.string().value_or(std::string_view{});
  return std::string(text.empty() ? fallback : text);
}

std::vector<std::string> decode_texts(const Value& array) {
  std::vector<std::string> out;
  for (const Value& item : array.items()) {
    if (const auto text = item.string()) out.emplace_back(*text);
  }
  return out;
}

Labels decode_labels(const Value& object) {
  Labels out;
  // A set rather than find() for each key: an object with a hundred thousand members must not take quadratic time.
  std::unordered_set<std::string_view> seen;
  const Value::Object& members = object.members();
  for (auto member = members.rbegin(); member != members.rend(); ++member) {
    if (!seen.insert(member->first).second) continue;
    if (const auto text = member->second.string()) out.emplace_back(member->first, std::string(*text));
  }
  std::reverse(out.begin(), out.end());
  return out;
}

std::optional<Time> decode_time(const Value& value) {
  const auto text = value.string();
  return text ? parse_time(*text) : std::nullopt;
}

IntOrString decode_int_or_string(const Value& value) {
  IntOrString out;
  if (const auto number = value.integer(); number && *number != 0) out.number = number;
  out.name = value.text();
  return out;
}

std::string int_or_string_text(const Value& value, std::string_view fallback) {
  if (const auto number = value.integer()) return std::to_string(*number);
  return filled_text(value, fallback);
}

Selector decode_selector(const Value& value) {
  if (value.is_object()) return Selector::from_label_selector(value);
  // No value is in an empty set, so this requirement never holds.
  return Selector{{Requirement{"kubernetes.io/metadata.name", Requirement::Op::in, {}}}};
}

ObjectRef decode_ref(const Value& value, std::string path, std::string_view default_group, std::string_view default_kind,
                     std::string_view ns) {
  ObjectRef out;
  out.group = value["group"].text(default_group);
  out.kind = filled_text(value["kind"], default_kind);
  out.ns = filled_text(value["namespace"], ns);
  out.name = value["name"].text();
  out.names_namespace = !value["namespace"].text().empty();
  out.path = std::move(path);
  return out;
}

bool has_written_status(const Value& status) {
  const auto written = [](const Value::Member& member) {
    const auto& [key, value] = member;
    if (key == "conditions") {
      const Conditions conditions = decode_conditions(value);
      return !std::all_of(conditions.begin(), conditions.end(), is_crd_default);
    }
    if (value.is_null() || value.integer() == 0 || value.string() == "") return false;
    return !(value.is_array() || value.is_object()) || value.size() > 0;
  };
  return std::any_of(status.members().begin(), status.members().end(), written);
}

std::vector<IngressAddress> decode_load_balancer(const Value& status) {
  return decode_each(status["loadBalancer"]["ingress"], "status.loadBalancer.ingress", [](const Value& item, const std::string&) {
    return IngressAddress{item["ip"].text(), item["hostname"].text()};
  });
}

}  // namespace gwdoctor

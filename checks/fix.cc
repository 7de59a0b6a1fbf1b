#include "checks/fix.h"

#include <fmt/format.h>

#include <algorithm>

#include "kube/json.h"
#include "kube/yaml.h"

namespace gwdoctor {

namespace {

std::string group_of(const Ref& object) {
  const std::size_t slash = object.api_version.find('/');
  return slash == std::string::npos ? std::string() : object.api_version.substr(0, slash);
}

std::string kubectl_kind(const Ref& object) {
  const std::optional<Kind> kind = kind_of(group_of(object), object.kind);
  if (kind) return std::string(info(*kind).singular);
  std::string lower = object.kind;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return lower;
}

Value operation(std::string_view op, std::string_view path, const Value* value) {
  Value out{Value::Object{}};
  out.set("op", op);
  out.set("path", json_pointer(path));
  if (value != nullptr) out.set("value", *value);
  return out;
}

std::string patch_command(const Ref& object, const Value& operations) {
  return fmt::format("kubectl patch {} --type=json -p {}", kubectl_object(object), shell_quote(write_json(operations)));
}

// The parent of a path: spec.rules[0].backendRefs[0] of spec.rules[0].backendRefs[0].port.
std::string parent_path(std::string_view path) {
  std::size_t cut = path.find_last_of(".[");
  if (path.ends_with("\"]")) cut = path.rfind("[\"");
  return std::string(path.substr(0, cut == std::string_view::npos ? 0 : cut));
}

// More items than any CRD of the Gateway API admits. A merge patch holds the whole list: a patch for each of thousands of
// paths of an Ingress would take the memory of their number squared.
constexpr std::size_t most_items = 200;

bool leads_through_long_list(const Value& document, std::string_view path) {
  const Value* here = &document;
  for (const PathStep& step : split_path(path)) {
    if (step.index && here->size() > most_items) return true;
    here = step.index ? &(*here)[*step.index] : &(*here)[std::string_view(step.key)];
  }
  return false;
}

// The command alone, which names the fields only. Nothing where a parent is missing.
std::optional<Fix> command_only(const Ref& object, const Value& document, const std::vector<FieldChange>& changes,
                                std::string summary) {
  Value operations{Value::Array{}};
  for (const FieldChange& change : changes) {
    if (document.at_path(parent_path(change.path)).is_null()) return std::nullopt;
    operations.push_back(operation(document.at_path(change.path).is_null() ? "add" : "replace", change.path, &change.value));
  }
  return Fix{std::move(summary), {patch_command(object, operations)}, std::nullopt};
}

}  // namespace

std::string shell_quote(std::string_view word) {
  constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=,@%+";
  if (!word.empty() && word.find_first_not_of(plain) == std::string_view::npos) return std::string(word);
  std::string out = "'";
  for (const char letter : word) {
    if (letter == '\'') {
      out += "'\\''";
    } else {
      out += letter;
    }
  }
  return out + "'";
}

std::string kubectl_object(const Ref& object) {
  const std::string name = kubectl_kind(object) + "/" + object.name;
  return shell_quote(name) + (object.ns.empty() ? "" : " -n " + shell_quote(object.ns));
}

std::optional<Fix> set_fields(const Ref& object, const Value& document, const std::vector<FieldChange>& changes,
                              std::string summary) {
  const bool is_long = std::any_of(changes.begin(), changes.end(),
                                   [&](const FieldChange& one) { return leads_through_long_list(document, one.path); });
  if (is_long) return command_only(object, document, changes, std::move(summary));
  Value after = document;
  Value operations{Value::Array{}};
  for (const FieldChange& change : changes) {
    // RFC 6902 "add" needs the parent to exist: where it does not, the nearest missing ancestor is added whole.
    std::string added = change.path;
    while (after.at_path(parent_path(added)).is_null() && !parent_path(added).empty()) added = parent_path(added);
    const bool existed = !after.at_path(change.path).is_null();
    if (!after.set_path(change.path, change.value)) return std::nullopt;
    operations.push_back(existed ? operation("replace", change.path, &change.value)
                                 : operation("add", added, &after.at_path(added)));
  }
  return Fix{std::move(summary), {patch_command(object, operations)}, Patch{object, Value::diff(document, after)}};
}

std::optional<Fix> set_field(const Ref& object, const Value& document, std::string_view path, Value value, std::string summary) {
  return set_fields(object, document, {{std::string(path), std::move(value)}}, std::move(summary));
}

std::optional<Fix> remove_field(const Ref& object, const Value& document, std::string_view path, std::string summary) {
  Value operations{Value::Array{}};
  operations.push_back(operation("remove", path, nullptr));
  if (leads_through_long_list(document, path)) {
    if (document.at_path(path).is_null()) return std::nullopt;
    return Fix{std::move(summary), {patch_command(object, operations)}, std::nullopt};
  }
  Value after = document;
  if (!after.erase_path(path)) return std::nullopt;
  return Fix{std::move(summary), {patch_command(object, operations)}, Patch{object, Value::diff(document, after)}};
}

Fix set_label(const Ref& object, const Value& document, std::string_view key, std::string_view value, std::string summary) {
  const bool overwrites = document["metadata"]["labels"].find(key) != nullptr;
  Value labels{Value::Object{}};
  labels.set(key, value);
  Value merge{Value::Object{}};
  merge.set_path("metadata.labels", std::move(labels));
  const std::string command = fmt::format("kubectl label {} {}{}", kubectl_object(object),
                                          shell_quote(fmt::format("{}={}", key, value)), overwrites ? " --overwrite" : "");
  return {std::move(summary), {command}, Patch{object, std::move(merge)}};
}

Fix scale(const Ref& workload, std::int64_t replicas, std::string summary) {
  Value merge{Value::Object{}};
  merge.set_path("spec.replicas", replicas);
  return {std::move(summary),
          {fmt::format("kubectl scale {} --replicas={}", kubectl_object(workload), replicas)},
          Patch{workload, std::move(merge)}};
}

Fix create_object(const Ref& object, Value document, std::string summary) {
  const std::string command = "kubectl apply -f - <<'EOF'\n" + write_yaml(document) + "EOF";
  return {std::move(summary), {command}, Patch{object, std::move(document)}};
}

Fix by_hand(std::string summary, std::vector<std::string> commands) {
  return {std::move(summary), std::move(commands), std::nullopt};
}

}  // namespace gwdoctor

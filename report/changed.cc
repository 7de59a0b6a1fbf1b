#include "report/changed.h"

#include <algorithm>

#include "kube/json.h"

namespace gwdoctor {

namespace {

// The child of a fieldsV1 node for one element of a list: k:{"name":"https"} names it by its keys, v:"x" by its value.
const Value* element(const Value& fields, const Value& item) {
  for (const auto& [key, child] : fields.members()) {
    if (key.starts_with("k:")) {
      const Result<Value> keys = parse_json(std::string_view(key).substr(2));
      if (!keys) continue;
      const bool same = std::all_of(keys->members().begin(), keys->members().end(), [&](const Value::Member& member) {
        return item[std::string_view(member.first)] == member.second;
      });
      if (same) return &child;
    }
    if (key.starts_with("v:")) {
      const Result<Value> value = parse_json(std::string_view(key).substr(2));
      if (value && *value == item) return &child;
    }
  }
  return nullptr;
}

// How many steps of the path this manager's set goes along with.
std::size_t depth_owned(const Value& fields, const Value& document, const std::vector<PathStep>& steps) {
  const Value* owned = &fields;
  const Value* here = &document;
  std::size_t depth = 0;
  for (const PathStep& step : steps) {
    here = step.index ? &(*here)[*step.index] : &(*here)[std::string_view(step.key)];
    const Value* next = step.index ? element(*owned, *here) : owned->find("f:" + step.key);
    if (next == nullptr) break;
    owned = next;
    ++depth;
  }
  // An empty set below: the field is owned as a whole. Otherwise the manager owns other fields beside this one.
  const bool whole = depth == steps.size() || owned->members().empty();
  return whole ? depth : 0;
}

}  // namespace

std::optional<Changed> last_change(const Value& document, std::string_view path) {
  const std::vector<PathStep> steps = split_path(path);
  const bool about_status = !steps.empty() && steps.front().key == "status";
  std::optional<Changed> newest;
  for (const Value& entry : document["metadata"]["managedFields"].items()) {
    if (!about_status && entry["subresource"].text() == "status") continue;
    const std::optional<Time> time = parse_time(entry["time"].text());
    if (!time || (newest && *time <= newest->time)) continue;
    // Below the root every manager owns something: the owner of a field shares two steps with it, or the field is there itself.
    const bool owns = steps.empty() ? entry["fieldsV1"].find("f:spec") != nullptr
                                    : depth_owned(entry["fieldsV1"], document, steps) >= std::min<std::size_t>(2, steps.size());
    if (owns) newest = Changed{entry["manager"].text(), *time};
  }
  return newest;
}

}  // namespace gwdoctor

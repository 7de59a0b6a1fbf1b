#include "tests/router/minimise.h"

#include <set>
#include <string_view>

namespace gwdoctor {

namespace {

// The CRDs admit no two listeners of one object with the same port, protocol and hostname.
bool is_admitted(const World& world) {
  for (const Value& document : world.documents) {
    std::set<std::string> taken;
    for (const Value& listener : document["spec"]["listeners"].items()) {
      const std::string key = std::to_string(listener["port"].integer().value_or(0)) + listener["hostname"].text();
      if (!taken.insert(key).second) return false;
    }
  }
  return true;
}

// The field paths of all that may be left out of a document, the greater parts first.
void removable(const Value& value, const std::string& path, std::vector<std::string>& out) {
  for (const auto& [key, member] : value.members()) {
    const std::string below = path.empty() ? key : path + "." + key;
    if (below.starts_with("metadata") || below == "apiVersion" || below == "kind" || below == "spec") continue;
    // What the CRDs require.
    const bool required = key == "name" || key == "type" || key == "value" || key == "protocol" || key == "port" ||
                          key == "path" || key == "backendRefs";
    if (!required || key == "path") out.push_back(below);
    removable(member, below, out);
  }
  for (std::size_t at = value.items().size(); at > 0; --at) {
    const std::string below = path + "[" + std::to_string(at - 1) + "]";
    out.push_back(below);
    removable(value.items()[at - 1], below, out);
  }
}

bool smaller_document(World& world, std::size_t at, const std::function<bool(const World&)>& holds) {
  std::vector<std::string> parts;
  removable(world.documents[at]["spec"], "spec", parts);
  for (const std::string& part : parts) {
    World trial = world;
    if (!trial.documents[at].erase_path(part) || !is_admitted(trial) || !holds(trial)) continue;
    world = std::move(trial);
    return true;
  }
  return false;
}

bool smaller(World& world, const std::function<bool(const World&)>& holds) {
  for (std::size_t at = world.documents.size(); at > 0; --at) {
    if (world.documents[at - 1]["kind"].text() == "Gateway") continue;
    World trial = world;
    trial.documents.erase(trial.documents.begin() + static_cast<std::ptrdiff_t>(at - 1));
    if (!holds(trial)) continue;
    world = std::move(trial);
    return true;
  }
  for (std::size_t at = 0; at < world.documents.size(); ++at) {
    if (smaller_document(world, at, holds)) return true;
  }
  return false;
}

}  // namespace

World minimised(World world, const std::function<bool(const World&)>& holds) {
  while (smaller(world, holds)) {
  }
  return world;
}

}  // namespace gwdoctor

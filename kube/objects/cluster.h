#pragma once
// Namespaces, ConfigMaps, events and custom resource definitions.

#include <optional>
#include <string>
#include <vector>

#include "kube/objects/meta.h"

namespace gwdoctor {

struct Namespace {
  Meta meta;
};

// Of its values only those are there that are known to be public (kube/redact.h).
struct ConfigMap {
  Meta meta;
  Labels data;
};

struct Event {
  Meta meta;
  std::string type;  // Normal, Warning
  std::string reason;
  std::string message;
  std::string object_kind;
  std::string object_ns;
  std::string object_name;
  std::int64_t count = 1;
  std::optional<Time> last;
};

struct CustomResourceDefinition {
  Meta meta;
  std::string group;
  std::string kind;
  std::vector<std::string> served_versions;
};

}  // namespace gwdoctor

#pragma once
// Namespaces, events and custom resource definitions.

#include <optional>
#include <string>
#include <vector>

#include "kube/objects/meta.h"

namespace gwdoctor {

struct Namespace {
  Meta meta;
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

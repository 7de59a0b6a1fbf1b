#pragma once
// ReferenceGrant: who may refer into its namespace.

#include <string>
#include <vector>

#include "kube/objects/meta.h"

namespace gwdoctor {

struct ReferenceGrant {
  struct From {
    std::string group;
    std::string kind;
    std::string ns;
  };
  struct To {
    std::string group;
    std::string kind;
    std::string name;  // "" covers every name
  };
  Meta meta;
  std::vector<From> from;
  std::vector<To> to;
};

}  // namespace gwdoctor

#pragma once
// BackendTLSPolicy: how a Gateway speaks TLS to the Services that it names.

#include <string>
#include <vector>

#include "kube/objects/gateway.h"
#include "kube/objects/meta.h"

namespace gwdoctor {

struct BackendTlsPolicy {
  // LocalPolicyTargetReferenceWithSectionName: in the policy's own namespace.
  struct Target {
    std::string group;
    std::string kind;
    std::string name;
    std::string section;  // of a Service the name of a port; "" is all of it
    std::string path;     // spec.targetRefs[0]
  };
  // What one controller says of it, for one Gateway (or whatever else it is an ancestor by).
  struct Ancestor {
    ObjectRef ref;
    std::string controller_name;
    Conditions conditions;
    std::string path;  // status.ancestors[0]
  };
  Meta meta;
  std::vector<Target> targets;
  std::string hostname;                    // spec.validation: the SNI, and the name that the certificate has to have …
  std::vector<std::string> subject_names;  // … unless it has to have one of these: subjectAltNames, "Hostname x", "URI y"
  std::vector<ObjectRef> ca_certificates;  // ConfigMaps, or what else the implementation takes
  std::string well_known_ca_certificates;  // "System", or ""
  std::vector<Ancestor> ancestors;
};

}  // namespace gwdoctor

#include "tests/router/policy_oracle.h"

#include <algorithm>

namespace gwdoctor::policy_oracle {

namespace {

std::string name_of(const BackendTlsPolicy& policy) { return policy.meta.ref.ns + "/" + policy.meta.ref.name; }

// LocalPolicyTargetReferenceWithSectionName: "SectionName is the name of a section within the target resource. When unspecified,
// this targetRef targets the entire resource."; of a Service it is the name of a port.
bool selects(const BackendTlsPolicy& policy, const std::string& ns, const std::string& service, const std::string& section) {
  if (policy.meta.ref.ns != ns) return false;
  return std::any_of(policy.targets.begin(), policy.targets.end(), [&](const BackendTlsPolicy::Target& target) {
    return target.group.empty() && target.kind == "Service" && target.name == service && target.section == section;
  });
}

// BackendTLSPolicySpec.targetRefs: the older by creation timestamp; on a tie the first in alphabetical order by
// {namespace}/{name}.
bool takes_precedence(const BackendTlsPolicy& one, const BackendTlsPolicy& other) {
  if (one.meta.created < other.meta.created) return true;
  if (other.meta.created < one.meta.created) return false;
  return name_of(one) < name_of(other);
}

std::string first_of(const std::vector<BackendTlsPolicy>& policies, const std::string& ns, const std::string& service,
                     const std::string& section) {
  for (const BackendTlsPolicy& one : policies) {
    if (!selects(one, ns, service, section)) continue;
    const bool beaten = std::any_of(policies.begin(), policies.end(), [&](const BackendTlsPolicy& other) {
      return selects(other, ns, service, section) && takes_precedence(other, one);
    });
    if (!beaten) return name_of(one);
  }
  return {};
}

}  // namespace

Holder holder(const std::vector<BackendTlsPolicy>& policies, const std::string& ns, const std::string& service,
              const std::string& port) {
  // A policy for the port is more specific than one for the whole: both are accepted, and each port has its own (conformance
  // test BackendTLSPolicyConflictResolution).
  const std::string by_port = port.empty() ? std::string() : first_of(policies, ns, service, port);
  return by_port.empty() ? Holder{first_of(policies, ns, service, {}), {}} : Holder{by_port, port};
}

std::vector<std::string> conflicted(const std::vector<BackendTlsPolicy>& policies, const std::string& ns,
                                    const std::string& service, const std::string& section) {
  std::vector<std::string> out;
  const std::string first = first_of(policies, ns, service, section);
  for (const BackendTlsPolicy& each : policies) {
    if (selects(each, ns, service, section) && name_of(each) != first) out.push_back(name_of(each));
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace gwdoctor::policy_oracle

#pragma once
// Which BackendTLSPolicy holds for a port of a Service, by the letter of the Gateway API v1.6, pair by pair. Shares nothing with
// chain/ but the structs that policies are decoded into.

#include <string>
#include <vector>

#include "kube/objects/policy.h"

namespace gwdoctor::policy_oracle {

struct Holder {
  std::string name;     // "ns/name" of the policy that holds, "" where none does
  std::string section;  // of the targetRef by which it does
};
// `port` is the name of the port, "" for one without.
[[nodiscard]] Holder holder(const std::vector<BackendTlsPolicy>& policies, const std::string& ns, const std::string& service,
                            const std::string& port);
// "ns/name" of those that are to be Accepted=False with reason Conflicted: another policy selects the same target and section,
// and takes precedence.
[[nodiscard]] std::vector<std::string> conflicted(const std::vector<BackendTlsPolicy>& policies, const std::string& ns,
                                                  const std::string& service, const std::string& section);

}  // namespace gwdoctor::policy_oracle

#pragma once
// Who serves a request among Ingresses, by the letter of networking.k8s.io/v1 alone: everything that the text allows is listed,
// and every pair is compared. Shares nothing with chain/ but the structs that objects and requests are decoded into.

#include <optional>
#include <string>
#include <vector>

#include "chain/request/request.h"
#include "kube/objects/ingress.h"

namespace gwdoctor::ingress_oracle {

struct Verdict {
  bool served = false;
  bool unknown = false;             // only of a program that says so
  std::string ingress;              // "a/r1"
  std::optional<std::size_t> rule;  // nothing: the default backend
  std::size_t path = 0;
  friend bool operator==(const Verdict&, const Verdict&) = default;
};
[[nodiscard]] std::string text(const Verdict& verdict);

// Whether a rule's path takes a request's path.
[[nodiscard]] bool path_matches(const IngressPath& path, const std::string& requested);
// IngressRule.host.
[[nodiscard]] bool host_matches(const std::string& pattern, const std::string& host);

// All verdicts that the text allows, of the Ingresses of one class.
[[nodiscard]] std::vector<Verdict> judge(const std::vector<Ingress>& ingresses, const std::string& class_name,
                                         const Request& request);

}  // namespace gwdoctor::ingress_oracle

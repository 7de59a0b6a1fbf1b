#pragma once
// AWS Load Balancer Controller v2.14 to v3.0: pkg/ingress/model_build_listener_rules.go (rules, paths, conditions),
// model_build_actions.go, model_build_listener.go (ports), docs/guide/ingress/annotations.md; EKS Auto Mode has the same rules.
// Elastic Load Balancing documentation: listener rules, condition types.

#include <string>
#include <string_view>
#include <vector>

#include "chain/dialects/ingress_table.h"
#include "kube/value.h"

namespace gwdoctor {

inline constexpr std::string_view alb_prefix = "alb.ingress.kubernetes.io/";

// The group, which has one load balancer: group.name, else the Ingress itself.
[[nodiscard]] std::string alb_group(const Ingress& ingress);
// Whether the listener that the request comes in by has the rules of this Ingress; `failed` says why not.
[[nodiscard]] bool has_listener(const Ingress& ingress, const Request& request, std::string& failed);

// conditions.NAME, where NAME is the Service of the backend: what is asked for beside host and path.
struct AlbConditions {
  std::vector<std::string> hosts;  // beside the rule's
  std::vector<std::string> paths;
  std::vector<Value> others;  // http-header, http-request-method, query-string, source-ip
  std::string text;           // of the annotation
  std::string broken;         // why it could not be read
};
[[nodiscard]] AlbConditions alb_conditions(const IngressEntry& entry);
// Whether the request meets one of the others.
[[nodiscard]] IngressDialect::Match match_condition(const Value& condition, const Request& request);

// True where the backend names actions.NAME (port use-annotation).
[[nodiscard]] bool names_action(const IngressEntry& entry);
void apply_action(const IngressEntry& entry, const Request& request, std::string_view path, Outcome& out);

}  // namespace gwdoctor

#pragma once
// What Traefik was told on its command line, as far as it decides about IngressRoutes (docs v3.7:
// reference/install-configuration/ providers/kubernetes/kubernetes-crd). Settings from a file or from the environment are not
// seen: nothing is known then.

#include <string>
#include <string_view>
#include <vector>

#include "kube/facts.h"

namespace gwdoctor {

struct TraefikSettings {
  int version = 0;                      // of its image's tag: 2, 3; 0 where that does not tell
  bool known = false;                   // the command line was read, and it is all that there is
  bool reads_routes = true;             // --providers.kubernetescrd
  bool cross_namespace = false;         // …allowCrossNamespace
  bool empty_services = false;          // …allowEmptyServices
  bool external_names = false;          // …allowExternalNameServices
  std::string ingress_class;            // …ingressClass
  std::vector<std::string> namespaces;  // …namespaces; empty: all
  std::string label_selector;           // …labelSelector
  bool syntax_v2 = false;               // --core.defaultRuleSyntax=v2
};

// Of the only Traefik of the cluster; not known where there is none, or several that differ.
[[nodiscard]] TraefikSettings traefik_settings(const Facts& facts);
// What Traefik answers where no endpoint of a backend is ready: 503, or 404 where it is known to make no router then.
[[nodiscard]] std::int64_t traefik_empty_status(const Facts& facts);
// From the arguments of a container.
[[nodiscard]] TraefikSettings traefik_settings(const std::vector<std::string>& arguments);

}  // namespace gwdoctor

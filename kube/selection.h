#pragma once
// The cluster, user and namespace that are meant, out of a merged kubeconfig and the flags
// (client-go: tools/clientcmd/client_config.go and validation.go).

#include <string>
#include <vector>

#include "kube/kubeconfig.h"

namespace gwdoctor {

struct Selection {
  std::string context;  // "" where none is chosen
  std::string cluster_name;
  std::string user_name;
  std::string ns;  // the flag's, else the context's; "" where neither says
  KubeCluster cluster;
  KubeUser user;
  // Neither a context, nor a cluster, nor a server is named: a pod's service account may take its place.
  bool nothing_chosen = false;
};

// Chooses by --context, --cluster and --user, and lets the flags override the entries. Names that do not exist are
// errors of kind usage (a flag named them) or input (the kubeconfig did), in kubectl's words.
[[nodiscard]] Result<Selection> select(const Kubeconfig& config, const ConnectionFlags& flags);

// Everything that contradicts itself in the chosen entries, in kubectl's words; empty where they can be used.
[[nodiscard]] std::vector<std::string> validate(const Selection& selection);

}  // namespace gwdoctor

#pragma once
// Credentials from a plugin: client.authentication.k8s.io v1 and v1beta1 (KEP-541; client-go: plugin/pkg/client/auth/exec).

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "kube/kubeconfig.h"
#include "kube/time.h"

namespace gwdoctor {

// What a plugin with provideClusterInfo is told about the cluster.
struct ExecCluster {
  std::string server;
  std::string tls_server_name;
  bool insecure = false;
  std::string ca_pem;
  std::string proxy_url;
  bool disable_compression = false;
  Value config;  // the cluster's extension client.authentication.k8s.io/exec; null without one
};

struct ExecPlugin {
  ExecConfig config;
  std::string program;  // find_program(config.command); "" where it is not installed
  ExecCluster cluster;
  std::map<std::string, std::string> variables;  // the program's own environment
  bool stdin_is_terminal = false;
  std::chrono::milliseconds timeout = std::chrono::seconds(60);
  std::chrono::milliseconds interactive_timeout = std::chrono::seconds(300);  // somebody may have to find a token
  std::function<Time()> now;                                                  // empty: the system's clock
};

// The value of KUBERNETES_EXEC_INFO: an ExecCredential of the configured version whose spec tells whether stdin is a
// terminal and, with provideClusterInfo, the cluster.
[[nodiscard]] std::string exec_info(const ExecPlugin& plugin, bool interactive);

struct ExecAnswer {
  Credentials credentials;
  std::optional<Time> expires;
};
// What the plugin printed. An error names what is missing, and never quotes the output: it may hold half a token.
[[nodiscard]] Result<ExecAnswer> parse_exec_answer(std::string_view output, const ExecConfig& config);

// The source that runs the plugin: not before the first request, again once the credentials have expired, and once more
// after a refusal. A second refusal within a minute and a failed run are final: nobody is asked for a password again and
// again. Its errors are of kind unauthorized. Safe for several threads.
// The error of this function is a version of the API that no client supports any more.
[[nodiscard]] Result<std::shared_ptr<CredentialSource>> exec_credentials(ExecPlugin plugin);

}  // namespace gwdoctor

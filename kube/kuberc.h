#pragma once
// The user's policy on credential plugins, which kubectl keeps in its preferences (kuberc, kubectl.config.k8s.io/v1beta1).
// No other preference is read: a kubectl plugin has no aliases and defaults.

#include <string>
#include <string_view>
#include <vector>

#include "kube/environment.h"
#include "kube/error.h"

namespace gwdoctor {

struct PluginPolicy {
  enum class Kind { allow_all, deny_all, allow_list };
  Kind kind = Kind::allow_all;
  std::vector<std::string> allowed;  // commands or paths, as written
  std::string path;                  // the file that says so; "" where there is none
};

// The policy in a kuberc text. A value that is not understood is an error, never "allow": unknown policy, an allowlist
// without the policy Allowlist, that policy without entries, an entry without a name.
[[nodiscard]] Result<PluginPolicy> parse_kuberc(std::string_view text, const std::string& path);

// The policy of the file in KUBERC, else ~/.kube/kuberc. KUBERC=off and KUBECTL_KUBERC=false turn it off. A missing
// file allows all, unless KUBERC names it; one that cannot be read or understood is an error.
[[nodiscard]] Result<PluginPolicy> load_plugin_policy(const Environment& environment);

// Nothing where the policy lets `command` run, which find_program() finds at `program`; else why not, with the file
// to change. An entry matches the command as written (cleaned: a/./b is a/b), or where both come to the same program.
[[nodiscard]] Result<void> check_plugin(const PluginPolicy& policy, const std::string& command, const std::string& program,
                                        std::string_view search_path);

}  // namespace gwdoctor

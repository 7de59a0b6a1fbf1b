#pragma once
// The flags about probes, from their words.

#include <string>
#include <vector>

#include "cmd/options.h"
#include "kube/error.h"

namespace gwdoctor {

// As the command line gives them.
struct ProbeWords {
  std::vector<std::string> kinds;  // none, or dns, tcp, tls, http, http=/path and service, comma separated
  std::vector<std::string> dns_servers;
  std::string timeout;
  std::string ca_file;
  bool public_view = false;
  bool public_given = false;
};

// A usage error says which word is wrong and what is expected.
[[nodiscard]] Result<ProbeFlags> read_probe_flags(const ProbeWords& words);

}  // namespace gwdoctor

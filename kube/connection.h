#pragma once
// How to reach and convince one API server: what a kubeconfig, the flags or the pod's service account come down to.

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "kube/error.h"
#include "kube/value.h"

namespace gwdoctor {

// The connection flags of kubectl, as given; nothing where a flag is absent (ecosystem: cli-runtime ConfigFlags).
struct ConnectionFlags {
  std::optional<std::string> kubeconfig;
  std::optional<std::string> context;
  std::optional<std::string> cluster;
  std::optional<std::string> user;
  std::optional<std::string> ns;
  std::optional<std::string> server;
  std::optional<std::string> tls_server_name;
  std::optional<bool> insecure_skip_tls_verify;
  std::optional<std::string> certificate_authority;
  std::optional<std::string> client_certificate;
  std::optional<std::string> client_key;
  std::optional<std::string> token;
  std::optional<std::string> username;
  std::optional<std::string> password;
  std::optional<std::string> as;
  std::vector<std::string> as_groups;
  std::optional<std::string> as_uid;
  std::optional<std::string> request_timeout;  // "0", "5", "1m30s"
  bool disable_compression = false;
};

// What goes into requests to prove who asks. Wiped from memory when destroyed; never printed.
struct Credentials {
  std::string client_certificate_pem;
  std::string client_key_pem;
  std::string token;
  std::string username;
  std::string password;

  Credentials() = default;
  Credentials(const Credentials&) = default;
  Credentials(Credentials&&) = default;
  Credentials& operator=(const Credentials&) = default;
  Credentials& operator=(Credentials&&) = default;
  ~Credentials();
};

// Where credentials come from when they are not fixed: an exec plugin, a token file.
class CredentialSource {
 public:
  virtual ~CredentialSource() = default;
  // The credentials to use now. `refused` tells that the last ones got a 401: a plugin is then run once more.
  [[nodiscard]] virtual Result<Credentials> get(bool refused) = 0;
};

struct Impersonation {
  std::string user;  // "" for none
  std::string uid;
  std::vector<std::string> groups;
  std::vector<std::pair<std::string, std::string>> extra;
};

struct Connection {
  std::string server;  // https://host:port/prefix, without query and fragment
  std::string ca_pem;  // the only roots that are trusted; "" is the system's
  std::string tls_server_name;
  bool insecure = false;
  bool disable_compression = false;
  std::optional<std::string> proxy_url;  // of the kubeconfig; nothing: the environment's
  Impersonation impersonate;
  std::chrono::milliseconds request_timeout{0};   // 0: the program's own deadlines
  std::string ns = "default";                     // the namespace in force
  std::string context;                            // the context in use; "" in a cluster or without one
  std::shared_ptr<CredentialSource> credentials;  // never null
};

}  // namespace gwdoctor

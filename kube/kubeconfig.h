#pragma once
// kubeconfig files, read and merged as kubectl does (client-go: tools/clientcmd/loader.go).

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kube/connection.h"
#include "kube/environment.h"
#include "kube/error.h"
#include "kube/value.h"

namespace gwdoctor {

struct KubeCluster {
  std::string server;
  std::string tls_server_name;
  bool insecure_skip_tls_verify = false;
  std::string certificate_authority;       // a path
  std::string certificate_authority_data;  // PEM, decoded
  std::string proxy_url;
  bool disable_compression = false;
  std::vector<std::pair<std::string, Value>> extensions;  // by name; any document
};

// How to run a credential plugin (client.authentication.k8s.io).
struct ExecConfig {
  std::string command;
  std::vector<std::string> args;
  std::vector<std::pair<std::string, std::string>> env;
  std::string api_version;
  std::string install_hint;
  bool provide_cluster_info = false;
  std::string interactive_mode;  // Never, IfAvailable, Always; "" where v1 leaves it out, which is an error on use
};

// The configuration of an auth-provider, with its secrets. Wiped from memory when destroyed.
struct AuthProvider {
  std::string name;
  std::map<std::string, std::string> config;

  AuthProvider() = default;
  AuthProvider(const AuthProvider&) = default;
  AuthProvider(AuthProvider&&) = default;
  AuthProvider& operator=(const AuthProvider&) = default;
  AuthProvider& operator=(AuthProvider&&) = default;
  ~AuthProvider();
};

struct KubeUser {
  Credentials inlined;             // the *-data forms, decoded, and token, username, password
  std::string client_certificate;  // a path
  std::string client_key;          // a path
  std::string token_file;
  std::string as;
  std::string as_uid;
  std::vector<std::string> as_groups;
  std::map<std::string, std::vector<std::string>> as_user_extra;
  std::optional<ExecConfig> exec;
  std::optional<AuthProvider> auth_provider;
};

struct KubeContext {
  std::string cluster;
  std::string user;
  std::string ns;
};

struct Kubeconfig {
  std::map<std::string, KubeCluster> clusters;
  std::map<std::string, KubeUser> users;
  std::map<std::string, KubeContext> contexts;
  std::string current_context;
  std::vector<std::string> paths;  // every path that was tried, in order, whether or not there was a file
  bool found = false;              // at least one of them was there
};

// One file's text; YAML or JSON. Relative paths stay as they are. `name` is the file's, for errors, which say
// "error loading config file "NAME": NAME:LINE:COLUMN: cannot unmarshal bool into field contexts[0].context.namespace of
// type string". No error quotes a value. Only the first document of a YAML stream counts, as in kubectl.
[[nodiscard]] Result<Kubeconfig> parse_kubeconfig(std::string_view text, const std::string& name);

// Makes the relative paths of a file absolute: certificate-authority, client-certificate, client-key, tokenFile, and
// exec.command where it holds a '/'. `directory` is the file's, absolute.
void resolve_paths(Kubeconfig& config, const std::string& directory);

// Adds what a later file says: of each cluster, user and context of one name the first definition stays whole; the
// first current-context that is not empty stays.
void merge_kubeconfig(Kubeconfig& into, Kubeconfig later);

// The files that count: `flag` (--kubeconfig) alone, which must exist; else the list in KUBECONFIG, where empty and
// repeated entries and missing files are passed over, with a warning where all are missing; else ~/.kube/config.
[[nodiscard]] Result<Kubeconfig> load_kubeconfig(const std::optional<std::string>& flag, const Environment& environment);

}  // namespace gwdoctor

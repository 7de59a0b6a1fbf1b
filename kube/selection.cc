#include "kube/selection.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "kube/credentials.h"
#include "kube/proxy.h"

namespace gwdoctor {

namespace {

bool given(const std::optional<std::string>& flag) { return flag && !flag->empty(); }

void override_with(std::string& value, const std::optional<std::string>& flag) {
  if (given(flag)) value = *flag;
}

// What could have been named: "known contexts: prod, staging". Long lists are cut.
template <class Map>
std::string known(std::string_view what, const Map& map) {
  constexpr std::size_t shown = 8;
  if (map.empty()) return fmt::format("there are no {}", what);
  std::string names;
  std::size_t count = 0;
  for (const auto& [name, entry] : map) {
    if (count++ == shown) return fmt::format("known {}: {} and {} more", what, names, map.size() - shown);
    if (!names.empty()) names += ", ";
    names += name;
  }
  return fmt::format("known {}: {}", what, names);
}

// A flag that sets the CA or turns verification off replaces all that the file says of both.
void override_cluster(KubeCluster& cluster, const ConnectionFlags& flags) {
  override_with(cluster.server, flags.server);
  if (given(flags.certificate_authority) || flags.insecure_skip_tls_verify.value_or(false)) {
    cluster.certificate_authority = flags.certificate_authority.value_or("");
    cluster.certificate_authority_data.clear();
    cluster.insecure_skip_tls_verify = flags.insecure_skip_tls_verify.value_or(false);
  } else if (flags.insecure_skip_tls_verify) {
    cluster.insecure_skip_tls_verify = false;
  }
  // Another server has another name in its certificate.
  if (given(flags.tls_server_name) || given(flags.server)) cluster.tls_server_name = flags.tls_server_name.value_or("");
  if (flags.disable_compression) cluster.disable_compression = true;
}

void override_user(KubeUser& user, const ConnectionFlags& flags) {
  if (given(flags.client_certificate)) {
    user.client_certificate = *flags.client_certificate;
    user.inlined.client_certificate_pem.clear();
  }
  if (given(flags.client_key)) {
    user.client_key = *flags.client_key;
    wipe(user.inlined.client_key_pem);
  }
  if (given(flags.token)) {
    user.inlined.token = *flags.token;
    user.token_file.clear();
  }
  override_with(user.inlined.username, flags.username);
  override_with(user.inlined.password, flags.password);
  override_with(user.as, flags.as);
  override_with(user.as_uid, flags.as_uid);
  if (!flags.as_groups.empty()) user.as_groups = flags.as_groups;
}

Result<void> choose_context(const Kubeconfig& config, const ConnectionFlags& flags, Selection& chosen) {
  chosen.context = given(flags.context) ? *flags.context : config.current_context;
  if (!chosen.context.empty()) {
    const auto found = config.contexts.find(chosen.context);
    if (found == config.contexts.end()) {
      return fail(given(flags.context) ? ErrorKind::usage : ErrorKind::input,
                  fmt::format("context was not found for specified context: {} ({})", chosen.context,
                              known("contexts", config.contexts)));
    }
    chosen.cluster_name = found->second.cluster;
    chosen.user_name = found->second.user;
    chosen.ns = found->second.ns;
  }
  override_with(chosen.cluster_name, flags.cluster);
  override_with(chosen.user_name, flags.user);
  override_with(chosen.ns, flags.ns);
  return {};
}

Result<void> choose_cluster(const Kubeconfig& config, const ConnectionFlags& flags, Selection& chosen) {
  const auto found = config.clusters.find(chosen.cluster_name);
  if (found != config.clusters.end()) {
    chosen.cluster = found->second;
  } else if (given(flags.cluster)) {
    return fail(ErrorKind::usage,
                fmt::format("cluster \"{}\" does not exist ({})", chosen.cluster_name, known("clusters", config.clusters)));
  } else if (!chosen.cluster_name.empty() && !given(flags.server)) {
    return fail(ErrorKind::input, fmt::format("cluster \"{}\" was not found for context \"{}\" ({})", chosen.cluster_name,
                                              chosen.context, known("clusters", config.clusters)));
  }
  return {};
}

Result<void> choose_user(const Kubeconfig& config, const ConnectionFlags& flags, Selection& chosen) {
  const auto found = config.users.find(chosen.user_name);
  const bool identified = given(flags.token) || given(flags.username) || given(flags.client_certificate);
  if (found != config.users.end()) {
    chosen.user = found->second;
  } else if (given(flags.user)) {
    return fail(ErrorKind::usage,
                fmt::format("auth info \"{}\" does not exist ({})", chosen.user_name, known("users", config.users)));
  } else if (!chosen.user_name.empty() && !identified) {
    return fail(ErrorKind::input, fmt::format("user \"{}\" was not found for context \"{}\" ({})", chosen.user_name,
                                              chosen.context, known("users", config.users)));
  }
  return {};
}

void validate_exec(const Selection& selection, std::vector<std::string>& problems) {
  const KubeUser& user = selection.user;
  const ExecConfig& exec = *user.exec;
  const std::string use = fmt::format("for {} to use exec authentication plugin", selection.user_name);
  if (user.auth_provider) {
    problems.push_back(
        fmt::format("authProvider cannot be provided in combination with an exec plugin for {}", selection.user_name));
  }
  if (exec.command.empty()) problems.push_back(fmt::format("command must be specified {}", use));
  if (exec.api_version.empty()) problems.push_back(fmt::format("apiVersion must be specified {}", use));
  for (const auto& [name, value] : exec.env) {
    if (name.empty()) problems.push_back(fmt::format("env variable name must be specified {}", use));
  }
  constexpr std::array<std::string_view, 3> modes{"Never", "IfAvailable", "Always"};
  if (exec.interactive_mode.empty()) {
    problems.push_back(fmt::format("interactiveMode must be specified {}", use));
  } else if (std::find(modes.begin(), modes.end(), exec.interactive_mode) == modes.end()) {
    problems.push_back(fmt::format("invalid interactiveMode for {}: \"{}\"", selection.user_name, exec.interactive_mode));
  }
}

void validate_certificate(const Selection& selection, std::vector<std::string>& problems) {
  const KubeUser& user = selection.user;
  const std::string& name = selection.user_name;
  const bool data = !user.inlined.client_certificate_pem.empty();
  const bool key_data = !user.inlined.client_key_pem.empty();
  if (!data && user.client_certificate.empty()) return;
  if (data && !user.client_certificate.empty()) {
    problems.push_back(fmt::format("client-cert-data and client-cert are both specified for {}: remove one of them", name));
  }
  if (key_data && !user.client_key.empty()) {
    problems.push_back(fmt::format("client-key-data and client-key are both specified for {}: remove one of them", name));
  }
  if (!key_data && user.client_key.empty()) {
    problems.push_back(
        fmt::format("client-key-data or client-key must be specified for {} to use the clientCert authentication method", name));
  }
}

void validate_user(const Selection& selection, std::vector<std::string>& problems) {
  const KubeUser& user = selection.user;
  validate_certificate(selection, problems);
  if (user.exec) validate_exec(selection, problems);
  if (!user.inlined.token.empty() && (!user.inlined.username.empty() || !user.inlined.password.empty())) {
    problems.push_back(fmt::format(
        "more than one authentication method found for {}; found [token basicAuth], only one is allowed", selection.user_name));
  }
  if (user.as.empty() && (!user.as_uid.empty() || !user.as_groups.empty() || !user.as_user_extra.empty())) {
    problems.push_back(
        fmt::format("requesting uid, groups or user-extra for {} without impersonating a user", selection.user_name));
  }
}

void validate_cluster(const Selection& selection, std::vector<std::string>& problems) {
  const KubeCluster& cluster = selection.cluster;
  if (cluster.server.empty() && !selection.nothing_chosen) {
    problems.push_back(selection.cluster_name.empty()
                           ? std::string("default cluster has no server defined")
                           : fmt::format("no server found for cluster \"{}\"", selection.cluster_name));
  }
  if (!cluster.proxy_url.empty()) {
    std::string scheme = cluster.proxy_url.substr(0, cluster.proxy_url.find("://"));
    if (scheme == cluster.proxy_url) scheme.clear();
    std::transform(scheme.begin(), scheme.end(), scheme.begin(),
                   [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
    if (scheme != "http" && scheme != "https" && scheme != "socks5") {
      problems.push_back(
          fmt::format("invalid 'proxy-url' \"{}\" for cluster \"{}\": unsupported scheme \"{}\", must be http, https, or socks5",
                      proxy_for_people(cluster.proxy_url), selection.cluster_name, scheme));
    }
  }
  const bool data = !cluster.certificate_authority_data.empty();
  const bool file = !cluster.certificate_authority.empty();
  if (data && file) {
    problems.push_back(
        fmt::format("certificate-authority-data and certificate-authority are both specified for {}: remove one of them",
                    selection.cluster_name));
  }
  if (cluster.insecure_skip_tls_verify && (data || file)) {
    problems.emplace_back("specifying a root certificates file with the insecure flag is not allowed");
  }
}

}  // namespace

Result<Selection> select(const Kubeconfig& config, const ConnectionFlags& flags) {
  Selection chosen;
  auto done = choose_context(config, flags, chosen);
  if (done) done = choose_cluster(config, flags, chosen);
  if (done) done = choose_user(config, flags, chosen);
  if (!done) return tl::unexpected(done.error());
  chosen.nothing_chosen = chosen.context.empty() && chosen.cluster_name.empty() && !given(flags.server);
  override_cluster(chosen.cluster, flags);
  override_user(chosen.user, flags);
  return chosen;
}

std::vector<std::string> validate(const Selection& selection) {
  std::vector<std::string> problems;
  validate_user(selection, problems);
  validate_cluster(selection, problems);
  return problems;
}

}  // namespace gwdoctor

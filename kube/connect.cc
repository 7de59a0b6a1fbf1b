#include "kube/connect.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <utility>

#include "kube/auth_provider.h"
#include "kube/clean.h"
#include "kube/credentials.h"
#include "kube/exec_credential.h"
#include "kube/kubeconfig.h"
#include "kube/kuberc.h"
#include "kube/selection.h"

namespace gwdoctor {

namespace {

using Source = std::shared_ptr<CredentialSource>;

bool given(const std::optional<std::string>& flag) { return flag && !flag->empty(); }

std::string join(const std::vector<std::string>& texts, std::string_view separator) {
  return fmt::format("{}", fmt::join(texts, separator));
}

std::string service_account_file(const Environment& environment, std::string_view name) {
  return fmt::format("{}/{}", environment.service_account_dir, name);
}

bool in_cluster_possible(const Environment& environment) {
  struct stat status {};
  return !environment.variable("KUBERNETES_SERVICE_HOST").empty() && !environment.variable("KUBERNETES_SERVICE_PORT").empty() &&
         ::stat(service_account_file(environment, "token").c_str(), &status) == 0 && !S_ISDIR(status.st_mode);
}

// RFC 1123 label: the API server would refuse any other namespace, and it becomes a part of request paths.
bool is_label(std::string_view text) {
  const auto inner = [](char letter) { return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9'); };
  return !text.empty() && text.size() <= 63 && inner(text.front()) && inner(text.back()) &&
         std::all_of(text.begin(), text.end(), [&](char letter) { return inner(letter) || letter == '-'; });
}

Result<std::string> choose_namespace(const Selection& chosen, const ConnectionFlags& flags, const Environment& environment) {
  std::string ns = chosen.ns;
  std::string origin = given(flags.ns) ? std::string("--namespace") : fmt::format("context \"{}\"", chosen.context);
  if (ns.empty() && in_cluster_possible(environment)) {
    ns = environment.variable("POD_NAMESPACE");
    origin = "POD_NAMESPACE";
    if (ns.empty()) {
      origin = service_account_file(environment, "namespace");
      ns = read_file(origin, 4096).value_or("");
      ns.erase(std::min(ns.find_last_not_of(" \t\r\n") + 1, ns.size()));
    }
  }
  if (ns.empty()) return "default";
  if (is_label(ns)) return ns;
  return fail(given(flags.ns) ? ErrorKind::usage : ErrorKind::input,
              fmt::format("namespace \"{}\" of {} does not conform to the kubernetes DNS_LABEL rules: lower-case letters, "
                          "digits and '-', at most 63",
                          clean_line(ns), origin));
}

Result<Impersonation> impersonation_of(const KubeUser& user, const std::string& name) {
  Impersonation result{user.as, user.as_uid, user.as_groups, {}};
  for (const auto& [key, values] : user.as_user_extra) {
    for (const std::string& value : values) result.extra.emplace_back(key, value);
  }
  std::vector<std::string> texts{user.as, user.as_uid};
  texts.insert(texts.end(), user.as_groups.begin(), user.as_groups.end());
  for (const auto& [key, value] : result.extra) texts.insert(texts.end(), {key, value});
  if (std::all_of(texts.begin(), texts.end(), fits_header)) return result;
  return fail(ErrorKind::input,
              fmt::format("whom to impersonate for \"{}\" holds a line break or control character: check --as, --as-group, "
                          "--as-uid and the user's as, as-groups, as-uid and as-user-extra",
                          name));
}

// A file that an entry names, with the error in kubectl's words.
Result<std::string> read_named_file(const std::string& path, std::string_view field, const std::string& entry) {
  auto content = read_file(path);
  if (content) return std::move(*content);
  return fail(ErrorKind::input,
              fmt::format("unable to read {} {} for {} due to {}", field, path, entry, content.error().message));
}

// A text without a PEM block would leave nothing to trust, or to show; "" in its place would mean something else.
Result<std::string> check_pem(std::string text, std::string_view field, const std::string& entry) {
  if (text.find("-----BEGIN ") != std::string::npos) return text;
  wipe(text);
  return fail(ErrorKind::input, fmt::format("{} for {} holds no PEM block", field, entry));
}

Result<std::string> ca_of(const Selection& chosen) {
  const KubeCluster& cluster = chosen.cluster;
  std::string pem = cluster.certificate_authority_data;
  if (pem.empty() && cluster.certificate_authority.empty()) return pem;
  if (pem.empty()) {
    auto content = read_named_file(cluster.certificate_authority, "certificate-authority", chosen.cluster_name);
    if (!content) return content;
    pem = std::move(*content);
  }
  return check_pem(std::move(pem), "certificate-authority", chosen.cluster_name);
}

// What the user entry and the flags hold themselves, with the files of the client certificate.
Result<Credentials> static_credentials(const KubeUser& user, const std::string& name) {
  Credentials credentials;
  credentials.token = user.inlined.token;
  credentials.username = user.inlined.username;
  credentials.password = user.inlined.password;
  if (!fits_header(credentials.token)) {
    return fail(ErrorKind::input, fmt::format("the token of user \"{}\" holds a line break or control character", name));
  }
  if (user.inlined.client_certificate_pem.empty() && user.client_certificate.empty()) return credentials;
  struct Part {
    const std::string& data;
    const std::string& file;
    std::string_view field;
    std::string& out;
  };
  const std::array<Part, 2> parts{{
      {user.inlined.client_certificate_pem, user.client_certificate, "client-cert", credentials.client_certificate_pem},
      {user.inlined.client_key_pem, user.client_key, "client-key", credentials.client_key_pem},
  }};
  for (const Part& part : parts) {
    auto content = part.data.empty() ? read_named_file(part.file, part.field, name) : Result<std::string>(part.data);
    if (content) content = check_pem(std::move(*content), part.field, name);
    if (!content) return tl::unexpected(content.error());
    part.out = std::move(*content);
  }
  return credentials;
}

Result<Source> plugin_credentials(const Selection& chosen, const Connection& connection, const Environment& environment) {
  ExecPlugin plugin;
  plugin.config = *chosen.user.exec;
  const std::string search_path = environment.variable("PATH");
  plugin.program = find_program(plugin.config.command, search_path);
  const auto policy = load_plugin_policy(environment);
  if (!policy) return tl::unexpected(policy.error());
  const auto allowed = check_plugin(*policy, plugin.config.command, plugin.program, search_path);
  if (!allowed) return tl::unexpected(allowed.error());
  plugin.cluster = {connection.server,
                    connection.tls_server_name,
                    connection.insecure,
                    connection.ca_pem,
                    connection.proxy_url.value_or(""),
                    connection.disable_compression,
                    Value()};
  for (const auto& [name, extension] : chosen.cluster.extensions) {
    if (name == "client.authentication.k8s.io/exec") plugin.cluster.config = extension;
  }
  plugin.variables = environment.variables;
  plugin.stdin_is_terminal = environment.stdin_is_terminal;
  return exec_credentials(std::move(plugin));
}

Result<Source> source_of(const Selection& chosen, const Connection& connection, const Environment& environment) {
  if (!connection.server.starts_with("https://")) return fixed_credentials({});
  const KubeUser& user = chosen.user;
  auto credentials = static_credentials(user, chosen.user_name);
  if (!credentials) return tl::unexpected(credentials.error());
  if (!user.token_file.empty()) return token_file_credentials(user.token_file, std::move(*credentials));
  const bool anonymous = credentials->token.empty() && credentials->username.empty() && credentials->password.empty() &&
                         credentials->client_certificate_pem.empty();
  // What the user gave in person comes before what a plugin would have to fetch.
  if (anonymous && user.exec) return plugin_credentials(chosen, connection, environment);
  if (anonymous && user.auth_provider) {
    const Time now = std::chrono::floor<Seconds>(std::chrono::system_clock::now());
    auto token = auth_provider_token(*user.auth_provider, chosen.user_name, now);
    if (!token) return tl::unexpected(token.error());
    credentials->token = std::move(*token);
  }
  return fixed_credentials(std::move(*credentials));
}

Result<Connection> connect_to(const Selection& chosen, Connection connection, const Environment& environment) {
  auto server = normalize_server(chosen.cluster.server);
  if (!server) return tl::unexpected(server.error());
  auto ca = ca_of(chosen);
  if (!ca) return tl::unexpected(ca.error());
  connection.server = std::move(*server);
  connection.ca_pem = std::move(*ca);
  connection.tls_server_name = chosen.cluster.tls_server_name;
  connection.insecure = chosen.cluster.insecure_skip_tls_verify;
  connection.disable_compression = chosen.cluster.disable_compression;
  connection.context = chosen.context;
  if (!chosen.cluster.proxy_url.empty()) connection.proxy_url = chosen.cluster.proxy_url;
  auto source = source_of(chosen, connection, environment);
  if (!source) return tl::unexpected(source.error());
  connection.credentials = std::move(*source);
  return connection;
}

// The flags that the pod's service account leaves no room for. kubectl ignores them in silence.
std::vector<std::string> flags_without_effect(const ConnectionFlags& flags) {
  std::vector<std::string> names;
  const std::pair<std::string_view, bool> table[] = {
      {"--user", given(flags.user)},
      {"--tls-server-name", given(flags.tls_server_name)},
      {"--insecure-skip-tls-verify", flags.insecure_skip_tls_verify.value_or(false)},
      {"--client-certificate", given(flags.client_certificate)},
      {"--client-key", given(flags.client_key)},
      {"--username", given(flags.username)},
      {"--password", given(flags.password)},
  };
  for (const auto& [name, present] : table) {
    if (present) names.emplace_back(name);
  }
  return names;
}

// Without a ca.crt the system's roots are left, as in client-go.
Result<std::string> in_cluster_ca(const ConnectionFlags& flags, const Environment& environment) {
  Selection chosen;
  chosen.cluster_name = "the pod's cluster";
  const std::string own = service_account_file(environment, "ca.crt");
  chosen.cluster.certificate_authority = given(flags.certificate_authority) ? *flags.certificate_authority : own;
  if (!given(flags.certificate_authority) && !read_file(own)) {
    environment.warning(fmt::format("cannot read {}: the API server's certificate is checked against the system's roots", own));
    return "";
  }
  return ca_of(chosen);
}

Result<Connection> connect_in_cluster(const ConnectionFlags& flags, Connection connection, const Environment& environment) {
  const std::vector<std::string> useless = flags_without_effect(flags);
  if (!useless.empty()) {
    return fail(ErrorKind::usage, fmt::format("{} cannot be used with the pod's service account: name a cluster with --server or "
                                              "--kubeconfig as well",
                                              join(useless, ", ")));
  }
  const std::string host = environment.variable("KUBERNETES_SERVICE_HOST");
  const bool bare_ipv6 = host.find(':') != std::string::npos && host.front() != '[';
  auto server = normalize_server(
      fmt::format("https://{}:{}", bare_ipv6 ? "[" + host + "]" : host, environment.variable("KUBERNETES_SERVICE_PORT")));
  if (!server) return tl::unexpected(server.error());
  connection.server = std::move(*server);
  connection.disable_compression = flags.disable_compression;
  auto ca = in_cluster_ca(flags, environment);
  if (!ca) return tl::unexpected(ca.error());
  connection.ca_pem = std::move(*ca);
  if (given(flags.token)) {
    KubeUser user;
    user.inlined.token = *flags.token;
    auto credentials = static_credentials(user, "--token");
    if (!credentials) return tl::unexpected(credentials.error());
    connection.credentials = fixed_credentials(std::move(*credentials));
    return connection;
  }
  auto source = token_file_credentials(service_account_file(environment, "token"), {});
  if (!source) return tl::unexpected(source.error());
  connection.credentials = std::move(*source);
  return connection;
}

Error no_server(const Kubeconfig& config) {
  std::vector<std::string> names;
  for (const auto& [name, context] : config.contexts) names.push_back(name);
  const std::string paths = join(config.paths, ", ");
  if (!names.empty()) {
    return {ErrorKind::input, fmt::format("no context chosen: current-context is not set in {}: choose one with --context (known "
                                          "contexts: {})",
                                          paths, join(names, ", "))};
  }
  constexpr std::string_view advice = "set KUBECONFIG, or use --kubeconfig or --server";
  if (config.found)
    return {ErrorKind::input, fmt::format("the kubeconfig {} names no context and no cluster: {}", paths, advice)};
  if (config.paths.empty()) return {ErrorKind::input, fmt::format("no kubeconfig found, for HOME is not set: {}", advice)};
  return {ErrorKind::input,
          fmt::format("no kubeconfig found: tried {}, and this is no pod with a service account: {}", paths, advice)};
}

}  // namespace

Result<Connection> connect(const ConnectionFlags& flags, const Environment& environment) {
  Connection connection;
  if (given(flags.request_timeout)) {
    const auto timeout = parse_request_timeout(*flags.request_timeout);
    if (!timeout) return tl::unexpected(timeout.error());
    connection.request_timeout = *timeout;
  }
  const auto config = load_kubeconfig(flags.kubeconfig, environment);
  if (!config) return tl::unexpected(config.error());
  const auto chosen = select(*config, flags);
  if (!chosen) return tl::unexpected(chosen.error());
  const std::vector<std::string> problems = validate(*chosen);
  if (problems.size() == 1) return fail(ErrorKind::input, problems.front());
  if (!problems.empty()) return fail(ErrorKind::input, "invalid configuration: " + join(problems, "; "));
  auto impersonate = impersonation_of(chosen->user, chosen->user_name);
  if (!impersonate) return tl::unexpected(impersonate.error());
  connection.impersonate = std::move(*impersonate);
  auto ns = choose_namespace(*chosen, flags, environment);
  if (!ns) return tl::unexpected(ns.error());
  connection.ns = std::move(*ns);
  if (!chosen->nothing_chosen) return connect_to(*chosen, std::move(connection), environment);
  if (in_cluster_possible(environment)) return connect_in_cluster(flags, std::move(connection), environment);
  return tl::unexpected(no_server(*config));
}

}  // namespace gwdoctor

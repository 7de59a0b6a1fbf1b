// Prints the merged kubeconfig in the shape of `kubectl config view --raw -o json`, for tests/kubeconfig/differential.py.
// The files are those of --kubeconfig FILE, else of the environment. Exit code 1 and a line on stderr where they are wrong.

#include <cstdio>
#include <string>
#include <utility>

#include "kube/json.h"
#include "kube/kubeconfig.h"
#include "kube/x509.h"

namespace gwdoctor {
namespace {

void set_text(Value& object, std::string_view key, const std::string& text) {
  if (!text.empty()) object.set(key, text);
}

void set_bytes(Value& object, std::string_view key, const std::string& bytes) {
  if (!bytes.empty()) object.set(key, encode_base64(bytes));
}

Value texts_value(const std::vector<std::string>& texts) {
  Value list(Value::Array{});
  for (const std::string& text : texts) list.push_back(text);
  return list;
}

Value cluster_value(const KubeCluster& cluster) {
  Value value(Value::Object{});
  value.set("server", cluster.server);
  set_text(value, "tls-server-name", cluster.tls_server_name);
  if (cluster.insecure_skip_tls_verify) value.set("insecure-skip-tls-verify", true);
  set_text(value, "certificate-authority", cluster.certificate_authority);
  set_bytes(value, "certificate-authority-data", cluster.certificate_authority_data);
  set_text(value, "proxy-url", cluster.proxy_url);
  if (cluster.disable_compression) value.set("disable-compression", true);
  if (cluster.extensions.empty()) return value;
  Value extensions(Value::Array{});
  for (const auto& [name, extension] : cluster.extensions) {
    Value entry(Value::Object{});
    entry.set("name", name);
    entry.set("extension", extension);
    extensions.push_back(std::move(entry));
  }
  value.set("extensions", std::move(extensions));
  return value;
}

Value exec_value(const ExecConfig& exec) {
  Value value(Value::Object{});
  value.set("command", exec.command);
  value.set("args", exec.args.empty() ? Value() : texts_value(exec.args));
  Value variables(Value::Array{});
  for (const auto& [name, text] : exec.env) {
    Value entry(Value::Object{});
    entry.set("name", name);
    entry.set("value", text);
    variables.push_back(std::move(entry));
  }
  value.set("env", exec.env.empty() ? Value() : std::move(variables));
  value.set("apiVersion", exec.api_version);
  set_text(value, "installHint", exec.install_hint);
  value.set("provideClusterInfo", exec.provide_cluster_info);
  set_text(value, "interactiveMode", exec.interactive_mode);
  return value;
}

Value provider_value(const AuthProvider& provider) {
  Value config(Value::Object{});
  for (const auto& [key, text] : provider.config) config.set(key, text);
  Value value(Value::Object{});
  value.set("name", provider.name);
  value.set("config", provider.config.empty() ? Value() : std::move(config));
  return value;
}

Value user_value(const KubeUser& user) {
  Value value(Value::Object{});
  set_text(value, "client-certificate", user.client_certificate);
  set_bytes(value, "client-certificate-data", user.inlined.client_certificate_pem);
  set_text(value, "client-key", user.client_key);
  set_bytes(value, "client-key-data", user.inlined.client_key_pem);
  set_text(value, "token", user.inlined.token);
  set_text(value, "tokenFile", user.token_file);
  set_text(value, "as", user.as);
  set_text(value, "as-uid", user.as_uid);
  if (!user.as_groups.empty()) value.set("as-groups", texts_value(user.as_groups));
  if (!user.as_user_extra.empty()) {
    Value extra(Value::Object{});
    for (const auto& [key, values] : user.as_user_extra) extra.set(key, values.empty() ? Value() : texts_value(values));
    value.set("as-user-extra", std::move(extra));
  }
  set_text(value, "username", user.inlined.username);
  set_text(value, "password", user.inlined.password);
  if (user.auth_provider) value.set("auth-provider", provider_value(*user.auth_provider));
  if (user.exec) value.set("exec", exec_value(*user.exec));
  return value;
}

Value context_value(const KubeContext& context) {
  Value value(Value::Object{});
  value.set("cluster", context.cluster);
  value.set("user", context.user);
  set_text(value, "namespace", context.ns);
  return value;
}

template <class Map, class Write>
Value named(const Map& map, std::string_view kind, const Write& write) {
  if (map.empty()) return {};
  Value list(Value::Array{});
  for (const auto& [name, entry] : map) {
    Value element(Value::Object{});
    element.set("name", name);
    element.set(kind, write(entry));
    list.push_back(std::move(element));
  }
  return list;
}

int dump(const std::optional<std::string>& file) {
  const auto config = load_kubeconfig(file, process_environment());
  if (!config) {
    std::fprintf(stderr, "%s\n", config.error().message.c_str());
    return 1;
  }
  Value document(Value::Object{});
  document.set("clusters", named(config->clusters, "cluster", cluster_value));
  document.set("users", named(config->users, "user", user_value));
  document.set("contexts", named(config->contexts, "context", context_value));
  document.set("current-context", config->current_context);
  std::printf("%s\n", write_json(document).c_str());
  return 0;
}

}  // namespace
}  // namespace gwdoctor

int main(int count, char** arguments) {
  const bool file = count == 3 && std::string_view(arguments[1]) == "--kubeconfig";
  if (count != 1 && !file) {
    std::fprintf(stderr, "usage: dump [--kubeconfig FILE]\n");
    return 2;
  }
  return gwdoctor::dump(file ? std::optional<std::string>(arguments[2]) : std::nullopt);
}

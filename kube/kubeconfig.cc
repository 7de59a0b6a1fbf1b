#include "kube/kubeconfig.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "kube/credentials.h"
#include "kube/json.h"
#include "kube/x509.h"
#include "kube/yaml.h"

namespace gwdoctor {

namespace {

// A value and the path that leads to it, for errors.
struct Node {
  const Value& value;
  std::string path;

  [[nodiscard]] Node member(std::string_view key) const {
    return {value[key], path.empty() ? std::string(key) : fmt::format("{}.{}", path, key)};
  }
};

// The type of a value in the words of Go's encoding/json.
std::string_view json_type(const Value& value) {
  if (value.is_bool()) return "bool";
  if (value.is_string()) return "string";
  if (value.is_array()) return "array";
  if (value.is_object()) return "object";
  return value.is_null() ? "null" : "number";
}

// Reads fields of expected types. As in Go, null is the same as an absent field. The first error is kept.
class Decoder {
 public:
  explicit Decoder(const std::string& file) : file_(file) {}

  void read(const Node& node, std::string& out) {
    if (const auto text = node.value.string()) {
      out = *text;
    } else {
      mismatch(node, "string");
    }
  }

  void read(const Node& node, bool& out) {
    if (const auto truth = node.value.boolean()) {
      out = *truth;
    } else {
      mismatch(node, "bool");
    }
  }

  // Bytes are base64 in JSON.
  void read_bytes(const Node& node, std::string& out) {
    if (node.value.is_string()) {
      if (auto bytes = decode_base64(*node.value.string())) {
        out = std::move(*bytes);
      } else {
        fault(node, fmt::format("illegal base64 data in field {}", node.path));
      }
    } else {
      mismatch(node, "string");
    }
  }

  template <class Item>
  void read_list(const Node& node, const Item& item) {
    if (!node.value.is_array()) return mismatch(node, "array");
    std::size_t index = 0;
    for (const Value& element : node.value.items()) item(Node{element, fmt::format("{}[{}]", node.path, index++)});
  }

  template <class Member>
  void read_members(const Node& node, const Member& member) {
    if (!node.value.is_object()) return mismatch(node, "object");
    for (const auto& [key, value] : node.value.members()) member(key, Node{value, fmt::format("{}.{}", node.path, key)});
  }

  void read_texts(const Node& node, std::vector<std::string>& out) {
    read_list(node, [&](const Node& element) { read(element, out.emplace_back()); });
  }

  bool is_object(const Node& node) {
    if (!node.value.is_object()) mismatch(node, "object");
    return node.value.is_object();
  }

  void fault(const Node& node, std::string_view what) {
    if (error_) return;
    const Mark mark = node.value.mark();
    const std::string place = mark.line == 0 ? file_ : fmt::format("{}:{}:{}", file_, mark.line, mark.column);
    error_ = Error{ErrorKind::input, fmt::format("error loading config file \"{}\": {}: {}", file_, place, what)};
  }

  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

 private:
  void mismatch(const Node& node, std::string_view wanted) {
    if (node.value.is_null()) return;
    std::string what = fmt::format("cannot unmarshal {} into {} of type {}", json_type(node.value),
                                   node.path.empty() ? std::string("a Config") : "field " + node.path, wanted);
    if (wanted == "string" && node.value.is_bool()) {
      what += ": an unquoted yes, no, on, off, y, n, true or false is a boolean in YAML 1.1: put it in quotes";
    } else if (wanted == "string" && json_type(node.value) == "number") {
      what += ": put it in quotes";
    }
    fault(node, what);
  }

  const std::string& file_;
  std::optional<Error> error_;
};

// The entries of a list of {name, KIND: {...}}. A name that comes twice is an error, as in kubectl.
template <class Entry, class Read>
void read_named(Decoder& decoder, const Node& list, std::string_view kind, std::map<std::string, Entry>& out, const Read& read) {
  decoder.read_list(list, [&](const Node& element) {
    std::string name;
    if (!element.value.is_null() && !decoder.is_object(element)) return;
    decoder.read(element.member("name"), name);
    Entry entry;
    const Node body = element.member(kind);
    if (decoder.is_object(body)) read(body, entry);
    if (!out.emplace(name, std::move(entry)).second) {
      decoder.fault(element, fmt::format("duplicate name \"{}\" in list {}", name, list.path));
    }
  });
}

void read_cluster(Decoder& decoder, const Node& node, KubeCluster& cluster) {
  decoder.read(node.member("server"), cluster.server);
  decoder.read(node.member("tls-server-name"), cluster.tls_server_name);
  decoder.read(node.member("insecure-skip-tls-verify"), cluster.insecure_skip_tls_verify);
  decoder.read(node.member("certificate-authority"), cluster.certificate_authority);
  decoder.read_bytes(node.member("certificate-authority-data"), cluster.certificate_authority_data);
  decoder.read(node.member("proxy-url"), cluster.proxy_url);
  decoder.read(node.member("disable-compression"), cluster.disable_compression);
  decoder.read_list(node.member("extensions"), [&](const Node& element) {
    if (!element.value.is_null() && !decoder.is_object(element)) return;
    std::string name;
    decoder.read(element.member("name"), name);
    const auto same = [&](const auto& known) { return known.first == name; };
    if (std::any_of(cluster.extensions.begin(), cluster.extensions.end(), same)) {
      decoder.fault(element, fmt::format("duplicate name \"{}\" in list {}", name, node.path + ".extensions"));
    }
    cluster.extensions.emplace_back(std::move(name), element.value["extension"]);
  });
}

void read_exec(Decoder& decoder, const Node& node, ExecConfig& exec) {
  decoder.read(node.member("command"), exec.command);
  decoder.read_texts(node.member("args"), exec.args);
  decoder.read_list(node.member("env"), [&](const Node& element) {
    auto& [name, value] = exec.env.emplace_back();
    if (!decoder.is_object(element)) return;
    decoder.read(element.member("name"), name);
    decoder.read(element.member("value"), value);
  });
  decoder.read(node.member("apiVersion"), exec.api_version);
  decoder.read(node.member("installHint"), exec.install_hint);
  decoder.read(node.member("provideClusterInfo"), exec.provide_cluster_info);
  decoder.read(node.member("interactiveMode"), exec.interactive_mode);
  // v1 has no default: whoever writes the kubeconfig must decide (KEP-541).
  const bool before_v1 =
      exec.api_version == "client.authentication.k8s.io/v1beta1" || exec.api_version == "client.authentication.k8s.io/v1alpha1";
  if (exec.interactive_mode.empty() && before_v1) exec.interactive_mode = "IfAvailable";
}

void read_auth_provider(Decoder& decoder, const Node& node, AuthProvider& provider) {
  decoder.read(node.member("name"), provider.name);
  decoder.read_members(node.member("config"),
                       [&](const std::string& key, const Node& value) { decoder.read(value, provider.config[key]); });
}

void read_user(Decoder& decoder, const Node& node, KubeUser& user) {
  decoder.read(node.member("client-certificate"), user.client_certificate);
  decoder.read_bytes(node.member("client-certificate-data"), user.inlined.client_certificate_pem);
  decoder.read(node.member("client-key"), user.client_key);
  decoder.read_bytes(node.member("client-key-data"), user.inlined.client_key_pem);
  decoder.read(node.member("token"), user.inlined.token);
  decoder.read(node.member("tokenFile"), user.token_file);
  decoder.read(node.member("as"), user.as);
  decoder.read(node.member("as-uid"), user.as_uid);
  decoder.read_texts(node.member("as-groups"), user.as_groups);
  decoder.read_members(node.member("as-user-extra"),
                       [&](const std::string& key, const Node& values) { decoder.read_texts(values, user.as_user_extra[key]); });
  decoder.read(node.member("username"), user.inlined.username);
  decoder.read(node.member("password"), user.inlined.password);
  if (const Node provider = node.member("auth-provider"); decoder.is_object(provider)) {
    read_auth_provider(decoder, provider, user.auth_provider.emplace());
  }
  if (const Node exec = node.member("exec"); decoder.is_object(exec)) read_exec(decoder, exec, user.exec.emplace());
}

void read_context(Decoder& decoder, const Node& node, KubeContext& context) {
  decoder.read(node.member("cluster"), context.cluster);
  decoder.read(node.member("user"), context.user);
  decoder.read(node.member("namespace"), context.ns);
}

void check_kind(Decoder& decoder, const Node& root) {
  std::string version;
  std::string kind;
  decoder.read(root.member("apiVersion"), version);
  decoder.read(root.member("kind"), kind);
  if (version.empty()) version = "v1";
  if (kind.empty()) kind = "Config";
  if (version == "v1" && kind == "Config") return;
  decoder.fault(root, fmt::format("no kind \"{}\" is registered for version \"{}\": expected kind \"Config\" of version \"v1\"",
                                  kind, version));
}

Result<Value> parse_document(std::string_view text, const std::string& name) {
  auto documents = parse_yaml(text, name);
  if (documents) return documents->empty() ? Value() : std::move(documents->front());
  // Some escapes of JSON (\/ and surrogate pairs) are none of YAML 1.1.
  const std::size_t start = text.find_first_not_of(" \t\r\n");
  if (start != std::string_view::npos && text[start] == '{') {
    if (auto document = parse_json(text)) return std::move(*document);
  }
  return fail(ErrorKind::input, fmt::format("error loading config file \"{}\": {}", name, documents.error().message));
}

void make_absolute(std::string& path, const std::string& directory) {
  if (!path.empty()) path = join_path(directory, path);
}

// The paths to try, without repetitions, as kubectl drops them.
std::vector<std::string> split_list(std::string_view list) {
  std::vector<std::string> paths;
  for (;;) {
    const std::size_t colon = std::min(list.find(':'), list.size());
    std::string path(list.substr(0, colon));
    if (!path.empty() && std::find(paths.begin(), paths.end(), path) == paths.end()) paths.push_back(std::move(path));
    if (colon == list.size()) return paths;
    list.remove_prefix(colon + 1);
  }
}

Result<Kubeconfig> parse_file(const std::string& path, std::string& text) {
  auto config = parse_kubeconfig(text, path);
  wipe(text);
  if (!config) return config;
  std::error_code ignored;
  const std::filesystem::path whole = std::filesystem::absolute(path, ignored);
  resolve_paths(*config, whole.parent_path().string());
  return config;
}

}  // namespace

AuthProvider::~AuthProvider() {
  for (auto& [key, value] : config) wipe(value);
}

Result<Kubeconfig> parse_kubeconfig(std::string_view text, const std::string& name) {
  const auto document = parse_document(text, name);
  if (!document) return tl::unexpected(document.error());
  Kubeconfig config;
  Decoder decoder(name);
  const Node root{*document, ""};
  if (decoder.is_object(root)) {
    check_kind(decoder, root);
    read_named(decoder, root.member("clusters"), "cluster", config.clusters,
               [&](const Node& node, KubeCluster& cluster) { read_cluster(decoder, node, cluster); });
    read_named(decoder, root.member("users"), "user", config.users,
               [&](const Node& node, KubeUser& user) { read_user(decoder, node, user); });
    read_named(decoder, root.member("contexts"), "context", config.contexts,
               [&](const Node& node, KubeContext& context) { read_context(decoder, node, context); });
    decoder.read(root.member("current-context"), config.current_context);
  }
  if (decoder.error()) return tl::unexpected(*decoder.error());
  return config;
}

void resolve_paths(Kubeconfig& config, const std::string& directory) {
  for (auto& [name, cluster] : config.clusters) make_absolute(cluster.certificate_authority, directory);
  for (auto& [name, user] : config.users) {
    make_absolute(user.client_certificate, directory);
    make_absolute(user.client_key, directory);
    make_absolute(user.token_file, directory);
    if (user.exec && user.exec->command.find('/') != std::string::npos) make_absolute(user.exec->command, directory);
  }
}

void merge_kubeconfig(Kubeconfig& into, Kubeconfig later) {
  into.clusters.merge(later.clusters);
  into.users.merge(later.users);
  into.contexts.merge(later.contexts);
  if (into.current_context.empty()) into.current_context = std::move(later.current_context);
}

Result<Kubeconfig> load_kubeconfig(const std::optional<std::string>& flag, const Environment& environment) {
  const std::string list = environment.variable("KUBECONFIG");
  const bool given = flag && !flag->empty();
  Kubeconfig merged;
  if (given) {
    merged.paths = {*flag};
  } else if (!list.empty()) {
    merged.paths = split_list(list);
  } else if (!environment.home.empty()) {
    merged.paths = {join_path(environment.home, ".kube/config")};
  }
  for (const std::string& path : merged.paths) {
    auto text = read_file(path);
    if (!text && text.error().code == ENOENT) {
      if (given) return fail(ErrorKind::input, fmt::format("stat {}: no such file or directory: check --kubeconfig", path));
      continue;
    }
    if (!text) {
      return fail(ErrorKind::input, fmt::format("error loading config file \"{}\": {}", path, text.error().message));
    }
    auto config = parse_file(path, *text);
    if (!config) return config;
    merge_kubeconfig(merged, std::move(*config));
    merged.found = true;
  }
  if (!given && !list.empty() && !merged.found) environment.warning(fmt::format("config not found: {}", list));
  return merged;
}

}  // namespace gwdoctor

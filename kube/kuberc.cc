#include "kube/kuberc.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "kube/yaml.h"

namespace gwdoctor {

namespace {

Error kuberc_error(const std::string& path, const Value& value, std::string_view what) {
  const Mark mark = value.mark();
  const std::string place = mark.line == 0 ? path : fmt::format("{}:{}:{}", path, mark.line, mark.column);
  return {ErrorKind::input, fmt::format("kuberc: {}: {}: no credential plugin runs before this is corrected", place, what)};
}

// Null is the same as absent, as in kubectl.
const Value* present(const Value& document, std::string_view key) {
  const Value* value = document.find(key);
  return value == nullptr || value->is_null() ? nullptr : value;
}

// "command" is the field's name of today, "name" was that of its first release.
Result<std::string> read_entry(const Value& entry, const std::string& path) {
  for (const std::string_view key : {"command", "name"}) {
    const Value* value = present(entry, key);
    if (value == nullptr) continue;
    const std::string text = value->text();
    if (text.empty()) return tl::unexpected(kuberc_error(path, *value, fmt::format("{} is not a name or a path", key)));
    return text;
  }
  return tl::unexpected(kuberc_error(path, entry, "an entry of credentialPluginAllowlist needs a command"));
}

Result<PluginPolicy::Kind> read_kind(const Value& document, const std::string& path) {
  const Value* value = present(document, "credentialPluginPolicy");
  if (value == nullptr) return PluginPolicy::Kind::allow_all;
  const auto text = value->string();
  if (text && (text->empty() || *text == "AllowAll")) return PluginPolicy::Kind::allow_all;
  if (text && *text == "DenyAll") return PluginPolicy::Kind::deny_all;
  if (text && *text == "Allowlist") return PluginPolicy::Kind::allow_list;
  return tl::unexpected(
      kuberc_error(path, *value,
                   fmt::format("unknown credentialPluginPolicy \"{}\": expected AllowAll, DenyAll or Allowlist", value->text())));
}

Result<PluginPolicy> read_policy(const Value& document, const std::string& path) {
  PluginPolicy policy;
  policy.path = path;
  const auto kind = read_kind(document, path);
  if (!kind) return tl::unexpected(kind.error());
  policy.kind = *kind;
  const Value* list = present(document, "credentialPluginAllowlist");
  if (list != nullptr && policy.kind != PluginPolicy::Kind::allow_list) {
    return tl::unexpected(
        kuberc_error(path, *list, "credentialPluginAllowlist needs credentialPluginPolicy Allowlist, found another"));
  }
  if (policy.kind != PluginPolicy::Kind::allow_list) return policy;
  if (list == nullptr || !list->is_array() || list->size() == 0) {
    return tl::unexpected(kuberc_error(path, list == nullptr ? document : *list,
                                       "credentialPluginPolicy Allowlist needs a list credentialPluginAllowlist with entries"));
  }
  for (const Value& entry : list->items()) {
    auto text = read_entry(entry, path);
    if (!text) return tl::unexpected(text.error());
    policy.allowed.push_back(std::move(*text));
  }
  return policy;
}

// A path without "." and ".."; a bare name stays one, and "./name" never becomes one.
std::string cleaned(const std::string& command) {
  if (command.find('/') == std::string::npos) return command;
  return command.front() == '/' ? join_path("/", command.substr(1)) : "./" + join_path("", command);
}

bool matches(const std::string& entry, const std::string& command, const std::string& program, std::string_view search_path) {
  if (cleaned(entry) == cleaned(command)) return true;
  const std::string found = find_program(entry, search_path);
  return !found.empty() && !program.empty() && cleaned(found) == cleaned(program);
}

}  // namespace

Result<PluginPolicy> parse_kuberc(std::string_view text, const std::string& path) {
  const auto documents = parse_yaml(text, path);
  if (!documents) {
    return fail(ErrorKind::input,
                fmt::format("kuberc: {}: no credential plugin runs before this is corrected", documents.error().message));
  }
  if (documents->empty()) return PluginPolicy{PluginPolicy::Kind::allow_all, {}, path};
  for (const Value& document : *documents) {
    if (!document.is_object()) return tl::unexpected(kuberc_error(path, document, "expected a Preference, found another type"));
    const bool preference =
        document["kind"].text() == "Preference" && document["apiVersion"].text().rfind("kubectl.config.k8s.io/", 0) == 0;
    if (preference) return read_policy(document, path);
  }
  return tl::unexpected(
      kuberc_error(path, documents->front(), "expected kind Preference of kubectl.config.k8s.io/v1beta1, found none"));
}

Result<PluginPolicy> load_plugin_policy(const Environment& environment) {
  const std::string named = environment.variable("KUBERC");
  const std::string feature = environment.variable("KUBECTL_KUBERC");
  if (named == "off" || feature == "false" || feature == "0") return PluginPolicy{};
  if (named.empty() && environment.home.empty()) return PluginPolicy{};
  const std::string path = named.empty() ? join_path(environment.home, ".kube/kuberc") : named;
  const auto text = read_file(path);
  if (!text && text.error().code == ENOENT && named.empty()) return PluginPolicy{};
  if (!text) {
    return fail(ErrorKind::input,
                fmt::format("kuberc: {}: no credential plugin runs before this is corrected", text.error().message));
  }
  return parse_kuberc(*text, path);
}

Result<void> check_plugin(const PluginPolicy& policy, const std::string& command, const std::string& program,
                          std::string_view search_path) {
  if (policy.kind == PluginPolicy::Kind::allow_all) return {};
  const bool allowed = std::any_of(policy.allowed.begin(), policy.allowed.end(),
                                   [&](const std::string& entry) { return matches(entry, command, program, search_path); });
  if (policy.kind == PluginPolicy::Kind::allow_list && allowed) return {};
  const std::string_view reason = policy.kind == PluginPolicy::Kind::deny_all ? "credentialPluginPolicy is DenyAll"
                                                                              : "it is not in credentialPluginAllowlist";
  return fail(ErrorKind::input,
              fmt::format("credential plugin \"{}\" is not allowed to run: {} in {}", command, reason, policy.path));
}

}  // namespace gwdoctor

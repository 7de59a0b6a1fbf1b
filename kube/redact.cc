#include "kube/redact.h"

#include <openssl/crypto.h>

#include <array>
#include <string>
#include <string_view>

#include "kube/pod_arguments.h"
#include "kube/public_pem.h"
#include "kube/sensitive.h"
#include "kube/x509.h"

namespace gwdoctor {

namespace {

constexpr std::string_view hidden = "REDACTED";
constexpr std::string_view hidden_text = "REDACTED (not base64)";
constexpr std::string_view last_applied = "kubectl.kubernetes.io/last-applied-configuration";

constexpr std::array<std::pair<KeyState, std::string_view>, 6> key_states{{{KeyState::absent, "absent"},
                                                                           {KeyState::empty, "empty"},
                                                                           {KeyState::matches, "matches"},
                                                                           {KeyState::differs, "differs"},
                                                                           {KeyState::unparsable, "unparsable"},
                                                                           {KeyState::unknown, "unknown"}}};

std::string_view name_of(KeyState state) {
  for (const auto& [known, name] : key_states) {
    if (known == state) return name;
  }
  return "unknown";
}

bool is_key_state(std::string_view text) {
  for (const auto& [state, name] : key_states) {
    if (name == text) return true;
  }
  return false;
}

// Overwrites the text behind a value, which is about to be dropped. No document is const: redact() owns it for writing.
void wipe(const Value& value) {
  if (const auto text = value.string()) OPENSSL_cleanse(const_cast<char*>(text->data()), text->size());
}

Value with_mark(Value value, const Value& of) {
  value.set_mark(of.mark());
  return value;
}

void replace(Value& document, const std::string& path, const Value& old, std::string_view text) {
  Value value = with_mark(Value(text), old);
  wipe(old);
  document.set_path(path, std::move(value));
}

// data with stringData on top, in base64 like the rest, as the API server merges them.
Value merged_data(const Value& document) {
  Value data{Value::Object{}};
  data.set_mark(document["data"].mark());
  for (const auto& [key, value] : document["data"].members()) data.set(key, value);
  for (const auto& [key, value] : document["stringData"].members()) {
    const auto text = value.string();
    data.set(key, text ? with_mark(Value(encode_base64(*text)), value) : value);
  }
  return data;
}

KeyState key_state(const Value& data) {
  const Value* encoded = data.find("tls.key");
  if (encoded == nullptr) return KeyState::absent;
  if (!encoded->is_string() && !encoded->is_null()) return KeyState::unparsable;
  std::optional<std::string> key = decode_base64(encoded->string().value_or(""));
  const std::optional<std::string> chain = decode_base64(data["tls.crt"].string().value_or(""));
  const KeyState state = key ? compare_key(chain.value_or(""), *key) : KeyState::unparsable;
  if (key) OPENSSL_cleanse(key->data(), key->size());
  return state;
}

// What was found when the key was still there stands; a key that is there now is looked at, whatever the document claims.
std::string state_of_key(const Value& document, const Value& data) {
  const std::string found = document["gwdoctorKey"].text();
  const bool still_there = data["tls.key"].string().value_or(hidden) != hidden;
  return is_key_state(found) && !still_there ? found : std::string(name_of(key_state(data)));
}

Value redacted_entry(const std::string& key, const Value& value) {
  const auto text = value.string();
  if (value.is_null() || (text && text->find_first_not_of(" \t\r\n") == std::string_view::npos)) return "";
  if (!text || (key != "tls.crt" && key != "ca.crt")) return hidden;
  const auto bytes = decode_base64(*text);
  if (!bytes) return hidden_text;  // so that it still reads as what it was
  const auto kept = public_pem(*bytes);
  return kept ? encode_base64(*kept) : std::string(hidden);
}

void wipe_members(const Value& object) {
  for (const auto& [key, value] : object.members()) wipe(value);
}

// Only members that are known to be public are carried over: a misspelt "stringdata" is not.
void redact_secret(Value& document) {
  Value data = merged_data(document);
  Value kept{Value::Object{}};
  kept.set_mark(document.mark());
  for (const std::string_view name : {"apiVersion", "kind", "metadata", "type", "immutable"}) {
    if (const Value* member = document.find(name)) kept.set(name, *member);
  }
  Value redacted{Value::Object{}};
  redacted.set_mark(data.mark());
  for (const auto& [key, value] : data.members()) redacted.set(key, with_mark(redacted_entry(key, value), value));
  if (document.find("data") != nullptr || redacted.size() > 0) kept.set("data", std::move(redacted));
  kept.set("gwdoctorKey", state_of_key(document, data));
  wipe_members(document["data"]);
  wipe_members(document["stringData"]);
  wipe_members(data);
  document = std::move(kept);
}

// The settings of controllers that are read. All else in a ConfigMap may be anybody's.
bool is_read_setting(std::string_view key) {
  return key == "use-proxy-protocol" || key == "proxy-protocol" || key == "real-ip-header";
}

Value redacted_setting(const std::string& key, const Value& value) {
  const auto text = value.string();
  if (value.is_null() || (text && text->empty())) return "";
  if (text && is_read_setting(key)) return value;
  if (!text || key != "ca.crt") return hidden;
  const auto kept = public_pem(*text);
  return kept ? std::string(*kept) : std::string(hidden);
}

void redact_config_map(Value& document) {
  Value kept{Value::Object{}};
  kept.set_mark(document.mark());
  for (const std::string_view name : {"apiVersion", "kind", "metadata", "immutable"}) {
    if (const Value* member = document.find(name)) kept.set(name, *member);
  }
  for (const std::string_view name : {"data", "binaryData"}) {
    const Value* entries = document.find(name);
    if (entries == nullptr) continue;
    Value redacted{Value::Object{}};
    redacted.set_mark(entries->mark());
    for (const auto& [key, value] : entries->members())
      redacted.set(key, with_mark(name == "data" ? redacted_setting(key, value) : Value(hidden), value));
    kept.set(name, std::move(redacted));
  }
  document = std::move(kept);
}

// What is not of the type that it must have cannot be searched, and may hold anything: it is hidden whole.
void hide_unless(bool fits, Value& document, const std::string& path) {
  const Value& value = document.at_path(path);
  if (!fits && !value.is_null()) replace(document, path, value, hidden);
}
void hide_unless_object(Value& document, const std::string& path) {
  hide_unless(document.at_path(path).is_object(), document, path);
}
void hide_unless_array(Value& document, const std::string& path) {
  hide_unless(document.at_path(path).is_array(), document, path);
}

void drop_last_applied(Value& document, const std::string& metadata) {
  hide_unless_object(document, metadata + ".annotations");
  const Value& annotations = document.at_path(metadata + ".annotations");
  const Value* found = annotations.find(last_applied);
  if (found == nullptr) return;
  wipe(*found);
  document.erase_path(metadata + ".annotations[\"" + std::string(last_applied) + "\"]");
}

void redact_arguments(Value& document, const std::string& path) {
  hide_unless_array(document, path);
  for (std::size_t i = 0; i < document.at_path(path).items().size(); ++i) {
    const std::string item = path + "[" + std::to_string(i) + "]";
    hide_unless(document.at_path(item).is_string(), document, item);
  }
  const Value::Array& items = document.at_path(path).items();
  std::vector<std::string> before;
  for (const Value& item : items) before.push_back(item.text());
  const std::vector<std::string> after = hide_secret_arguments(before, hidden);
  for (std::size_t i = 0; i < after.size(); ++i) {
    if (after[i] != before[i]) replace(document, path + "[" + std::to_string(i) + "]", document.at_path(path)[i], after[i]);
    OPENSSL_cleanse(before[i].data(), before[i].size());
  }
}

// Environment variables are hidden whatever their name; of HTTP headers only Host tells how a probe is routed.
void hide_values(Value& document, const std::string& path, bool keep_host) {
  hide_unless_array(document, path);
  for (std::size_t i = 0; i < document.at_path(path).size(); ++i) {
    hide_unless_object(document, path + "[" + std::to_string(i) + "]");
    const Value& entry = document.at_path(path)[i];
    const Value* value = entry.find("value");
    if (value == nullptr || value->is_null() || (value->is_string() && value->text().empty())) continue;
    if (keep_host && is_host_header(entry["name"].text())) continue;
    replace(document, path + "[" + std::to_string(i) + "].value", *value, hidden);
  }
}

void redact_container(Value& document, const std::string& container) {
  hide_unless_object(document, container);
  for (const char* place : {"", ".lifecycle"}) {
    const std::string parent = container + place;
    for (const char* hook : {"livenessProbe", "readinessProbe", "startupProbe", "lifecycle", "postStart", "preStop"}) {
      if (document.at_path(parent).find(hook) == nullptr) continue;
      const std::string path = parent + "." + hook;
      hide_unless_object(document, path);
      if (document.at_path(path).find("exec") != nullptr) hide_unless_object(document, path + ".exec");
      if (document.at_path(path).find("httpGet") != nullptr) hide_unless_object(document, path + ".httpGet");
    }
  }
  hide_values(document, container + ".env", false);
  redact_arguments(document, container + ".command");
  redact_arguments(document, container + ".args");
  for (const char* hook : {".livenessProbe", ".readinessProbe", ".startupProbe", ".lifecycle.postStart", ".lifecycle.preStop"}) {
    if (!document.at_path(container + hook).is_object()) continue;
    redact_arguments(document, container + hook + ".exec.command");
    hide_values(document, container + hook + ".httpGet.httpHeaders", true);
  }
}

void redact_pod_spec(Value& document, const std::string& spec) {
  for (const char* list : {".initContainers", ".containers", ".ephemeralContainers"}) {
    hide_unless_array(document, spec + list);
    const std::size_t count = document.at_path(spec + list).items().size();
    for (std::size_t i = 0; i < count; ++i) redact_container(document, spec + list + "[" + std::to_string(i) + "]");
  }
}

// The filters at `path`, of a rule or of a backendRef.
void redact_filters(Value& document, const std::string& path) {
  for (std::size_t filter = 0; filter < document.at_path(path).items().size(); ++filter) {
    for (const char* fields : {".requestHeaderModifier.set", ".requestHeaderModifier.add", ".responseHeaderModifier.set",
                               ".responseHeaderModifier.add"}) {
      const std::string list = path + "[" + std::to_string(filter) + "]" + fields;
      for (std::size_t at = 0; at < document.at_path(list).items().size(); ++at) {
        const Value& field = document.at_path(list)[at];
        const Value* value = field.find("value");
        if (value == nullptr || value->is_null() || !is_sensitive_header(field["name"].text())) continue;
        replace(document, list + "[" + std::to_string(at) + "].value", *value, hidden);
      }
    }
  }
}

void redact_route(Value& document) {
  for (std::size_t rule = 0; rule < document.at_path("spec.rules").items().size(); ++rule) {
    const std::string path = "spec.rules[" + std::to_string(rule) + "]";
    redact_filters(document, path + ".filters");
    for (std::size_t backend = 0; backend < document.at_path(path + ".backendRefs").items().size(); ++backend)
      redact_filters(document, path + ".backendRefs[" + std::to_string(backend) + "].filters");
  }
}

// Of the settings of a middleware those of headers and of plugins may hold credentials; others name Secrets.
void redact_middleware(Value& document) {
  for (const char* fields : {"spec.headers.customRequestHeaders", "spec.headers.customResponseHeaders"}) {
    const Value before = document.at_path(fields);
    if (!before.is_object()) {
      if (!before.is_null()) replace(document, fields, document.at_path(fields), hidden);
      continue;
    }
    Value kept{Value::Object{}};
    kept.set_mark(before.mark());
    for (const auto& [name, value] : before.members())
      kept.set(name, is_sensitive_header(name) && !value.text().empty() ? with_mark(Value(hidden), value) : value);
    document.set_path(fields, std::move(kept));
  }
  const Value plugin = document.at_path("spec.plugin");
  if (!plugin.is_null()) document.set_path("spec.plugin", with_mark(Value(hidden), plugin));
}

void redact_as(Value& document, std::string_view kind);

// Items of a typed list do not say their kind, so the list's tells it.
void redact_list(Value& document, std::string_view kind) {
  const std::string item_kind(kind.substr(0, kind.size() - std::string_view("List").size()));
  for (std::size_t i = 0; i < document["items"].items().size(); ++i) {
    Value item = document["items"][i];
    wipe_members(document["items"][i]["data"]);
    wipe_members(document["items"][i]["stringData"]);
    redact_as(item, item["kind"].text(item_kind));
    document.set_path("items[" + std::to_string(i) + "]", std::move(item));
  }
}

void redact_as(Value& document, std::string_view kind) {
  drop_last_applied(document, "metadata");
  const bool unnamed = kind.empty() && (document.find("data") != nullptr || document.find("stringData") != nullptr);
  if (kind == "Secret" || unnamed) return redact_secret(document);
  if (kind == "ConfigMap") return redact_config_map(document);
  if (kind.ends_with("List") && document["items"].is_array()) return redact_list(document, kind);
  if (kind == "Middleware") redact_middleware(document);
  if (kind == "HTTPRoute" || kind == "GRPCRoute") redact_route(document);
  // The place tells a pod's spec, so that the templates of kinds nobody has heard of are covered too.
  for (const char* member :
       {"metadata", "spec", "template", "template.spec", "spec.template", "spec.template.spec", "spec.jobTemplate",
        "spec.jobTemplate.spec", "spec.jobTemplate.spec.template", "spec.jobTemplate.spec.template.spec"}) {
    hide_unless_object(document, member);
  }
  for (const char* pod : {"", "template.", "spec.template.", "spec.jobTemplate.spec.template."}) {
    if (!document.at_path(std::string(pod) + "spec").is_object()) continue;
    drop_last_applied(document, std::string(pod) + "metadata");
    redact_pod_spec(document, std::string(pod) + "spec");
  }
}

}  // namespace

void redact(Value& document) {
  const std::string kind = document["kind"].text();
  redact_as(document, kind);
}

}  // namespace gwdoctor

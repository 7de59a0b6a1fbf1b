#include "chain/traefik/settings.h"

#include <algorithm>

#include "chain/controllers.h"
#include "chain/dialects/annotations.h"
#include "kube/ascii.h"

namespace gwdoctor {

namespace {

constexpr std::string_view provider = "providers.kubernetescrd";

std::vector<std::string> texts_of(const Value& list) {
  std::vector<std::string> out;
  for (const Value& item : list.items()) out.push_back(item.text());
  return out;
}

const Value* container_of(const Value& workload) {
  const std::vector<Value>& all = workload["spec"]["template"]["spec"]["containers"].items();
  for (const Value& container : all) {
    if (all.size() == 1 || container["image"].text().find("traefik") != std::string::npos) return &container;
  }
  return nullptr;
}

// registry.example/traefik:v3.7.1, traefik:2.11.
int version_of(const std::string& image) {
  const std::size_t colon = image.rfind(':');
  if (colon == std::string::npos || image.find("traefik") == std::string::npos) return 0;
  std::string_view tag = std::string_view(image).substr(colon + 1);
  if (tag.starts_with('v')) tag.remove_prefix(1);
  if (tag != "2" && tag != "3" && !tag.starts_with("2.") && !tag.starts_with("3.")) return 0;
  return tag.front() - '0';
}

// The arguments of its container; nothing where a file or the environment may say more.
std::vector<std::string> arguments_of(const Value& container) {
  for (const Value& variable : container["env"].items()) {
    if (variable["name"].text().starts_with("TRAEFIK_")) return {};
  }
  for (const Value& mount : container["volumeMounts"].items()) {
    if (mount["mountPath"].text() == "/etc/traefik" || mount["mountPath"].text().starts_with("/etc/traefik/")) return {};
  }
  std::vector<std::string> out = texts_of(container["command"]);
  for (std::string& one : texts_of(container["args"])) out.push_back(std::move(one));
  return out;
}

}  // namespace

TraefikSettings traefik_settings(const std::vector<std::string>& arguments) {
  TraefikSettings out;
  bool any_provider = false;
  out.reads_routes = false;
  for (const std::string& argument : arguments) {
    std::string_view text = argument;
    if (!text.starts_with("--")) continue;
    text.remove_prefix(2);
    const std::size_t equals = std::min(text.find('='), text.size());
    const std::string name = lower_case(text.substr(0, equals));
    const std::string value(equals == text.size() ? std::string_view("true") : text.substr(equals + 1));
    if (name == "configfile") return {};
    any_provider = any_provider || name.starts_with("providers.");
    if (name == "core.defaultrulesyntax") out.syntax_v2 = value == "v2";
    if (!name.starts_with(provider)) continue;
    const std::string_view key = std::string_view(name).substr(provider.size());
    const bool on = value != "false";
    out.reads_routes = out.reads_routes || !key.empty() || on;
    if (key == ".allowcrossnamespace") out.cross_namespace = on;
    if (key == ".allowemptyservices") out.empty_services = on;
    if (key == ".allowexternalnameservices") out.external_names = on;
    if (key == ".ingressclass") out.ingress_class = value;
    if (key == ".labelselector") out.label_selector = value;
    if (key == ".namespaces" || key.starts_with(".namespaces[")) {
      for (std::string& ns : comma_separated(value)) out.namespaces.push_back(std::move(ns));
    }
  }
  // Without any provider on the command line they are named elsewhere.
  if (!any_provider) return {};
  out.known = true;
  return out;
}

std::int64_t traefik_empty_status(const Facts& facts) {
  const TraefikSettings settings = traefik_settings(facts);
  return settings.known && !settings.empty_services ? 404 : 503;
}

TraefikSettings traefik_settings(const Facts& facts) {
  const Controller* row = find_controller("traefik");
  std::vector<Known<Workload>> found;
  for (const Place& place : row->workloads) {
    for (const Kind kind : {Kind::deployment, Kind::daemon_set}) {
      const Seen<List<Workload>> list = facts.list<Workload>(kind, "", Selector::parse(place.labels));
      if (!list.present()) return {};
      found.insert(found.end(), list->begin(), list->end());
    }
  }
  if (found.size() != 1 || found.front().document == nullptr) return {};
  const Value* container = container_of(*found.front().document);
  if (container == nullptr) return {};
  TraefikSettings out = traefik_settings(arguments_of(*container));
  out.version = version_of((*container)["image"].text());
  return out;
}

}  // namespace gwdoctor

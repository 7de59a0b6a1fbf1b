#include "checks/support/proxy_setup.h"

#include <algorithm>
#include <array>

#include "kube/objects/fields.h"

namespace gwdoctor {

namespace {

using Awaits = ProxySetup::Awaits;
using Words = std::vector<std::string>;

// How a controller is told by a ConfigMap.
struct Reader {
  std::string_view id;
  std::string_view flag;  // the argument that names the ConfigMap
  std::string_view key;
  bool addresses = false;     // the value lists from whom the header is awaited; else it is true or false
  bool runs_without = false;  // a ConfigMap that does not exist leaves the defaults
};

// ingress-nginx: pkg/flags, user-guide/nginx-configuration/configmap, internal/ingress/controller/store. F5:
// command-line-arguments (a ConfigMap that is missing keeps it from starting), configmap-resource. haproxytech:
// documentation/controller.md, pkg/haproxy/rules/reqProxyProtocol.go. HAProxy Ingress: configuration/command-line,
// configuration/keys.
constexpr std::array<Reader, 4> readers{{
    {"ingress-nginx", "configmap", "use-proxy-protocol", false, true},
    {"nginx-inc", "nginx-configmaps", "proxy-protocol"},
    {"haproxy", "configmap", "proxy-protocol", true},
    {"haproxy-ingress", "configmap", "use-proxy-protocol"},
}};

bool any_word(const Words& words, std::string_view part) {
  return std::any_of(words.begin(), words.end(),
                     [&](const std::string& word) { return lower_case(word).find(part) != std::string::npos; });
}

// Traefik's static configuration comes from arguments or from a file, never both: an entry point among the arguments shows which.
Awaits of_traefik(const Words& words) {
  const bool by_arguments = !argument(words, "--entrypoints.").empty();
  return by_arguments && !any_word(words, "proxyprotocol") ? Awaits::no_header : Awaits::unknown;
}

// cmd/contour/serve.go; a ContourConfiguration (--contour-config-name) takes the place of the flag.
Awaits of_contour(const Words& words) {
  const bool serves = std::find(words.begin(), words.end(), "serve") != words.end();
  if (!serves || !argument(words, "--contour-config-name").empty()) return Awaits::unknown;
  const bool on = !argument(words, "--use-proxy-protocol").empty() && argument(words, "--use-proxy-protocol=false").empty();
  return on ? Awaits::header : Awaits::no_header;
}

// strconv.ParseBool of Go, by which these controllers read a switch.
std::optional<bool> switch_of(std::string_view text) {
  for (const std::string_view yes : {"1", "t", "T", "true", "TRUE", "True"}) {
    if (text == yes) return true;
  }
  for (const std::string_view no : {"", "0", "f", "F", "false", "FALSE", "False"}) {
    if (text == no) return false;
  }
  return std::nullopt;
}

// Of a list of addresses only one that holds everybody tells what a load balancer meets.
Awaits of_value(const Reader& reader, const std::string& value) {
  if (reader.addresses) {
    if (value.find_first_not_of(" \t\n,") == std::string::npos) return Awaits::no_header;
    return value.find("0.0.0.0/0") != std::string::npos ? Awaits::header : Awaits::unknown;
  }
  const std::optional<bool> on = switch_of(value);
  if (!on) return Awaits::unknown;
  return *on ? Awaits::header : Awaits::no_header;
}

void read_settings(const Reader& reader, const Facts& facts, ProxySetup& setup) {
  setup.settings = facts.get<ConfigMap>(Kind::config_map, setup.config_map.ns, setup.config_map.name);
  if (setup.settings.unknown()) {
    setup.unread = true;
  } else if (setup.settings.absent()) {
    setup.awaits = reader.runs_without ? Awaits::no_header : Awaits::unknown;
    setup.told = fmt::format("{} does not exist", setup.config_map.text());
  } else if (const std::string* value = label(setup.settings->data, reader.key)) {
    setup.awaits = of_value(reader, *value);
    setup.told = fmt::format("{} sets {} to \"{}\"", setup.config_map.text(), reader.key, *value);
  } else {
    setup.awaits = Awaits::no_header;
    setup.told = fmt::format("{} does not set {}", setup.config_map.text(), reader.key);
  }
}

ProxySetup by_config_map(const Reader& reader, const Known<Workload>& workload, const Words& words, const Facts& facts) {
  ProxySetup setup;
  setup.key = reader.key;
  const std::optional<Flag> flag = flag_of(workload, reader.flag);
  if (!flag) {
    // A script may pass what is not to be seen here.
    const bool shown = std::any_of(words.begin(), words.end(), [](const std::string& word) { return is_long_flag(word); });
    if (!shown || any_word(words, reader.flag)) return setup;
    setup.awaits = Awaits::no_header;
    setup.told = fmt::format("the arguments of {} name no ConfigMap", workload->meta.ref.text());
    return setup;
  }
  const std::optional<Ref> named = object_named_by(flag->value, Kind::config_map, workload->meta.ref.ns);
  if (!named) return setup;
  setup.config_map = *named;
  read_settings(reader, facts, setup);
  return setup;
}

ProxySetup setup_of(const Controller& known, const Known<Workload>& workload, const Facts& facts, bool ask) {
  const Words words = arguments_of(workload);
  ProxySetup setup;
  if (known.id == "traefik") setup.awaits = of_traefik(words);
  if (known.id == "contour") setup.awaits = of_contour(words);
  const auto reader = std::find_if(readers.begin(), readers.end(), [&](const Reader& one) { return one.id == known.id; });
  return reader == readers.end() || !ask ? setup : by_config_map(*reader, workload, words, facts);
}

}  // namespace

ProxySetup proxy_setup_of(const FrontHost& host, const Path& path, const Facts& facts, bool ask) {
  const Controller* known = controller_of(host, path);
  if (known == nullptr) return {};
  const std::size_t index =
      host.gateway != no_index ? path.gateways[host.gateway].controller : path.ingresses[host.ingress].controller;
  std::optional<ProxySetup> out;
  for (const Known<Workload>& workload : path.controllers[index].control.found) {
    ProxySetup setup = setup_of(*known, workload, facts, ask);
    if (setup.unread) return setup;
    if (setup.awaits == Awaits::unknown || (out && out->awaits != setup.awaits)) return {};
    out = std::move(setup);
  }
  return out.value_or(ProxySetup{});
}

}  // namespace gwdoctor

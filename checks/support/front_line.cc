#include "checks/support/front_line.h"

#include <algorithm>
#include <array>

#include "checks/grace.h"
#include "checks/support/addresses.h"
#include "kube/objects/fields.h"

namespace gwdoctor {

namespace {

// Of a name, at most as many addresses are tried.
constexpr std::size_t max_targets = 8;

bool is_in_cluster(std::string_view name) { return name.ends_with(".svc") || name.find(".svc.") != std::string_view::npos; }

void add_target(const std::string& text, const FrontAddress& published, FrontTargets& out) {
  const std::optional<IpAddress> address = parse_ip(text);
  if (!address) return;
  const bool known =
      std::any_of(out.all.begin(), out.all.end(), [&](const FrontTarget& one) { return parse_ip(one.address) == address; });
  if (!known) out.all.push_back({text, &published, address->v6});
}

struct Switch {
  std::string_view key;
  std::string_view off = "false";  // the value that says no
};

// By the documentation of each provider's cloud controller.
constexpr std::array<Switch, 9> proxy_switches{{
    {"service.beta.kubernetes.io/aws-load-balancer-proxy-protocol"},
    {"service.beta.kubernetes.io/do-loadbalancer-enable-proxy-protocol"},
    {"load-balancer.hetzner.cloud/uses-proxyprotocol"},
    {"loadbalancer.openstack.org/proxy-protocol"},
    {"service.beta.kubernetes.io/scw-loadbalancer-proxy-protocol-v1"},
    {"service.beta.kubernetes.io/scw-loadbalancer-proxy-protocol-v2"},
    {"service.beta.kubernetes.io/linode-loadbalancer-default-proxy-protocol", "none"},
    {"service.beta.kubernetes.io/vultr-loadbalancer-proxy-protocol"},
    {"kubernetes.civo.com/loadbalancer-enable-proxy-protocol"},
}};

std::string value_of(const Service& service, std::string_view key) {
  const std::string* found = label(service.meta.annotations, key);
  return found == nullptr ? std::string() : *found;
}

// "443,8443", "*", "https": whether a list of ports names this one. Absent it names all.
bool lists_port(std::string_view list, const ServicePort& port, bool absent) {
  if (list.empty()) return absent;
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    std::string word(list.substr(0, comma));
    std::erase(word, ' ');
    if (word == "*" || word == std::to_string(port.port) || (!port.name.empty() && word == port.name)) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

// AWS: with a certificate TLS ends for the ports of ssl-ports; backend-protocol ssl or https begins it anew.
std::optional<Asked> aws_end(const Service& service, const ServicePort& port) {
  constexpr std::string_view certificate = "service.beta.kubernetes.io/aws-load-balancer-ssl-cert";
  const std::string backend = lower_case(value_of(service, "service.beta.kubernetes.io/aws-load-balancer-backend-protocol"));
  if (value_of(service, certificate).empty() || backend == "ssl" || backend == "https") return std::nullopt;
  if (!lists_port(value_of(service, "service.beta.kubernetes.io/aws-load-balancer-ssl-ports"), port, true)) return std::nullopt;
  return Asked{std::string(certificate), value_of(service, certificate)};
}

// DigitalOcean: port 443 unless tls-ports names others.
std::optional<Asked> digital_ocean_end(const Service& service, const ServicePort& port) {
  constexpr std::string_view certificate = "service.beta.kubernetes.io/do-loadbalancer-certificate-id";
  if (value_of(service, certificate).empty()) return std::nullopt;
  if (value_of(service, "service.beta.kubernetes.io/do-loadbalancer-tls-passthrough") == "true") return std::nullopt;
  if (!lists_port(value_of(service, "service.beta.kubernetes.io/do-loadbalancer-tls-ports"), port, port.port == 443))
    return std::nullopt;
  return Asked{std::string(certificate), value_of(service, certificate)};
}

// Hetzner: protocol https ends TLS for every port.
std::optional<Asked> hetzner_end(const Service& service) {
  constexpr std::string_view protocol = "load-balancer.hetzner.cloud/protocol";
  if (value_of(service, protocol) != "https") return std::nullopt;
  return Asked{std::string(protocol), "https"};
}

}  // namespace

std::string FrontTarget::text(std::int64_t port) const {
  const std::string place = v6 ? fmt::format("[{}]:{}", address, port) : fmt::format("{}:{}", address, port);
  return published != nullptr && published->is_hostname ? fmt::format("{} ({})", place, published->value) : place;
}

FrontTargets targets_of(const FrontHost& host, const Facts& facts) {
  FrontTargets out;
  for (const FrontAddress& published : host.addresses) {
    if (parse_ip(published.value)) {
      add_target(published.value, published, out);
      continue;
    }
    if (!facts.probes(ProbeKind::dns) || is_in_cluster(published.value)) continue;
    const Seen<DnsAnswer> answer = facts.dns(published.value, facts.settings().resolvers().front());
    if (!answer.present() || !answer->resolves()) {
      out.unresolved.push_back({&published, answer});
      continue;
    }
    const std::vector<std::string> addresses = answer->addresses();
    for (std::size_t at = 0; at < std::min(addresses.size(), max_targets); ++at) add_target(addresses[at], published, out);
  }
  return out;
}

const Controller* controller_of(const FrontHost& host, const Path& path) {
  std::size_t at = no_index;
  if (host.gateway != no_index) at = path.gateways[host.gateway].controller;
  if (host.ingress != no_index) at = path.ingresses[host.ingress].controller;
  return at == no_index ? nullptr : path.controllers[at].known;
}

bool is_young(const Meta& meta, const Controller* controller, const Facts& facts) {
  const Seconds grace = controller == nullptr ? Seconds{300} : Seconds{controller->address_grace};
  const auto recent = [&](const std::optional<Time>& time) {
    return time && *time <= facts.now() && facts.now() - *time < grace;
  };
  return settling(meta, facts) || recent(meta.created) || recent(meta.changed);
}

bool is_being_made(const FrontHost& host, const Front& front, const Path& path, const Facts& facts) {
  const Controller* controller = controller_of(host, path);
  if (host.gateway != no_index) {
    const Seen<Gateway>& gateway = path.gateways[host.gateway].gateway;
    if (gateway.present() && is_young(gateway->meta, controller, facts)) return true;
  }
  if (host.ingress != no_index) {
    const Seen<Ingress>& ingress = path.ingresses[host.ingress].ingress;
    if (ingress.present() && settling(ingress->meta, facts)) return true;
  }
  const std::vector<const FrontService*> services = front.services_of(host, path);
  return std::any_of(services.begin(), services.end(),
                     [&](const FrontService* one) { return is_young(one->service->meta, controller, facts); });
}

std::string Asked::path() const { return fmt::format("metadata.annotations[\"{}\"]", annotation); }

std::optional<Asked> asks_for_proxy_protocol(const Service& service) {
  for (const Switch& one : proxy_switches) {
    const std::string value = value_of(service, one.key);
    if (!value.empty() && lower_case(value) != one.off) return Asked{std::string(one.key), value};
  }
  constexpr std::string_view attributes = "service.beta.kubernetes.io/aws-load-balancer-target-group-attributes";
  const std::string value = value_of(service, attributes);
  if (value.find("proxy_protocol_v2.enabled=true") != std::string::npos) return Asked{std::string(attributes), value};
  constexpr std::string_view features = "service.kubernetes.io/ibm-load-balancer-cloud-provider-enable-features";
  if (value_of(service, features).find("proxy-protocol") != std::string::npos)
    return Asked{std::string(features), value_of(service, features)};
  return std::nullopt;
}

std::optional<Asked> asks_for_tls_end(const Service& service, const ServicePort& port) {
  if (const std::optional<Asked> aws = aws_end(service, port)) return aws;
  if (const std::optional<Asked> digital_ocean = digital_ocean_end(service, port)) return digital_ocean;
  return hetzner_end(service);
}

std::vector<std::string> arguments_of(const Known<Workload>& workload) {
  std::vector<std::string> out;
  if (workload.document == nullptr) return out;
  for (const Value& container : workload.document->at_path("spec.template.spec.containers").items()) {
    for (const std::string_view list : {"command", "args"}) {
      for (const Value& word : container[list].items()) out.push_back(word.text());
    }
  }
  return out;
}

std::string argument(const std::vector<std::string>& arguments, std::string_view prefix) {
  const std::string wanted = lower_case(prefix);
  const auto found = std::find_if(arguments.begin(), arguments.end(),
                                  [&](const std::string& word) { return lower_case(word).starts_with(wanted); });
  return found == arguments.end() ? std::string() : *found;
}

namespace {

// One list of words, command or args, of one container.
std::optional<Flag> flag_in(const Value& words, const std::string& path, std::string_view name) {
  for (std::size_t at = 0; at < words.items().size(); ++at) {
    const std::string text = words[at].text();
    std::string_view word = text;
    if (!word.starts_with('-')) continue;
    word.remove_prefix(word.starts_with("--") ? 2 : 1);
    if (!word.starts_with(name)) continue;
    word.remove_prefix(name.size());
    if (word.starts_with('=')) return Flag{std::string(word.substr(1)), fmt::format("{}[{}]", path, at)};
    if (word.empty() && at + 1 < words.items().size()) return Flag{words[at + 1].text(), fmt::format("{}[{}]", path, at + 1)};
  }
  return std::nullopt;
}

}  // namespace

bool is_long_flag(std::string_view word) { return word.starts_with("-") && word.size() > 2; }

std::optional<Flag> flag_of(const Known<Workload>& workload, std::string_view name) {
  if (workload.document == nullptr) return std::nullopt;
  const Value& containers = workload.document->at_path("spec.template.spec.containers");
  for (std::size_t at = 0; at < containers.items().size(); ++at) {
    for (const std::string_view list : {"command", "args"}) {
      const std::string path = fmt::format("spec.template.spec.containers[{}].{}", at, list);
      if (std::optional<Flag> flag = flag_in(containers[at][list], path, name)) return flag;
    }
  }
  return std::nullopt;
}

std::optional<Ref> object_named_by(std::string_view value, Kind kind, std::string_view workload_ns) {
  constexpr std::string_view own = "$(POD_NAMESPACE)";
  const std::size_t slash = value.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::string_view ns = value.substr(0, slash) == own ? workload_ns : value.substr(0, slash);
  const std::string_view name = value.substr(slash + 1);
  const auto is_plain = [](std::string_view word) {
    return !word.empty() && word.find_first_of("$/ \"'") == std::string_view::npos;
  };
  if (!is_plain(ns) || !is_plain(name)) return std::nullopt;
  return ref(kind, ns, name);
}

}  // namespace gwdoctor

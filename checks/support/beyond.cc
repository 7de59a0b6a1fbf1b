#include "checks/support/beyond.h"

#include <algorithm>
#include <map>

#include "checks/support/names.h"
#include "checks/support/pods.h"
#include "kube/objects/fields.h"

namespace gwdoctor {

namespace {

bool has_word(const std::string& text, std::string_view word) { return text.find(word) != std::string::npos; }

// The readiness probe by HTTP that goes to this port.
const Probe* readiness_on(const Pod& pod, std::int64_t port) {
  for (const Container& container : pod.containers) {
    if (!container.readiness || container.readiness->type != "httpGet") continue;
    const Probe& probe = *container.readiness;
    const bool by_name = !probe.port_name.empty() && pod.named_port(probe.port_name) == port;
    if (probe.port == port || by_name) return &probe;
  }
  return nullptr;
}

bool speaks_tls(const ServicePort& port) {
  const std::string protocol = lower_case(port.app_protocol);
  return port.name == "https" || port.name.starts_with("https-") || protocol == "https" || protocol == "kubernetes.io/wss";
}

// How to ask on this port: scheme and path.
void fill_in(const UsedPort& used, const Pod* pod, std::int64_t number, const Facts& facts, ProxyQuestion& question) {
  const Probe* probe = pod == nullptr ? nullptr : readiness_on(*pod, number);
  question.path = probe != nullptr && probe->http_path.starts_with('/') ? probe->http_path : facts.settings().probe_path;
  if (probe != nullptr ? probe->scheme == "HTTPS" : speaks_tls(*used.port)) question.scheme = "https";
}

// The ready pods with the number of the port, by the slices.
std::map<std::string, std::int64_t> ready_pods(const UsedPort& used) {
  std::map<std::string, std::int64_t> pods;
  if (!used.backend->slices.present()) return pods;
  for (const Known<EndpointSlice>& slice : *used.backend->slices) {
    const auto port = std::find_if(slice->ports.begin(), slice->ports.end(), [&](const EndpointPort& one) {
      return one.name == used.port->name && one.protocol == used.port->protocol;
    });
    if (port == slice->ports.end() || !port->port) continue;
    for (const Endpoint& endpoint : slice->endpoints) {
      if (endpoint.ready && endpoint.target_kind == "Pod") pods.emplace(endpoint.target_name, *port->port);
    }
  }
  return pods;
}

const Pod* pod_named(const UsedPort& used, std::string_view name) {
  if (!used.backend->has_selector || !used.backend->pods.present()) return nullptr;
  for (const Known<Pod>& pod : *used.backend->pods) {
    if (pod->meta.ref.name == name) return pod.object.get();
  }
  return nullptr;
}

Reached ask(std::string pod, std::int64_t port, ProxyQuestion question, const Facts& facts) {
  Reached out{std::move(pod), port, std::move(question), {}};
  out.answer = facts.proxy(out.question);
  return out;
}

}  // namespace

Reached ask_service(const UsedPort& used, const Facts& facts) {
  const Ref& service = used.backend->ref;
  ProxyQuestion question;
  question.kind = Kind::service;
  question.ns = service.ns;
  question.name = service.name;
  question.port = std::to_string(used.port->port);
  const std::map<std::string, std::int64_t> pods = ready_pods(used);
  const Pod* example = pods.empty() ? nullptr : pod_named(used, pods.begin()->first);
  fill_in(used, example, pods.empty() ? 0 : pods.begin()->second, facts, question);
  return ask({}, used.port->port, std::move(question), facts);
}

std::vector<Reached> ask_pods(const UsedPort& used, const Facts& facts) {
  std::vector<Reached> out;
  for (const auto& [name, number] : ready_pods(used)) {
    if (out.size() == most_pods_asked) break;
    ProxyQuestion question;
    question.kind = Kind::pod;
    question.ns = used.backend->ref.ns;
    question.name = name;
    question.port = std::to_string(number);
    fill_in(used, pod_named(used, name), number, facts, question);
    out.push_back(ask(name, number, std::move(question), facts));
  }
  return out;
}

// The words of Go's net package, by which the API server tells why it had no answer.
Reply reply_of(const ProxyAnswer& answer) {
  if (answer.reached) return Reply::answered;
  if (has_word(answer.detail, "no endpoints available") || has_word(answer.detail, "not found")) return Reply::nobody;
  if (has_word(answer.detail, "connection refused")) return Reply::refused;
  for (const std::string_view word : {"timeout", "timed out", "deadline exceeded", "no route to host", "unreachable", "dial "}) {
    if (has_word(answer.detail, word)) return Reply::silent;
  }
  return Reply::other;
}

std::string answers_beyond(const Scope& scope, const Path& path, const Facts& facts) {
  if (!facts.probes(ProbeKind::service)) return {};
  std::vector<std::string> names;
  for (const UsedPort& used : used_ports(path)) {
    if (!used.scope.overlaps(scope) || used.port->protocol != "TCP") continue;
    const Reached reached = ask_service(used, facts);
    if (!reached.answer.present() || reply_of(*reached.answer) != Reply::answered) return {};
    names.push_back(used.backend->ref.text());
  }
  if (names.empty()) return {};
  return fmt::format("; {} behind it {}", join_names(names), names.size() == 1 ? "answers" : "answer");
}

}  // namespace gwdoctor

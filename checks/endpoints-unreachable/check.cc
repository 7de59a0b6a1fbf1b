#include "checks/check.h"

#include <algorithm>
#include <array>

#include "checks/support/beyond.h"
#include "checks/support/names.h"
#include "checks/support/pods.h"

namespace gwdoctor {

namespace {

struct Spot {
  const UsedPort& used;
  const Facts& facts;

  [[nodiscard]] const BackendView& backend() const { return *used.backend; }
  [[nodiscard]] const Scope& scope() const { return used.scope; }
};

Ref pod_of(const Spot& at, const std::string& name) { return ref(Kind::pod, at.backend().ref.ns, name); }

Ref evidence_of(const Reached& one, const Spot& at) {
  const Ref asked = one.pod.empty() ? at.backend().ref : pod_of(at, one.pod);
  return {"gwdoctor.dev/v1", "ProxyObservation", asked.ns, fmt::format("{}:{}", asked.name, one.question.port), {}};
}

// Their proxies take what comes from other pods of the mesh alone (failures/traps, 41).
bool is_meshed(const Spot& at, const std::string& name) {
  constexpr std::array<std::string_view, 3> proxies{"istio-proxy", "linkerd-proxy", "kuma-sidecar"};
  if (!at.backend().has_selector || !at.backend().pods.present()) return false;
  return std::any_of(at.backend().pods->begin(), at.backend().pods->end(), [&](const Known<Pod>& pod) {
    if (pod->meta.ref.name != name) return false;
    if (label(pod->meta.annotations, "ambient.istio.io/redirection") != nullptr) return true;
    return std::any_of(pod->containers.begin(), pod->containers.end(), [&](const Container& container) {
      return std::find(proxies.begin(), proxies.end(), container.name) != proxies.end();
    });
  });
}

bool is_pods_list_needed(const Spot& at) { return at.backend().has_selector && at.backend().pods.unknown(); }

// The pods that fail, by what fails.
struct Split {
  std::vector<const Reached*> answered;
  std::vector<const Reached*> refused;
  std::vector<const Reached*> silent;
  bool unknown = false;
};

Split split(const std::vector<Reached>& all, const Spot& at, Verdicts& out) {
  Split parts;
  for (const Reached& one : all) {
    if (one.answer.unknown()) {
      out.unknown(at.scope(), one.answer);
      parts.unknown = true;
      continue;
    }
    const Reply reply = reply_of(*one.answer);
    const bool fails = reply == Reply::refused || reply == Reply::silent;
    if (fails && !one.pod.empty() && is_meshed(at, one.pod)) continue;
    if (reply == Reply::answered || reply == Reply::other) parts.answered.push_back(&one);
    if (reply == Reply::refused) parts.refused.push_back(&one);
    if (reply == Reply::silent) parts.silent.push_back(&one);
  }
  return parts;
}

// The container that declares the port, else the first that is no init container.
std::string container_for(const Pod& pod, std::int64_t port) {
  std::string first;
  for (const Container& container : pod.containers) {
    if (container.is_init) continue;
    if (first.empty()) first = container.name;
    for (const ContainerPort& one : container.ports) {
      if (one.number == port) return container.name;
    }
  }
  return first;
}

// The field of the container in the workload: what was injected into the pod may have moved it.
std::string container_field(const PodGroup& group, const std::string& container, const Facts& facts) {
  const std::optional<Kind> kind = kind_of(group.owner);
  if (!kind || *kind == Kind::pod) return group.container_path(container);
  const Seen<Workload> workload = facts.get<Workload>(*kind, group.owner.ns, group.owner.name);
  if (!workload.present()) return group.container_path(container);
  for (const Container& one : workload->containers) {
    if (one.name == container) return one.path;
  }
  return group.container_path(container);
}

std::string undeclared(const Spot& at, std::int64_t port) {
  if (!at.backend().pods.present()) return {};
  const std::vector<ContainerPort> ports = declared_ports(serving_pods(at.backend()), at.used.port->protocol);
  const bool known =
      ports.empty() || std::any_of(ports.begin(), ports.end(), [&](const ContainerPort& one) { return one.number == port; });
  return known ? std::string() : fmt::format("; their containers declare {}", port_list(ports));
}

Fix remedy(const Spot& at, const Ref& object, const Reached& one) {
  const std::string port = std::to_string(one.port);
  std::vector<std::string> commands;
  if (!one.pod.empty()) {
    commands.push_back(
        fmt::format("kubectl get --raw {}", shell_quote(fmt::format("/api/v1/namespaces/{}/pods/{}:{}/proxy{}",
                                                                    at.backend().ref.ns, one.pod, port, one.question.path))));
    commands.push_back(fmt::format("kubectl logs {} --tail=50", kubectl_object(pod_of(at, one.pod))));
  }
  commands.push_back(fmt::format("kubectl describe {}", kubectl_object(object)));
  return by_hand(
      fmt::format("let the application listen on port {} of all its addresses (0.0.0.0 and ::, not 127.0.0.1), or lead the "
                  "Service to the port on which it does",
                  port),
      std::move(commands));
}

std::string_view verb(const std::vector<const Reached*>& bad, bool refused) {
  if (refused) return bad.size() == 1 ? "refuses connections" : "refuse connections";
  return bad.size() == 1 ? "does not answer" : "do not answer";
}

// Pods of one workload that are ready by their probes, and closed to requests.
void report_pods(const Spot& at, const std::vector<const Reached*>& bad, bool refused, bool part, Verdicts& out) {
  const auto suffers = [&](const Known<Pod>& pod) {
    return std::any_of(bad.begin(), bad.end(), [&](const Reached* one) { return one->pod == pod->meta.ref.name; });
  };
  for (const PodGroup& group : groups_of(at.backend(), at.facts, suffers)) {
    const auto first =
        std::find_if(bad.begin(), bad.end(), [&](const Reached* one) { return one->pod == group.example()->meta.ref.name; });
    const Reached& one = **first;
    FindingBuilder finding = out.fail(at.scope());
    finding.object(group.owner, container_field(group, container_for(*group.example(), one.port), at.facts))
        .reason("endpoints-unreachable")
        .certainty(Certainty::observed)
        .impact(part ? Impact::part : Impact::all)
        .says("{} {} ready and {} on port {}, to which {} leads{}", group.text(), group.is_single() ? "is" : "are",
              group.is_single() ? (refused ? "refuses connections" : "does not answer") : verb(bad, refused), one.port,
              at.backend().ref.text(), undeclared(at, one.port))
        .affects(at.backend().ref)
        .saw(evidence_of(one, at), "status.detail", one.answer.document().at_path("status.detail"))
        .fix(remedy(at, group.owner, one));
    affect(finding, group.pods);
  }
}

// Endpoints that somebody wrote by hand: the Service is asked, and answers for one of them.
void judge_manual(const Spot& at, const Reached& service, Verdicts& out) {
  if (service.answer.unknown()) return out.unknown(at.scope(), service.answer);
  const Reply reply = reply_of(*service.answer);
  if (reply == Reply::nobody) return;
  if (reply == Reply::answered || reply == Reply::other) return out.pass(at.scope());
  if (reply == Reply::silent) {
    const Why why{Why::Reason::vantage,
                  fmt::format("the API server has no connection to {}: {}", at.backend().ref.text(), service.answer->detail),
                  std::nullopt};
    return out.unknown(at.scope(), service.answer.wish(), why);
  }
  FindingBuilder finding = out.fail(at.scope());
  const Known<EndpointSlice>& slice = at.backend().slices->front();
  finding.object(slice->meta.ref, "endpoints")
      .reason("endpoints-manual-address-dead")
      .certainty(Certainty::observed)
      .says("the endpoints of {}, written by hand, refuse connections: {}", at.backend().ref.text(), service.answer->detail)
      .affects(at.backend().ref)
      .saw(evidence_of(service, at), "status.detail", service.answer.document().at_path("status.detail"))
      .fix(by_hand("correct the addresses and ports of the endpoints, or start what is to listen there",
                   {fmt::format("kubectl get {} -o yaml", kubectl_object(slice->meta.ref))}));
}

// The application itself fails: the way to it is whole.
void tell_of_errors(const Spot& at, const std::vector<const Reached*>& answered, Verdicts& out) {
  const auto fails = [](const Reached* one) { return one->answer->reached && one->answer->status >= 500; };
  if (answered.empty() || !std::all_of(answered.begin(), answered.end(), fails)) return;
  const Reached& one = *answered.front();
  out.fail(at.scope())
      .object(at.backend().ref)
      .reason("pod-app-5xx")
      .severity(Severity::info)
      .certainty(Certainty::observed)
      .says("the pods of {} answer GET {} with {} themselves: the way to them is whole", at.backend().ref.text(),
            one.question.path, one.answer->status)
      .saw(evidence_of(one, at), "status.code", one.answer.document().at_path("status.code"))
      .fix(by_hand("look for the reason in the application's log",
                   {fmt::format("kubectl logs {} --tail=50", kubectl_object(pod_of(at, one.pod)))}));
}

void judge_pods(const Spot& at, const std::vector<Reached>& pods, Verdicts& out) {
  const Split parts = split(pods, at, out);
  // Who the pods are tells whether a mesh guards them.
  if (is_pods_list_needed(at) && (!parts.refused.empty() || !parts.silent.empty()))
    return out.unknown(at.scope(), at.backend().pods);
  if (!parts.refused.empty()) report_pods(at, parts.refused, true, !parts.answered.empty(), out);
  if (!parts.silent.empty() && !parts.answered.empty()) {
    report_pods(at, parts.silent, false, true, out);
  } else if (!parts.silent.empty()) {
    // A control plane outside of the pods' network has no way to any of them, and a NetworkPolicy may keep it out.
    const Why why{Why::Reason::vantage,
                  fmt::format("the API server has no connection to the pods of {}: {}", at.backend().ref.text(),
                              parts.silent.front()->answer->detail),
                  std::nullopt};
    out.unknown(at.scope(), parts.silent.front()->answer.wish(), why);
  }
  tell_of_errors(at, parts.answered, out);
  if (parts.refused.empty() && parts.silent.empty() && !parts.answered.empty() && !parts.unknown) out.pass(at.scope());
}

void run(const Facts& facts, const Path& path, Verdicts& out) {
  if (!facts.probes(ProbeKind::service)) return;
  for (const UsedPort& used : used_ports(path)) {
    if (used.port->protocol != "TCP" || used.backend->slices.absent()) continue;
    const Spot at{used, facts};
    if (used.backend->slices.unknown()) {
      out.unknown(used.scope, used.backend->slices);
    } else if (count_endpoints(*used.backend->slices).ready == 0) {
      continue;  // endpoints-none, endpoints-not-ready
    } else if (const std::vector<Reached> pods = ask_pods(used, facts); !pods.empty()) {
      judge_pods(at, pods, out);
    } else {
      judge_manual(at, ask_service(used, facts), out);
    }
  }
}

}  // namespace

extern constinit const Check endpoints_unreachable{
    .code = "endpoints-unreachable",
    .title = "ready endpoints do not answer at their port",
    .severity = Severity::error,
    .layer = Layer::endpoints,
    .reads = {Kind::service, Kind::endpoint_slice, Kind::pod, Kind::deployment},
    .explains = {},
    .run = run,
};

}  // namespace gwdoctor

#include <algorithm>
#include <set>

#include "checks/check.h"
#include "checks/grace.h"
#include "checks/support/pods.h"
#include "checks/support/ports.h"

namespace gwdoctor {

namespace {

constexpr std::size_t most_shown = 20;

// The pods behind endpoints that are neither ready nor on their way out.
std::set<std::string> waiting_pods(const List<EndpointSlice>& slices) {
  std::set<std::string> names;
  for (const Known<EndpointSlice>& slice : slices) {
    for (const Endpoint& endpoint : slice->endpoints) {
      if (!endpoint.ready && !endpoint.terminating && endpoint.target_kind == "Pod") names.insert(endpoint.target_name);
    }
  }
  return names;
}

// The readiness gate that a pod with ready containers still waits for, or "".
std::string open_gate(const Pod& pod) {
  const Condition* containers = condition(pod.conditions, "ContainersReady");
  if (containers == nullptr || containers->status != Condition::Status::is_true) return {};
  for (const std::string& gate : pod.readiness_gates) {
    const Condition* met = condition(pod.conditions, gate);
    if (met == nullptr || met->status != Condition::Status::is_true) return gate;
  }
  return {};
}

std::string why_waiting(const BackendView& backend, const std::set<std::string>& waiting) {
  if (!backend.has_selector || !backend.pods.present()) return {};
  for (const Known<Pod>& pod : *backend.pods) {
    if (!waiting.contains(pod->meta.ref.name)) continue;
    const std::string gate = open_gate(*pod);
    if (!gate.empty()) return "; the containers of its pods are, and the readiness gate " + gate + " is not met";
  }
  return {};
}

// The first few endpoints that are not ready.
void add_endpoints(FindingBuilder& finding, const List<EndpointSlice>& slices) {
  constexpr std::size_t enough = 3;
  std::size_t added = 0;
  for (const Known<EndpointSlice>& slice : slices) {
    for (std::size_t at = 0; at < slice->endpoints.size() && added < enough; ++at) {
      if (slice->endpoints[at].ready) continue;
      const std::string path = fmt::format("endpoints[{}].conditions", at);
      finding.saw(slice->meta.ref, path, slice.document->at_path(path));
      ++added;
    }
  }
}

FindingBuilder begin(const BackendView& backend, const std::set<std::string>& waiting, std::string_view reason, Verdicts& out) {
  FindingBuilder finding = out.fail(backend.scope);
  finding.object(backend.ref).reason(reason).certainty(Certainty::observed);
  add_endpoints(finding, *backend.slices);
  std::size_t shown = 0;
  for (const std::string& name : waiting) {
    if (shown++ < most_shown) finding.affects(ref(Kind::pod, backend.ref.ns, name));
  }
  finding.fix(by_hand("find out what keeps the pods from being ready", {"kubectl describe " + kubectl_object(backend.ref)}));
  return finding;
}

bool all_starting(const BackendView& backend, const std::set<std::string>& waiting, const Facts& facts) {
  // Where the pods may not be read, a slice that just changed is the sign.
  if (!backend.has_selector || !backend.pods.present()) return just_changed(*backend.slices, facts);
  if (waiting.empty()) return false;
  return std::all_of(backend.pods->begin(), backend.pods->end(), [&](const Known<Pod>& pod) {
    if (!waiting.contains(pod->meta.ref.name) || !is_meant_to_serve(*pod)) return true;
    return is_starting(*pod, facts) && crashing_container(pod, facts) == nullptr;
  });
}

void judge_none(const BackendView& backend, const EndpointCount& count, const Facts& facts, Verdicts& out) {
  const std::set<std::string> waiting = waiting_pods(*backend.slices);
  if (all_starting(backend, waiting, facts)) {
    out.unknown(backend.scope, backend.slices.wish(), pending("the pods to be ready"));
  } else if (count.draining != 0 && count.waiting == 0) {
    // Proxies fall back to what is terminating and still serves (KEP-1669).
    begin(backend, waiting, "endpoints-all-terminating", out)
        .says("{} of {} is being terminated, while {} still serves", count.all == 1 ? "the only endpoint" : "every endpoint",
              backend.ref.text(), count.all == 1 ? "it" : fmt::format("{} of {}", count.draining, count.all))
        .severity(Severity::warning);
  } else if (count.all == 1) {
    begin(backend, waiting, "endpoints-none-ready", out)
        .says("the only endpoint of {} is not ready{}", backend.ref.text(), why_waiting(backend, waiting));
  } else {
    begin(backend, waiting, "endpoints-none-ready", out)
        .says("none of the {} endpoints of {} is ready{}", count.all, backend.ref.text(), why_waiting(backend, waiting));
  }
}

// Some are not ready: a fault only where that is more than a rollout takes away (rulings, 11).
void judge_some(const BackendView& backend, const EndpointCount& count, const Facts& facts, Verdicts& out) {
  if (!backend.has_selector) return out.pass(backend.scope);
  if (!backend.pods.present()) return out.unknown(backend.scope, backend.pods);
  const std::set<std::string> waiting = waiting_pods(*backend.slices);
  const std::vector<PodGroup> groups = groups_of(
      backend, facts, [&](const Known<Pod>& pod) { return waiting.contains(pod->meta.ref.name) && is_late(*pod, facts); });
  bool part = false;
  std::optional<Loss> blind;
  for (const PodGroup& group : groups) {
    const Loss loss = loss_of(group, backend, facts);
    part = part || loss.impact != Impact::none;
    if (loss.missing) blind = loss;
  }
  if (part) {
    begin(backend, waiting, "endpoints-some-not-ready", out)
        .says("{} of {} endpoints of {} {} not ready, more than a rollout may take away", count.waiting, count.all,
              backend.ref.text(), count.waiting == 1 ? "is" : "are")
        .impact(Impact::part);
  } else if (blind) {
    out.unknown(backend.scope, *blind->missing, blind->why);
  } else {
    out.pass(backend.scope);
  }
}

// The Service has endpoints, and none, or too few, of them are ready. An absent condition means ready (traps, 5), and
// what the slices say counts, not the pods: publishNotReadyAddresses (traps, 4).
void run(const Facts& facts, const Path& path, Verdicts& out) {
  for (const BackendView& backend : path.backends) {
    if (!backend.is_service || backend.service.absent()) continue;
    if (backend.slices.unknown()) out.unknown(backend.scope, backend.slices);
    if (!backend.slices.present()) continue;
    const EndpointCount count = count_endpoints(*backend.slices);
    if (count.all == 0) continue;
    if (count.ready == 0) {
      judge_none(backend, count, facts, out);
    } else if (count.waiting == 0) {
      out.pass(backend.scope);
    } else {
      judge_some(backend, count, facts, out);
    }
  }
}

}  // namespace

extern constinit const Check endpoints_not_ready{
    .code = "endpoints-not-ready",
    .title = "none, or too few, of a Service's endpoints are ready",
    .severity = Severity::error,
    .layer = Layer::endpoints,
    .reads = {Kind::service, Kind::endpoint_slice, Kind::pod, Kind::pod_disruption_budget},
    .explains = {"endpoints-none"},
    .run = run,
};

}  // namespace gwdoctor

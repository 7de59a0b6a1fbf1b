#include <algorithm>
#include <array>

#include "checks/check.h"
#include "checks/support/workloads.h"

namespace gwdoctor {

namespace {

// Where tools that scale down keep the number to go back to.
std::int64_t replicas_before(const Workload& workload) {
  constexpr std::array<std::string_view, 3> keys{"downscaler/original-replicas", "kube-green.stratio.com/replicas",
                                                 "deployment.kubernetes.io/desired-replicas"};
  constexpr std::size_t longest = 4;
  for (const std::string_view key : keys) {
    const std::string* text = label(workload.meta.annotations, key);
    if (text == nullptr || text->empty() || text->size() > longest) continue;
    if (text->find_first_not_of("0123456789") == std::string::npos && *text != "0") return std::stoll(*text);
  }
  return 1;
}

// A DaemonSet has no replicas: none wanted means that no node fits.
void fail_daemon_set(const BackendView& backend, const Known<Workload>& workload, Verdicts& out) {
  const Ref& object = workload->meta.ref;
  out.fail(backend.scope)
      .object(object, "spec.template.spec.nodeSelector")
      .says("{} wants no pod: no node fits its node selector, affinity and tolerations", object.text())
      .reason("pod-replicas-zero")
      .saw(object, "status.desiredNumberScheduled", workload.document->at_path("status.desiredNumberScheduled"))
      .saw(object, "spec.template.spec.nodeSelector", workload.document->at_path("spec.template.spec.nodeSelector"))
      .affects(backend.ref)
      .fix(by_hand("let the DaemonSet fit some node: correct its node selector or label a node",
                   {"kubectl get nodes --show-labels"}));
}

void fail(const BackendView& backend, const Known<Workload>& workload, Verdicts& out) {
  const Ref& object = workload->meta.ref;
  FindingBuilder finding = out.fail(backend.scope);
  finding.object(object, "spec.replicas")
      .affects(backend.ref)
      .saw(object, "spec.replicas", workload.document->at_path("spec.replicas"));
  const std::string autoscaler = autoscaler_of(*workload);
  if (autoscaler.empty()) {
    const std::int64_t replicas = replicas_before(*workload);
    finding.says("{} is scaled to 0 replicas, so that {} has no pod", object.text(), backend.ref.text())
        .reason("pod-replicas-zero")
        .fix(scale(object, replicas, fmt::format("scale it to {} replica{}", replicas, replicas == 1 ? "" : "s")));
    return;
  }
  // It may be idle on purpose, with an activator somewhere before the Service (failures/traps, 37).
  finding
      .says("{} is scaled to 0 replicas by {}, so that {} has no pod until it scales up", object.text(), autoscaler,
            backend.ref.text())
      .reason("pod-autoscaled-to-zero")
      .severity(Severity::warning)
      .certainty(Certainty::observed)
      .fix(by_hand(fmt::format("send the requests through what wakes it, or let {} keep one replica", autoscaler)));
}

// The workload behind the Service wants no pods. Silent while another workload of the same labels wants some: then its
// pods are what is missing.
void run(const Facts&, const Path& path, Verdicts& out) {
  for (const BackendView& backend : path.backends) {
    if (!backend.has_selector) continue;
    if (backend.pods.unknown()) out.unknown(backend.scope, backend.pods);
    const std::vector<Known<Workload>> idle = scaled_to_zero(backend);
    // A workload of these labels that wants no pod tells enough where the pods may not be read.
    if (!backend.pods.present() && idle.empty()) continue;
    if (idle.empty() && backend.workloads_missing && backend.pods->empty()) {
      out.unknown(backend.scope, *backend.workloads_missing, backend.workloads_why);
    } else if (idle.empty()) {
      out.pass(backend.scope);
    } else if (idle.front()->kind == Kind::daemon_set) {
      fail_daemon_set(backend, idle.front(), out);
    } else {
      fail(backend, idle.front(), out);
    }
  }
}

}  // namespace

extern constinit const Check workload_scaled_to_zero{
    .code = "workload-scaled-to-zero",
    .title = "the workload behind a Service wants no pods",
    .severity = Severity::error,
    .layer = Layer::pods,
    .reads = {Kind::pod},
    .explains = {"endpoints-none", "endpoints-not-ready", "service-selector-mismatch"},
    .run = run,
};

}  // namespace gwdoctor

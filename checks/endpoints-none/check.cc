#include <algorithm>

#include "checks/check.h"
#include "checks/grace.h"
#include "checks/support/pods.h"
#include "checks/support/ports.h"
#include "checks/support/workloads.h"

namespace gwdoctor {

namespace {

constexpr std::string_view service_label = "kubernetes.io/service-name";

// A slice that somebody wrote for this Service and did not label: it is named after it, and belongs to nobody.
std::optional<Known<EndpointSlice>> unlabelled_slice(const Facts& facts, const Ref& service) {
  const Seen<List<EndpointSlice>> slices = facts.list<EndpointSlice>(Kind::endpoint_slice, service.ns);
  if (!slices.present()) return std::nullopt;
  std::optional<Known<EndpointSlice>> found;
  for (const Known<EndpointSlice>& slice : *slices) {
    const std::string& name = slice->meta.ref.name;
    const bool named = name == service.name || name.starts_with(service.name + "-");
    if (!named || !slice->service.empty() || !slice->managed_by.empty() || slice->endpoints.empty()) continue;
    if (!found || slice->meta.ref < (*found)->meta.ref) found = slice;
  }
  return found;
}

void fail_unlabelled(const BackendView& backend, const Known<EndpointSlice>& slice, Verdicts& out) {
  const Ref& object = slice->meta.ref;
  out.fail(backend.scope)
      .object(object, "metadata.labels")
      .says("{} lacks the label {}={}, so that {} has no endpoint", object.text(), service_label, backend.ref.name,
            backend.ref.text())
      .reason("endpoints-manual-slice-unlabelled")
      .saw(object, "metadata.labels", slice.document->at_path("metadata.labels"))
      .affects(backend.ref)
      .fix(set_label(object, *slice.document, service_label, backend.ref.name,
                     "label the EndpointSlice with the name of its Service"));
}

// The Service neither selects pods nor has slices of its own. A Deployment of its name is likely what it stands for.
void fail_selectorless(const Facts& facts, const BackendView& backend, Verdicts& out) {
  if (const auto slice = unlabelled_slice(facts, backend.ref)) return fail_unlabelled(backend, *slice, out);
  FindingBuilder finding = out.fail(backend.scope);
  finding.object(backend.ref, "spec.selector")
      .says("{} has no selector, and no EndpointSlice carries its name", backend.ref.text())
      .reason("service-no-selector-no-slices")
      .saw(backend.service, backend.ref, "spec")
      .fix(by_hand("give the Service a selector, or EndpointSlices that carry its name in the label kubernetes.io/service-name"));
  const Seen<Workload> workload = facts.get<Workload>(Kind::deployment, backend.ref.ns, backend.ref.name);
  if (!workload.present() || workload->template_labels.empty()) return;
  Value selector{Value::Object{}};
  const Value& labels = workload.document().at_path("spec.selector.matchLabels");
  for (const auto& [key, value] : labels.members()) selector.set(key, value);
  if (selector.size() == 0) return;
  finding.affects(workload->meta.ref)
      .fix(set_field(backend.ref, backend.service.document(), "spec.selector", std::move(selector),
                     "select the pods of " + workload->meta.ref.text()));
}

// What keeps a workload from making pods: its ReplicaFailure condition.
std::string refusal(const BackendView& backend) {
  for (const Known<Workload>& workload : backend.workloads) {
    const Condition* failure = condition(workload->conditions, "ReplicaFailure");
    const bool failed = failure != nullptr && failure->status == Condition::Status::is_true;
    if (workload->replicas == 0) continue;
    const std::string wanted = fmt::format("{} wants {} pod{} and has none", workload->meta.ref.text(), workload->replicas,
                                           workload->replicas == 1 ? "" : "s");
    return failed ? wanted + ": " + one_line(failure->message) : wanted;
  }
  return {};
}

std::string why_none(const BackendView& backend) {
  if (!backend.pods.present()) return {};
  if (backend.pods->empty()) {
    const std::string refused = refusal(backend);
    return refused.empty() ? "" : "; " + refused;
  }
  const auto ready = std::count_if(backend.pods->begin(), backend.pods->end(),
                                   [](const Known<Pod>& pod) { return is_meant_to_serve(*pod) && pod->is_ready(); });
  if (ready != 0) return fmt::format(", though {} of its pods {} ready", ready, ready == 1 ? "is" : "are");
  const auto live =
      std::count_if(backend.pods->begin(), backend.pods->end(), [](const Known<Pod>& pod) { return is_meant_to_serve(*pod); });
  if (live == 0) return "; the pods that it selects are finished or being deleted";
  return live == 1 ? "; its only pod has no address yet" : fmt::format("; none of its {} pods has an address yet", live);
}

Fix find_out(const BackendView& backend) {
  for (const Known<Workload>& workload : backend.workloads) {
    if (workload->replicas == 0) continue;
    return by_hand("let the workload make its pods: act on what it was answered",
                   {"kubectl describe " + kubectl_object(workload->meta.ref),
                    fmt::format("kubectl get events -n {} --field-selector reason=FailedCreate", shell_quote(backend.ref.ns))});
  }
  return by_hand("find out why the Service has no endpoints", {"kubectl describe " + kubectl_object(backend.ref)});
}

void fail(const BackendView& backend, Verdicts& out) {
  FindingBuilder finding = out.fail(backend.scope);
  finding.object(backend.ref)
      .says("{} has no endpoint{}", backend.ref.text(), why_none(backend))
      .reason("endpoints-none")
      .fix(find_out(backend));
  for (const Known<EndpointSlice>& slice : *backend.slices)
    finding.saw(slice->meta.ref, "endpoints", slice.document->at_path("endpoints"));
  for (const Known<Workload>& workload : backend.workloads) {
    if (workload->replicas == 0) continue;
    finding.saw(workload->meta.ref, "status.conditions", workload.document->at_path("status.conditions"));
  }
  // What sleeps on purpose is a risk: something may wake it (failures/traps, 37).
  const std::vector<Known<Workload>> idle = scaled_to_zero(backend);
  if (!idle.empty() && !autoscaler_of(*idle.front()).empty()) finding.severity(Severity::warning);
}

// Whether the endpoints may still come: the Service was just made, or all of its pods are just starting. Where the pods
// may not be read, a slice that just changed is the sign.
bool may_come(const BackendView& backend, const Facts& facts) {
  if (settling(backend.service->meta, facts)) return true;
  if (!backend.has_selector || !backend.pods.present()) return just_changed(*backend.slices, facts);
  bool any = false;
  for (const Known<Pod>& pod : *backend.pods) {
    if (!is_meant_to_serve(*pod)) continue;
    if (!is_starting(*pod, facts) || crashing_container(pod, facts) != nullptr) return false;
    any = true;
  }
  return any;
}

// No EndpointSlice of the Service holds an endpoint; they are counted together (failures/traps, 50). Mostly a
// consequence, which the cause takes along. Silent about ExternalName Services, which have none (traps, 2).
void run(const Facts& facts, const Path& path, Verdicts& out) {
  for (const BackendView& backend : path.backends) {
    if (!backend.is_service) continue;
    if (backend.service.unknown()) out.unknown(backend.scope, backend.service);
    if (!backend.service.present() || backend.service->is_external_name()) continue;
    if (backend.slices.unknown()) out.unknown(backend.scope, backend.slices);
    if (!backend.slices.present()) continue;
    if (count_endpoints(*backend.slices).all != 0) {
      out.pass(backend.scope);
    } else if (may_come(backend, facts)) {
      out.unknown(backend.scope, backend.slices.wish(), pending("its pods"));
    } else if (!backend.has_selector) {
      fail_selectorless(facts, backend, out);
    } else {
      fail(backend, out);
    }
  }
}

}  // namespace

extern constinit const Check endpoints_none{
    .code = "endpoints-none",
    .title = "a Service has no endpoint at all",
    .severity = Severity::error,
    .layer = Layer::endpoints,
    .reads = {Kind::service, Kind::endpoint_slice, Kind::pod, Kind::deployment},
    .explains = {"route-refs-unresolved"},
    .run = run,
};

}  // namespace gwdoctor

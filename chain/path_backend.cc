#include <algorithm>

#include "chain/backend_problem.h"
#include "chain/builder.h"

namespace gwdoctor {

namespace {

// The Service's slices are known, and hold no endpoint.
bool serves_nothing(const BackendView& view) {
  return view.slices.present() && std::all_of(view.slices->begin(), view.slices->end(),
                                              [](const Known<EndpointSlice>& slice) { return slice->endpoints.empty(); });
}

}  // namespace

std::size_t PathBuilder::add_grant(const Ref& from, std::string_view path, const ObjectRef& to) {
  for (std::size_t at = 0; at < path_.grants.size(); ++at) {
    if (path_.grants[at].from == from && path_.grants[at].path == path) return at;
  }
  GrantView view;
  view.from = from;
  view.path = std::string(path);
  view.to = to;
  view.grants = facts_.list<ReferenceGrant>(Kind::reference_grant, to.ns);
  view.state = grant_state(view.grants, from, to);
  path_.grants.push_back(std::move(view));
  return path_.grants.size() - 1;
}

std::size_t PathBuilder::add_backend(const ObjectRef& reference) {
  Ref wanted;
  const std::optional<Kind> kind = kind_of(reference.group, reference.kind);
  if (kind) {
    wanted = ref(*kind, reference.ns, reference.name);
  } else {
    wanted.api_version = reference.group;
    wanted.kind = reference.kind;
    wanted.ns = reference.ns;
    wanted.name = reference.name;
  }
  for (std::size_t at = 0; at < path_.backends.size(); ++at) {
    if (path_.backends[at].ref == wanted) return at;
  }
  BackendView view;
  view.ref = wanted;
  view.is_service = reference.is("", "Service");
  if (view.is_service) {
    view.service = facts_.service(reference.ns, reference.name);
    // Asked for together with the Service, not after it: one round less for a list that is nearly always needed.
    if (!view.service.absent()) view.slices = facts_.slices(reference.ns, reference.name);
    view.has_selector = view.service.present() && !view.service->selector.empty() && !view.service->is_external_name();
    if (view.has_selector) {
      view.pods = facts_.list<Pod>(Kind::pod, reference.ns, Selector::from_labels(view.service->selector));
      find_owners(view);
    }
  }
  path_.backends.push_back(std::move(view));
  return path_.backends.size() - 1;
}

void PathBuilder::find_owners(BackendView& view) {
  if (view.pods.unknown() && !view.pods.why().message.empty() && serves_nothing(view)) {
    // The pods cannot be read (a fact that is only on its way has no reason yet), and nothing serves: the workload may tell.
    find_makers(view);
    return;
  }
  if (!view.pods.present()) return;
  // Finished pods are left over: nothing serves, just as without any (failures/traps, 36).
  const bool any = std::any_of(view.pods->begin(), view.pods->end(), [](const Known<Pod>& pod) { return !pod->is_finished(); });
  if (any) {
    for (const Known<Pod>& pod : *view.pods) {
      if (!pod->is_ready() && !pod->is_finished()) find_owner(view, *pod);
    }
    return;
  }
  find_makers(view);
}

// Without any pod, a workload whose template carries the labels is the one that should make them.
void PathBuilder::find_makers(BackendView& view) {
  const Selector selector = Selector::from_labels(view.service->selector);
  for (const Kind kind : {Kind::deployment, Kind::stateful_set, Kind::daemon_set}) {
    const Seen<List<Workload>> workloads = facts_.list<Workload>(kind, view.ref.ns);
    if (workloads.unknown()) {
      view.workloads_missing = workloads.wish();
      view.workloads_why = workloads.why();
    }
    if (!workloads.present()) continue;
    for (const Known<Workload>& workload : *workloads) {
      if (selector.matches(workload->template_labels)) view.workloads.push_back(workload);
    }
  }
}

void PathBuilder::find_owner(BackendView& view, const Pod& pod) {
  for (const OwnerRef& owner : pod.meta.owners) {
    if (!owner.controller) continue;
    if (owner.kind == "StatefulSet") add_owner(view, Kind::stateful_set, owner.name);
    if (owner.kind == "DaemonSet") add_owner(view, Kind::daemon_set, owner.name);
    if (owner.kind != "ReplicaSet") continue;
    // A Deployment names its ReplicaSets after itself and the hash that the pods carry as a label: no detour over
    // the ReplicaSet.
    const std::string* hash = label(pod.meta.labels, "pod-template-hash");
    if (hash != nullptr && owner.name.size() > hash->size() + 1 && owner.name.ends_with("-" + *hash)) {
      add_owner(view, Kind::deployment, owner.name.substr(0, owner.name.size() - hash->size() - 1));
    } else {
      add_owner(view, Kind::replica_set, owner.name);
    }
  }
}

void PathBuilder::add_owner(BackendView& view, Kind kind, const std::string& name) {
  for (const Known<Workload>& known : view.workloads) {
    if (known->kind == kind && known->meta.ref.name == name) return;
  }
  const Seen<Workload> workload = facts_.get<Workload>(kind, view.ref.ns, name);
  if (workload.unknown()) {
    view.workloads_missing = workload.wish();
    view.workloads_why = workload.why();
  }
  if (workload.present()) view.workloads.push_back({workload.shared(), workload.shared_document()});
}

}  // namespace gwdoctor

#include <algorithm>
#include <initializer_list>

#include "chain/builder.h"

namespace gwdoctor {

namespace {

// Places are alternatives: once an earlier one has found something, what a later one finds is something else.
void look(WorkloadSearch& search, const WorkloadQuery& query, std::initializer_list<Kind> kinds, const Facts& facts) {
  const Selector selector = Selector::parse(query.labels);
  const bool settled = !search.found.empty();
  for (const Kind kind : kinds) {
    search.lists.push_back(facts.list<Workload>(kind, query.ns, selector));
    const Seen<List<Workload>>& listed = search.lists.back();
    if (settled || !listed.present()) continue;
    for (const Known<Workload>& workload : *listed) {
      const bool twice = std::any_of(search.found.begin(), search.found.end(),
                                     [&](const Known<Workload>& known) { return known->meta.ref == workload->meta.ref; });
      if (!twice) search.found.push_back(workload);
    }
  }
}

// A controller beside its data plane is a Deployment in every row of the table; one that carries the requests itself may
// as well run on every node.
bool is_beside_its_data_plane(const Controller& known) {
  const auto apart = [](const DataPlane& plane) {
    return plane.kind == DataPlane::Kind::workload || plane.kind == DataPlane::Kind::per_gateway;
  };
  return apart(known.ingress_plane) || apart(known.gateway_plane);
}

// How many of the alternatives of a row are asked for, all at once: each costs two requests.
constexpr std::size_t max_places = 3;

}  // namespace

const Seen<List<Workload>>* WorkloadSearch::unread() const {
  const auto unknown = std::find_if(lists.begin(), lists.end(), [](const auto& list) { return list.unknown(); });
  return unknown == lists.end() ? nullptr : &*unknown;
}

std::size_t PathBuilder::add_controller(std::string_view name, const Controller* known) {
  for (std::size_t at = 0; at < path_.controllers.size(); ++at) {
    if (path_.controllers[at].name == name) return at;
  }
  ControllerView view;
  view.name = std::string(name);
  view.known = known;
  // A row that knows the labels of pods alone (Controller::pods, Application Gateway for Containers) is not searched for:
  // its absence could not be told from other labels.
  if (known != nullptr && known->runs == Runs::in_cluster) {
    for (const Place& place : known->workloads) {
      if (place.where == Where::any_namespace &&
          view.control.lists.size() < max_places * (is_beside_its_data_plane(*known) ? 1 : 2)) {
        const WorkloadQuery query{"", std::string(place.labels)};
        if (is_beside_its_data_plane(*known)) {
          look(view.control, query, {Kind::deployment}, facts_);
        } else {
          look(view.control, query, {Kind::deployment, Kind::daemon_set}, facts_);
        }
      }
    }
  }
  path_.controllers.push_back(std::move(view));
  return path_.controllers.size() - 1;
}

void PathBuilder::add_data_plane(std::size_t controller, const DataPlane& plane, const Ref& gateway) {
  ControllerView& view = path_.controllers[controller];
  if (plane.kind != DataPlane::Kind::workload && plane.kind != DataPlane::Kind::per_gateway) return;
  const Ref serves = plane.kind == DataPlane::Kind::per_gateway ? gateway : Ref{};
  for (const ControllerView::Plane& known : view.planes) {
    if (known.gateway == serves) return;
  }
  ControllerView::Plane found;
  found.gateway = serves;
  // Until the controller is found, where its installation puts it: one round less where that is so.
  std::string ns = view.known->namespaces.empty() ? std::string() : std::string(view.known->namespaces.front());
  if (!view.control.found.empty()) ns = view.control.found.front()->meta.ref.ns;
  for (const WorkloadQuery& query : workload_queries(plane, ns, gateway.ns, gateway.name)) {
    if (found.search.lists.size() < 2 * max_places) look(found.search, query, {Kind::deployment, Kind::daemon_set}, facts_);
  }
  view.planes.push_back(std::move(found));
}

}  // namespace gwdoctor

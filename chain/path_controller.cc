#include <algorithm>

#include "chain/builder.h"

namespace gwdoctor {

namespace {

// Places are alternatives: once an earlier one has found something, what a later one finds is something else.
void look(WorkloadSearch& search, const WorkloadQuery& query, const Facts& facts) {
  const Selector selector = Selector::parse(query.labels);
  const bool settled = !search.found.empty();
  for (const Kind kind : {Kind::deployment, Kind::daemon_set}) {
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
      if (place.where == Where::any_namespace && view.control.lists.size() < 2 * max_places) {
        look(view.control, {"", std::string(place.labels)}, facts_);
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
  const std::string ns = view.control.found.empty() ? std::string() : view.control.found.front()->meta.ref.ns;
  for (const WorkloadQuery& query : workload_queries(plane, ns, gateway.ns, gateway.name)) {
    if (found.search.lists.size() < 2 * max_places) look(found.search, query, facts_);
  }
  view.planes.push_back(std::move(found));
}

}  // namespace gwdoctor

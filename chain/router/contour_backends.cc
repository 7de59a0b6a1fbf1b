#include <fmt/format.h>

#include <algorithm>

#include "chain/router/contour.h"
#include "kube/objects/grant.h"

namespace gwdoctor {

namespace {

// Whether a route of `from` may refer to a Service (ReferenceGrantSpec). Nothing where that could not be read.
std::optional<bool> is_granted(const Ref& from, const Ref& to, const Facts& facts, std::vector<Unread>& unread) {
  if (from.ns == to.ns) return true;
  const Seen<List<ReferenceGrant>> grants = facts.list<ReferenceGrant>(Kind::reference_grant, to.ns);
  if (grants.unknown()) {
    unread.push_back({grants.wish(), grants.why()});
    return std::nullopt;
  }
  if (!grants.present()) return false;
  return std::any_of(grants->begin(), grants->end(), [&](const Known<ReferenceGrant>& grant) {
    const bool from_fits = std::any_of(grant->from.begin(), grant->from.end(), [&](const ReferenceGrant::From& one) {
      return one.group == "gateway.networking.k8s.io" && one.kind == from.kind && one.ns == from.ns;
    });
    return from_fits && std::any_of(grant->to.begin(), grant->to.end(), [&](const ReferenceGrant::To& one) {
             return one.group.empty() && one.kind == "Service" && (one.name.empty() || one.name == to.name);
           });
  });
}

// Why a backendRef cannot be used; "" where it can, or where that could not be read.
std::string problem_of(const Ref& route, const TracedBackend& backend, const Facts& facts, std::vector<Unread>& unread) {
  if (backend.object.kind != "Service") return fmt::format("{} is no Service", backend.object.text());
  if (!backend.port) return "no port is named";
  if (is_granted(route, backend.object, facts, unread) == false)
    return fmt::format("no ReferenceGrant in namespace {} lets {} refer to it", backend.object.ns, route.text());
  const Seen<Service> service = facts.service(backend.object.ns, backend.object.name);
  if (service.absent()) return fmt::format("{} does not exist", backend.object.text());
  if (service.unknown()) unread.push_back({service.wish(), service.why()});
  if (service.present() && !service->is_external_name() && service->port(*backend.port) == nullptr)
    return fmt::format("{} has no port {}", backend.object.text(), *backend.port);
  return {};
}

}  // namespace

void leave_out_invalid(const GatewayDialect& dialect, const Facts& facts, Trace& trace) {
  Outcome& out = trace.outcome;
  if (out.action != Action::forward || out.backends.size() < 2 || out.route.kind != info(Kind::http_route).name) return;
  std::vector<TracedBackend> kept;
  std::vector<std::string> notes;
  std::int64_t total = 0;
  for (const TracedBackend& backend : out.backends) {
    const std::string problem = problem_of(out.route, backend, facts, trace.unread);
    if (problem.empty()) {
      kept.push_back(backend);
      total += backend.weight;
    } else {
      notes.push_back(
          fmt::format("{} {} leaves {} out and gives the other backends its share, where the Gateway API has that share "
                      "answered with 500: {}",
                      dialect.name, dialect.version, backend.object.text(), problem));
    }
  }
  if (kept.empty() || notes.empty()) return;
  for (TracedBackend& backend : kept) backend.share = static_cast<double>(backend.weight) / static_cast<double>(total);
  out.backends = std::move(kept);
  out.notes.insert(out.notes.end(), notes.begin(), notes.end());
}

}  // namespace gwdoctor

#include <fmt/format.h>

#include "chain/backend_problem.h"
#include "chain/router/contour.h"

namespace gwdoctor {

namespace {

// Why a backendRef cannot be used; "" where it can, or where that could not be read.
std::string problem_of(const Ref& route, const TracedBackend& backend, const Facts& facts, std::vector<Unread>& unread) {
  if (backend.object.kind != "Service") return fmt::format("{} is no Service", backend.object.text());
  if (!backend.port) return "no port is named";
  if (std::string why = grant_problem(route, backend.object, facts, unread); !why.empty()) return why;
  const Seen<Service> service = facts.service(backend.object.ns, backend.object.name);
  if (service.unknown()) unread.push_back({service.wish(), service.why()});
  return service_problem(service, backend.object, backend.port, {});
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

#include "chain/router/mirrors.h"

#include <fmt/format.h>

#include "chain/backend_problem.h"

namespace gwdoctor {

namespace {

// Why a mirror gets no copies; "" where it does, or where that could not be read: no answer depends on it.
std::string problem_of(const Ref& route, const Ref& mirror, const Facts& facts) {
  if (mirror.kind != info(Kind::service).name) return {};
  std::vector<Unread> ignored;
  if (std::string why = grant_problem(route, mirror, facts, ignored); !why.empty()) return why;
  const Seen<Service> service = facts.service(mirror.ns, mirror.name);
  return service.absent() ? fmt::format("{} does not exist", mirror.text()) : std::string();
}

}  // namespace

void drop_invalid_mirrors(const Facts& facts, Trace& trace) {
  Outcome& out = trace.outcome;
  std::vector<TracedMirror> kept;
  for (TracedMirror& mirror : out.mirrors) {
    const std::string problem = problem_of(out.route, mirror.object, facts);
    if (problem.empty()) {
      kept.push_back(std::move(mirror));
      continue;
    }
    std::erase(out.notes, mirror.note);
    out.notes.push_back(fmt::format("no requests are copied to {}: {}", mirror.object.text(), problem));
  }
  out.mirrors = std::move(kept);
}

}  // namespace gwdoctor

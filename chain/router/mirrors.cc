#include "chain/router/mirrors.h"

#include <fmt/format.h>

#include <algorithm>

#include "chain/backend_problem.h"

namespace gwdoctor {

namespace {

// Why a mirror gets no copies; "" where it does, or where that could not be read: no answer depends on it.
std::string problem_of(const Ref& route, const Ref& mirror, const Facts& facts) {
  if (mirror.kind != info(Kind::service).name) return {};
  if (mirror.ns != route.ns) {
    ObjectRef to;
    to.kind = mirror.kind;
    to.ns = mirror.ns;
    to.name = mirror.name;
    const Seen<List<ReferenceGrant>> grants = facts.list<ReferenceGrant>(Kind::reference_grant, to.ns);
    const GrantView::State state = grant_state(grants, route, to);
    if (state == GrantView::State::missing || state == GrantView::State::mismatch) return ungranted(route, to.ns);
  }
  const Seen<Service> service = facts.service(mirror.ns, mirror.name);
  return service.absent() ? fmt::format("{} does not exist", mirror.text()) : std::string();
}

}  // namespace

void drop_invalid_mirrors(const Facts& facts, Trace& trace) {
  Outcome& out = trace.outcome;
  std::vector<Ref> kept;
  for (const Ref& mirror : out.mirrors) {
    const std::string problem = problem_of(out.route, mirror, facts);
    if (problem.empty()) {
      kept.push_back(mirror);
      continue;
    }
    const std::string told = " are copied to " + mirror.text();
    std::erase_if(out.notes, [&](const std::string& note) {
      const std::size_t at = note.find(told);
      return at != std::string::npos &&
             (at + told.size() == note.size() || note.find_first_of(":,", at + told.size()) == at + told.size());
    });
    out.notes.push_back(fmt::format("no requests are copied to {}: {}", mirror.text(), problem));
  }
  out.mirrors = std::move(kept);
}

}  // namespace gwdoctor

#include "report/tracing.h"

#include "chain/router/tracer.h"
#include "checks/engine.h"

namespace gwdoctor {

namespace {

// Gateways, their classes and routes, namespaces: a search goes no deeper.
constexpr int max_rounds = 12;

Target target_of(Question question, const EntryPoint& entry) {
  const bool gateway = entry.kind == EntryPoint::Kind::gateway;
  Target target{gateway ? Kind::gateway : Kind::ingress_class, entry.ns, entry.name, nullptr};
  question.entry = entry;
  target.question = std::make_shared<const Question>(std::move(question));
  return target;
}

}  // namespace

std::vector<Target> trace_targets(const Question& question, Facts& facts, Source& source) {
  EntryPoints found = find_entry_points(question, facts);
  for (int round = 0; round < max_rounds && fetch_wanted(facts, source); ++round) found = find_entry_points(question, facts);
  Question asked = question;
  asked.unread = found.unread;
  if (found.entries.empty()) return {target_of(asked, EntryPoint{})};
  std::vector<Target> targets;
  for (const EntryPoint& entry : found.entries) targets.push_back(target_of(asked, entry));
  return targets;
}

}  // namespace gwdoctor

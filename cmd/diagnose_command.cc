#include <chrono>

#include "cmd/conclude.h"
#include "cmd/output.h"
#include "cmd/run.h"
#include "cmd/session.h"
#include "cmd/targets.h"
#include "report/diagnose.h"

namespace gwdoctor {

Exit run_diagnose(const Options& options) {
  const auto start = std::chrono::steady_clock::now();
  Result<Session> session = open_session(options);
  if (!session) return report_error(session.error());
  Source& source = *session->source;
  Facts facts(source.now());
  facts.set_settings(session->settings);
  const Result<std::vector<Target>> targets = find_targets(options, session->ns, facts, source);
  if (const auto* fatal = session->fatal(); fatal != nullptr && fatal->has_value()) return report_error(**fatal);
  if (!targets) return report_error(targets.error());

  const DiagnoseOptions how = diagnose_options(options);
  std::vector<Diagnosis> diagnoses;
  for (const Target& target : *targets) diagnoses.push_back(diagnose(target, facts, source, how).diagnosis);
  const bool list = diagnoses.size() > 1;
  return conclude(std::move(diagnoses), list, facts, source, start, options);
}

}  // namespace gwdoctor

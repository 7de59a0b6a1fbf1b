#include <chrono>

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
  facts.set_settings({options.expiry_warning});
  const Result<std::vector<Target>> targets = find_targets(options, session->ns, facts, source);
  if (const auto* fatal = session->fatal(); fatal != nullptr && fatal->has_value()) return report_error(**fatal);
  if (!targets) return report_error(targets.error());

  DiagnoseOptions how;
  how.select = options.select;
  how.ignore = options.ignore;
  how.accept_unknown = options.accept_unknown;
  std::vector<Diagnosis> diagnoses;
  for (const Target& target : *targets) diagnoses.push_back(diagnose(target, facts, source, how).diagnosis);
  if (interrupted) return Exit::interrupted;
  const Source::Stats stats = source.stats();
  const auto spent = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start).count();
  for (Diagnosis& diagnosis : diagnoses) diagnosis.stats = {stats.requests, stats.rounds, stats.bytes, static_cast<long>(spent)};
  if (options.capture) {
    if (const Result<void> written = write_capture(facts, *options.capture); !written) return report_error(written.error());
  }
  print_diagnoses(diagnoses, diagnoses.size() > 1, options);
  return exit_code(diagnoses, options.fail_on);
}

}  // namespace gwdoctor

#include "cmd/conclude.h"

#include "cmd/output.h"
#include "cmd/session.h"

namespace gwdoctor {

DiagnoseOptions diagnose_options(const Options& options) {
  DiagnoseOptions how;
  how.select = options.select;
  how.ignore = options.ignore;
  how.accept_unknown = options.accept_unknown;
  return how;
}

Exit conclude(std::vector<Diagnosis> diagnoses, bool list, const Facts& facts, const Source& source,
              std::chrono::steady_clock::time_point start, const Options& options) {
  if (interrupted) return Exit::interrupted;
  const Source::Stats stats = source.stats();
  const auto spent = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start).count();
  for (Diagnosis& diagnosis : diagnoses) diagnosis.stats = {stats.requests, stats.rounds, stats.bytes, static_cast<long>(spent)};
  if (options.capture) {
    if (const Result<void> written = write_capture(facts, *options.capture); !written) return report_error(written.error());
  }
  print_diagnoses(diagnoses, list, options);
  return exit_code(diagnoses, options.fail_on);
}

}  // namespace gwdoctor

#include "cmd/output.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "report/json.h"
#include "report/sanitize.h"
#include "report/text.h"
#include "report/trace_json.h"

namespace gwdoctor {

namespace {

int problem = 0;

std::string render(const std::vector<Diagnosis>& diagnoses, bool list, const Options& options) {
  if (options.format == Format::json || options.format == Format::yaml) {
    const bool traced = !diagnoses.empty() && diagnoses.front().trace != nullptr;
    const Value document = traced ? (list ? trace_list_value(diagnoses) : trace_value(diagnoses.front()))
                                  : (list ? diagnosis_list_value(diagnoses) : diagnosis_value(diagnoses.front()));
    return options.format == Format::json ? render_json(document) : render_yaml(document);
  }
  Style style = decide_style(read_outlet(options.color, STDOUT_FILENO));
  style.detail = options.quiet ? Detail::quiet : options.format == Format::wide ? Detail::wide : Detail::normal;
  if (!list) return render_text(diagnoses.front(), style);
  return !diagnoses.empty() && diagnoses.front().trace != nullptr ? render_traces(diagnoses, style)
                                                                  : render_text(diagnoses, style);
}

bool fails(const Diagnosis& diagnosis, FailOn level) {
  if (level == FailOn::never) return false;
  // What answers is not what the objects say.
  if (diagnosis.sent && diagnosis.sent->agrees == false) return true;
  const Severity least = level == FailOn::warning ? Severity::warning : Severity::error;
  return std::any_of(diagnosis.findings.begin(), diagnosis.findings.end(),
                     [&](const Argued& argued) { return argued.finding.severity >= least && !argued.finding.check->advice; });
}

}  // namespace

void print_text(const std::string& text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (std::fflush(stdout) == 0 && written) return;
  if (problem == 0 && errno != EPIPE) problem = errno;
}

void print_error(const std::string& line) {
  std::fwrite(line.data(), 1, line.size(), stderr);
  std::fputc('\n', stderr);
}

int output_problem() { return problem; }

void print_diagnoses(const std::vector<Diagnosis>& diagnoses, bool list, const Options& options) {
  print_text(render(diagnoses, list, options));
}

Exit exit_code(const std::vector<Diagnosis>& diagnoses, FailOn fail_on) {
  if (fail_on == FailOn::never) return Exit::ok;
  if (std::any_of(diagnoses.begin(), diagnoses.end(), [&](const Diagnosis& diagnosis) { return fails(diagnosis, fail_on); }))
    return Exit::findings;
  const bool unknown = std::any_of(diagnoses.begin(), diagnoses.end(),
                                   [](const Diagnosis& diagnosis) { return diagnosis.verdict == Verdict::unknown; });
  if (!unknown) return Exit::ok;
  return fail_on == FailOn::unknown ? Exit::findings : Exit::unknown;
}

Exit report_error(const Error& error) {
  // Line by line: an error may come with advice on lines of its own.
  std::string_view rest = error.message;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    print_error(sanitize(rest.substr(0, end)));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  switch (error.kind) {
    case ErrorKind::usage:
    case ErrorKind::input:
      return Exit::usage;
    case ErrorKind::unreachable:
    case ErrorKind::unauthorized:
    case ErrorKind::timeout:
    case ErrorKind::server:
    case ErrorKind::throttled:
      return Exit::unreachable;
    default:
      return Exit::internal;
  }
}

}  // namespace gwdoctor

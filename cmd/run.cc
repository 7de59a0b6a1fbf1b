#include "cmd/run.h"

#include <fmt/format.h>

#include <csignal>
#include <cstring>
#include <exception>

#include "cmd/help.h"
#include "cmd/output.h"
#include "cmd/parse.h"
#include "cmd/session.h"
#include "report/sanitize.h"

namespace gwdoctor {

namespace {

void on_interrupt(int) { interrupted = true; }

// A read that waits for a pipe ends at the first signal; the second one ends whatever does not look at the flag.
void catch_interrupt() {
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  action.sa_flags = SA_RESETHAND;
  ::sigaction(SIGINT, &action, nullptr);
}

// A report that nobody could read must not pass for one that found nothing.
Exit with_output(Exit code) {
  if (output_problem() == 0) return code;
  return report_error(
      {ErrorKind::input, fmt::format("error: cannot write to standard output: {}", std::strerror(output_problem()))});
}

Exit dispatch(const std::vector<std::string>& words) {
  const Result<Options> options = parse_command_line(words);
  if (!options) return report_error(options.error());
  switch (options->command) {
    case Command::help:
      print_text(help_page(options->help_for));
      return Exit::ok;
    case Command::route:
    case Command::ingress:
    case Command::gateway:
    case Command::service:
      return run_diagnose(*options);
    case Command::trace:
      return run_trace(*options);
    case Command::scan:
      return run_scan(*options);
    case Command::explain:
      return run_explain(*options);
    case Command::version:
      return run_version(*options);
  }
  return Exit::internal;
}

}  // namespace

int run(const std::vector<std::string>& words) {
  catch_interrupt();
  std::signal(SIGPIPE, SIG_IGN);
  try {
    const Exit code = with_output(dispatch(words));
    return static_cast<int>(interrupted ? Exit::interrupted : code);
  } catch (const std::exception& error) {
    print_error("error: a bug of gwdoctor: " + sanitize(error.what()));
    print_error("Please report it with the command line and, if you can, a --capture file.");
    return static_cast<int>(Exit::internal);
  }
}

}  // namespace gwdoctor

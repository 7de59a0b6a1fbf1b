#include "cmd/run.h"

#include <fmt/format.h>

#include <csignal>
#include <exception>

#include "cmd/help.h"
#include "cmd/output.h"
#include "cmd/parse.h"
#include "cmd/session.h"

namespace gwdoctor {

namespace {

void on_interrupt(int) { interrupted = true; }

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
  std::signal(SIGINT, on_interrupt);
  std::signal(SIGPIPE, SIG_IGN);
  try {
    const Exit code = dispatch(words);
    return static_cast<int>(interrupted ? Exit::interrupted : code);
  } catch (const std::exception& error) {
    fmt::print(stderr, "error: a bug of gwdoctor: {}\nPlease report it with the command line and, if you can, a --capture file.\n", error.what());
    return static_cast<int>(Exit::internal);
  }
}

}  // namespace gwdoctor

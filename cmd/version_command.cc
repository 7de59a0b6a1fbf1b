#include <fmt/format.h>

#include "cmd/output.h"
#include "cmd/run.h"
#include "report/json.h"
#include "version.h"

namespace gwdoctor {

Exit run_version(const Options& options) {
  if (options.format == Format::json || options.format == Format::yaml) {
    Value out{Value::Object{}};
    out.set_path("clientVersion.version", "v" GWDOCTOR_VERSION);
    out.set_path("clientVersion.commit", GWDOCTOR_COMMIT);
    print_text(options.format == Format::json ? render_json(out) : render_yaml(out));
    return Exit::ok;
  }
  const std::string_view commit = GWDOCTOR_COMMIT;
  print_text(fmt::format("kubectl-gwdoctor v{}{}\n", GWDOCTOR_VERSION, commit.empty() ? "" : fmt::format(" ({})", commit)));
  return Exit::ok;
}

}  // namespace gwdoctor

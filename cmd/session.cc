#include "cmd/session.h"

#include <fmt/format.h>
#include <unistd.h>

#include <fcntl.h>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "cmd/output.h"
#include "cmd/progress.h"
#include "kube/capture.h"
#include "kube/connect.h"
#include "kube/curl_transport.h"
#include "kube/json.h"
#include "kube/live_source.h"
#include "kube/manifest_source.h"
#include "report/sanitize.h"
#include "version.h"

namespace gwdoctor {

std::atomic<bool> interrupted{false};

namespace {

void print_line(std::string_view line) { print_error(sanitize(line)); }

Time system_now() { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); }

Result<Session> open_files(const Options& options) {
  Result<std::vector<ManifestFile>> files = read_manifest_files(*options.from);
  if (!files) return tl::unexpected(files.error());
  Session session;
  session.ns = options.connection.ns.value_or("");
  if (session.ns.empty()) session.ns = "default";  // `-n ""` is as good as none, for kubectl too
  if (files->size() == 1 && files->front().text.find("gwdoctor.dev/") != std::string::npos) {
    const Result<Value> document = parse_json(files->front().text);
    if (document && is_capture(*document)) {
      Result<CaptureSource> capture = CaptureSource::parse(*document, files->front().name);
      if (!capture) return tl::unexpected(capture.error());
      session.source = std::make_unique<CaptureSource>(std::move(*capture));
      return session;
    }
  }
  Result<ManifestSource> manifests = ManifestSource::parse(*files, system_now());
  if (!manifests) return tl::unexpected(manifests.error());
  session.source = std::make_unique<ManifestSource>(std::move(*manifests));
  return session;
}

Result<Session> open_cluster(const Options& options) {
  Environment environment = process_environment();
  environment.warn = print_line;
  Result<Connection> connection = connect(options.connection, environment);
  if (!connection) return tl::unexpected(connection.error());
  Session session;
  session.live = true;
  session.ns = connection->ns;
  TransportOptions transport_options;
  transport_options.user_agent = fmt::format("kubectl-gwdoctor/v{} (linux)", GWDOCTOR_VERSION);
  transport_options.verbosity = options.verbosity;
  transport_options.log = print_line;
  transport_options.warning = [](std::string_view text) { print_line("Warning: " + std::string(text)); };
  transport_options.cancelled = &interrupted;
  Result<std::unique_ptr<Transport>> transport = make_curl_transport(std::move(*connection), transport_options, environment);
  if (!transport) return tl::unexpected(transport.error());
  auto live = std::make_unique<LiveSource>(std::shared_ptr<Transport>(std::move(*transport)));
  LiveSource* raw = live.get();
  session.fatal = [raw] { return &raw->fatal(); };
  session.source = with_progress(std::move(live), options.quiet || options.verbosity > 0);
  return session;
}

}  // namespace

Result<Session> open_session(const Options& options) { return options.from ? open_files(options) : open_cluster(options); }

Result<void> write_capture(const Facts& facts, const std::string& path) {
  const std::string text = write_json(capture_document(facts), 1) + "\n";
  // What a cluster runs is nobody else's business.
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  std::size_t written = 0;
  while (descriptor >= 0 && written < text.size()) {
    const ssize_t count = ::write(descriptor, text.data() + written, text.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) break;
    written += static_cast<std::size_t>(count);
  }
  const int problem = errno;
  const bool closed = descriptor >= 0 && ::close(descriptor) == 0;
  if (closed && written == text.size()) return {};
  return fail(ErrorKind::input, fmt::format("cannot write the capture to {}: {}", path, std::strerror(problem)));
}

}  // namespace gwdoctor

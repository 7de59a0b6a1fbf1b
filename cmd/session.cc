#include "cmd/session.h"

#include <fmt/format.h>
#include <unistd.h>

#include <fcntl.h>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

#include "cmd/output.h"
#include "cmd/progress.h"
#include "kube/capture.h"
#include "kube/connect.h"
#include "kube/curl_transport.h"
#include "kube/json.h"
#include "kube/live_source.h"
#include "kube/manifest_source.h"
#include "kube/x509.h"
#include "net/observer.h"
#include "net/probing_source.h"
#include "report/sanitize.h"
#include "version.h"

namespace gwdoctor {

std::atomic<bool> interrupted{false};

namespace {

constexpr std::size_t max_ca_file = 8U << 20U;  // ten times the bundle of a browser

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
  session.source = std::move(live);
  return session;
}

Result<void> check_ca_file(const std::string& path) {
  if (path.empty()) return {};
  std::ifstream file(path, std::ios::binary);
  std::string text(max_ca_file, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.gcount() <= 0) return fail(ErrorKind::usage, fmt::format("error: --ca-file {} cannot be read", path));
  text.resize(static_cast<std::size_t>(file.gcount()));
  const Result<std::vector<Certificate>> certificates = parse_certificates(text);
  if (certificates) return {};
  return fail(ErrorKind::usage, fmt::format("error: --ca-file {} holds no certificate: {}", path, certificates.error().message));
}

Settings settings_of(const Options& options, const Session& session) {
  const ProbeFlags& flags = options.probe;
  Settings settings;
  settings.expiry_warning = options.expiry_warning;
  settings.probe_path = flags.path;
  settings.probe_timeout = flags.timeout;
  settings.ca_file = flags.ca_file;
  settings.public_view = flags.public_view;
  settings.dns_servers = flags.dns_servers;
  if (flags.kinds) {
    settings.probes = *flags.kinds;
  } else if (session.live) {
    settings.probes = {ProbeKind::dns, ProbeKind::tcp, ProbeKind::tls};
  } else {
    settings.probes = session.source->recorded();
    if (flags.dns_servers.empty()) settings.dns_servers = session.source->recorded_servers();
    settings.probe_path = session.source->recorded_path();
  }
  // What a run was judged by it is judged by again, unless the command line says otherwise.
  const RecordedSettings recorded = session.source->recorded_settings();
  if (!flags.public_given) settings.public_view = recorded.public_view.value_or(settings.public_view);
  if (!options.expiry_given) settings.expiry_warning = recorded.expiry_warning.value_or(settings.expiry_warning);
  if (!flags.kinds && settings.ca_file.empty()) settings.ca_file = recorded.ca_file;
  return settings;
}

// The source with what is to be observed from here beside it; itself where that is nothing.
std::unique_ptr<Source> with_probes(std::unique_ptr<Source> source, const Settings& settings) {
  std::set<ProbeKind> network = settings.probes;
  network.erase(ProbeKind::service);
  if (network.empty()) return source;
  auto stop = std::make_shared<std::atomic<bool>>(false);
  ObserverOptions options;
  options.patience = {settings.probe_timeout, stop.get()};
  options.ca_file = settings.ca_file;
  auto observer = std::make_shared<NetObserver>(options);
  const auto observe = [observer](const std::vector<Wish>& wishes) { return observer->fill(wishes); };
  return std::make_unique<ProbingSource>(std::move(source), observe, stop, &interrupted);
}

}  // namespace

Result<Session> open_session(const Options& options) {
  if (const Result<void> usable = check_ca_file(options.probe.ca_file); !usable) return tl::unexpected(usable.error());
  Result<Session> session = options.from ? open_files(options) : open_cluster(options);
  if (!session) return session;
  session->settings = settings_of(options, *session);
  // What a file recorded is replayed; only who asks for probes gets them made anew.
  if (!options.from || options.probe.kinds) session->source = with_probes(std::move(session->source), session->settings);
  if (session->live) session->source = with_progress(std::move(session->source), options.quiet || options.verbosity > 0);
  return session;
}

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

#include "kube/curl_transport.h"

#include <curl/curl.h>

#include <algorithm>
#include <csignal>
#include <optional>
#include <utility>

#include "kube/api_error.h"
#include "kube/broken_pipe.h"
#include "kube/clean.h"
#include "kube/credentials.h"
#include "kube/curl_transfer.h"
#include "kube/http_log.h"

namespace gwdoctor {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds longest_poll{100};  // so that an interrupt is seen soon
constexpr long max_connections = 8;        // of HTTP/1.1; HTTP/2 shares one

void initialize_curl() {
  static const CURLcode once = curl_global_init(CURL_GLOBAL_DEFAULT);
  static_cast<void>(once);
}

class CurlTransport final : public Transport {
 public:
  CurlTransport(TransferSettings settings, TransportOptions options)
      : settings_(std::move(settings)),
        options_(std::move(options)),
        http1_(options_.http1),
        log_(options_.verbosity, options_.log, options_.warning) {
    connect();
  }
  ~CurlTransport() override {
    const IgnoreBrokenPipe guard;
    curl_multi_cleanup(multi_);
  }
  CurlTransport(const CurlTransport&) = delete;
  CurlTransport& operator=(const CurlTransport&) = delete;

  std::vector<Result<HttpResponse>> send(const std::vector<HttpRequest>& requests) override;

 private:
  friend class Batch;
  // Drops all connections: those of HTTP/2 after a downgrade, those of a client certificate that was replaced.
  void connect() {
    if (multi_ != nullptr) curl_multi_cleanup(multi_);
    multi_ = curl_multi_init();
    curl_multi_setopt(multi_, CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_MULTIPLEX));
    curl_multi_setopt(multi_, CURLMOPT_MAX_HOST_CONNECTIONS, max_connections);
  }
  [[nodiscard]] std::optional<Error> obtain_credentials(bool refused);

  TransferSettings settings_;
  TransportOptions options_;
  bool http1_;
  HttpLog log_;
  CURLM* multi_ = nullptr;
  std::shared_ptr<const Credentials> credentials_;
};

// One send(): drives its requests until each has its result.
class Batch {
 public:
  Batch(CurlTransport& transport, const std::vector<HttpRequest>& requests) : transport_(transport) {
    for (const HttpRequest& request : requests) {
      transfers_.push_back(std::make_unique<Transfer>(transport.settings_, request));
    }
    results_.resize(requests.size(), fail(ErrorKind::internal, "the request was never sent"));
    open_ = requests.size();
    const milliseconds limit = std::max(transport.options_.batch_timeout, transport.settings_.connection.request_timeout);
    deadline_ = began_ + limit;
  }
  ~Batch() {
    for (const auto& transfer : transfers_) {
      if (transfer->running) curl_multi_remove_handle(transport_.multi_, transfer->handle());
    }
  }
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  std::vector<Result<HttpResponse>> run();

 private:
  void start_ready();
  void collect();
  void finish(std::size_t index, CURLcode code);
  void judge_answer(std::size_t index);
  void judge_failure(std::size_t index);
  void settle(std::size_t index, Result<HttpResponse> result);
  void settle_open(const Error& error);
  void again(Transfer& transfer, milliseconds wait) { transfer.not_before = Clock::now() + wait; }
  void refresh_credentials();
  void wait();
  [[nodiscard]] bool interrupted() const {
    return transport_.options_.cancelled != nullptr && transport_.options_.cancelled->load();
  }
  [[nodiscard]] milliseconds left() const { return std::chrono::duration_cast<milliseconds>(deadline_ - Clock::now()); }

  CurlTransport& transport_;
  std::vector<std::unique_ptr<Transfer>> transfers_;
  std::vector<Result<HttpResponse>> results_;
  std::size_t open_ = 0;
  int running_ = 0;
  bool answered_ = false;        // something came back, so the server can be reached
  bool refresh_wanted_ = false;  // after a 401, once everything on its way has come back
  bool reconnect_wanted_ = false;
  std::size_t received_ = 0;
  const Clock::time_point began_ = Clock::now();
  Clock::time_point deadline_;
};

std::vector<Result<HttpResponse>> Batch::run() {
  if (const std::optional<Error> error = transport_.obtain_credentials(false)) settle_open(*error);
  while (open_ > 0) {
    if (interrupted()) {
      settle_open({ErrorKind::timeout, "interrupted"});
    } else if (left().count() <= 0) {
      settle_open({ErrorKind::timeout, "the API server did not answer in time: the limit of the whole batch was reached"});
    } else {
      if (running_ == 0 && (refresh_wanted_ || reconnect_wanted_)) refresh_credentials();
      if (!refresh_wanted_ && !reconnect_wanted_) start_ready();
      int still_running = 0;
      curl_multi_perform(transport_.multi_, &still_running);
      collect();
      if (open_ > 0) wait();
    }
  }
  return std::move(results_);
}

void Batch::start_ready() {
  const Clock::time_point now = Clock::now();
  for (const auto& transfer : transfers_) {
    if (running_ >= transport_.options_.max_parallel) return;
    if (transfer->done || transfer->running || transfer->not_before > now) continue;
    const milliseconds own = transport_.settings_.request_timeout;
    CURL* easy = transfer->begin(transport_.credentials_, transport_.http1_, std::clamp(left(), milliseconds(1), own), received_);
    transport_.log_.request(transfer->request().method, transfer->shown_url(), transfer->header_lines(),
                            transfer->request().body);
    curl_multi_add_handle(transport_.multi_, easy);
    transfer->running = true;
    ++running_;
  }
}

void Batch::collect() {
  int queued = 0;
  while (const CURLMsg* message = curl_multi_info_read(transport_.multi_, &queued)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;
    const auto found = std::find_if(transfers_.begin(), transfers_.end(),
                                    [&](const auto& transfer) { return transfer->handle() == message->easy_handle; });
    if (found != transfers_.end()) finish(static_cast<std::size_t>(found - transfers_.begin()), code);
  }
}

void Batch::finish(std::size_t index, CURLcode code) {
  Transfer& transfer = *transfers_[index];
  curl_multi_remove_handle(transport_.multi_, transfer.handle());
  transfer.running = false;
  --running_;
  transfer.end(code);
  transfer.release();
  if (code != CURLE_OK) return judge_failure(index);
  answered_ = true;
  transport_.log_.response(transfer.request().method, transfer.shown_url(), transfer.response(), transfer.took());
  transport_.log_.warnings(transfer.response());
  judge_answer(index);
}

void Batch::judge_answer(std::size_t index) {
  Transfer& transfer = *transfers_[index];
  HttpResponse& response = transfer.response();
  if (response.status == 401) {
    if (!transfer.refused && transport_.settings_.endpoint.tls) {
      transfer.refused = true;
      refresh_wanted_ = true;
      return;
    }
    const std::optional<ApiStatus> status = parse_status(response);
    const std::string said = status && !status->message.empty() ? status->message : "Unauthorized";
    return settle(index,
                  fail(ErrorKind::unauthorized, "You must be logged in to the server (" + transport_.log_.masked(said) + ")"));
  }
  const auto so_far = std::chrono::duration_cast<milliseconds>(Clock::now() - began_);
  if (const auto pause = wait_before_retry(response, transfer.throttled, so_far, transport_.options_.retry);
      pause && *pause < left()) {
    ++transfer.throttled;
    return again(transfer, *pause);
  }
  // A server that repeats what it was sent must not get our token into a report.
  if (response.status >= 300) response.body = transport_.log_.masked(std::move(response.body));
  settle(index, std::move(response));
}

void Batch::judge_failure(std::size_t index) {
  Transfer& transfer = *transfers_[index];
  const Failure& failure = transfer.failure();
  Error error = error_of(failure);
  transport_.log_.failure(transfer.request().method, transfer.shown_url(), error.message, transfer.took());
  // libcurl tells a GOAWAY, of a server that restarts, from broken framing by nothing: one more try on HTTP/2 first.
  if (is_connection_lost(failure) && failure.code != CURLE_HTTP2_STREAM && !transfer.reconnected) {
    transfer.reconnected = true;
    return again(transfer, transport_.options_.retry.lost_connection_wait);
  }
  if (is_http2_failure(failure) && !transfer.downgraded) {
    transfer.downgraded = true;
    reconnect_wanted_ = reconnect_wanted_ || !transport_.http1_;
    transport_.http1_ = true;
    return again(transfer, milliseconds(0));
  }
  const bool whole_batch = (error.kind == ErrorKind::unreachable || error.kind == ErrorKind::unauthorized) && !answered_;
  if (whole_batch) return settle_open(error);
  settle(index, tl::unexpected<Error>(std::move(error)));
}

void Batch::settle(std::size_t index, Result<HttpResponse> result) {
  results_[index] = std::move(result);
  transfers_[index]->done = true;
  --open_;
}

void Batch::settle_open(const Error& error) {
  for (std::size_t index = 0; index < transfers_.size(); ++index) {
    Transfer& transfer = *transfers_[index];
    if (transfer.done) continue;
    if (transfer.running) {
      curl_multi_remove_handle(transport_.multi_, transfer.handle());
      transfer.running = false;
      --running_;
      transfer.release();
    }
    settle(index, tl::unexpected<Error>(error));
  }
}

void Batch::refresh_credentials() {
  if (refresh_wanted_) {
    if (const std::optional<Error> error = transport_.obtain_credentials(true)) settle_open(*error);
  }
  if (reconnect_wanted_) transport_.connect();
  refresh_wanted_ = false;
  reconnect_wanted_ = false;
}

void Batch::wait() {
  milliseconds pause = std::clamp(left(), milliseconds(0), longest_poll);
  const Clock::time_point now = Clock::now();
  for (const auto& transfer : transfers_) {
    if (transfer->done || transfer->running || running_ >= transport_.options_.max_parallel) continue;
    const auto until = std::chrono::ceil<milliseconds>(transfer->not_before - now);
    pause = std::clamp(until, milliseconds(0), pause);
    if (refresh_wanted_ || reconnect_wanted_) pause = running_ == 0 ? milliseconds(0) : longest_poll;
  }
  int ready = 0;
  curl_multi_poll(transport_.multi_, nullptr, 0, static_cast<int>(pause.count()), &ready);
}

std::optional<Error> CurlTransport::obtain_credentials(bool refused) {
  // No plugin is run and no token read for a server that would get them in the clear.
  if (!settings_.endpoint.tls || !settings_.connection.credentials) return std::nullopt;
  Result<Credentials> obtained = settings_.connection.credentials->get(refused);
  if (!obtained) return Error{obtained.error().kind, obtained.error().message};
  for (const std::string* value : {&obtained->token, &obtained->username, &obtained->password}) {
    if (!fits_header(*value)) {
      return Error{ErrorKind::unauthorized,
                   "the credentials hold a control character, such as a line break: they cannot be sent"};
    }
  }
  const bool other_certificate = credentials_ && (credentials_->client_certificate_pem != obtained->client_certificate_pem ||
                                                  credentials_->client_key_pem != obtained->client_key_pem);
  std::string basic = obtained->username.empty() ? std::string() : basic_authorization(obtained->username, obtained->password);
  log_.hide({obtained->token, obtained->password, basic.empty() ? basic : basic.substr(6)});
  wipe(basic);
  credentials_ = std::make_shared<const Credentials>(std::move(*obtained));
  if (other_certificate) connect();
  return std::nullopt;
}

std::vector<Result<HttpResponse>> CurlTransport::send(const std::vector<HttpRequest>& requests) {
  const IgnoreBrokenPipe guard;
  Batch batch(*this, requests);
  return batch.run();
}

std::optional<Error> check_impersonation(const Impersonation& impersonate) {
  bool fits = fits_header(impersonate.user) && fits_header(impersonate.uid);
  for (const std::string& group : impersonate.groups) fits = fits && fits_header(group);
  for (const auto& [key, value] : impersonate.extra) fits = fits && fits_header(value);
  if (fits) return std::nullopt;
  return Error{ErrorKind::input, "a user, uid, group or extra value to impersonate holds a control character"};
}

}  // namespace

Result<std::unique_ptr<Transport>> make_curl_transport(Connection connection, TransportOptions options,
                                                       const Environment& environment) {
  initialize_curl();
  if (const std::optional<Error> error = check_impersonation(connection.impersonate)) return tl::unexpected<Error>(*error);
  Result<ServerAddress> endpoint = ServerAddress::of(connection, environment);
  if (!endpoint) return tl::unexpected<Error>(endpoint.error());
  TransferSettings settings;
  settings.endpoint = std::move(*endpoint);
  settings.user_agent = options.user_agent;
  settings.system_ca_file = environment.variable("SSL_CERT_FILE");
  settings.connect_timeout = options.connect_timeout;
  settings.request_timeout = connection.request_timeout.count() > 0 ? connection.request_timeout : options.request_timeout;
  settings.max_response = options.max_response;
  settings.max_batch = options.max_batch;
  settings.connection = std::move(connection);
  if (environment.variable("GWDOCTOR_HTTP") == "1.1") options.http1 = true;
  return std::unique_ptr<Transport>(std::make_unique<CurlTransport>(std::move(settings), std::move(options)));
}

}  // namespace gwdoctor

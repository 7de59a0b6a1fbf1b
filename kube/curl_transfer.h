#pragma once
// One request on its way through libcurl: its handle, its header lines, and what has arrived of the answer.

#include <curl/curl.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "kube/connection.h"
#include "kube/curl_error.h"
#include "kube/server_address.h"
#include "kube/transport.h"

namespace gwdoctor {

// What all transfers of one transport have in common. Outlives them.
struct TransferSettings {
  ServerAddress endpoint;
  Connection connection;
  std::string user_agent;
  std::string system_ca_file;  // SSL_CERT_FILE, where the connection names no roots; "" is libcurl's own
  std::chrono::milliseconds connect_timeout{0};
  std::chrono::milliseconds request_timeout{0};
  std::size_t max_response = 0;  // bytes of one body, decompressed
  std::size_t max_batch = 0;     // bytes of all bodies of one batch
};

class Transfer {
 public:
  using Clock = std::chrono::steady_clock;

  Transfer(const TransferSettings& settings, const HttpRequest& request) : settings_(settings), request_(request) {}
  ~Transfer();
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  // Makes a fresh handle for an attempt, ready to be added to a multi handle. `credentials` stays alive as long as the
  // handle does, since libcurl reads the key in place. `received` counts the bytes of the batch.
  [[nodiscard]] CURL* begin(std::shared_ptr<const Credentials> credentials, bool http1, std::chrono::milliseconds timeout,
                            std::size_t& received);
  // Closes the attempt; the handle must have left its multi handle. CURLE_OK leaves an answer in response().
  void end(CURLcode code);
  // Frees the handle and wipes the header lines; also done by the destructor.
  void release();

  [[nodiscard]] CURL* handle() const { return easy_; }
  [[nodiscard]] const HttpRequest& request() const { return request_; }
  [[nodiscard]] HttpResponse& response() { return response_; }
  [[nodiscard]] const Failure& failure() const { return failure_; }
  // For messages: with the real host, whatever the URL bears for the sake of TLS.
  [[nodiscard]] std::string shown_url() const { return settings_.endpoint.shown_base + request_.path; }
  [[nodiscard]] std::vector<std::string> header_lines() const;
  [[nodiscard]] std::chrono::milliseconds took() const;

  // For whoever drives the transfer.
  bool running = false;
  bool done = false;
  int throttled = 0;             // attempts that ended in 429 or 5xx with Retry-After
  bool reconnected = false;      // sent again after its connection broke
  bool downgraded = false;       // sent again on HTTP/1.1
  bool refused = false;          // got a 401 and was sent again with fresh credentials
  Clock::time_point not_before;  // when the next attempt may start

 private:
  void set_connection(bool http1, std::chrono::milliseconds timeout);
  void set_trust();
  void set_request();
  void add_header(const std::string& line);
  void add_credential_headers();
  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);

  const TransferSettings& settings_;
  const HttpRequest& request_;
  std::shared_ptr<const Credentials> credentials_;
  CURL* easy_ = nullptr;
  curl_slist* headers_ = nullptr;
  curl_slist* connect_to_ = nullptr;
  std::array<char, CURL_ERROR_SIZE> error_{};
  HttpResponse response_;
  std::size_t header_bytes_ = 0;
  std::size_t* received_ = nullptr;
  bool too_large_ = false;
  std::chrono::milliseconds timeout_{0};
  Clock::time_point began_;
  Failure failure_;
};

// "Basic …" for a user and password (RFC 7617).
[[nodiscard]] std::string basic_authorization(const std::string& user, const std::string& password);

}  // namespace gwdoctor

#pragma once
// One exchange on its way through libcurl.

#include <curl/curl.h>

#include <array>
#include <string>

#include "net/exchange.h"
#include "net/exchange_tls.h"

namespace gwdoctor {

class ExchangeTransfer {
 public:
  explicit ExchangeTransfer(const ExchangeQuestion& question) : question_(question), watch_(question) {}
  ~ExchangeTransfer();
  ExchangeTransfer(const ExchangeTransfer&) = delete;
  ExchangeTransfer& operator=(const ExchangeTransfer&) = delete;

  // A handle ready to be added to a multi handle; nullptr where the question cannot be sent: answer() says why.
  [[nodiscard]] CURL* begin();
  // The handle has left its multi handle. CURLE_OPERATION_TIMEDOUT where it was broken off from outside.
  void end(CURLcode code);

  [[nodiscard]] CURL* handle() const { return easy_; }
  [[nodiscard]] ExchangeAnswer& answer() { return answer_; }

 private:
  void set_target();
  void set_request();
  void add_header(const std::string& line);
  void take_phases();
  void judge(CURLcode code);
  void judge_tls(CURLcode code);
  void take_header(std::string_view line);
  [[nodiscard]] bool complete() const { return in_body_ && answer_.status >= 200; }
  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
  static CURLcode on_context(CURL* easy, void* context, void* self);

  const ExchangeQuestion& question_;
  TlsWatch watch_;
  CURL* easy_ = nullptr;
  curl_slist* headers_ = nullptr;
  curl_slist* connect_to_ = nullptr;
  std::array<char, CURL_ERROR_SIZE> error_{};
  ExchangeAnswer answer_;
  std::chrono::steady_clock::time_point began_;
  std::size_t header_bytes_ = 0;
  bool in_body_ = false;     // the headers of the final answer are there
  bool broken_off_ = false;  // by us: enough was read
};

// Why the question cannot be sent as it is; "" where it can.
[[nodiscard]] std::string complaint(const ExchangeQuestion& question);

}  // namespace gwdoctor

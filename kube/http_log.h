#pragma once
// What -v shows of the traffic with the API server, at kubectl's levels, and the server's warnings.

#include <chrono>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "kube/transport.h"

namespace gwdoctor {

class HttpLog {
 public:
  using Line = std::function<void(std::string_view)>;
  // verbosity: 6 request and status, 7 request headers too, 8 response headers and the first 1024 bytes of bodies,
  // 9 the first 10240. Both callbacks may be empty; each gets one clean line without an end.
  HttpLog(int verbosity, Line log, Line warning) : verbosity_(verbosity), log_(std::move(log)), warning_(std::move(warning)) {}

  // The texts that must not be shown, wherever they turn up: the token, the password. Kept by value and wiped.
  void hide(const std::vector<std::string>& secrets);
  HttpLog(const HttpLog&) = delete;
  HttpLog& operator=(const HttpLog&) = delete;
  ~HttpLog();

  [[nodiscard]] bool wants(int level) const { return log_ && verbosity_ >= level; }
  // `headers` are the lines "Name: value" as they were sent; Authorization shows its scheme only.
  void request(const std::string& method, const std::string& url, const std::vector<std::string>& headers,
               const std::string& body) const;
  void response(const std::string& method, const std::string& url, const HttpResponse& response,
                std::chrono::milliseconds took) const;
  void failure(const std::string& method, const std::string& url, const std::string& why, std::chrono::milliseconds took) const;
  // Shows each Warning header with code 299 (RFC 7234 5.5, KEP-1693), each text once.
  void warnings(const HttpResponse& response);
  // The same text with every hidden one replaced.
  [[nodiscard]] std::string masked(std::string text) const;

 private:
  void body(const std::string& url, std::string_view what, const std::string& text, bool json) const;

  int verbosity_;
  Line log_;
  Line warning_;
  std::vector<std::string> secrets_;
  std::set<std::string, std::less<>> shown_;
};

// The text of a Warning header with code 299, or "" where it is another or malformed: 299 - "text" or 299 agent "text".
[[nodiscard]] std::string warning_text(std::string_view header);

}  // namespace gwdoctor

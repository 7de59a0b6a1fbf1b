#pragma once
// One TCP connection being made.

#include <cstdint>
#include <string>

#include "kube/objects/observed.h"
#include "net/patience.h"

namespace gwdoctor {

class Dial {
 public:
  Dial(std::string address, std::int64_t port) : address_(std::move(address)), port_(port) {}
  ~Dial();
  Dial(Dial&& other) noexcept;
  Dial(const Dial&) = delete;
  Dial& operator=(const Dial&) = delete;
  Dial& operator=(Dial&&) = delete;

  // Begins. Finished at once where the address is none, or cannot be reached from here.
  void start(std::chrono::milliseconds timeout);
  // After the socket became writable, or failed.
  void advance();
  // Ends as timed out.
  void expire();
  void end(TcpResult result, std::string detail);

  [[nodiscard]] bool finished() const { return finished_; }
  [[nodiscard]] TcpResult result() const { return result_; }
  [[nodiscard]] const std::string& detail() const { return detail_; }
  [[nodiscard]] std::int64_t milliseconds() const { return milliseconds_; }
  [[nodiscard]] Clock::time_point deadline() const { return deadline_; }
  // The socket, non-blocking; owned by this.
  [[nodiscard]] int descriptor() const { return descriptor_; }
  // Closes the socket.
  void close();

 private:
  void fail_with(int problem);
  std::string address_;
  std::int64_t port_ = 0;
  int descriptor_ = -1;
  bool finished_ = false;
  TcpResult result_ = TcpResult::error;
  std::string detail_;
  Clock::time_point start_{};
  Clock::time_point deadline_{};
  std::int64_t milliseconds_ = 0;
};

// What an errno of connect, send or recv says, and its words ("connection refused").
[[nodiscard]] TcpResult tcp_result_of(int problem);
[[nodiscard]] std::string problem_text(int problem);

}  // namespace gwdoctor

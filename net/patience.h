#pragma once
// How long a probe may take, and what ends it early.

#include <atomic>
#include <chrono>
#include <cstdint>

namespace gwdoctor {

struct Patience {
  std::chrono::milliseconds timeout{2000};       // of each probe; of a TLS probe, for the connection and again for the handshake
  const std::atomic<bool>* cancelled = nullptr;  // looked at every 100 ms at least

  [[nodiscard]] bool is_over() const { return cancelled != nullptr && *cancelled; }
};

using Clock = std::chrono::steady_clock;

[[nodiscard]] inline std::int64_t milliseconds_since(Clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start).count();
}

}  // namespace gwdoctor

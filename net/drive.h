#pragma once
// Runs many probes of sockets at once in one thread, by poll.

#include <poll.h>

#include <algorithm>
#include <cstddef>
#include <vector>

#include "net/patience.h"

namespace gwdoctor {

inline constexpr std::size_t max_parallel_probes = 128;  // a scan may have thousands: descriptors are few
inline constexpr int longest_poll = 100;                 // milliseconds, after which `cancelled` is looked at again

// A Probe has start(); finished(); descriptor() and events() for poll; deadline(); advance(), called when its socket is ready;
// and expire(), called when the deadline is over, after which it is finished or has a new deadline. cancel() ends it.
template <class Probe>
void drive(std::vector<Probe>& probes, const Patience& patience) {
  std::size_t next = 0;
  std::vector<Probe*> running;
  std::vector<pollfd> sockets;
  while (true) {
    while (running.size() < max_parallel_probes && next < probes.size()) {
      Probe& probe = probes[next++];
      probe.start();
      if (!probe.finished()) running.push_back(&probe);
    }
    if (running.empty()) return;
    if (patience.is_over()) break;
    sockets.clear();
    Clock::time_point soonest = Clock::now() + std::chrono::milliseconds(longest_poll);
    for (const Probe* probe : running) {
      sockets.push_back({probe->descriptor(), probe->events(), 0});
      soonest = std::min(soonest, probe->deadline());
    }
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(soonest - Clock::now()).count();
    if (::poll(sockets.data(), sockets.size(), static_cast<int>(std::clamp<std::int64_t>(wait, 0, longest_poll))) < 0) {
      // Interrupted: Patience::cancelled tells whether to go on.
      for (pollfd& socket : sockets) socket.revents = 0;
    }
    for (std::size_t at = 0; at < running.size(); ++at) {
      if (sockets[at].revents != 0) running[at]->advance();
      if (!running[at]->finished() && Clock::now() >= running[at]->deadline()) running[at]->expire();
    }
    std::erase_if(running, [](const Probe* probe) { return probe->finished(); });
  }
  for (Probe* probe : running) probe->cancel();
  for (; next < probes.size(); ++next) probes[next].cancel();
}

}  // namespace gwdoctor

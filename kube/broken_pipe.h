#pragma once
// Keeps SIGPIPE away for as long as it lives.

#include <csignal>

namespace gwdoctor {

// OpenSSL writes to sockets that the peer has closed, and libcurl leaves SIGPIPE alone under CURLOPT_NOSIGNAL.
class IgnoreBrokenPipe {
 public:
  IgnoreBrokenPipe() {
    struct sigaction ignore {};
    ignore.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &ignore, &before_);
  }
  ~IgnoreBrokenPipe() { sigaction(SIGPIPE, &before_, nullptr); }
  IgnoreBrokenPipe(const IgnoreBrokenPipe&) = delete;
  IgnoreBrokenPipe& operator=(const IgnoreBrokenPipe&) = delete;

 private:
  struct sigaction before_ {};
};

}  // namespace gwdoctor

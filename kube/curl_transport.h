#pragma once
// The network side of Transport: libcurl's multi interface in one thread, all requests on one HTTP/2 connection.

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "kube/connection.h"
#include "kube/environment.h"
#include "kube/error.h"
#include "kube/retry.h"
#include "kube/transport.h"

namespace gwdoctor {

struct TransportOptions {
  std::string user_agent = "kubectl-gwdoctor";
  std::chrono::milliseconds connect_timeout{10000};  // TCP and TLS
  std::chrono::milliseconds request_timeout{30000};  // of one request, where the connection sets none
  // Of all that one send() does, waits and retries included; the request timeout of the connection, where it is longer.
  std::chrono::milliseconds batch_timeout{60000};
  RetryPolicy retry;
  std::size_t max_response = std::size_t{256} << 20U;  // bytes of one body, decompressed: more is an error
  std::size_t max_batch = std::size_t{768} << 20U;     // bytes of all bodies of one send()
  int max_parallel = 50;                               // requests in flight
  bool http1 = false;                                  // HTTP/1.1 from the start; GWDOCTOR_HTTP=1.1 does the same
  int verbosity = 0;                                   // -v: see kube/http_log.h
  std::function<void(std::string_view)> log;           // a line of -v; may be empty
  std::function<void(std::string_view)> warning;       // a warning of the API server (header Warning: 299), each once
  // Set (by a handler of SIGINT) to give up: send() then returns within a tenth of a second, every request that is
  // not answered yet failing with `timeout` and "interrupted".
  const std::atomic<bool>* cancelled = nullptr;
};

// A transport to the server of `connection`. Nothing is sent and no credentials are asked for before the first send().
// Errors: input, where the server, its proxy or whom to impersonate cannot be used.
//
// Inside send(): 429 and 5xx with Retry-After are asked again by `retry`; a broken connection once; where HTTP/2 itself fails,
// once more on HTTP/1.1, which is then kept to; a 401 once with fresh credentials, and is an error `unauthorized` after that.
// Where no connection can be made, all requests of the batch fail at once.
[[nodiscard]] Result<std::unique_ptr<Transport>> make_curl_transport(Connection connection, TransportOptions options = {},
                                                                     const Environment& environment = process_environment());

}  // namespace gwdoctor

#pragma once
// Which answers of the API server are worth asking again, and when (ecosystem: client-go's withRetry).

#include <chrono>
#include <optional>

#include "kube/transport.h"

namespace gwdoctor {

struct RetryPolicy {
  int max_retries = 3;                                  // of one request, for answers with Retry-After
  std::chrono::milliseconds total_wait{15000};          // after which a batch asks nothing again
  std::chrono::milliseconds lost_connection_wait{200};  // before a request whose connection broke is sent once more
};

// What Retry-After asks for: seconds or an HTTP date (RFC 9110 10.2.3). Nothing where the header is missing or malformed.
[[nodiscard]] std::optional<std::chrono::milliseconds> retry_after(const HttpResponse& response);

// How long to wait before this request is sent again, or nothing where the answer stands: the status is neither 429
// nor 5xx, there is no Retry-After, the retries are used up, or waiting would exceed what is left of the total.
// `so_far` is the time since the batch began.
[[nodiscard]] std::optional<std::chrono::milliseconds> wait_before_retry(const HttpResponse& response, int retries,
                                                                         std::chrono::milliseconds so_far,
                                                                         const RetryPolicy& policy);

}  // namespace gwdoctor

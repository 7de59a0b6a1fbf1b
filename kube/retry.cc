#include "kube/retry.h"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <ctime>

namespace gwdoctor {

std::optional<std::chrono::milliseconds> retry_after(const HttpResponse& response) {
  const std::optional<std::string> header = response.header("retry-after");
  if (!header || header->empty()) return std::nullopt;
  constexpr long day = 86400;
  long seconds = 0;
  const auto [end, problem] = std::from_chars(header->data(), header->data() + header->size(), seconds);
  if (problem == std::errc::result_out_of_range) return std::chrono::seconds(day);
  if (problem != std::errc() || end != header->data() + header->size()) {
    const std::time_t date = curl_getdate(header->c_str(), nullptr);
    if (date < 0) return std::nullopt;
    seconds = static_cast<long>(date - std::time(nullptr));
  }
  return std::chrono::seconds(std::clamp(seconds, 0L, day));
}

std::optional<std::chrono::milliseconds> wait_before_retry(const HttpResponse& response, int retries,
                                                           std::chrono::milliseconds so_far, const RetryPolicy& policy) {
  if (response.status != 429 && response.status < 500) return std::nullopt;
  if (retries >= policy.max_retries) return std::nullopt;
  std::optional<std::chrono::milliseconds> wait = retry_after(response);
  if (!wait) return std::nullopt;
  // A server that says "now" is still given a moment.
  wait = std::max(*wait, std::chrono::milliseconds(50));
  if (so_far + *wait > policy.total_wait) return std::nullopt;
  return wait;
}

}  // namespace gwdoctor

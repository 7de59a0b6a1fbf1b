#pragma once
// What is behind the way in, asked by the API server's proxy: the Service and its ready pods.

#include <string>
#include <vector>

#include "checks/check.h"
#include "checks/support/ports.h"

namespace gwdoctor {

// A ready endpoint of a used port, and what became of a GET.
struct Reached {
  std::string pod;  // "" for the Service itself
  std::int64_t port = 0;
  ProxyQuestion question;
  Seen<ProxyAnswer> answer;
};

// At most so many pods of a Service are asked.
inline constexpr std::size_t most_pods_asked = 5;

// A GET to the Service's port, on the path of its pods' readiness probe, else that of --probe http=.
[[nodiscard]] Reached ask_service(const UsedPort& used, const Facts& facts);
// The same to the first of the ready pods, in the order of their names, by what the EndpointSlices say.
[[nodiscard]] std::vector<Reached> ask_pods(const UsedPort& used, const Facts& facts);

// What a proxied request tells of the endpoint.
enum class Reply {
  answered,  // whatever the status: somebody serves the port
  refused,   // nobody listens there
  silent,    // no answer in time, or no way there: which may be the API server's own
  other,     // broken off, or not HTTP: somebody listens, and speaks something else
  nobody,    // there is no ready endpoint
};
[[nodiscard]] Reply reply_of(const ProxyAnswer& answer);

// "; Service payments/api behind it answers", where every Service of these streams was asked and does; else "".
[[nodiscard]] std::string answers_beyond(const Scope& scope, const Path& path, const Facts& facts);

}  // namespace gwdoctor

#pragma once
// The seam between the program and the network: requests to the API server go through here and nowhere else.

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "kube/error.h"

namespace gwdoctor {

struct HttpRequest {
  std::string method = "GET";  // GET, or POST of a review
  std::string path;            // from the server's root, with the query: /api/v1/namespaces/a/pods?limit=500
  std::string accept = "application/json";
  std::string body;  // with POST
};

struct HttpResponse {
  int status = 0;
  std::string content_type;
  std::string body;                                          // decompressed
  std::size_t wire_bytes = 0;                                // as received
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case

  // The first header of this lower-case name, or nothing.
  [[nodiscard]] std::optional<std::string> header(std::string_view name) const;
};

class Transport {
 public:
  virtual ~Transport() = default;
  // Sends all requests at once and waits for all answers, in the order of the requests. Any HTTP status is an
  // answer; an error is one of unreachable, timeout, unauthorized (credentials could not be obtained) or server
  // (broken off, too large). Retries, back-off and the one refresh of credentials after a 401 happen inside.
  [[nodiscard]] virtual std::vector<Result<HttpResponse>> send(const std::vector<HttpRequest>& requests) = 0;
};

}  // namespace gwdoctor

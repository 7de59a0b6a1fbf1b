#pragma once
// What the requests of --probe http brought back, for the report.

#include <cstdint>
#include <string>
#include <vector>

#include "checks/engine.h"
#include "checks/support/visits.h"

namespace gwdoctor {

struct HttpSeen {
  std::string method;
  std::string url;      // that was asked first
  std::string address;  // "203.0.113.10:443": of the last request
  std::string result;   // "answered", "refused" …, "unknown", "redirect-loop", "too-many-redirects", "redirected"
  std::string detail;   // where not answered: why; of redirects: where they lead and why nobody went there
  int status = 0;       // of the last answer; 0 for none
  std::string version;
  std::string speaker;  // "the application", "Envoy"; "" where it does not tell
  struct Redirect {
    std::string url;
    int status = 0;
    std::string location;  // resolved; as it was sent where it cannot be
  };
  std::vector<Redirect> redirects;  // that were answered, in their order
  std::int64_t milliseconds = 0;    // of the last request
  HttpPhases phases;
  Time observed_at{};
};

// One for each visit (checks/support/visits.h), in their order; empty where HTTP was not asked.
[[nodiscard]] std::vector<HttpSeen> http_seen(const Path& path, const Facts& facts);

}  // namespace gwdoctor

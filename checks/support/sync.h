#pragma once
// Which objects on the path a controller has not processed as they stand.

#include <string>
#include <vector>

#include "checks/check.h"

namespace gwdoctor {

struct Lag {
  Ref object;
  std::string path;     // the field, "" for the whole object
  std::string message;  // what is missing: "HTTPRoute a/b has no status for …"
  std::string reason;   // the mode in failures/controller
  std::string status;   // the path of the status to show as evidence
  Scope scope;
  std::size_t controller = no_index;  // into Path::controllers; none where the class is not known
  Impact impact = Impact::all;        // part: an earlier state of the object is still served
  bool settling = false;              // the time of grace is not over
  Wish wish;                          // of the object
};

// In a trial of a fix: the fix changes a workload of this controller, so that what it wrote is about to change too.
[[nodiscard]] bool is_restarting(const Path& path, std::size_t controller, const Facts& facts);

// The outermost objects that wait: a Gateway before its listeners, those before the routes. What another code proves to
// be missing (the Gateway, its class) is left to that code where it leaves no status to judge.
[[nodiscard]] std::vector<Lag> lags(const Path& path, const Facts& facts);

}  // namespace gwdoctor

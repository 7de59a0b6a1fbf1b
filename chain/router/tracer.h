#pragma once
// From a request to its outcome, at every entrance that takes it.

#include <vector>

#include "chain/router/outcome.h"
#include "chain/router/question.h"
#include "kube/facts.h"

namespace gwdoctor {

// The entrances that may take the request: those that the question names, else those whose address the request is sent to, else
// every Gateway with a listener for its port, protocol and host and every Ingress class with a rule for its host; where none has,
// the nearest: every Gateway and class. `unread` is what could not be looked up.
struct EntryPoints {
  std::vector<EntryPoint> entries;
  std::vector<Unread> unread;
};
[[nodiscard]] EntryPoints find_entry_points(const Question& question, const Facts& facts);

// The prediction for one entrance (question.entry is set). Backends carry no facts yet: chain/path_trace.cc adds them.
[[nodiscard]] Trace trace(const Question& question, const Facts& facts);

}  // namespace gwdoctor

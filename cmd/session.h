#pragma once
// One run's way to the facts: the cluster, or what stands in for it.

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "cmd/options.h"
#include "kube/error.h"
#include "kube/facts.h"
#include "kube/source.h"

namespace gwdoctor {

// Set by the handler of SIGINT; whoever waits for the network looks at it.
extern std::atomic<bool> interrupted;

struct Session {
  std::unique_ptr<Source> source;
  std::string ns = "default";  // the namespace in force
  bool live = false;
  Settings settings;  // what the flags and the source say the checks go by
  // Of a live source: why nothing could be read at all (exit code 3). Never dangling while `source` lives.
  std::function<const std::optional<Error>*()> fatal = [] { return nullptr; };
};

// Opens --from, or the connection that flags, kubeconfig and environment name. Nothing is read from a cluster yet.
[[nodiscard]] Result<Session> open_session(const Options& options);

// Writes the facts to the file of --capture, readable by the user alone.
[[nodiscard]] Result<void> write_capture(const Facts& facts, const std::string& path);

}  // namespace gwdoctor

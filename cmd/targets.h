#pragma once
// From a name on the command line to the objects that bear it.

#include <string>
#include <vector>

#include "chain/path.h"
#include "cmd/options.h"
#include "kube/error.h"
#include "kube/source.h"

namespace gwdoctor {

// The objects of this name: for `route` one for each kind of route, or Ingress, that has it; TYPE/NAME picks one kind.
// A kind that could not be read is kept as a target where no other has the name: its diagnosis is then unknown.
// An error (input) where the name is proved absent, with the nearest names and the namespaces where it does exist.
[[nodiscard]] Result<std::vector<Target>> find_targets(const Options& options, const std::string& ns, Facts& facts,
                                                       Source& source);

}  // namespace gwdoctor

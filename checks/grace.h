#pragma once
// When silence of a controller is not yet a fault.

#include "kube/facts.h"
#include "kube/objects/meta.h"

namespace gwdoctor {

// An object younger than 60 s, or changed less than 60 s ago, may lack status (rulings, 7).
inline constexpr Seconds status_grace{60};

// True while the controller may still be at work on the object: it is young, or just changed, or it is a trial of a
// fix in which its status was left out.
[[nodiscard]] bool settling(const Meta& meta, const Facts& facts);

// The reason to give for a status that may still come.
[[nodiscard]] Why pending(std::string_view controller = {});

}  // namespace gwdoctor

#pragma once
// A certificate off the wire as an observation keeps it.

#include "kube/objects/observed.h"
#include "kube/x509.h"

namespace gwdoctor {

[[nodiscard]] ServedCertificate served(Certificate from);

}  // namespace gwdoctor

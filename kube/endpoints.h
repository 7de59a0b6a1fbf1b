#pragma once
// What the endpointslice controller makes of a Service and its pods (KEP-752, KEP-1672): used to try out a fix.

#include <vector>

#include "kube/objects/pod.h"
#include "kube/objects/service.h"
#include "kube/value.h"

namespace gwdoctor {

// The EndpointSlices, as documents, that follow from the pods which the Service's selector takes in. One slice for
// each set of port numbers: a named targetPort may mean another number on each pod, and a pod that lacks the name
// is in a slice without that port. A pod without an address, or finished, has no endpoint.
[[nodiscard]] std::vector<Value> endpoint_slices_of(const Service& service, const std::vector<const Pod*>& pods);

}  // namespace gwdoctor

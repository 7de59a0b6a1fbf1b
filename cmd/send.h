#pragma once
// Sends a traced request, as a client would.

#include "cmd/options.h"
#include "kube/facts.h"
#include "report/diagnosis.h"

namespace gwdoctor {

// Fills diagnosis.sent. The request goes to the address that it names, else to the first that the entrance publishes; a hostname
// there, and the request's own host where nothing is published, is resolved first.
void send_traced(Diagnosis& diagnosis, const Facts& facts, const Options& options);

}  // namespace gwdoctor

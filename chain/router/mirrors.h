#pragma once
// Copies of requests (HTTPRequestMirrorFilter) that nobody gets.

#include "chain/router/outcome.h"
#include "chain/router/question.h"
#include "kube/facts.h"

namespace gwdoctor {

// Takes out of an outcome the mirrors whose Service does not exist or may not be referred to, with a note each: such a backendRef
// is dropped, and the requests go their way (Gateway API v1.6, HTTPRequestMirrorFilter.backendRef). Asks for what it needs.
void drop_invalid_mirrors(const Facts& facts, Trace& trace);

}  // namespace gwdoctor

#pragma once
// What Traefik makes of a request with all its routers: those of IngressRoutes beside those of Ingresses, in one order.

#include "chain/dialects/ingress_table.h"
#include "chain/router/question.h"
#include "kube/facts.h"

namespace gwdoctor {

// Completes the trace of the Ingresses of a table of Traefik's (trace_ingress). Where the CRDs are not served it stays as it is.
[[nodiscard]] Trace trace_traefik(const Question& question, const IngressTable& table, const Facts& facts, Trace of_ingresses);

}  // namespace gwdoctor

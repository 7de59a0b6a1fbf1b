#pragma once
// Which of the target's requests are gRPC calls, and how their server is asked for its health.

#include <string_view>
#include <vector>

#include "chain/front.h"
#include "checks/check.h"
#include "checks/support/front_line.h"

namespace gwdoctor {

enum class Speaks {
  other,
  perhaps_grpc,  // HTTP/2 without TLS (appProtocol kubernetes.io/h2c, KEP-3726), which is mostly gRPC
  grpc,          // a GRPCRoute, an annotation of the Ingress or the Service port's appProtocol says so
};
[[nodiscard]] Speaks speaks(const Leg& leg, const Path& path);

// True where all of these streams are gRPC calls. A GET has nothing to say to their backends, and an error in answer to it means
// nothing: who chooses ordinary requests to make (--probe http) leaves such hosts out, and grpc-not-serving asks them instead.
[[nodiscard]] bool is_for_grpc_alone(const Scope& scope, const Path& path);

// One health check: of a host at one of its ports, through the first of its published addresses.
struct HealthCall {
  const FrontHost* host = nullptr;
  const FrontPort* port = nullptr;
  FrontTarget target;
  Scope scope;                             // the streams to the backends that the router gives the call to
  std::vector<const BackendView*> behind;  // those backends, each once
  bool certain = true;                     // it is known to be gRPC
  Ref route;                               // the route or Ingress that takes the call …
  std::string rule;                        // … and the field of its rule or path
  Seen<HttpAnswer> answer;

  // As evidence names it.
  [[nodiscard]] Ref ref() const { return {"gwdoctor.dev/v1", "HTTPObservation", {}, target.text(port->port), {}}; }
};

// Every health check that a rule of the target is predicted to take; one that no rule takes, or another route, is not made: most
// services do not lead their health through the entrance. Says unknown of what the prediction or the call lacks. Only where
// HTTP may be observed.
[[nodiscard]] std::vector<HealthCall> health_calls(const Front& front, const Path& path, const Facts& facts, Verdicts& out);

}  // namespace gwdoctor

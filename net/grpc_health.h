#pragma once
// grpc.health.v1.Health/Check: its messages by hand, which are two fields in all (grpc-proto, grpc/health/v1/health.proto; gRPC
// over HTTP/2, Length-Prefixed-Message).

#include <optional>
#include <string>
#include <string_view>

#include "net/exchange.h"

namespace gwdoctor {

// A HealthCheckRequest for a service ("" for the server as a whole), framed.
[[nodiscard]] std::string grpc_health_request(std::string_view service);
// The status in a framed HealthCheckResponse; nothing where the bytes are none, or are compressed.
[[nodiscard]] std::optional<GrpcServing> grpc_health_response(std::string_view body);

// The call, over HTTP/2. The caller sets the address, port, TLS, host and timeouts.
[[nodiscard]] ExchangeQuestion grpc_health_question(std::string_view service);

// What came of it, as far as the answer is one.
[[nodiscard]] GrpcHealth grpc_health_of(const ExchangeAnswer& answer);

}  // namespace gwdoctor

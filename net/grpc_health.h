#pragma once
// grpc.health.v1.Health/Check: its messages by hand, which are two fields in all (grpc-proto, grpc/health/v1/health.proto; gRPC
// over HTTP/2, Length-Prefixed-Message).

#include <optional>
#include <string>
#include <string_view>

#include "net/exchange.h"

namespace gwdoctor {

inline constexpr std::string_view grpc_health_path = "/grpc.health.v1.Health/Check";

// HealthCheckResponse.ServingStatus. `other`: a number that has no name.
enum class GrpcServing { unknown, serving, not_serving, service_unknown, other };
[[nodiscard]] std::string_view serving_name(GrpcServing serving);  // "NOT_SERVING"

// A HealthCheckRequest for a service ("" for the server as a whole), framed.
[[nodiscard]] std::string grpc_health_request(std::string_view service);
// The status in a framed HealthCheckResponse; nothing where the bytes are none, or are compressed.
[[nodiscard]] std::optional<GrpcServing> grpc_health_response(std::string_view body);

// The call, over HTTP/2. The caller sets the address, port, TLS, host and timeouts.
[[nodiscard]] ExchangeQuestion grpc_health_question(std::string_view service);

struct GrpcHealth {
  std::optional<int> grpc_status;      // of the trailers, or of the headers of an answer without a message (Trailers-Only)
  std::string grpc_message;            // percent-decoded, fit for one line
  std::optional<GrpcServing> serving;  // where grpc_status is 0
  bool is_grpc = false;                // the answer's content type is that of gRPC
};
[[nodiscard]] GrpcHealth grpc_health_of(const ExchangeAnswer& answer);
// "UNIMPLEMENTED" for 12 (grpc, doc/statuscodes.md); "" for a number without a name.
[[nodiscard]] std::string_view grpc_status_name(int status);

}  // namespace gwdoctor

#pragma once
// What an answer that is not a success says about the fact that was asked for.

#include <optional>
#include <string>
#include <string_view>

#include "kube/source.h"
#include "kube/transport.h"

namespace gwdoctor {

// The parts of a metav1 Status that decide. All texts are one clean line.
struct ApiStatus {
  int code = 0;
  std::string reason;   // "NotFound", "Forbidden", "Expired"
  std::string message;  // what the API server says to people
  std::string name;     // details.name: the object that was not found
  std::string kind;     // details.kind: really the plural, "services"
};

// The Status in the body, or nothing where the body is something else (HTML of a proxy, text, nothing at all).
[[nodiscard]] std::optional<ApiStatus> parse_status(const HttpResponse& response);

// Whether the body is declared to be JSON. Parameters such as charset do not count.
[[nodiscard]] bool is_json(const HttpResponse& response);

// The permission that a wish takes, as RBAC names it: verb get or list, group, plural, and the namespace ("" for
// cluster-wide). For a served wish it is the non-resource URL of discovery, "/api" or "/apis"; for a proxy wish services/proxy or
// pods/proxy.
[[nodiscard]] Needs needs_of(const Wish& wish);

// The answer to `wish` where the response is no success:
//   403                                 unknown(forbidden), with the permission
//   404 whose Status names the object   absent
//   404 "could not find the requested resource", in a Status or in plain text as the API server writes it
//                                       unknown(not_served): discovery decides what that means
//   410                                 unknown(expired)
//   408, 504                            unknown(timeout)
//   401, 429, other 4xx, 3xx, 5xx       unknown(error), in words that say what to do
// The server's own message is quoted as one clean line.
[[nodiscard]] Answer answer_of_failure(const HttpResponse& response, const Wish& wish);

// The same for a request that got no answer at all.
[[nodiscard]] Answer answer_of_error(const Error& error);

// An unknown answer: reason and one line.
[[nodiscard]] Answer unknown_answer(Why::Reason reason, std::string message);

// "503 Service Unavailable"; the number alone for a status without a usual name.
[[nodiscard]] std::string status_text(int status);

}  // namespace gwdoctor

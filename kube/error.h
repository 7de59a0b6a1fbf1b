#pragma once
// What can go wrong while facts are read, as a value. Exceptions are for bugs.

#include <string>
#include <tl/expected.hpp>

namespace gwdoctor {

// Why something failed, as far as the exit code and the report must tell apart (docs/exit-codes.md).
enum class ErrorKind {
  usage,         // the command line is wrong: exit 2
  input,         // a file, manifest or kubeconfig is wrong: exit 2
  unreachable,   // no answer from the API server (DNS, TCP, TLS): exit 3
  unauthorized,  // the credentials were refused or could not be obtained: exit 3
  forbidden,     // 403 on one request
  not_found,     // 404 whose Status names the object: proved absent
  not_served,    // the API server has no such resource
  timeout,       // a deadline passed
  gone,          // 410: the continue token expired
  throttled,     // 429 after all retries
  server,        // 5xx, or an answer that is not what was asked for
  internal,      // a bug of ours: exit 70
};

struct Error {
  ErrorKind kind = ErrorKind::internal;
  // One line that a person can act on: what was being done, to which object or file, what to do next.
  // Never holds a token, a key or the data of a Secret.
  std::string message;
};

template <class T>
using Result = tl::expected<T, Error>;

// Shorthand for returning an error from a function of any Result.
[[nodiscard]] inline tl::unexpected<Error> fail(ErrorKind kind, std::string message) {
  return tl::unexpected<Error>(Error{kind, std::move(message)});
}

}  // namespace gwdoctor

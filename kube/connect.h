#pragma once
// From flags, kubeconfig files, environment and the pod's service account to one connection.

#include <chrono>
#include <string>
#include <string_view>

#include "kube/connection.h"
#include "kube/environment.h"
#include "kube/error.h"

namespace gwdoctor {

// The connection that kubectl would use with the same flags, files and environment. Nothing is sent and no credential
// plugin runs yet; files named by the chosen entries are read. Errors are of kind usage (a flag) or input (a file).
// Where no server is named, a pod's service account is used if there is one; else that is an error which names the
// kubeconfig paths that were tried, not a request to localhost:8080.
// Credentials are for TLS alone: with an http:// server `credentials` gives empty ones.
[[nodiscard]] Result<Connection> connect(const ConnectionFlags& flags, const Environment& environment);

// --request-timeout: "0" for none, an integer in seconds, or a Go duration ("1m30s", "1.5h"). Rounded up to milliseconds.
[[nodiscard]] Result<std::chrono::milliseconds> parse_request_timeout(std::string_view text);

// A server as a URL without query, fragment and slashes at the end; its path prefix stays. Without a scheme it is
// http, as in client-go. A user name or password in it is an error.
[[nodiscard]] Result<std::string> normalize_server(const std::string& server);

}  // namespace gwdoctor

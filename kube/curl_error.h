#pragma once
// What libcurl's failures mean, in the words that kubectl users know.

#include <curl/curl.h>

#include <chrono>
#include <string>
#include <string_view>

#include "kube/error.h"

namespace gwdoctor {

// What a transfer came to, as far as an error can be told from it.
struct Failure {
  CURLcode code = CURLE_OK;
  std::string detail;                          // curl's error buffer
  long os_errno = 0;                           // CURLINFO_OS_ERRNO
  long verify_result = 0;                      // CURLINFO_SSL_VERIFYRESULT: an X509_V_ERR_ code
  long proxy_status = 0;                       // CURLINFO_HTTP_CONNECTCODE
  bool connected = false;                      // TCP was there
  bool request_sent = false;                   // TLS too, and the request was on its way
  bool too_large = false;                      // we broke it off
  std::size_t size_limit = 0;                  // bytes
  std::string server;                          // host:port, as the kubeconfig has it
  std::string tls_name;                        // the name that the certificate must bear
  std::string proxy;                           // without credentials; "" for none
  std::string request;                         // "GET /api/v1/…"
  std::chrono::milliseconds limit{0};          // of the whole request
  std::chrono::milliseconds connect_limit{0};  // of TCP and TLS
};

// The error for a person: unreachable, timeout, unauthorized (the client certificate was refused) or server.
[[nodiscard]] Error error_of(const Failure& failure);

// Whether the connection broke, so that a request that changes nothing may be sent once more.
[[nodiscard]] bool is_connection_lost(const Failure& failure);

// Whether HTTP/2 itself failed, so that HTTP/1.1 may work.
[[nodiscard]] bool is_http2_failure(const Failure& failure);

}  // namespace gwdoctor

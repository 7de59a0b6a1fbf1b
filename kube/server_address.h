#pragma once
// The server of a connection, taken apart for libcurl.

#include <string>

#include "kube/connection.h"
#include "kube/environment.h"
#include "kube/error.h"

namespace gwdoctor {

struct ServerAddress {
  bool tls = true;
  std::string base;         // what a request's path is appended to: https://NAME:PORT/PREFIX
  std::string host_header;  // "" where the URL says it already
  std::string connect_to;   // for CURLOPT_CONNECT_TO; "" where the URL's host is the one to connect to
  std::string shown;        // host:port, for messages
  std::string shown_base;   // as base, with the real host
  std::string tls_name;     // the name that the server's certificate must bear
  std::string proxy;        // "" for none

  // tls-server-name: libcurl has no option for it, so the URL bears that name (SNI and the certificate's check follow),
  // CONNECT_TO leads to the real address, and the Host header names the real server.
  [[nodiscard]] static Result<ServerAddress> of(const Connection& connection, const Environment& environment);
};

}  // namespace gwdoctor

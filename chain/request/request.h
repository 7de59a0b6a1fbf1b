#pragma once
// A request as a person writes it, made into what a client would put on the wire.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kube/error.h"
#include "kube/objects/header_field.h"

namespace gwdoctor {

struct Request {
  std::string
      scheme;  // http, https, tls, tcp or udp; grpc and ws are http, grpcs and wss are https, with `grpc` and `websocket` set
  std::string method;  // upper or lower case as given: methods are case-sensitive (RFC 9110, 9.1). "" for tls, tcp and udp
  // The host of the URL, or of a Host header that was given: lower case, IDN in its ASCII form (RFC 5891), without port,
  // brackets and final dot. "" for a bare address of a tcp or udp URL.
  std::string host;
  std::int64_t port = 0;               // that the client connects to: of the URL, or the scheme's own
  std::string path;                    // as sent: percent-encoded, dot segments kept; "/" at least
  std::string query;                   // without "?"; as sent
  std::vector<HeaderField> headers;    // as given, in order; Host is not among them
  std::string sni;                     // sent in the TLS handshake; "" where there is none (no TLS, or an address: RFC 6066, 3)
  std::optional<std::string> address;  // that the client connects to, where an address is named by the URL or --resolve
  bool tls = false;                    // the client speaks TLS
  bool grpc = false;                   // a gRPC call: POST, application/grpc, HTTP/2
  bool websocket = false;
  // Host or :authority as it goes over the wire: in the case in which it was written, with its port and final dot. "" for a
  // request that was not written by hand; authority_sent() then makes it up.
  std::string authority;

  [[nodiscard]] std::string authority_sent() const;
  [[nodiscard]] bool is_http() const { return scheme == "http" || scheme == "https"; }
  // "POST https://pay.example/api/v2?x=1": for people.
  [[nodiscard]] std::string text() const;
};

// What the command line gives.
struct RequestWords {
  std::string url{};
  std::string method{};                // "" for the scheme's own: GET, for gRPC POST
  std::vector<std::string> headers{};  // "Name: value"; "Name;" is sent empty, "Name:" is not sent, as with curl
  std::string grpc{};                  // "pkg.Service/Method"
  std::string sni{};                   // "" for the host
  std::vector<std::string> resolve{};  // "HOST:PORT:ADDR", as with curl; "*" for any host
};

// The request that they mean. An error (usage) says which word is wrong, where, and what is expected. Schemes: http, https, grpc,
// grpcs, ws, wss, tls, tcp, udp; no scheme is https where the port is 443 or absent, else http. Userinfo is refused: credentials
// do not belong on a command line. Characters that a URL may not hold raw (spaces, non-ASCII) are percent-encoded as browsers do
// (WHATWG URL, path percent-encode set); control characters are refused.
[[nodiscard]] Result<Request> parse_request(const RequestWords& words);

// The host of a URL or Host header in the form that is compared: lower case, ASCII (IDNA 2008 with UTS 46 mapping), without one
// final dot. Errors: empty or overlong labels (RFC 1035, 2.3.4), characters that no host has.
[[nodiscard]] Result<std::string> normal_host(std::string_view host);
// True for an IPv4 address in four decimal parts or an IPv6 address without brackets.
[[nodiscard]] bool is_address(std::string_view host);

// The value of the first header of that name, and every value joined by "," as a list field is (RFC 9110, 5.3); nothing where
// there is none. "host" gives the host.
[[nodiscard]] std::optional<std::string> header_value(const Request& request, std::string_view name);
// The value of the first query parameter of that name, decoded as forms are (+ is a space); nothing where there is none.
[[nodiscard]] std::optional<std::string> query_value(const Request& request, std::string_view name);

}  // namespace gwdoctor

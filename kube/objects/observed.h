#pragma once
// What was observed on the network, each with the question that was asked. An observation holds for where and when it was made: a
// name may resolve elsewhere in another network, and a port may be open to others.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kube/kind.h"
#include "kube/objects/header_field.h"
#include "kube/time.h"

namespace gwdoctor {

// Where and when. Every answer has it.
struct Observed {
  Time at{};
  std::string vantage = "this machine";
};

// ---- DNS ----

struct DnsQuestion {
  std::string name;    // absolute, without final dot; search domains are never applied
  std::string server;  // "10.0.0.53", "10.0.0.53:5353", "[2001:db8::1]:53"; "" for the resolvers of this machine
};

enum class DnsStatus {
  ok,        // at least one address
  nxdomain,  // the name (or the end of its alias chain) does not exist
  empty,     // it exists and has no address of this family
  servfail,
  refused,
  timeout,
  error,  // anything else; DnsFamily::detail says what
};

struct DnsAddress {
  std::string address;
  std::uint32_t ttl = 0;  // seconds
};

struct DnsAlias {
  std::string from;
  std::string to;
  std::uint32_t ttl = 0;  // seconds
};

// The answer for one family: A or AAAA.
struct DnsFamily {
  DnsStatus status = DnsStatus::error;
  std::vector<DnsAddress> addresses;
  std::string detail;  // where not ok: one line, for people
};

struct DnsAnswer {
  Observed observed;
  std::string name;
  std::string server;  // that answered, or was asked last; "" where none could be asked
  DnsFamily a;
  DnsFamily aaaa;
  std::vector<DnsAlias> aliases;  // the CNAME chain from `name`, in order
  // The line of /etc/hosts that decides the name on this machine, whatever DNS says: "127.0.0.1 pay.example". "" where none does.
  std::string hosts_entry;
  std::vector<std::string> hosts_addresses;
  std::int64_t milliseconds = 0;

  // Both families, A first; without those of /etc/hosts.
  [[nodiscard]] std::vector<std::string> addresses() const;
  [[nodiscard]] bool resolves() const { return a.status == DnsStatus::ok || aaaa.status == DnsStatus::ok; }
  // The name, or the end of its aliases, is proved not to exist.
  [[nodiscard]] bool does_not_exist() const;
  // It exists, and neither family has an address.
  [[nodiscard]] bool is_empty() const { return a.status == DnsStatus::empty && aaaa.status == DnsStatus::empty; }
  // Neither an address nor a proof that there is none: servers that failed, refused or kept silent.
  [[nodiscard]] bool failed() const { return !resolves() && !does_not_exist() && !is_empty(); }
  // Where the aliases lead: the last one's target, or the name itself.
  [[nodiscard]] const std::string& end() const { return aliases.empty() ? name : aliases.back().to; }
};

// ---- TCP ----

struct TcpQuestion {
  std::string address;  // an IP address
  std::int64_t port = 0;
};

enum class TcpResult {
  connected,
  refused,
  timeout,
  reset,
  unreachable,  // a router said so (ICMP host unreachable)
  no_route,     // this machine has no way there, as to IPv6 from a network without it: says nothing about the address
  error,
};

struct TcpAnswer {
  Observed observed;
  std::string address;
  std::int64_t port = 0;
  TcpResult result = TcpResult::error;
  std::string detail;  // where not connected: one line, for people
  std::int64_t milliseconds = 0;
};

// ---- TLS ----

struct TlsQuestion {
  std::string address;
  std::int64_t port = 0;
  std::string sni;  // "" for a handshake without one
  std::vector<std::string> alpn{"h2", "http/1.1"};
};

enum class Handshake {
  none,        // there was no connection; `connect` says why
  done,        // completed, as far as the client can tell (TlsAnswer::after)
  alert,       // the server refused with an alert
  plain_http,  // the server answered the ClientHello in HTTP
  not_tls,     // with something else that is no TLS; `detail` quotes it
  closed,
  reset,
  timeout,
  error,  // what the server sent could not be accepted; `detail` says why
};

// What the server did within a moment after the handshake. TLS 1.3 refuses a missing client certificate only then.
enum class AfterHandshake { quiet, alert, closed, reset };

enum class Trust { trusted, untrusted, unknown };  // unknown: this machine has no trust store

struct ServedCertificate {
  std::string subject;  // one line, RFC 2253
  std::string common_name;
  std::string issuer;
  std::string issuer_common_name;
  std::vector<std::string> dns_names;
  std::vector<std::string> ip_names;
  Time not_before{};
  Time not_after{};
  std::string serial;       // hexadecimal
  std::string fingerprint;  // SHA-256 of the DER, hexadecimal: the same as Certificate::fingerprint
  bool self_signed = false;
  bool is_ca = false;
  std::string key_type;
  int key_bits = 0;
  std::string signature;

  // By the SANs alone (RFC 9525): a wildcard is one whole leftmost label.
  [[nodiscard]] bool covers(std::string_view host) const;
};

struct TlsAnswer {
  Observed observed;
  std::string address;
  std::int64_t port = 0;
  std::string sni;
  TcpResult connect = TcpResult::error;
  std::int64_t connect_milliseconds = 0;
  Handshake handshake = Handshake::none;
  AfterHandshake after = AfterHandshake::quiet;
  int alert = -1;                        // its number (RFC 8446, 6.2), in the handshake or after it
  std::string alert_name;                // "handshake_failure"; "" where there was none
  std::string detail;                    // where not done: one line, for people
  std::string version;                   // "TLSv1.3"
  std::string cipher;                    // "TLS_AES_128_GCM_SHA256"
  std::string alpn;                      // chosen; "" where the server chose none
  std::string legacy_version;            // where it speaks only versions that clients refuse: "TLSv1.1"
  std::vector<ServedCertificate> chain;  // as served, the leaf first
  Trust trust = Trust::unknown;          // of the chain, against the system's store and --ca-file; the name is not part of it
  std::string trust_error;               // "unable to get local issuer certificate"; "" where trusted or unknown
  int trust_error_depth = 0;             // 0 is the leaf
  bool matches_name = false;             // the leaf covers the SNI
  bool client_certificate_requested = false;
  std::int64_t milliseconds = 0;  // connection and handshake

  [[nodiscard]] bool served() const { return handshake == Handshake::done; }
  // The server refuses who has no certificate.
  [[nodiscard]] bool client_certificate_required() const;
};

// ---- HTTP ----

inline constexpr std::string_view grpc_health_path = "/grpc.health.v1.Health/Check";

struct HttpQuestion {
  std::string address;
  std::int64_t port = 0;
  bool tls = false;
  std::string host;  // Host or :authority; the SNI of a TLS connection too
  std::string method = "GET";
  std::string path = "/";  // with the query
  std::string protocol;    // "http/1.1", "h2" (with prior knowledge where there is no TLS); "" for what the server prefers
  // In place of an ordinary request, grpc.health.v1.Health/Check of this service ("" for the server as a whole). It settles
  // method, path and protocol.
  std::optional<std::string> grpc_health{};
};

enum class HttpResult {
  answered,
  refused,
  timeout,
  unreachable,
  no_route,
  tls_failed,
  closed,  // before an answer
  reset,
  error,
};

// HealthCheckResponse.ServingStatus (grpc-proto, grpc/health/v1/health.proto). `other`: a number that has no name.
enum class GrpcServing { unknown, serving, not_serving, service_unknown, other };

struct GrpcHealth {
  std::optional<int> grpc_status{};      // of the trailers, or of the headers of an answer without a message (Trailers-Only)
  std::string grpc_message{};            // percent-decoded, fit for one line
  std::optional<GrpcServing> serving{};  // where grpc_status is 0
  bool is_grpc = false;                  // the answer's content type is that of gRPC
};

// How long the parts of an exchange took, in milliseconds; nothing for one that was not reached, or was not recorded.
struct HttpPhases {
  std::optional<std::int64_t> connect{};
  std::optional<std::int64_t> tls{};
  std::optional<std::int64_t> first_byte{};  // from the request to the first byte of the answer
};

struct HttpAnswer {
  Observed observed;
  HttpQuestion question;
  HttpResult result = HttpResult::error;
  std::string detail;  // where not answered: one line, for people
  int status = 0;
  std::string version;  // "HTTP/1.1", "HTTP/2"
  // Names in lower case, in their order. Cookies and credentials are left out.
  std::vector<HeaderField> headers;
  std::string body;                  // its beginning
  bool body_cut = false;             // there was more
  std::optional<GrpcHealth> grpc{};  // where the question was for the health of a gRPC server, and was answered
  std::int64_t milliseconds = 0;
  HttpPhases phases{};
  bool sets_cookie = false;  // it had a Set-Cookie header; the value is left out

  // The first header of this lower-case name; "" where there is none.
  [[nodiscard]] std::string header(std::string_view name) const;
};

// ---- A request through the API server's proxy ----

struct ProxyQuestion {
  Kind kind = Kind::service;  // or pod
  std::string ns;
  std::string name;
  std::string port;    // name or number
  std::string scheme;  // "https"; "" for http
  std::string path = "/";
};

struct ProxyAnswer {
  Observed observed;  // from within the cluster: from where the API server is
  ProxyQuestion question;
  // False where the API server answered itself: nobody was reached, and `detail` says why.
  bool reached = false;
  std::string detail;  // "no endpoints available for service \"a\"", "dial tcp 10.0.0.1:80: connect: connection refused"
  int status = 0;
  std::string content_type;
  std::string body;  // its beginning
  bool body_cut = false;
  std::int64_t milliseconds = 0;
};

// Of an HTTP body this much is kept, in bytes.
inline constexpr std::size_t max_observed_body = 1024;

[[nodiscard]] std::string_view status_name(DnsStatus status);        // "nxdomain"
[[nodiscard]] std::string_view result_name(TcpResult result);        // "no-route"
[[nodiscard]] std::string_view handshake_name(Handshake handshake);  // "plain-http"
[[nodiscard]] std::string_view result_name(HttpResult result);       // "tls-failed"
[[nodiscard]] std::string_view serving_name(GrpcServing serving);    // "NOT_SERVING"
// "UNIMPLEMENTED" for 12 (grpc, doc/statuscodes.md); "" for a number without a name.
[[nodiscard]] std::string_view grpc_status_name(int status);
// "handshake_failure" for 40 (RFC 8446, appendix B.2, and those of RFC 5246); "alert 200" for a number without a name.
[[nodiscard]] std::string alert_text(int alert);

}  // namespace gwdoctor

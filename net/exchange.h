#pragma once
// One HTTP request to one address, and all that can be told of the answer. Redirects are not followed, proxies of the environment
// are not used, cookies are not kept, and no credentials are added. A certificate that does not verify is reported and does not
// keep the answer away.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kube/objects/header_field.h"
#include "kube/objects/observed.h"

namespace gwdoctor {

struct ExchangeQuestion {
  std::string address{};  // an IP address, IPv6 without brackets; names are not resolved
  std::int64_t port = 0;
  bool tls = false;
  std::string sni{};   // of the handshake; "" for none
  std::string host{};  // Host or :authority, with a port where one is meant; "" for the address
  std::string method = "GET";
  std::string path = "/";              // sent as it is: dot segments and escapes are kept
  std::string query{};                 // without "?"
  std::vector<HeaderField> headers{};  // sent in this order; Host is `host`
  std::string body{};
  // "http/1.1"; "h2", with prior knowledge where there is no TLS; "" for what a client would do: ALPN under TLS, else HTTP/1.1.
  std::string protocol{};
  bool verify = true;                               // the chain is verified, for the report; false leaves trust unknown
  std::string ca_file{};                            // PEM, trusted beside the system's roots
  std::chrono::milliseconds connect_timeout{2000};  // TCP and TLS
  std::chrono::milliseconds timeout{5000};          // all of it
};

// How long each part took; nothing for one that was not reached.
struct ExchangePhases {
  std::optional<std::chrono::milliseconds> connect;
  std::optional<std::chrono::milliseconds> tls;
  std::optional<std::chrono::milliseconds> first_byte;  // from the request to the first byte of the answer
  std::chrono::milliseconds total{0};
};

struct ExchangeTls {
  Handshake handshake = Handshake::none;
  int alert = -1;       // the last that the server sent, but for close_notify (RFC 8446, 6.2); also after the handshake
  std::string version;  // "TLSv1.3"
  std::string cipher;
  std::string alpn;                      // chosen; "" where the server chose none
  std::vector<ServedCertificate> chain;  // as served, the leaf first
  Trust trust = Trust::unknown;          // of the chain; the name is not part of it
  std::string trust_error;               // "certificate has expired"; "" where trusted or unknown
  int trust_error_depth = 0;             // 0 is the leaf
  bool matches_name = false;             // the leaf covers the SNI or, without one, the host
};

struct ExchangeAnswer {
  HttpResult result = HttpResult::error;
  // Where not answered: one line, for people, without a final stop. Where the body broke off: why.
  std::string detail;
  int status = 0;
  std::string version;               // "HTTP/1.1", "HTTP/2"
  std::vector<HeaderField> headers;  // names in lower case, in their order; those that carry credentials are left out
  std::vector<HeaderField> trailers;
  bool headers_cut = false;  // there were more than are kept
  bool sets_cookie = false;  // there was a Set-Cookie header among those that are left out
  std::string body;          // its beginning, not decompressed
  bool body_cut = false;     // there was more, or it broke off
  std::string address;       // reached; "" where there was no connection
  std::int64_t port = 0;
  ExchangePhases phases;
  ExchangeTls tls;

  [[nodiscard]] bool answered() const { return result == HttpResult::answered; }
  // The first header of this lower-case name; "" where there is none.
  [[nodiscard]] std::string header(std::string_view name) const;
};

inline constexpr std::size_t max_exchange_body = 16U * 1024;
inline constexpr std::size_t max_exchange_headers = 64U * 1024;  // bytes of names and values

// Sends all of them, several at a time, each on a connection of its own, and answers in their order. What is not done when
// `deadline` (from now on) has passed, or when `cancelled` turns true, ends as a timeout. A question that cannot be sent as it is
// (a control character, a header name that is none, an address that is none) is an error and nothing is sent for it.
[[nodiscard]] std::vector<ExchangeAnswer> exchange_all(const std::vector<ExchangeQuestion>& questions,
                                                       std::chrono::milliseconds deadline,
                                                       const std::atomic<bool>* cancelled = nullptr);

}  // namespace gwdoctor

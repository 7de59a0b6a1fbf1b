#pragma once
// Questions to servers of this machine, for the tests of net/exchange.

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <string_view>

#include "net/exchange.h"
#include "tests/unit/loopback_server.h"

namespace gwdoctor::test {

inline constexpr std::chrono::milliseconds plenty{10000};

inline const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

inline ExchangeQuestion to(std::int64_t port, bool tls = false) {
  ExchangeQuestion question;
  question.address = "127.0.0.1";
  question.port = port;
  question.tls = tls;
  question.host = "shop.example";
  question.sni = tls ? "shop.example" : "";
  return question;
}
inline ExchangeAnswer ask(const ExchangeQuestion& question) { return exchange_all({question}, plenty).front(); }

inline Issued certificate_for(const std::string& name, const Issued* issuer = nullptr) {
  const Time now = std::chrono::time_point_cast<Seconds>(std::chrono::system_clock::now());
  CertificateOrder order;
  order.dns_names = {name};
  order.common_name = name;
  order.not_before = now - Seconds(3600);
  order.not_after = now + Seconds(86400);
  order.issuer = issuer;
  return make_certificate(order);
}

inline bool has(const std::string& text, std::string_view part) {
  CAPTURE(text);
  return text.find(part) != std::string::npos;
}

}  // namespace gwdoctor::test

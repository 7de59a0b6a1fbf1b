#pragma once
// The words that stand for the outcomes of observations in documents and messages.

#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "kube/objects/observed.h"

namespace gwdoctor {

template <class T, std::size_t N>
using NameTable = std::array<std::pair<T, std::string_view>, N>;

inline constexpr NameTable<DnsStatus, 7> dns_statuses{{{DnsStatus::ok, "ok"},
                                                       {DnsStatus::nxdomain, "nxdomain"},
                                                       {DnsStatus::empty, "empty"},
                                                       {DnsStatus::servfail, "servfail"},
                                                       {DnsStatus::refused, "refused"},
                                                       {DnsStatus::timeout, "timeout"},
                                                       {DnsStatus::error, "error"}}};
inline constexpr NameTable<TcpResult, 7> tcp_results{{{TcpResult::connected, "connected"},
                                                      {TcpResult::refused, "refused"},
                                                      {TcpResult::timeout, "timeout"},
                                                      {TcpResult::reset, "reset"},
                                                      {TcpResult::unreachable, "unreachable"},
                                                      {TcpResult::no_route, "no-route"},
                                                      {TcpResult::error, "error"}}};
inline constexpr NameTable<Handshake, 9> handshakes{{{Handshake::none, "none"},
                                                     {Handshake::done, "done"},
                                                     {Handshake::alert, "alert"},
                                                     {Handshake::plain_http, "plain-http"},
                                                     {Handshake::not_tls, "not-tls"},
                                                     {Handshake::closed, "closed"},
                                                     {Handshake::reset, "reset"},
                                                     {Handshake::timeout, "timeout"},
                                                     {Handshake::error, "error"}}};
inline constexpr NameTable<AfterHandshake, 4> afters{{{AfterHandshake::quiet, "quiet"},
                                                      {AfterHandshake::alert, "alert"},
                                                      {AfterHandshake::closed, "closed"},
                                                      {AfterHandshake::reset, "reset"}}};
inline constexpr NameTable<Trust, 3> trusts{
    {{Trust::trusted, "trusted"}, {Trust::untrusted, "untrusted"}, {Trust::unknown, "unknown"}}};
inline constexpr NameTable<HttpResult, 9> http_results{{{HttpResult::answered, "answered"},
                                                        {HttpResult::refused, "refused"},
                                                        {HttpResult::timeout, "timeout"},
                                                        {HttpResult::unreachable, "unreachable"},
                                                        {HttpResult::no_route, "no-route"},
                                                        {HttpResult::tls_failed, "tls-failed"},
                                                        {HttpResult::closed, "closed"},
                                                        {HttpResult::reset, "reset"},
                                                        {HttpResult::error, "error"}}};

inline constexpr NameTable<GrpcServing, 5> servings{{{GrpcServing::unknown, "UNKNOWN"},
                                                     {GrpcServing::serving, "SERVING"},
                                                     {GrpcServing::not_serving, "NOT_SERVING"},
                                                     {GrpcServing::service_unknown, "SERVICE_UNKNOWN"},
                                                     {GrpcServing::other, "another status"}}};

template <class T, std::size_t N>
[[nodiscard]] constexpr std::string_view word(const NameTable<T, N>& table, T wanted) {
  for (const auto& [value, name] : table) {
    if (value == wanted) return name;
  }
  return "error";
}

template <class T, std::size_t N>
[[nodiscard]] constexpr std::optional<T> named(const NameTable<T, N>& table, std::string_view wanted) {
  for (const auto& [value, name] : table) {
    if (name == wanted) return value;
  }
  return std::nullopt;
}

}  // namespace gwdoctor

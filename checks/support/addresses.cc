#include "checks/support/addresses.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <string>

namespace gwdoctor {

namespace {

constexpr std::array<std::string_view, 5> within{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"};
constexpr std::array<std::string_view, 6> this_host{"127.0.0.0/8", "169.254.0.0/16", "0.0.0.0/8",
                                                    "::1/128",     "::/128",         "fe80::/10"};

template <std::size_t Size>
bool in_any(const IpAddress& address, const std::array<std::string_view, Size>& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(), [&](std::string_view prefix) { return in_prefix(address, prefix); });
}

}  // namespace

std::optional<IpAddress> parse_ip(std::string_view text) {
  const std::string word(text);
  IpAddress out;
  if (inet_pton(AF_INET, word.c_str(), out.bytes.data()) == 1) return out;
  out.v6 = true;
  if (inet_pton(AF_INET6, word.c_str(), out.bytes.data()) != 1) return std::nullopt;
  constexpr std::array<unsigned char, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (!std::equal(mapped.begin(), mapped.end(), out.bytes.begin())) return out;
  IpAddress v4;
  std::copy(out.bytes.begin() + 12, out.bytes.end(), v4.bytes.begin());
  return v4;
}

bool in_prefix(const IpAddress& address, std::string_view prefix) {
  const std::size_t slash = prefix.find('/');
  if (slash == std::string_view::npos) return false;
  const std::optional<IpAddress> base = parse_ip(prefix.substr(0, slash));
  const std::string_view digits = prefix.substr(slash + 1);
  std::size_t bits = 0;
  if (std::from_chars(digits.data(), digits.data() + digits.size(), bits).ec != std::errc{}) return false;
  if (!base || base->v6 != address.v6 || bits > (address.v6 ? 128U : 32U)) return false;
  for (std::size_t at = 0; at < bits; ++at) {
    const unsigned mask = 0x80U >> (at % 8);
    if ((base->bytes[at / 8] & mask) != (address.bytes[at / 8] & mask)) return false;
  }
  return true;
}

Reach reach_of(const IpAddress& address) {
  if (in_any(address, this_host)) return Reach::this_host;
  return in_any(address, within) ? Reach::within : Reach::everywhere;
}

}  // namespace gwdoctor

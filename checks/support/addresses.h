#pragma once
// IP addresses: read, compared, and told apart by who can reach them.

#include <array>
#include <optional>
#include <string_view>

namespace gwdoctor {

struct IpAddress {
  std::array<unsigned char, 16> bytes{};  // IPv4 in the first four
  bool v6 = false;
  friend bool operator==(const IpAddress&, const IpAddress&) = default;
  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;
};

// Nothing for what is no address. An IPv4 address in IPv6 form (::ffff:a.b.c.d) is that IPv4 address.
[[nodiscard]] std::optional<IpAddress> parse_ip(std::string_view text);
// "10.0.0.0/8", "fc00::/7": whether the address lies in it. False for what is no prefix.
[[nodiscard]] bool in_prefix(const IpAddress& address, std::string_view prefix);

enum class Reach {
  everywhere,
  within,     // a network of its own: RFC 1918, RFC 6598 (carriers), RFC 4193
  this_host,  // loopback, link-local, unspecified (RFC 1122, 3927, 4291)
};
[[nodiscard]] Reach reach_of(const IpAddress& address);

}  // namespace gwdoctor

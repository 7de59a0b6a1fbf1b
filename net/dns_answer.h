#pragma once
// DNS messages (RFC 1035, 4.1) read with care: what comes from the network may be anything. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kube/objects/observed.h"

namespace gwdoctor {

struct DnsRecord {
  std::string name;  // lower case, without final dot; a byte that is not printable, and a dot inside a label, as \DDD
  int type = 0;      // 1 A, 5 CNAME, 28 AAAA: others are left out
  std::uint32_t ttl = 0;
  std::string data;  // an address, or a name
};

struct DnsMessage {
  int rcode = 0;
  bool authoritative = false;
  bool truncated = false;
  bool recursion_available = false;
  std::vector<DnsRecord> answers;
};

inline constexpr int dns_a = 1;
inline constexpr int dns_cname = 5;
inline constexpr int dns_aaaa = 28;

// Nothing where the bytes are no whole message: too short, a count that the bytes do not hold, a name that runs out of the
// message, is longer than 255 bytes, or whose compression does not point back.
[[nodiscard]] std::optional<DnsMessage> decode_dns(std::string_view bytes);

// What the message says about the addresses of `name` of one type, the alias chain followed through its answers (to which
// `aliases` is set). A chain longer than 16, or one that returns to itself, is an error.
[[nodiscard]] DnsFamily family_of(const DnsMessage& message, std::string_view name, int type, std::vector<DnsAlias>& aliases);

}  // namespace gwdoctor

#pragma once
// The parts of a URL as a person writes it (RFC 3986, 3).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "kube/error.h"

namespace gwdoctor {

struct UrlParts {
  std::string scheme;  // lower case; "" where none is written
  std::string host;    // as written, with brackets; "" never
  std::optional<std::int64_t> port;
  std::string path;   // percent-encoded where it must be; "" where none is written
  std::string query;  // the same, without "?"
};

// RFC 3986, 3.1: a letter, then letters, digits, "+", "-" and ".".
[[nodiscard]] bool is_scheme(std::string_view text);

// The fragment is dropped: no client sends it. Errors as parse_request() has them.
[[nodiscard]] Result<UrlParts> split_url(std::string_view url);

// Host and port of "shop.example:8443" or "[::1]:8443"; nothing is made of the host. `what` for the error: "the URL".
struct Authority {
  std::string_view host;
  std::optional<std::int64_t> port;
};
[[nodiscard]] Result<Authority> split_authority(std::string_view what, std::string_view authority);

}  // namespace gwdoctor

#pragma once
// The headers of the command line.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kube/error.h"
#include "kube/objects/header_field.h"

namespace gwdoctor {

struct GivenHeaders {
  std::vector<HeaderField> sent;    // in order; without Host
  std::vector<std::string> unsent;  // names of "Name:", lower case: not even the client's own is sent
  std::optional<std::string> host;  // of the Host header, in its normal form, without port
  std::string authority;            // the Host header as it was given

  // True where the caller has decided about the header.
  [[nodiscard]] bool decide(std::string_view name) const;
};
// RequestWords::headers. A value is never quoted in an error: it may be a token.
[[nodiscard]] Result<GivenHeaders> parse_headers(const std::vector<std::string>& words);

}  // namespace gwdoctor

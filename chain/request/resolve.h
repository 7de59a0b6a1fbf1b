#pragma once
// --resolve HOST:PORT:ADDR, as curl reads it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kube/error.h"

namespace gwdoctor {

// The address that the words give for a host (normal form) and port: an entry for the host goes before one for "*", a later one
// before an earlier one. Nothing where no entry is for it. Every word is checked, also those for other hosts.
[[nodiscard]] Result<std::optional<std::string>> resolved(const std::vector<std::string>& words, std::string_view host,
                                                          std::int64_t port);

}  // namespace gwdoctor

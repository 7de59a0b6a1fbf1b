#pragma once
// Words to options.

#include "cmd/options.h"
#include "kube/error.h"

namespace gwdoctor {

// `words` without the program's name. An error (usage) names the word that is wrong, and the nearest right one.
[[nodiscard]] Result<Options> parse_command_line(const std::vector<std::string>& words);

// "21d", "36h", "90m", "1w", or a Go duration ("1h30m"). Nothing where it is none, or negative.
[[nodiscard]] std::optional<Seconds> parse_span(std::string_view text);

}  // namespace gwdoctor

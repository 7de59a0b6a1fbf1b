#pragma once
// Command lines of containers, as far as they hold secrets.

#include <string>
#include <string_view>
#include <vector>

namespace gwdoctor {

// The arguments with `hidden` in place of each value that follows a flag or variable whose name speaks of a password,
// token, secret or key: --token=x, --password x, and API_KEY=x within a shell script. References such as $(TOKEN) stay.
[[nodiscard]] std::vector<std::string> hide_secret_arguments(const std::vector<std::string>& arguments, std::string_view hidden);

// True for the names of the HTTP header that carries the host, in any case of letters.
[[nodiscard]] bool is_host_header(std::string_view name);

}  // namespace gwdoctor

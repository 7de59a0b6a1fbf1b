#pragma once
// /etc/hosts (hosts(5)): what it says of a name goes before DNS on this machine.

#include <string>
#include <string_view>
#include <vector>

namespace gwdoctor {

struct HostsEntry {
  std::string line;  // as it stands, in one line without comment: "127.0.0.1 pay.example"; the first that names the host
  std::vector<std::string> addresses;  // of every line that names it
};

// Names compare without regard to case; a final dot of `name` does not count. An entry without line where none names it.
[[nodiscard]] HostsEntry find_in_hosts(std::string_view text, std::string_view name);

// The text of the file, up to a mebibyte; "" where it cannot be read.
[[nodiscard]] std::string read_hosts_file(const std::string& path = "/etc/hosts");

}  // namespace gwdoctor

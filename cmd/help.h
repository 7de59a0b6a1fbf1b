#pragma once
// Help in kubectl's form.

#include <string>
#include <string_view>

namespace gwdoctor {

// The page of one command, or of the whole for "" and for a word that is no command.
[[nodiscard]] std::string help_page(std::string_view command);

}  // namespace gwdoctor

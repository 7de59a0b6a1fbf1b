#pragma once
// Times as the API writes them (RFC 3339), to the second; fractions are read and dropped.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace gwdoctor {

using Time = std::chrono::sys_seconds;
using Seconds = std::chrono::seconds;

// "2026-11-23T10:46:12Z", with a fraction or an offset as well. Nothing where the text is no such time.
[[nodiscard]] std::optional<Time> parse_time(std::string_view text);
// "2026-11-23T10:46:12Z".
[[nodiscard]] std::string format_time(Time time);
// "12 seconds", "3 minutes", "4 hours", "26 days": one unit, the largest that fits, for people.
[[nodiscard]] std::string format_duration(Seconds duration);

}  // namespace gwdoctor

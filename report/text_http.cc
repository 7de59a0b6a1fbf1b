#include <algorithm>

#include "report/text_parts.h"

namespace gwdoctor {

namespace {

constexpr std::size_t most_seen = 8;

// "35 ms (connect 2, TLS 8, first byte 24)"
std::string times_of(const HttpSeen& seen) {
  std::string parts;
  const auto add = [&](std::string_view name, const std::optional<std::int64_t>& time) {
    if (time) parts += fmt::format("{}{} {}", parts.empty() ? "" : ", ", name, *time);
  };
  add("connect", seen.phases.connect);
  add("TLS", seen.phases.tls);
  add("first byte", seen.phases.first_byte);
  return fmt::format("{} ms{}", seen.milliseconds, parts.empty() ? "" : " (" + parts + ")");
}

Tone tone_of(const HttpSeen& seen) {
  if (seen.result == "redirect-loop" || seen.result == "too-many-redirects") return Tone::warning;
  if (seen.result != "answered") return seen.result == "redirected" ? Tone::plain : Tone::unknown;
  return seen.status >= 500 ? Tone::bad : Tone::plain;
}

// "GET http://pay.example/ → 301 https://pay.example/ → 200 by the application, HTTP/2, 35 ms (…)"
std::string words_of(const HttpSeen& seen, std::string_view arrow) {
  std::string out = seen.method + " " + seen.url;
  for (const HttpSeen::Redirect& one : seen.redirects) out += fmt::format(" {} {} {}", arrow, one.status, one.location);
  if (seen.result == "answered") {
    out += fmt::format(" {} {}{}", arrow, seen.status, seen.speaker.empty() ? "" : " by " + seen.speaker);
    if (!seen.version.empty()) out += ", " + seen.version;
    return out + ", " + times_of(seen);
  }
  if (!seen.redirects.empty() && (seen.result.starts_with("redirect") || seen.result == "too-many-redirects"))
    return fmt::format("{}, {}", out, seen.detail);
  return fmt::format("{} {} {}{}", out, arrow, seen.result == "unknown" ? "not known" : "no answer",
                     seen.detail.empty() ? "" : ": " + seen.detail);
}

}  // namespace

void write_http(Lines& lines, const std::vector<HttpSeen>& seen) {
  if (seen.empty()) return;
  lines.heading("Seen by HTTP");
  const std::size_t shown = lines.is_wide() ? seen.size() : std::min(seen.size(), most_seen);
  for (std::size_t at = 0; at < shown; ++at)
    lines.paragraph(lines.spaces(2), lines.spaces(4), lines.safe(words_of(seen[at], lines.style().utf8 ? "→" : "->"), 800),
                    tone_of(seen[at]));
  if (shown < seen.size())
    lines.line(lines.spaces(2) + lines.paint(Tone::dim, fmt::format("and {} more (-o wide shows them)", seen.size() - shown)));
}

}  // namespace gwdoctor

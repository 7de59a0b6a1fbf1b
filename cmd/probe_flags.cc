#include "cmd/probe_flags.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "net/dns.h"

namespace gwdoctor {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds longest{60000};

tl::unexpected<Error> usage(const std::string& message) {
  return fail(ErrorKind::usage, message + "\nSee 'kubectl gwdoctor --help' for usage");
}

// A path that can stand in a request line as it is.
bool is_path(std::string_view path) {
  return path.starts_with('/') && std::all_of(path.begin(), path.end(), [](char letter) {
           const auto byte = static_cast<unsigned char>(letter);
           return byte > 0x20 && byte < 0x7f && letter != '#';
         });
}

Result<void> take_kind(std::string_view word, ProbeFlags& flags) {
  const std::size_t equals = std::min(word.find('='), word.size());
  const std::string_view name = word.substr(0, equals);
  const std::optional<ProbeKind> kind = probe_named(name);
  if (!kind)
    return usage(
        fmt::format("error: invalid --probe \"{}\", expected none or any of: dns, tcp, tls, http, http=/path, service", word));
  if (equals < word.size()) {
    const std::string_view path = word.substr(equals + 1);
    if (*kind != ProbeKind::http)
      return usage(fmt::format("error: invalid --probe \"{}\": only http takes a path, as in http=/healthz", word));
    if (!is_path(path))
      return usage(fmt::format("error: invalid --probe \"{}\", expected a path that begins with / and is percent-encoded", word));
    flags.path = path;
  }
  flags.kinds->insert(*kind);
  return {};
}

Result<void> take_kinds(const std::vector<std::string>& lists, ProbeFlags& flags) {
  if (lists.empty()) return {};
  flags.kinds.emplace();
  bool none = false;
  for (const std::string& list : lists) {
    for (std::size_t at = 0; at <= list.size();) {
      const std::size_t comma = std::min(list.find(',', at), list.size());
      const std::string word = list.substr(at, comma - at);
      at = comma + 1;
      if (word == "none") none = true;
      if (word.empty() || word == "none") continue;
      if (Result<void> taken = take_kind(word, flags); !taken) return taken;
    }
  }
  if (none && !flags.kinds->empty()) return usage("error: --probe none cannot be combined with other probes");
  return {};
}

// "2s", "500ms", "1m", or seconds as a bare number.
std::optional<milliseconds> read_timeout(std::string_view text) {
  int number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc() || number <= 0) return std::nullopt;
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  const std::int64_t factor = unit == "ms" ? 1 : unit == "s" || unit.empty() ? 1000 : unit == "m" ? 60000 : 0;
  if (factor == 0 || number * factor > longest.count()) return std::nullopt;
  return milliseconds(number * factor);
}

}  // namespace

Result<ProbeFlags> read_probe_flags(const ProbeWords& words) {
  ProbeFlags flags;
  if (const Result<void> taken = take_kinds(words.kinds, flags); !taken) return tl::unexpected(taken.error());
  for (const std::string& server : words.dns_servers) {
    if (dns_server_address(server).empty())
      return usage(
          fmt::format("error: invalid --dns-server \"{}\", expected an address such as 10.0.0.53, 10.0.0.53:5353 or "
                      "[2001:db8::1]:53",
                      server));
    flags.dns_servers.push_back(server);
  }
  if (!words.timeout.empty()) {
    const std::optional<milliseconds> timeout = read_timeout(words.timeout);
    if (!timeout)
      return usage(fmt::format("error: invalid --probe-timeout \"{}\", expected a duration such as 2s or 500ms, at most 1m",
                               words.timeout));
    flags.timeout = *timeout;
  }
  flags.ca_file = words.ca_file;
  flags.public_view = words.public_view;
  flags.public_given = words.public_given;
  return flags;
}

}  // namespace gwdoctor

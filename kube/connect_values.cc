// The values of connection flags and kubeconfig fields that have a syntax of their own.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <utility>

#include "kube/ascii.h"
#include "kube/clean.h"
#include "kube/connect.h"
#include "kube/proxy.h"

namespace gwdoctor {

namespace {

using Milliseconds = std::chrono::milliseconds;

// The number at the start, without exponent: "1.5", ".5", "1."; the text behind it stays. Nothing where there is none.
std::optional<double> take_number(std::string_view& text) {
  double number = 0;
  double place = 1;
  bool digits = false;
  bool fraction = false;
  for (; !text.empty() && (is_digit(text.front()) || (text.front() == '.' && !fraction)); text.remove_prefix(1)) {
    if (text.front() == '.') {
      fraction = true;
      continue;
    }
    digits = true;
    if (fraction) place /= 10;
    number = fraction ? number + place * (text.front() - '0') : number * 10 + (text.front() - '0');
  }
  return digits ? std::optional<double>(number) : std::nullopt;
}

// The unit at the start, in milliseconds; 0 where there is none.
double take_unit(std::string_view& text) {
  constexpr std::array<std::pair<std::string_view, double>, 8> units{{
      {"ns", 1e-6},
      {"us", 1e-3},
      {"\xC2\xB5s", 1e-3},  // micro sign
      {"\xCE\xBCs", 1e-3},  // Greek mu
      {"ms", 1},
      {"s", 1000},
      {"m", 60'000},
      {"h", 3'600'000},
  }};
  for (const auto& [name, value] : units) {
    if (!text.starts_with(name)) continue;
    text.remove_prefix(name.size());
    return value;
  }
  return 0;
}

// In milliseconds.
std::optional<double> duration(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  if (std::all_of(text.begin(), text.end(), is_digit)) {
    const auto seconds = take_number(text);
    return seconds ? std::optional<double>(*seconds * 1000) : std::nullopt;
  }
  double total = 0;
  while (!text.empty()) {
    const auto number = take_number(text);
    const double unit = number ? take_unit(text) : 0;
    if (unit <= 0) return std::nullopt;
    total += *number * unit;
  }
  return total;
}

tl::unexpected<Error> bad_server(const std::string& server, std::string_view why) {
  return fail(ErrorKind::input, fmt::format("host must be a URL or a host:port pair: \"{}\": {}", proxy_for_people(server), why));
}

bool is_port(std::string_view text) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && number >= 1 && number <= 65535;
}

// "" where the authority is a host with or without a port, else what is wrong.
std::string_view problem_of_authority(std::string_view authority) {
  if (authority.find('@') != std::string_view::npos) {
    return "a user name or password does not belong in the URL: put it into the kubeconfig's user";
  }
  const std::size_t bracket = authority.starts_with('[') ? authority.find(']') : 0;
  if (bracket == std::string_view::npos) return "found '[' without ']'";
  const std::size_t colon = authority.find(':', bracket);
  const std::string_view host = authority.substr(0, colon);
  if (host.empty() || host == "[]") return "found no host";
  if (colon == std::string_view::npos) return {};
  return is_port(authority.substr(colon + 1)) ? std::string_view() : "the port is not a number from 1 to 65535";
}

}  // namespace

Result<Milliseconds> parse_request_timeout(std::string_view text) {
  // Ten years: more is a slip, and would overflow a deadline.
  constexpr double longest = 10.0 * 365 * 24 * 3'600'000;
  const auto total = duration(text);
  if (total && *total <= longest) return Milliseconds(static_cast<std::int64_t>(std::ceil(*total - 1e-7)));
  return fail(ErrorKind::usage,
              fmt::format("invalid timeout value \"{}\" of --request-timeout: it must be a single integer in seconds, or "
                          "an integer followed by a corresponding time unit (e.g. 1s | 2m | 3h)",
                          clean_line(text, 60)));
}

Result<std::string> normalize_server(const std::string& server) {
  const bool printable =
      std::all_of(server.begin(), server.end(), [](unsigned char letter) { return letter > 0x20 && letter != 0x7f; });
  if (!printable) return bad_server(server, "found white space or a control character");
  const std::size_t mark = server.find("://");
  std::string scheme = mark == std::string::npos ? "http" : server.substr(0, mark);
  std::transform(scheme.begin(), scheme.end(), scheme.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  if (scheme != "http" && scheme != "https") return bad_server(server, "unsupported protocol scheme, expected https or http");
  std::string rest = mark == std::string::npos ? server : server.substr(mark + 3);
  rest.erase(std::min(rest.find_first_of("?#"), rest.size()));
  while (rest.ends_with('/')) rest.pop_back();
  const std::string_view problem = problem_of_authority(std::string_view(rest).substr(0, rest.find('/')));
  if (!problem.empty()) return bad_server(server, problem);
  return scheme + "://" + rest;
}

}  // namespace gwdoctor

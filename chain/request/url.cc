#include "chain/request/url.h"

#include <fmt/format.h>

#include <algorithm>

#include "chain/request/refusal.h"
#include "kube/ascii.h"

namespace gwdoctor {

namespace {

// Raw in neither (WHATWG URL, query percent-encode set); "#" ends both.
constexpr std::string_view query_encode_set = " \"<>";
// Those and more (path percent-encode set); "?" ends the path. A backslash stays: what becomes of it is up to the data plane.
constexpr std::string_view path_encode_set = " \"<>^`{}";

std::string encoded(std::string_view text, std::string_view encode_set) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80 && encode_set.find(c) == std::string_view::npos) {
      out += c;
    } else {
      fmt::format_to(std::back_inserter(out), "%{:02X}", byte);
    }
  }
  return out;
}

bool is_scheme(std::string_view text) {
  return !text.empty() && is_letter(text.front()) && std::all_of(text.begin(), text.end(), [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
  });
}

tl::unexpected<Error> refuse_user(std::string_view what) {
  return refuse(fmt::format("{} names a user before \"@\": credentials do not belong on a command line", what));
}

// Takes the scheme off the text.
Result<std::string> take_scheme(std::string_view& rest) {
  const std::size_t colon = rest.find(':');
  if (colon == std::string_view::npos || !is_scheme(rest.substr(0, colon))) return std::string();
  const std::string_view scheme = rest.substr(0, colon);
  const std::string_view after = rest.substr(colon + 1);
  if (after.starts_with("//")) {
    rest = after.substr(2);
    return lower_case(scheme);
  }
  if (after.starts_with('/') && (same_ascii(scheme, "http") || same_ascii(scheme, "https")))
    return refuse(
        fmt::format("the URL begins with {}, expected \"{}://\" and a host", quoted(rest.substr(0, colon + 2)), scheme));
  return std::string();
}

}  // namespace

bool is_scheme(std::string_view text) {
  return !text.empty() && is_letter(text.front()) &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_alphanumeric(c) || c == '+' || c == '-' || c == '.'; });
}

Result<Authority> split_authority(std::string_view what, std::string_view authority) {
  if (authority.find('@') != std::string_view::npos) return refuse_user(what);
  if (authority.find('\\') != std::string_view::npos) return refuse(fmt::format("{} has a backslash in its host", what));
  const bool bracketed = authority.starts_with('[');
  const std::size_t bracket = authority.find(']');
  if (bracketed && bracket == std::string_view::npos)
    return refuse(fmt::format("{} has no \"]\" after the address {}", what, quoted(authority)));
  const std::size_t end = bracketed ? bracket + 1 : std::min(authority.find(':'), authority.size());
  Authority out{authority.substr(0, end), std::nullopt};
  const std::string_view rest = authority.substr(end);
  if (!bracketed && std::count(rest.begin(), rest.end(), ':') > 1)
    return refuse(fmt::format("{} has more than one colon in {}: an IPv6 address stands in brackets", what, quoted(authority)));
  if (out.host.empty()) return refuse(fmt::format("{} has no host, expected one such as shop.example", what));
  if (rest.empty() || rest == ":") return out;
  if (!rest.starts_with(':'))
    return refuse(fmt::format("{} has {} after the address, expected \":\" and a port", what, quoted(rest)));
  const Result<std::int64_t> port = parse_port(what, rest.substr(1));
  if (!port) return tl::unexpected(port.error());
  out.port = *port;
  return out;
}

Result<UrlParts> split_url(std::string_view url) {
  if (const Result<void> clean = check_word("the URL", url); !clean) return tl::unexpected(clean.error());
  std::string_view rest = trimmed(url);
  UrlParts parts;
  Result<std::string> scheme = take_scheme(rest);
  if (!scheme) return tl::unexpected(scheme.error());
  parts.scheme = std::move(*scheme);

  const std::size_t authority_end = std::min(rest.find_first_of("/?#"), rest.size());
  const Result<Authority> authority = split_authority("the URL", rest.substr(0, authority_end));
  if (!authority) {
    // A password with a slash in it ends the authority early: no piece of it is to be quoted.
    if (rest.substr(authority_end).find('@') != std::string_view::npos) return refuse_user("the URL");
    return tl::unexpected(authority.error());
  }
  parts.host = std::string(authority->host);
  parts.port = authority->port;

  rest.remove_prefix(authority_end);
  rest = rest.substr(0, rest.find('#'));
  const std::size_t question = rest.find('?');
  parts.path = encoded(rest.substr(0, question), path_encode_set);
  if (question != std::string_view::npos) parts.query = encoded(rest.substr(question + 1), query_encode_set);
  return parts;
}

}  // namespace gwdoctor

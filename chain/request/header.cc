#include "chain/request/header.h"

#include <fmt/format.h>

#include <algorithm>

#include "chain/request/path.h"
#include "chain/request/refusal.h"
#include "chain/request/request.h"
#include "chain/request/url.h"
#include "kube/ascii.h"

namespace gwdoctor {

namespace {

constexpr std::size_t most_headers = 10000;

struct Line {
  std::string_view name;
  std::string_view value;
  bool sent = true;
};

// As curl reads -H: "Name;" is a header without a value, "Name:" takes one away.
Result<Line> split_line(std::string_view what, std::string_view word) {
  if (word.starts_with(':'))
    return refuse(fmt::format("{} begins with a colon: the URL, the method and \"Host: …\" say what pseudo-headers say", what));
  const std::size_t colon = word.find(':');
  const std::string_view whole = trimmed(word);
  if (colon == std::string_view::npos) {
    if (whole.ends_with(';') && is_token(whole.substr(0, whole.size() - 1)))
      return Line{whole.substr(0, whole.size() - 1), {}, true};
    return refuse(fmt::format("{} has no colon, expected \"Name: value\"", what));
  }
  Line line{word.substr(0, colon), trimmed(word.substr(colon + 1)), true};
  // RFC 9112, 5.1: servers refuse it.
  if (is_token(trimmed(line.name)) && trimmed(line.name) != line.name)
    return refuse(fmt::format("{} has white space around its name {}", what, quoted(line.name)));
  if (!is_token(line.name))
    return refuse(fmt::format("{} has an invalid name {}, expected \"Name: value\"", what, quoted(line.name)));
  line.sent = !line.value.empty();
  return line;
}

Result<std::string> host_of_header(std::string_view what, const Line& line) {
  if (line.value.empty()) return refuse(fmt::format("{} takes the Host away: a request needs one (RFC 9112, 3.2)", what));
  const std::string named = fmt::format("{} (Host)", what);
  const Result<Authority> authority = split_authority(named, line.value);
  if (!authority) return tl::unexpected(authority.error());
  Result<std::string> host = normal_host(authority->host);
  if (!host) return refuse(fmt::format("{}: {}", named, host.error().message));
  return host;
}

std::string form_decoded(std::string_view text) {
  std::string spaced(text);
  std::replace(spaced.begin(), spaced.end(), '+', ' ');
  return percent_decoded(spaced);
}

}  // namespace

bool GivenHeaders::decide(std::string_view name) const {
  return std::any_of(sent.begin(), sent.end(), [&](const HeaderField& field) { return same_ascii(field.name, name); }) ||
         std::any_of(unsent.begin(), unsent.end(), [&](const std::string& field) { return same_ascii(field, name); });
}

Result<GivenHeaders> parse_headers(const std::vector<std::string>& words) {
  if (words.size() > most_headers)
    return refuse(fmt::format("{} headers are given, at most {} are taken", words.size(), most_headers));
  GivenHeaders out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string what = fmt::format("header {}", i + 1);
    if (const Result<void> clean = check_word(what, words[i], true); !clean) return tl::unexpected(clean.error());
    const Result<Line> line = split_line(what, words[i]);
    if (!line) return tl::unexpected(line.error());
    if (same_ascii(line->name, "host")) {
      if (out.host) return refuse(fmt::format("{} is a second Host: a request has one (RFC 9112, 3.2)", what));
      Result<std::string> host = host_of_header(what, *line);
      if (!host) return tl::unexpected(host.error());
      out.host = std::move(*host);
      out.authority = std::string(line->value);
    } else if (line->sent) {
      out.sent.push_back({std::string(line->name), std::string(line->value)});
    } else {
      out.unsent.push_back(lower_case(line->name));
    }
  }
  return out;
}

std::optional<std::string> header_value(const Request& request, std::string_view name) {
  if (same_ascii(name, "host")) return request.host;
  std::optional<std::string> out;
  for (const HeaderField& field : request.headers) {
    if (!same_ascii(field.name, name)) continue;
    out = out ? *out + "," + field.value : field.value;
  }
  return out;
}

std::optional<std::string> query_value(const Request& request, std::string_view name) {
  const std::string_view query = request.query;
  for (std::size_t at = 0; at <= query.size();) {
    const std::string_view pair = query.substr(at, query.find('&', at) - at);
    at += pair.size() + 1;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    if (pair.empty() || form_decoded(pair.substr(0, equals)) != name) continue;
    return form_decoded(pair.substr(std::min(equals + 1, pair.size())));
  }
  return std::nullopt;
}

}  // namespace gwdoctor

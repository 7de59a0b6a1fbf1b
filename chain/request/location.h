#pragma once
// Where an answer sends its client: Location (RFC 9110, 10.2.2), resolved as RFC 3986 says (5.2).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "kube/objects/observed.h"

namespace gwdoctor {

// An http or https URL as it is asked for: the host in its normal form (normal_host), an IPv6 address without brackets; the path
// with its query, percent-encoded; no fragment.
struct HttpUrl {
  std::string scheme;
  std::string host;
  std::int64_t port = 0;
  std::string path = "/";

  [[nodiscard]] bool tls() const { return scheme == "https"; }
  // "https://pay.example/a?b=c": without the port that the scheme has anyway.
  [[nodiscard]] std::string text() const;
  friend bool operator==(const HttpUrl&, const HttpUrl&) = default;
};

[[nodiscard]] HttpUrl url_of(const HttpQuestion& question);

// The URL that a reference means in an answer to `base`. Nothing where it is none that a client of HTTP follows: another scheme,
// no host, credentials in it, characters that no URL has.
[[nodiscard]] std::optional<HttpUrl> resolve_reference(const HttpUrl& base, std::string_view reference);

// True for an answer by which a client goes on to another URL: 301, 302, 303, 307 or 308 with a Location.
[[nodiscard]] bool is_redirect(const HttpAnswer& answer);
// The URL that it leads to; nothing where it is no redirect, or leads to what cannot be followed.
[[nodiscard]] std::optional<HttpUrl> redirect_target(const HttpAnswer& answer);

}  // namespace gwdoctor

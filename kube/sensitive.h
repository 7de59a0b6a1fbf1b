#pragma once
// Which headers carry credentials.

#include <string>
#include <string_view>

namespace gwdoctor {

// True for the headers in which credentials travel (Authorization, Proxy-Authorization, Cookie, Set-Cookie, Authentication-Info),
// and for any whose name speaks of a token, secret, password, credential, session or API key. In any case of letters.
[[nodiscard]] bool is_sensitive_header(std::string_view name);

// The value as it may be shown: "REDACTED" for such a header.
[[nodiscard]] std::string shown_header(std::string_view name, std::string_view value);

}  // namespace gwdoctor

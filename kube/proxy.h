#pragma once
// Which proxy a request to the API server takes, by the rules of Go's http.ProxyFromEnvironment, as kubectl does:
// curl's own differ (ALL_PROXY, the case of HTTP_PROXY, loopback addresses).

#include <string>
#include <string_view>

#include "kube/environment.h"
#include "kube/error.h"

namespace gwdoctor {

// The proxy of HTTPS_PROXY or HTTP_PROXY (or their lower-case forms, where those are empty) for a server, as a URL
// for curl; "" for none. `host` is without brackets. localhost and loopback addresses never take a proxy; NO_PROXY
// lists hosts (and all below them), ".domain" (only below it), addresses, CIDR blocks, each with an optional port, or "*".
[[nodiscard]] std::string proxy_from_environment(bool tls, std::string_view host, std::string_view port,
                                                 const Environment& environment);

// Checks a proxy-url of a kubeconfig (http, https, socks5) and writes it as curl takes it: names are resolved by a
// SOCKS proxy, as Go does.
[[nodiscard]] Result<std::string> proxy_of_kubeconfig(std::string_view url);

// A proxy without the password that its URL may hold, for messages.
[[nodiscard]] std::string proxy_for_people(std::string_view url);

}  // namespace gwdoctor

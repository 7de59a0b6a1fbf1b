// HTTPRequestRedirectFilter (Gateway API v1.6): where a client is sent.

#include <doctest/doctest.h>

#include "tests/unit/router_help.h"

using namespace gwdoctor;
using namespace gwdoctor::test;

namespace {

// The listener of the Gateway, at a port, with TLS or without.
std::string listener(bool tls, int port) {
  return tls ? fmt::format("  - {{name: l, protocol: HTTPS, port: {}, tls: {{certificateRefs: [{{name: c}}]}}}}", port)
             : fmt::format("  - {{name: l, protocol: HTTP, port: {}}}", port);
}

Outcome redirected(std::string_view redirect, bool tls, int port, std::string_view path = "/foo/bar?q=1") {
  Request asked = tls ? https("x.example", "/") : request("x.example", "/");
  const Request parts = request("x.example", path);
  asked.path = parts.path;
  asked.query = parts.query;
  asked.port = port;
  return traced(asked, gateway(listener(tls, port)) +
                           route("r", fmt::format("  rules: [{{matches: [{{path: {{value: /foo}}}}], filters: [{{type: "
                                                  "RequestRedirect, requestRedirect: {}}}]}}]",
                                                  redirect)))
      .outcome;
}

std::string location(std::string_view redirect, bool tls = false, int port = 80) {
  return redirected(redirect, tls, port).location;
}

}  // namespace

TEST_CASE("HTTPRequestRedirectFilter: a redirect answers with its status, and backends get nothing") {
  const Outcome out = redirected("{hostname: y.example}", false, 80);
  CHECK(out.action == Action::redirect);
  CHECK(out.status == 302);
  CHECK(out.location == "http://y.example/foo/bar?q=1");
  CHECK(out.backends.empty());
  REQUIRE(out.redirect);
  CHECK(out.redirect->host == "y.example");
  CHECK(redirected("{scheme: https, statusCode: 301}", false, 80).status == 301);
}

TEST_CASE("HTTPRequestRedirectFilter.port: the one that is given") {
  CHECK(location("{port: 8080}") == "http://x.example:8080/foo/bar?q=1");
  CHECK(location("{scheme: https, port: 8443}") == "https://x.example:8443/foo/bar?q=1");
}

TEST_CASE("HTTPRequestRedirectFilter.port: else the well-known port of the redirect's scheme, left out") {
  CHECK(location("{scheme: https}", false, 8080) == "https://x.example/foo/bar?q=1");
  CHECK(location("{scheme: http}", true, 8443) == "http://x.example/foo/bar?q=1");
}

TEST_CASE("HTTPRequestRedirectFilter.port: else the listener's") {
  CHECK(location("{hostname: y.example}", false, 8080) == "http://y.example:8080/foo/bar?q=1");
  CHECK(location("{hostname: y.example}", true, 8443) == "https://y.example:8443/foo/bar?q=1");
}

TEST_CASE("HTTPRequestRedirectFilter.port: left out of the Location where it is the scheme's own") {
  CHECK(location("{hostname: y.example}", true, 443) == "https://y.example/foo/bar?q=1");
  CHECK(location("{scheme: https, port: 443}") == "https://x.example/foo/bar?q=1");
  CHECK(location("{port: 443}") == "http://x.example:443/foo/bar?q=1");
  CHECK(location("{scheme: https, port: 80}") == "https://x.example:80/foo/bar?q=1");
}

TEST_CASE("HTTPRequestRedirectFilter.path: the prefix or the whole path is replaced") {
  CHECK(location("{path: {type: ReplacePrefixMatch, replacePrefixMatch: /xyz}}") == "http://x.example/xyz/bar?q=1");
  CHECK(location("{path: {type: ReplaceFullPath, replaceFullPath: /all}}") == "http://x.example/all?q=1");
}

TEST_CASE("a redirect to the same URL is told to be a loop") {
  Outcome out = redirected("{scheme: https}", true, 443);
  CHECK(std::any_of(out.notes.begin(), out.notes.end(),
                    [](const std::string& note) { return note.find("in a loop") != std::string::npos; }));
  out = redirected("{scheme: https}", false, 80);
  CHECK(out.notes.empty());
}

#include <doctest/doctest.h>

#include "kube/auth_provider.h"
#include "kube/connect.h"
#include "kube/credentials.h"
#include "kube/x509.h"

using namespace gwdoctor;

namespace {

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

std::string token_until(std::int64_t exp) {
  std::string payload = encode_base64("{\"exp\":" + std::to_string(exp) + "}");
  while (payload.ends_with('=')) payload.pop_back();
  return "e30." + payload + ".sig";
}

}  // namespace

TEST_CASE("a server keeps its path prefix and loses query, fragment and slashes at the end") {
  CHECK(*normalize_server("https://h:6443/k8s/clusters/c-1/?a=b#c") == "https://h:6443/k8s/clusters/c-1");
  CHECK(*normalize_server("HTTPS://h/") == "https://h");
  CHECK(*normalize_server("https://[fd00::1]:6443") == "https://[fd00::1]:6443");
  CHECK(*normalize_server("127.0.0.1:8080") == "http://127.0.0.1:8080");
  CHECK(*normalize_server("localhost") == "http://localhost");
}

TEST_CASE("a server that is none is refused, without a password that it may hold") {
  for (const char* text : {"ftp://h", "https://", "https:// h", "https://h:port", "https://h:0", "https://h:70000",
                           "https://:6443", "https://[fd00::1", "https://me:secret@h", "https://h\r\nX: y"}) {
    CAPTURE(text);
    const auto result = normalize_server(text);
    REQUIRE_FALSE(result);
    CHECK(contains(result.error().message, "host must be a URL or a host:port pair"));
    CHECK_FALSE(contains(result.error().message, "secret"));
    CHECK_FALSE(contains(result.error().message, "\r"));
  }
}

TEST_CASE("an oidc id-token is used while it lasts") {
  const Time now = *parse_time("2026-01-01T00:00:00Z");
  const std::int64_t seconds = now.time_since_epoch().count();
  AuthProvider provider;
  provider.name = "oidc";
  provider.config["id-token"] = token_until(seconds + 3600);
  CHECK(auth_provider_token(provider, "u", now) == provider.config["id-token"]);
  provider.config["id-token"] = token_until(seconds + 5);
  const auto expired = auth_provider_token(provider, "u", now);
  REQUIRE_FALSE(expired);
  CHECK(contains(expired.error().message, "expired at 2026-01-01T00:00:05Z"));
  CHECK(contains(expired.error().message, "kubelogin"));
  CHECK_FALSE(contains(expired.error().message, provider.config["id-token"]));
}

TEST_CASE("an id-token that is no JWT is explained without showing it") {
  AuthProvider provider;
  provider.name = "oidc";
  for (const std::string& text :
       {std::string(), std::string("secret"), std::string("a.secret*.c"), "a." + encode_base64("[1]") + ".c",
        "a." + encode_base64("{\"exp\":\"x\"}") + ".c", "a." + encode_base64("{\"exp\":1e300}") + ".c"}) {
    CAPTURE(text);
    provider.config["id-token"] = text;
    const auto token = auth_provider_token(provider, "u", Time{});
    REQUIRE_FALSE(token);
    CHECK_FALSE(contains(token.error().message, "secret"));
  }
}

TEST_CASE("a wiped text is empty and its memory cleared") {
  std::string text(100, 's');
  const char* place = text.data();
  wipe(text);
  CHECK(text.empty());
  CHECK(std::string_view(place, 100).find('s') == std::string_view::npos);
}

#include "chain/request/location.h"

#include <doctest/doctest.h>

using namespace gwdoctor;

namespace {

const HttpUrl base{"https", "pay.example", 443, "/a/b?c=d"};

std::string resolved(std::string_view reference, const HttpUrl& from = base) {
  const std::optional<HttpUrl> out = resolve_reference(from, reference);
  return out ? out->text() : "nothing";
}

HttpAnswer redirect(int status, const std::string& location) {
  HttpAnswer out;
  out.question = {"203.0.113.10", 8443, true, "pay.example", "GET", "/a/b", {}};
  out.result = HttpResult::answered;
  out.status = status;
  if (!location.empty()) out.headers = {{"location", location}};
  return out;
}

}  // namespace

TEST_CASE("a reference is resolved against the URL that was asked for (RFC 3986, 5.4)") {
  CHECK(resolved("https://other.example/x?y") == "https://other.example/x?y");
  CHECK(resolved("//other.example/x") == "https://other.example/x");
  CHECK(resolved("/x") == "https://pay.example/x");
  CHECK(resolved("x") == "https://pay.example/a/x");
  CHECK(resolved("./x") == "https://pay.example/a/x");
  CHECK(resolved("../x") == "https://pay.example/x");
  CHECK(resolved("../../../x") == "https://pay.example/x");
  CHECK(resolved("?e=f") == "https://pay.example/a/b?e=f");
  CHECK(resolved("") == "https://pay.example/a/b?c=d");
  CHECK(resolved("/a/./b/../c?q=/../r") == "https://pay.example/a/c?q=/../r");
}

TEST_CASE("a fragment is no part of what is asked for") {
  CHECK(resolved("#top") == "https://pay.example/a/b?c=d");
  CHECK(resolved("/x#top") == "https://pay.example/x");
  CHECK(resolved("https://other.example#top") == "https://other.example/");
}

TEST_CASE("a port is kept, and left out where the scheme has it anyway") {
  CHECK(resolved("http://pay.example:8080/x") == "http://pay.example:8080/x");
  CHECK(resolved("http://pay.example:80/") == "http://pay.example/");
  CHECK(resolved("http://pay.example:443/") == "http://pay.example:443/");
  CHECK(resolved("/x", {"http", "pay.example", 8080, "/"}) == "http://pay.example:8080/x");
  CHECK(resolved("//other.example/", {"http", "pay.example", 8080, "/"}) == "http://other.example/");
}

TEST_CASE("hosts are compared in their normal form, and addresses stand in brackets") {
  CHECK(resolved("HTTPS://PAY.Example./X") == "https://pay.example/X");
  CHECK(resolved("http://[2001:DB8::1]:8080/") == "http://[2001:db8::1]:8080/");
  CHECK(resolve_reference(base, "http://[2001:db8::1]/")->host == "2001:db8::1");
  CHECK(resolved("x", {"http", "2001:db8::1", 80, "/"}) == "http://[2001:db8::1]/x");
}

TEST_CASE("what no client of HTTP follows leads nowhere") {
  for (const char* reference :
       {"ftp://pay.example/", "javascript:alert(1)", "mailto:a@b.example", "https:/x", "https:x", "https://", "https:///x",
        "http://user:secret@pay.example/", "http://pay.example:0/", "http://pay.example:99999/", "http://pay.example:80a/",
        "http://[::1/", "http://a b.example/", "http://pay.example\\@other.example/"}) {
    CAPTURE(reference);
    CHECK(resolved(reference) == "nothing");
  }
  CHECK(resolved("/x\x01y") == "nothing");
  CHECK(resolved(std::string(20'000, 'a')) == "nothing");
}

TEST_CASE("what a URL may not hold raw is escaped, as browsers do") {
  CHECK(resolved("/a b\xC3\xA4") == "https://pay.example/a%20b%C3%A4");
  CHECK(resolved("/a%20b") == "https://pay.example/a%20b");
}

TEST_CASE("five statuses with a Location are redirects") {
  for (const int status : {301, 302, 303, 307, 308}) {
    CAPTURE(status);
    CHECK(is_redirect(redirect(status, "/x")));
    CHECK(redirect_target(redirect(status, "/x"))->text() == "https://pay.example:8443/x");
    CHECK_FALSE(is_redirect(redirect(status, "")));
  }
  for (const int status : {200, 201, 300, 304, 305, 306, 404}) CHECK_FALSE(is_redirect(redirect(status, "/x")));
  HttpAnswer silent = redirect(301, "/x");
  silent.result = HttpResult::timeout;
  CHECK_FALSE(redirect_target(silent).has_value());
}

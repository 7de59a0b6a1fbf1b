// What the reports make of the requests of --probe http.
#include <doctest/doctest.h>

#include "checks/support/http_words.h"
#include "diagnosis_help.h"
#include "golden.h"
#include "kube/observation.h"
#include "report/json.h"
#include "report/text.h"

using namespace gwdoctor;

namespace {

constexpr Style plain{.color = false, .utf8 = true, .width = 100, .detail = Detail::normal};

HttpSeen seen() {
  HttpSeen out;
  out.method = "GET";
  out.url = "http://pay.example/";
  out.address = "203.0.113.10:443";
  out.result = "answered";
  out.status = 200;
  out.version = "HTTP/2";
  out.speaker = "the application";
  out.redirects = {{"http://pay.example/", 301, "https://pay.example/"}};
  out.milliseconds = 35;
  out.phases = {2, 8, 24};
  out.observed_at = Time{std::chrono::seconds{1795435198}};
  return out;
}

HttpSeen led_away() {
  HttpSeen out = seen();
  out.result = "redirected";
  out.detail = "not followed: its name does not resolve";
  out.status = 302;
  out.redirects = {{"http://pay.example/", 302, "https://login.example/"}};
  return out;
}

HttpSeen refused() {
  HttpSeen out;
  out.method = "GET";
  out.url = "http://pay.example/";
  out.address = "203.0.113.10:80";
  out.result = "refused";
  out.detail = "connection refused";
  out.observed_at = Time{std::chrono::seconds{1795435198}};
  return out;
}

std::string text_of(const HttpSeen& one, Style style = plain) {
  Diagnosis diagnosis = sample::healthy();
  diagnosis.http = {one};
  return render_text(diagnosis, style);
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

HttpAnswer with_body(std::string body, std::vector<HeaderField> headers = {}) {
  HttpAnswer out;
  out.result = HttpResult::answered;
  out.body = std::move(body);
  out.headers = std::move(headers);
  return out;
}

}  // namespace

TEST_CASE("the report says what was asked, what it led through, who answered and how long each part took") {
  Style wide = plain;
  wide.width = 200;
  const std::string text = text_of(seen(), wide);
  CHECK(has(text,
            "GET http://pay.example/ → 301 https://pay.example/ → 200 by the application, HTTP/2, 35 ms (connect 2, TLS 8, first "
            "byte 24)"));
  wide.utf8 = false;
  CHECK(has(text_of(seen(), wide), "GET http://pay.example/ -> 301 https://pay.example/ -> 200 by"));
}

TEST_CASE("where nobody went on, and where nobody answered, the report says so") {
  CHECK(has(text_of(led_away()), "→ 302 https://login.example/, not followed: its"));
  CHECK(has(text_of(refused()), "GET http://pay.example/ → no answer: connection refused"));
}

TEST_CASE("without requests there is neither the heading nor the member") {
  CHECK_FALSE(has(render_text(sample::healthy(), plain), "Seen by HTTP"));
  CHECK(diagnosis_value(sample::healthy()).find("http") == nullptr);
  Style quiet = plain;
  quiet.detail = Detail::quiet;
  CHECK_FALSE(has(text_of(seen(), quiet), "Seen by HTTP"));
}

TEST_CASE("the contract has the requests, which the schema's validator reads too") {
  Diagnosis diagnosis = sample::healthy();
  HttpSeen nobody = seen();
  nobody.result = "unknown";
  nobody.observed_at = {};
  nobody.status = 0;
  nobody.version.clear();
  nobody.redirects.clear();
  nobody.speaker.clear();
  diagnosis.http = {seen(), led_away(), refused(), nobody};
  check_golden("tests/goldens/json/http.json", render_json(diagnosis_value(diagnosis)));
  const Value value = diagnosis_value(diagnosis);
  CHECK(value["http"][0u]["phases"]["firstByteMilliseconds"].integer() == 24);
  CHECK(value["http"][3u].find("milliseconds") == nullptr);
}

TEST_CASE("a hostile Location reaches no terminal") {
  HttpSeen one = led_away();
  one.redirects[0].location = "\x1b[2Jhttps://login.example/\n\nHEALTHY";
  const std::string text = text_of(one);
  CHECK_FALSE(has(text, "\x1b"));
  CHECK_FALSE(has(text, "\nHEALTHY"));
}

TEST_CASE("of a body the first line that says something is quoted") {
  CHECK(said_by(with_body("no healthy upstream")) == "no healthy upstream");
  CHECK(said_by(with_body("\r\n\n  first \nsecond")) == "first");
  CHECK(said_by(with_body("<html>\n<head><TITLE>503 Service\n Temporarily Unavailable</TITLE></head>")) ==
        "503 Service Temporarily Unavailable");
  CHECK(said_by(with_body("<html><body>nothing</body></html>")).empty());
  CHECK(said_by(with_body("<title>never closed")).empty());
  CHECK(said_by(with_body("")).empty());
  CHECK(said_by(with_body(std::string("\x1f\x8b\x08\0\x01", 5))).empty());
  CHECK(said_by(with_body("H4sIAAAA", {{"content-encoding", "gzip"}})).empty());
  CHECK(said_by(with_body("red \x1b[31malert")).find('\x1b') == std::string::npos);
  CHECK(said_by(with_body(std::string(5000, 'x'))).size() < 200);
}

TEST_CASE("phases and the presence of a cookie are recorded and read again") {
  const Wish wish = wish_of(HttpQuestion{"203.0.113.10", 443, true, "pay.example", "GET", "/", {}, {}});
  HttpAnswer answer = with_body("ok");
  answer.status = 200;
  answer.milliseconds = 35;
  answer.phases = {2, 8, 24};
  answer.sets_cookie = true;
  const Value document = observation_document(wish, answer);
  CHECK(document.at_path("status.phases.tlsMilliseconds").integer() == 8);
  const auto again = decode<HttpAnswer>(document, Kind::pod);
  CHECK(again.phases.connect == 2);
  CHECK(again.phases.tls == 8);
  CHECK(again.phases.first_byte == 24);
  CHECK(again.sets_cookie);
  const auto bare = decode<HttpAnswer>(observation_document(wish, with_body("ok")), Kind::pod);
  CHECK_FALSE(bare.phases.connect.has_value());
  CHECK_FALSE(bare.sets_cookie);
}

TEST_CASE("a cookie in a document of somebody else is left out, and that there was one is kept") {
  const Wish wish = wish_of(HttpQuestion{"203.0.113.10", 443, true, "pay.example", "GET", "/", {}, {}});
  HttpAnswer answer = with_body("ok", {{"set-cookie", "session=secret"}, {"server", "envoy"}});
  const Value document = observation_document(wish, answer);
  const auto again = decode<HttpAnswer>(document, Kind::pod);
  CHECK(again.headers.size() == 1);
  CHECK(again.sets_cookie);
}

#include <doctest/doctest.h>

#include "chain/traefik/rule.h"
#include "chain/traefik/template.h"
#include "tests/unit/dialect_help.h"

using namespace dialect_test;

// Traefik v3.7: reference/routing-configuration/http/routing/rules-and-priority; go/parser for what an expression is.

namespace {

std::string judged(const std::string& rule, const Request& sent, TraefikSyntax syntax = TraefikSyntax::v3) {
  const ParsedTraefikRule parsed = parse_traefik_rule(rule, syntax);
  if (parsed.beyond) return "beyond";
  if (!parsed.fault.empty()) return "fault: " + parsed.fault;
  const TraefikVerdict verdict = evaluate(parsed.rule, sent, sent.path);
  switch (verdict.is) {
    case TraefikVerdict::Is::yes:
      return "yes";
    case TraefikVerdict::Is::no:
      return "no: " + verdict.why;
    case TraefikVerdict::Is::unknown:
      break;
  }
  return "unknown: " + verdict.why;
}
std::string judged(const std::string& rule, const std::string& url, TraefikSyntax syntax = TraefikSyntax::v3) {
  return judged(rule, request(url), syntax);
}
bool takes(const std::string& rule, const std::string& url, TraefikSyntax syntax = TraefikSyntax::v3) {
  return judged(rule, url, syntax) == "yes";
}

struct Row {
  const char* rule;
  const char* url;
  bool takes;
};

}  // namespace

TEST_CASE("matchers of Traefik v3 take what its documentation says") {
  const Row rows[] = {
      {"Host(`shop.example`)", "http://shop.example/x", true},
      {"Host(`SHOP.example`)", "http://shop.example/x", true},
      {"Host(`shop.example.`)", "http://shop.example/x", true},
      {"Host(`shop.example`)", "http://a.shop.example/x", false},
      {"Host(`*.shop.example`)", "http://a.shop.example/x", true},
      {"Host(`*.shop.example`)", "http://b.a.shop.example/x", false},
      {"Host(`*.shop.example`)", "http://shop.example/x", false},
      {"Host(`**.shop.example`)", "http://b.a.shop.example/x", true},
      {"Host(`**.shop.example`)", "http://shop.example/x", false},
      {"HostRegexp(`^.+\\.example$`)", "http://a.example/", true},
      {"HostRegexp(`^.+\\.example$`)", "http://a.example.org/", false},
      {"HostRegexp(`shop`)", "http://my.shop.example/", true},
      {"Path(`/products`)", "http://a.example/products", true},
      {"Path(`/products`)", "http://a.example/products/", false},
      {"PathPrefix(`/products`)", "http://a.example/products-for-sale", true},
      {"PathPrefix(`/products`)", "http://a.example/product", false},
      {"PathRegexp(`\\.(jpeg|png)$`)", "http://a.example/x/y.png", true},
      {"PathRegexp(`^/x$`)", "http://a.example/x/y", false},
      {"Method(`get`)", "http://a.example/", true},
      {"Method(`POST`)", "http://a.example/", false},
      {"Query(`mobile`, `true`)", "http://a.example/?mobile=true", true},
      {"Query(`mobile`)", "http://a.example/?mobile", true},
      {"Query(`mobile`)", "http://a.example/?mobile=true", false},
      {"QueryRegexp(`mobile`, `^(true|yes)$`)", "http://a.example/?a=1&mobile=yes", true},
      {"QueryRegexp(`mobile`, `^(true|yes)$`)", "http://a.example/?mobile=no", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.rule);
    CAPTURE(row.url);
    CHECK(takes(row.rule, row.url) == row.takes);
  }
}

TEST_CASE("&& binds before ||, ! before both, and parentheses before all") {
  const Row rows[] = {
      {"Host(`a.example`) || Host(`b.example`) && Path(`/x`)", "http://a.example/y", true},
      {"(Host(`a.example`) || Host(`b.example`)) && Path(`/x`)", "http://a.example/y", false},
      {"(Host(`a.example`) || Host(`b.example`)) && Path(`/x`)", "http://b.example/x", true},
      {"!Path(`/x`) && Host(`a.example`)", "http://a.example/y", true},
      {"!(Path(`/x`) || Path(`/y`))", "http://a.example/y", false},
      {"!!Path(`/x`)", "http://a.example/x", true},
      {"PathPrefix(`/`) &&\n  !Host(\"a.example\")\n", "http://b.example/x", true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.rule);
    CAPTURE(row.url);
    CHECK(takes(row.rule, row.url) == row.takes);
  }
}

TEST_CASE("headers are matched by name without regard to case and by value exactly") {
  const Request sent = request("http://a.example/", {{"Content-Type", "application/json"}, {"x-tenant", "blue"}});
  CHECK(judged("Header(`content-type`, `application/json`)", sent) == "yes");
  CHECK(judged("Header(`X-Tenant`, `Blue`)", sent) == "no: header X-Tenant is not Blue");
  CHECK(judged("HeaderRegexp(`X-Tenant`, `(?i)^BLUE$`)", sent) == "yes");
  CHECK(judged("Header(`X-Forwarded-Proto`, `https`)", sent) == "unknown: the header X-Forwarded-Proto is set by Traefik itself");
}

TEST_CASE("the client's address is unknown, and told only where it matters") {
  CHECK(judged("Host(`a.example`) && ClientIP(`10.0.0.0/8`)", "http://a.example/").starts_with("unknown: ClientIP("));
  CHECK(judged("Host(`b.example`) && ClientIP(`10.0.0.0/8`)", "http://a.example/") == "no: host a.example is not b.example");
  CHECK(judged("ClientIP(`10.0.0.0/8`) || Host(`a.example`)", "http://a.example/") == "yes");
}

TEST_CASE("Traefik makes no router of a rule that it cannot read") {
  const std::pair<const char*, const char*> rows[] = {
      {"", "expected a matcher and found end at character 1"},
      {"Host('a.example')", "single quotes: strings are written in backticks or double quotes"},
      {"Host(`a.example`", "expected , or ) and found end at character 17"},
      {"Host(`a.example)", "a backtick is not closed"},
      {"Host(a.example)", "expected a string and found 'a' at character 6"},
      {"Host()", "Host has 0 arguments, expected 1"},
      {"Host(``)", "Host has an empty argument"},
      {"Host(`a.example`, `b.example`)", "Host has 2 arguments, expected 1"},
      {"Headers(`x`, `1`)", "unknown matcher Headers"},
      {"Hots(`a.example`)", "unknown matcher Hots"},
      {"HostSNI(`*`)", "HostSNI is a matcher of IngressRouteTCP"},
      {"Path(`x`)", "the path x does not start with /"},
      {"Host(`a.example`) Path(`/x`)", "unexpected 'P' at character 19"},
      {"Host(`a.example`) && ", "expected a matcher and found end at character 22"},
      {"Host(`a.example`) & Path(`/x`)", "unexpected '&' at character 19"},
      {"Host(`a.example`) \u00e9", "unexpected '\u00e9' at character 19"},
      {"(Host(`a.example`)", "expected ) and found end at character 19"},
      {"PathRegexp(\"^/\\d+$\")", "the escape \\d in double quotes; in backticks nothing is escaped"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.first);
    CHECK(parse_traefik_rule(row.first, TraefikSyntax::v3).fault == row.second);
  }
  CHECK(parse_traefik_rule("PathRegexp(`(`)", TraefikSyntax::v3).fault.starts_with("its regular expression: "));
  CHECK(parse_traefik_rule("HostSNI(`*`)", TraefikSyntax::v3).is_stream);
}

TEST_CASE("a line may end after an operator, not before one") {
  CHECK(parse_traefik_rule("Host(`a`) &&\nPath(`/x`)\n", TraefikSyntax::v3).ok());
  CHECK(parse_traefik_rule("Host(`a`)\n&& Path(`/x`)", TraefikSyntax::v3).fault.starts_with("a line break before '&'"));
}

TEST_CASE("a matcher is spelled in one of four ways") {
  for (const char* name : {"PathPrefix", "pathprefix", "PATHPREFIX", "Pathprefix"}) {
    CAPTURE(name);
    CHECK(parse_traefik_rule(std::string(name) + "(`/`)", TraefikSyntax::v3).ok());
  }
  CHECK_FALSE(parse_traefik_rule("pathPrefix(`/`)", TraefikSyntax::v3).ok());
}

TEST_CASE("rules of Traefik v2 have several arguments and patterns in braces") {
  const Row rows[] = {
      {"Host(`a.example`, `b.example`)", "http://b.example/", true},
      {"HostRegexp(`{sub:[a-z]+}.example`)", "http://abc.example/", true},
      {"HostRegexp(`{sub:[a-z]+}.example`)", "http://x.abc.example/", false},
      {"HostRegexp(`{any:.+}`)", "http://x.abc.example/", true},
      {"Path(`/users/{id}`)", "http://a.example/users/7", true},
      {"Path(`/users/{id:[0-9]+}`)", "http://a.example/users/x", false},
      {"PathPrefix(`/a`, `/b`)", "http://a.example/b/c", true},
      {"Method(`POST`, `GET`)", "http://a.example/", true},
      {"Query(`a=1`, `b=2`)", "http://a.example/?b=2&a=1", true},
      {"Query(`a=1`)", "http://a.example/?a=2", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.rule);
    CAPTURE(row.url);
    CHECK(takes(row.rule, row.url, TraefikSyntax::v2) == row.takes);
  }
  CHECK(judged("Headers(`X-A`, `1`)", request("http://a.example/", {{"x-a", "1"}}), TraefikSyntax::v2) == "yes");
  CHECK(parse_traefik_rule("Path(`/{x`)", TraefikSyntax::v2).fault == "/{x has unbalanced braces");
}

TEST_CASE("a rule of any length and depth is answered at once") {
  std::string deep(5000, '(');
  CHECK(parse_traefik_rule(deep, TraefikSyntax::v3).beyond);
  CHECK(parse_traefik_rule(std::string(5000, '!') + "Path(`/`)", TraefikSyntax::v3).beyond);
  std::string wide = "Path(`/0`)";
  for (int at = 0; at < 900; ++at) wide += " || Path(`/" + std::to_string(at) + "`)";
  CHECK(takes(wide, "http://a.example/899"));
  CHECK(parse_traefik_rule(std::string(20000, ' '), TraefikSyntax::v3).beyond);
}

TEST_CASE("the priority of a rule is its length, the stars of a double wildcard apart") {
  const auto priority = [](const std::string& rule) {
    return default_priority(rule, parse_traefik_rule(rule, TraefikSyntax::v3));
  };
  CHECK(priority("Host(`a.example`)") == 17);
  CHECK(priority("Host( `a.example` )") == 19);
  CHECK(priority("Host(`*.example`)") == 17);
  CHECK(priority("Host(`**.example`)") == 16);
}

TEST_CASE("a rule may be for a host whatever else it asks for") {
  const auto may = [](const std::string& rule, const std::string& host) {
    return may_take_host(parse_traefik_rule(rule, TraefikSyntax::v3).rule, request("http://" + host + "/"));
  };
  CHECK(may("Host(`a.example`) && Path(`/x`)", "a.example"));
  CHECK_FALSE(may("Host(`a.example`) && Path(`/x`)", "b.example"));
  CHECK(may("PathPrefix(`/`)", "b.example"));
  CHECK_FALSE(may("!Host(`b.example`)", "b.example"));
}

TEST_CASE("a replacement names groups as Go does") {
  CHECK(replace_all("^/api/(.*)", "/api/x/y", "/v1/$1") == "/v1/x/y");
  CHECK(replace_all("^/api/(.*)", "/api/x", "/${1}y") == "/xy");
  CHECK(replace_all("^/api/(.*)", "/api/x", "/$1y") == "/");
  CHECK(replace_all("a", "banana", "o") == "bonono");
  CHECK(replace_all("(?P<rest>n.*)", "banana", "[$rest]") == "ba[nana]");
  CHECK(replace_all("x*", "abc", "-") == "-a-b-c-");
  CHECK(replace_all("^", "abc", "$$1") == "$1abc");
}

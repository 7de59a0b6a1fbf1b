#include <doctest/doctest.h>

#include "tests/unit/dialect_help.h"

using namespace dialect_test;

// ingress-nginx v1.15, annotations.md (Canary): "evaluated in order of precedence: canary-by-header, canary-by-cookie,
// canary-weight".

namespace {

Made primary() {
  return Made("web").rule("shop.example", {prefix("/", "stable"), prefix("/same", "stable"), prefix("/other", "other")});
}
Made canary(const std::string& at = "/") {
  return Made("canary", 9).rule("shop.example", {prefix(at, "next")}).nginx("canary", "true");
}

std::string to(const Made& of_canary, std::vector<HeaderField> headers, const std::string& at = "/") {
  const IngressTable of = table("ingress-nginx", {primary(), of_canary});
  const Trace told = trace(of, request("http://shop.example" + at, std::move(headers)));
  std::string out;
  for (const TracedBackend& backend : told.outcome.backends) {
    out += backend.object.name + " " + std::to_string(static_cast<int>(backend.share * 1000)) + " ";
  }
  return out;
}

}  // namespace

TEST_CASE("a canary's weight shares the requests") {
  CHECK(to(canary().nginx("canary-weight", "25"), {}) == "stable 750 next 250 ");
  CHECK(to(canary().nginx("canary-weight", "5").nginx("canary-weight-total", "1000"), {}) == "stable 995 next 5 ");
  // Totals below 100 are not taken (lua/balancer.lua).
  CHECK(to(canary().nginx("canary-weight", "5").nginx("canary-weight-total", "10"), {}) == "stable 950 next 50 ");
  CHECK(to(canary().nginx("canary-weight", "0"), {}) == "stable 1000 ");
  CHECK(to(canary().nginx("canary-weight", "100"), {}) == "stable 0 next 1000 ");
}

TEST_CASE("a canary's header goes before its cookie and that before its weight") {
  const Made of = canary().nginx("canary-by-header", "X-Next").nginx("canary-by-cookie", "next").nginx("canary-weight", "50");
  CHECK(to(of, {{"x-next", "always"}}) == "next 1000 ");
  CHECK(to(of, {{"X-Next", "never"}, {"Cookie", "next=always"}}) == "stable 1000 ");
  CHECK(to(of, {{"X-Next", "other"}, {"Cookie", "a=b; next=always"}}) == "next 1000 ");
  CHECK(to(of, {{"Cookie", "next=never"}}) == "stable 1000 ");
  CHECK(to(of, {{"Cookie", "next=perhaps"}}) == "stable 500 next 500 ");
}

TEST_CASE("canary-by-header-value takes that value alone, and its pattern what it matches") {
  const Made by_value = canary().nginx("canary-by-header", "X-Next").nginx("canary-by-header-value", "yes");
  CHECK(to(by_value, {{"X-Next", "yes"}}) == "next 1000 ");
  CHECK(to(by_value, {{"X-Next", "always"}}) == "stable 1000 ");
  const Made by_pattern = canary().nginx("canary-by-header", "X-Next").nginx("canary-by-header-pattern", "^v[0-9]$");
  CHECK(to(by_pattern, {{"X-Next", "v2"}}) == "next 1000 ");
  CHECK(to(by_pattern, {{"X-Next", "w2"}}) == "stable 1000 ");
}

TEST_CASE("a canary without a primary of the same host and path gets nothing") {
  CHECK(to(canary("/nowhere").nginx("canary-weight", "50"), {}) == "stable 1000 ");
  const IngressTable alone = table("ingress-nginx", {canary().nginx("canary-weight", "50")});
  CHECK(served(alone, "http://shop.example/") == "404");
}

TEST_CASE("a canary holds for every path of the primary's Service") {
  CHECK(to(canary().nginx("canary-weight", "50"), {}, "/same/x") == "stable 500 next 500 ");
  CHECK(to(canary().nginx("canary-weight", "50"), {}, "/other") == "other 1000 ");
}

TEST_CASE("of two canaries the older counts") {
  const IngressTable of =
      table("ingress-nginx",
            {primary(), canary().nginx("canary-weight", "20"),
             Made("late", 20).rule("shop.example", {prefix("/", "late")}).nginx("canary", "true").nginx("canary-weight", "70")});
  const Trace told = trace(of, "http://shop.example/");
  REQUIRE(told.outcome.backends.size() == 2);
  CHECK(told.outcome.backends[1].object.name == "next");
}

#include <doctest/doctest.h>

#include "tests/unit/dialect_help.h"

using namespace dialect_test;

// networking.k8s.io/v1, Ingress concepts page (Path types, Multiple matches, Hostname wildcards, Default backend).

TEST_CASE("the standard takes prefixes by path elements and exact paths by every character") {
  using Type = IngressPath::Type;
  const std::vector<std::string> paths{"/api", "/api/", "/api/v1", "/apix", "/api/v2", "/api/v2/", "/api/v2/x", "/api/v22", "/"};
  // Prefix: "a trailing slash is ignored", "/aaa/bb does not match /aaa/bbb".
  const Serves by_prefix{{"/api", "api"},    {"/api/", "api"},    {"/api/v1", "api"},  {"/apix", "404"}, {"/api/v2", "v2"},
                         {"/api/v2/", "v2"}, {"/api/v2/x", "v2"}, {"/api/v22", "api"}, {"/", "404"}};
  for (const std::string end : {"", "/"}) {
    CHECK(serves_api("", Type::prefix, end, paths) == by_prefix);
    CHECK(serves_api("", Type::implementation_specific, end, paths) == by_prefix);
  }
  CHECK(serves_api("", Type::exact, "", paths) == Serves{{"/api", "api"},
                                                         {"/api/", "404"},
                                                         {"/api/v1", "404"},
                                                         {"/apix", "404"},
                                                         {"/api/v2", "v2"},
                                                         {"/api/v2/", "404"},
                                                         {"/api/v2/x", "404"},
                                                         {"/api/v22", "404"},
                                                         {"/", "404"}});
  CHECK(serves_api("", Type::exact, "/", {"/api", "/api/", "/api/v2/"}) ==
        Serves{{"/api", "404"}, {"/api/", "api"}, {"/api/v2/", "v2"}});
}

TEST_CASE("Exact goes before Prefix where the paths are equally long") {
  const IngressTable of = table("", {Made("a", 0).rule("shop.example", {prefix("/pay", "all")}),
                                     Made("b", 9).rule("shop.example", {exact("/pay", "one")})});
  const Trace told = trace(of, "http://shop.example/pay");
  CHECK(served(told) == "one");
  CHECK(lost(told, "a") == "Prefix after Exact");
  CHECK(served(of, "http://shop.example/pay/now") == "all");
}

TEST_CASE("an exact host goes before a wildcard and that before no host") {
  const IngressTable of =
      table("", {Made("any", 0).rule("", {prefix("/", "any")}), Made("wild", 1).rule("*.example", {prefix("/", "wild")}),
                 Made("one", 2).rule("shop.example", {prefix("/", "one")})});
  CHECK(served(of, "http://shop.example/") == "one");
  CHECK(served(of, "http://other.example/") == "wild");
  // "*.foo.com does not match baz.bar.foo.com": one label.
  CHECK(served(of, "http://a.other.example/") == "any");
  CHECK(served(of, "http://example/") == "any");
  CHECK(lost(trace(of, "http://shop.example/"), "wild") == "less specific host (*.example after shop.example)");
}

TEST_CASE("the default backend serves what no rule takes") {
  const IngressTable of = table("", {Made("web").default_backend("rest").rule("shop.example", {prefix("/api", "api")})});
  CHECK(served(of, "http://shop.example/api/x") == "api");
  CHECK(served(of, "http://shop.example/other") == "rest");
  CHECK(served(of, "http://other.example/") == "rest");
  CHECK(trace(of, "http://other.example/").outcome.field == "spec.defaultBackend");
}

TEST_CASE("the outcome names the rule, the path and the backend, and the candidates why they lost") {
  Made web("web");
  web.rule("shop.example", {prefix("/", "root"), prefix("/api/v2", "v2"), prefix("/img", "img")});
  const Trace told = trace(table("", {web}), "http://shop.example/api/v2/items?x=1");
  CHECK(told.outcome.action == Action::forward);
  CHECK(told.outcome.route.name == "web");
  CHECK(told.outcome.field == "spec.rules[0].http.paths[1]");
  CHECK(told.outcome.rule == 0);
  CHECK(told.outcome.match == 1);
  CHECK(told.outcome.backends.front().port == 80);
  CHECK(told.outcome.backends.front().share == 1);
  CHECK(told.outcome.rewritten->path == "/api/v2/items?x=1");
  CHECK(told.outcome.gateway.name == "web");
  REQUIRE(told.candidates.size() == 2);
  CHECK(told.candidates[0].matched);
  CHECK(told.candidates[0].lost == "shorter path (1 < 7)");
  CHECK_FALSE(told.candidates[1].matched);
  CHECK(told.candidates[1].lost == "path /api/v2/items is not below /img");
}

TEST_CASE("where nothing takes the request the nearest twenty are told") {
  Made web("web");
  for (int at = 0; at < 50; ++at) web.rule("h" + std::to_string(at) + ".example", {prefix("/", "s")});
  web.rule("shop.example", {prefix("/api", "api")});
  const Trace told = trace(table("", {web}), "http://shop.example/other");
  CHECK(served(told) == "404");
  CHECK(told.candidates.size() == 20);
  CHECK(told.candidates.front().lost == "path /other is not below /api");
  CHECK(told.outcome.reason == "no rule of the 1 Ingress of class web takes the request: the Ingress API answers 404");
}

TEST_CASE("a controller whose dialect is not known is told by the rules of the API, and said to be") {
  const IngressTable of = table("nobody", {Made("web").rule("shop.example", {prefix("/api", "api")})});
  CHECK_FALSE(of.dialect->known);
  const Trace told = trace(of, "http://shop.example/api");
  CHECK(served(told) == "api");
  CHECK(has_note(told, "not known here"));
}

TEST_CASE("of two equal paths the older serves and the note says that this is not laid down") {
  const IngressTable of =
      table("", {Made("b", 5).rule("shop.example", {prefix("/", "b")}), Made("a", 1).rule("shop.example", {prefix("/", "a")})});
  const Trace told = trace(of, "http://shop.example/");
  CHECK(served(told) == "a");
  CHECK(lost(told, "b") == "the older Ingress shop/a has the same host and path");
  CHECK(has_note(told, "left to the controller"));
}

TEST_CASE("an Ingress takes no request that is not HTTP") {
  const IngressTable of = table("", {Made("web").default_backend("rest")});
  Request sent = request("http://shop.example/");
  sent.scheme = "tcp";
  CHECK(served(trace(of, sent)) == "unreachable");
}

TEST_CASE("one entry takes all of another where its host and its paths do") {
  const IngressTable of =
      table("", {Made("web")
                     .rule("", {prefix("/", "a")})
                     .rule("shop.example", {prefix("/api", "b"), exact("/api/v2", "c"), prefix("/apix", "d")})});
  const auto entry = [&](std::string_view service) -> const IngressEntry& {
    for (const IngressEntry& one : of.entries) {
      if (one.backend().service == service) return one;
    }
    return of.entries.front();
  };
  CHECK(takes_all_of(entry("a"), entry("b"), of));
  CHECK_FALSE(takes_all_of(entry("b"), entry("a"), of));
  CHECK(takes_all_of(entry("b"), entry("c"), of));
  CHECK_FALSE(takes_all_of(entry("b"), entry("d"), of));
  CHECK_FALSE(takes_all_of(entry("c"), entry("b"), of));
}

TEST_CASE("an example request is one that the entry names") {
  const auto example = [](const std::string& host, IngressPath of) {
    const IngressTable one = table("", {Made("web").rule(host, {std::move(of)})});
    const std::optional<Request> made = example_request(one.entries.front(), true);
    return made ? made->scheme + "://" + made->host + made->path : std::string("none");
  };
  CHECK(example("shop.example", prefix("/api", "s")) == "https://shop.example/api");
  CHECK(example("*.example", prefix("", "s")) == "https://any.example/");
  CHECK(example("", specific("/img/*", "s")) == "https://any.invalid/img");
  CHECK(example("a.example", specific("/app(/|$)(.*)", "s")) == "https://a.example/app");
  CHECK(example("a.example", specific("/v[0-9]+", "s")) == "none");
  CHECK(example("a.example", specific("/~/v1", "s")) == "https://a.example/v1");
}

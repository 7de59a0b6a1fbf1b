#include <doctest/doctest.h>

#include "tests/unit/traefik_help.h"

using namespace traefik_test;
using dialect_test::has_note;
using dialect_test::lost;
using dialect_test::served;

// Traefik v3.7: pkg/provider/kubernetes/crd/kubernetes_http.go, pkg/server/router/router.go, pkg/muxer/http/mux.go.

namespace {

Wish all_of(Kind kind) { return {Wish::What::list, kind, {}, {}, {}, {}}; }

bool left_unread(const Trace& trace, Kind kind) {
  return std::any_of(trace.unread.begin(), trace.unread.end(), [&](const Unread& one) { return one.wish.kind == kind; });
}

}  // namespace

TEST_CASE("the longer rule of an IngressRoute goes first") {
  const std::string world = services() + route("web", rule("Host(`shop.example`)", "web") + ", " +
                                                          rule("Host(`shop.example`) && PathPrefix(`/api`)", "api"));
  const Trace told = traced(world, "http://shop.example/api/x");
  CHECK(served(told) == "api");
  CHECK(told.outcome.route.text() == "IngressRoute shop/web");
  CHECK(told.outcome.rule == 1);
  CHECK(told.outcome.field == "spec.routes[1]");
  CHECK(told.outcome.matched == "Host(`shop.example`) && PathPrefix(`/api`)");
  CHECK(told.outcome.hostname == "shop.example");
  REQUIRE(told.candidates.size() == 1);
  CHECK(told.candidates[0].rule == 0);
  CHECK(told.candidates[0].matched);
  CHECK(told.candidates[0].lost == "shorter rule (20 < 42 characters of Host(`shop.example`) && PathPrefix(`/api`))");
  CHECK(served(traced(world, "http://shop.example/x")) == "web");
}

TEST_CASE("a priority goes before the length of the rule") {
  const std::string world = services() + route("web", rule("Host(`shop.example`)", "web", ", priority: 100") + ", " +
                                                          rule("Host(`shop.example`) && PathPrefix(`/api`)", "api"));
  const Trace told = traced(world, "http://shop.example/api");
  CHECK(served(told) == "web");
  CHECK(told.candidates[0].lost == "lower priority (42 < 100)");
}

TEST_CASE("IngressRoutes and Ingresses stand in one order") {
  const std::string world =
      services() + route("route", rule("Host(`shop.example`)", "web")) + ingress("ingress", "shop.example", "/api", "api");
  const Trace by_ingress = traced(world, "http://shop.example/api");
  CHECK(served(by_ingress) == "api");
  CHECK(by_ingress.outcome.route.kind == "Ingress");
  CHECK(lost(by_ingress, "route") == "shorter rule (20 < 42 characters of Host(`shop.example`) && PathPrefix(`/api`))");
  const Trace by_route = traced(services() + route("route", rule("Host(`shop.example`)", "web", ", priority: 50")) +
                                    ingress("ingress", "shop.example", "/api", "api"),
                                "http://shop.example/api");
  CHECK(served(by_route) == "web");
  CHECK(lost(by_route, "ingress") == "lower priority (42 < 50)");
  CHECK(served(traced(world, "http://shop.example/x")) == "web");
}

TEST_CASE("an Ingress whose Service is missing leaves its place to an IngressRoute") {
  const std::string world =
      services() + route("route", rule("Host(`shop.example`)", "web")) + ingress("ingress", "shop.example", "/api", "gone");
  const Trace told = traced(world, "http://shop.example/api");
  CHECK(served(told) == "web");
  CHECK(lost(told, "ingress") == "Traefik makes no router of it: Service shop/gone does not exist");
}

TEST_CASE("routers of one priority that lead to different places leave it open who serves") {
  const std::string two = route("a", rule("Host(`shop.example`)", "web")) + route("b", rule("Host(`shop.example`)", "api"));
  const Trace told = traced(services() + two, "http://shop.example/");
  CHECK(served(told) == "unknown");
  CHECK(told.outcome.reason.find("the same priority (20)") != std::string::npos);
  const std::string same = route("a", rule("Host(`shop.example`)", "web")) + route("b", rule("Host(`shop.example`)", "web"));
  CHECK(served(traced(services() + same, "http://shop.example/")) == "web");
  const std::string mixed =
      route("a", rule("Host(`shop.example`) && PathPrefix(`/`)", "web")) + ingress("b", "shop.example", "/", "api");
  CHECK(served(traced(services() + mixed, "http://shop.example/")) == "unknown");
}

TEST_CASE("a rule that is written twice in an IngressRoute is the later one") {
  const std::string world =
      services() + route("web", rule("Host(`shop.example`)", "web") + ", " + rule("Host(`shop.example`)", "api"));
  const Trace told = traced(world, "http://shop.example/");
  CHECK(served(told) == "api");
  CHECK(lost(told, "web").find("has the same rule and takes its place") != std::string::npos);
}

TEST_CASE("a route without its Service or port is no router, and the next one serves") {
  const std::string rules = rule("Host(`shop.example`)", "web") + ", " +
                            rule("Host(`shop.example`) && PathPrefix(`/gone`)", "gone") +
                            ", {match: 'Host(`shop.example`) && PathPrefix(`/port`)', services: [{name: api, port: 81}]}" +
                            ", {match: 'Host(`other.example`)', services: [{name: api, port: 81}]}" +
                            ", {match: 'Host(`none.example`)', services: [{name: api}]}";
  const std::string world = services() + route("web", rules);
  const Trace told = traced(world, "http://shop.example/gone");
  CHECK(served(told) == "web");
  CHECK(has_note(told, "Service shop/gone does not exist"));
  CHECK(served(traced(world, "http://shop.example/port")) == "web");
  const Trace alone = traced(world, "http://other.example/");
  CHECK(served(alone) == "404");
  CHECK(alone.outcome.action == Action::respond);
  CHECK(alone.outcome.reason == "Traefik makes no router of it: Service shop/api has no port 81");
  CHECK(alone.outcome.rule == 3);
  CHECK(traced(world, "http://none.example/").outcome.reason.find("names no port") != std::string::npos);
}

TEST_CASE("a route with a Middleware that is missing or wrong is no router") {
  const std::string passes = ", middlewares: [{name: m}]";
  const std::string world = services() + route("web", rule("Host(`shop.example`)", "web", passes));
  const auto fault = [&](const std::string& middlewares) {
    const Trace told = traced(world + middlewares, "http://shop.example/");
    return std::string(action_name(told.outcome.action)) + ": " + lost(told, "web");
  };
  const std::string none = "not-found: Traefik makes no router of it: ";
  CHECK(fault("") == none + "Middleware shop/m does not exist");
  CHECK(fault(middleware("m", "{}")) == none + "Middleware shop/m is wrong: it has not exactly one type");
  CHECK(fault(middleware("m", "{addPrefix: {prefix: ''}}")) == none + "Middleware shop/m is wrong: its prefix is empty");
  CHECK(fault(middleware("m", "{redirectRegex: {regex: '(', replacement: x}}"))
            .starts_with(none + "Middleware shop/m is wrong: its regular expression"));
  CHECK(fault(middleware("m", "{chain: {middlewares: [{name: m}]}}")) ==
        none + "Middleware shop/m is a chain that leads back to itself");
  CHECK(fault(middleware("m", "{compress: {}}")) == "forward: ");
}

TEST_CASE("rules that Traefik cannot read are told of the requests for their host") {
  const std::string world = services() + route("web", rule("Host(`shop.example`) AND Path(`/`)", "web"));
  const Trace told = traced(world, "http://shop.example/");
  CHECK(told.outcome.action == Action::not_found);
  CHECK(told.outcome.reason.starts_with("no rule of the 1 IngressRoute takes the request"));
  CHECK(lost(told, "web").starts_with("Traefik makes no router of it: its rule cannot be read: unexpected 'A'"));
}

TEST_CASE("a rule of v2 is known for one where Traefik's version is") {
  const std::string world = services() + route("web", rule("Host(`a.example`, `b.example`)", "web"));
  CHECK(served(traced(world, "http://b.example/")) == "unknown");
  CHECK(served(traced(world + traefik("", "traefik:v2.11"), "http://b.example/")) == "web");
  CHECK(served(traced(world + traefik("--providers.kubernetescrd"), "http://b.example/")) == "404");
  CHECK(served(traced(world + traefik("--providers.kubernetescrd, --core.defaultRuleSyntax=v2"), "http://b.example/")) == "web");
  const std::string written = services() + route("web", rule("Host(`a.example`, `b.example`)", "web", ", syntax: v2"));
  CHECK(served(traced(written, "http://b.example/")) == "web");
}

TEST_CASE("entry points and spec.tls keep an IngressRoute to http or https") {
  const std::string world = services() + route("plain", rule("Host(`plain.example`)", "web"), "entryPoints: [web]") +
                            route("secure", rule("Host(`secure.example`)", "web"), "entryPoints: [websecure]\n  tls: {}") +
                            route("both", rule("Host(`both.example`)", "web"), "entryPoints: []") +
                            route("named", rule("Host(`named.example`)", "web"), "entryPoints: [public]") +
                            route("board", rule("PathPrefix(`/api`)", "api"), "entryPoints: [traefik]");
  CHECK(served(traced(world, "http://plain.example/")) == "web");
  CHECK(served(traced(world, "https://plain.example/")) == "404");
  CHECK(lost(traced(world, "https://plain.example/"), "plain") == "spec.entryPoints is web, not websecure");
  CHECK(served(traced(world, "https://secure.example/")) == "web");
  CHECK(lost(traced(world, "http://secure.example/"), "secure") == "spec.tls keeps it to https");
  CHECK(has_note(traced(world, "https://secure.example/"), "spec.tls names no Secret"));
  CHECK(served(traced(world, "https://both.example/")) == "web");
  CHECK(has_note(traced(world, "https://both.example/"), "else it needs spec.tls"));
  CHECK(has_note(traced(world, "http://named.example/"), "the entry point public"));
  CHECK(served(traced(world, "http://both.example/api/x")) == "web");
}

TEST_CASE("a class is Traefik's own, or not known without its configuration") {
  const std::string world = services() + route("web", rule("Host(`shop.example`)", "web"), "entryPoints: [web]",
                                               ", annotations: {kubernetes.io/ingress.class: inside}");
  CHECK(served(traced(world, "http://shop.example/")) == "unknown");
  CHECK(served(traced(world + traefik("--providers.kubernetescrd"), "http://shop.example/")) == "404");
  CHECK(served(traced(world + traefik("--providers.kubernetesCRD.ingressClass=inside"), "http://shop.example/")) == "web");
  const std::string usual = services() + route("web", rule("Host(`shop.example`)", "web"), "entryPoints: [web]",
                                               ", annotations: {kubernetes.io/ingress.class: traefik}");
  CHECK(served(traced(usual, "http://shop.example/")) == "web");
}

TEST_CASE("what Traefik is told on its command line decides what it reads") {
  const std::string world = services() + route("web", rule("Host(`shop.example`)", "web"));
  const auto with = [&](const std::string& arguments) {
    return served(traced(world + traefik(arguments), "http://shop.example/"));
  };
  CHECK(with("--providers.kubernetescrd") == "web");
  CHECK(with("--providers.kubernetesingress") == "404");
  CHECK(with("--providers.kubernetescrd.namespaces=other") == "404");
  CHECK(with("'--providers.kubernetescrd.namespaces=other,shop'") == "web");
  CHECK(with("--providers.kubernetescrd.labelSelector=app=x") == "404");
  CHECK(with("--configFile=/x.yml, --providers.kubernetesingress") == "web");
  CHECK(with("") == "web");
}

TEST_CASE("references into other namespaces hang on a setting of Traefik") {
  const std::string far = services() + service("far", "away") +
                          route("web", "{match: 'Host(`shop.example`)', services: [{name: far, namespace: away, port: 80}]}");
  CHECK(served(traced(far, "http://shop.example/")) == "unknown");
  CHECK(served(traced(far + traefik("--providers.kubernetescrd"), "http://shop.example/")) == "404");
  CHECK(served(traced(far + traefik("--providers.kubernetescrd.allowCrossNamespace"), "http://shop.example/")) == "far");
}

TEST_CASE("IngressRoutes that may not be listed leave what is not found unknown") {
  World world{services() + ingress("web", "shop.example", "/", "web"), {{Kind::ingress_route, "", {}}}, {}};
  const Trace found = traced(world, "http://shop.example/");
  CHECK(served(found) == "web");
  CHECK(has_note(found, "not every IngressRoute could be read"));
  CHECK(left_unread(found, Kind::ingress_route));
  const Trace other = traced(world, "http://other.example/");
  CHECK(served(other) == "unknown");
  CHECK(left_unread(other, Kind::ingress_route));
  CHECK(found.unread.front().wish == all_of(Kind::ingress_route));
}

TEST_CASE("those of the own namespace count where not all may be listed") {
  World world{services() + route("web", rule("Host(`shop.example`)", "web")), {}, {}};
  world.denials.push_back({Kind::ingress_route, "kube-system", {}});
  CHECK(served(traced(world, "http://shop.example/")) == "web");
}

TEST_CASE("where the CRD is not served, Ingresses are all that there is") {
  const World world{services() + ingress("web", "shop.example", "/", "web",
                                         "{traefik.ingress.kubernetes.io/router.middlewares: shop-strip@kubernetescrd}"),
                    {},
                    {Kind::ingress_route, Kind::middleware, Kind::traefik_service}};
  const Trace told = traced(world, "http://shop.example/");
  CHECK(served(told) == "web");
  CHECK(has_note(told, "shop-strip@kubernetescrd: Middlewares are not read"));
  CHECK_FALSE(has_note(told, "IngressRoute"));
  CHECK(told.unread.empty());
}

TEST_CASE("services of Traefik's own answer by themselves") {
  const auto internal = [](const std::string& name) {
    return traced(
        services() + route("web", "{match: 'Host(`t.example`)', services: [{name: " + name + ", kind: TraefikService}]}"),
        "http://t.example/");
  };
  CHECK(served(internal("noop@internal")) == "418");
  CHECK(internal("api@internal").outcome.reason == "Traefik itself answers, with its service api@internal");
  CHECK(served(internal("web@file")) == "unknown");
}

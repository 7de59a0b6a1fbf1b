// Which BackendTLSPolicy holds, rule by rule as the Gateway API v1.6 states them, and what a traced request makes of it.

#include "chain/router/backend_tls.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "cmd/question.h"
#include "report/diagnose.h"
#include "report/sent.h"
#include "report/text.h"
#include "report/trace_json.h"
#include "report/tracing.h"
#include "tests/unit/make_certificate.h"
#include "tests/unit/world_help.h"

using namespace gwdoctor;
using namespace gwdoctor::test;

namespace {

using Choice = BackendTlsChoice::State;

struct Short {
  std::string name;
  std::string section;
  std::string created = "2026-01-01T00:00:00Z";
  std::string service = "cart";
  std::string ns = "shop";
  std::string kind = "Service";
};

Known<BackendTlsPolicy> policy(const Short& from) {
  BackendTlsPolicy out;
  out.meta.ref = ref(Kind::backend_tls_policy, from.ns, from.name);
  if (!from.created.empty()) out.meta.created = parse_time(from.created);
  out.targets.push_back({"", from.kind, from.service, from.section, "spec.targetRefs[0]"});
  out.hostname = from.name + ".example";
  return {std::make_shared<const BackendTlsPolicy>(std::move(out)), nullptr};
}

// The names of the policies in order, the one that holds first.
std::vector<std::string> order_of(std::vector<Short> from, const std::optional<std::string>& section) {
  std::vector<std::string> first;
  for (int turn = 0; turn < 2; ++turn) {
    List<BackendTlsPolicy> all;
    for (const Short& each : from) all.push_back(policy(each));
    const BackendTlsChoice choice = choose_backend_tls(all, "shop", "cart", section);
    std::vector<std::string> out;
    if (choice.state == Choice::unknown) out.emplace_back("unknown");
    if (choice.state == Choice::holds) out.push_back(choice.winner.policy->meta.ref.name);
    for (const TargetingPolicy& loser : choice.losers) out.push_back(loser.policy->meta.ref.name);
    if (turn == 1) CHECK(out == first);
    first = out;
    std::reverse(from.begin(), from.end());
  }
  return first;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("a policy that names the port of a Service goes before one for the whole Service, whatever their ages") {
  CHECK(order_of({{"all", "", "2025-01-01T00:00:00Z"}, {"port", "https", "2026-01-01T00:00:00Z"}}, "https") ==
        Names{"port", "all"});
  CHECK(order_of({{"all", "", "2026-01-01T00:00:00Z"}, {"port", "https", "2025-01-01T00:00:00Z"}}, "https") ==
        Names{"port", "all"});
}

TEST_CASE("the other ports of the Service are those of the policy for the whole of it") {
  CHECK(order_of({{"all", ""}, {"port", "https"}}, "admin") == Names{"all"});
  CHECK(order_of({{"port", "https"}}, "admin").empty());
}

TEST_CASE("of policies for one target the older by creationTimestamp goes first") {
  for (const std::string section : {"", "https"}) {
    CHECK(order_of({{"a", section, "2021-07-15T01:02:04Z"}, {"b", section, "2021-07-15T01:02:03Z"}}, "https") == Names{"b", "a"});
  }
}

TEST_CASE("of policies of one age the first in alphabetical order goes first") {
  for (const std::string section : {"", "https"}) {
    CHECK(order_of({{"baz", section}, {"bar", section}}, "https") == Names{"bar", "baz"});
    CHECK(order_of({{"b", section}, {"B", section}, {"b-a", section}}, "https") == Names{"B", "b", "b-a"});
  }
}

TEST_CASE("a policy that is not created yet will be the younger") {
  CHECK(order_of({{"a", "", ""}, {"b", ""}}, "https") == Names{"b", "a"});
}

TEST_CASE("policies of other namespaces, for other Services and for other kinds concern it not") {
  CHECK(order_of({{"a", "", "2026-01-01T00:00:00Z", "cart", "other"},
                  {"b", "", "2026-01-01T00:00:00Z", "kart"},
                  {"c", "", "2026-01-01T00:00:00Z", "cart", "shop", "ServiceImport"}},
                 "https")
            .empty());
}

TEST_CASE("a port without a name is only met by policies for the whole Service") {
  CHECK(order_of({{"all", ""}, {"port", "https"}}, "") == Names{"all"});
}

TEST_CASE("where the name of the port is not known, policies that name ports leave the choice open") {
  CHECK(order_of({{"all", ""}, {"port", "https"}}, std::nullopt) == Names{"unknown"});
  CHECK(order_of({{"all", ""}, {"more", ""}}, std::nullopt) == Names{"all", "more"});
  CHECK(order_of({}, std::nullopt).empty());
}

TEST_CASE("one of several targetRefs is enough") {
  BackendTlsPolicy two = *policy({"two", "https", "2026-01-01T00:00:00Z", "kart"});
  two.targets.push_back({"", "Service", "cart", "admin", "spec.targetRefs[1]"});
  two.targets.push_back({"", "Service", "cart", "https", "spec.targetRefs[2]"});
  const List<BackendTlsPolicy> all{{std::make_shared<const BackendTlsPolicy>(two), nullptr}};
  const BackendTlsChoice choice = choose_backend_tls(all, "shop", "cart", "https");
  REQUIRE(choice.state == Choice::holds);
  CHECK(choice.winner.target == 2);
  CHECK(choice.elsewhere.empty());
}

TEST_CASE("it is said why a policy does not hold") {
  const List<BackendTlsPolicy> all{policy({"whole", "", "2025-01-01T00:00:00Z"}), policy({"port", "https"}),
                                   policy({"port-2", "https"}), policy({"young", "https", "2026-02-01T00:00:00Z"})};
  const BackendTls tls = backend_tls_of(choose_backend_tls(all, "shop", "cart", "https"));
  CHECK(tls.policy.name == "port");
  CHECK(tls.hostname == "port.example");
  CHECK(tls.section == "https");
  REQUIRE(tls.others.size() == 3);
  CHECK(tls.others[0].lost == "is as old, and later in the alphabet");
  CHECK(tls.others[1].lost == "was created later (2026-02-01T00:00:00Z against 2026-01-01T00:00:00Z)");
  CHECK(tls.others[2].lost == "is for the whole Service");
}

namespace {

std::string certificate() {
  static const std::string pem = make_certificate({.dns_names = {"cart.example"}}).certificate;
  return pem;
}

std::string config_map(const std::string& data) {
  return "\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: ca, namespace: shop}\ndata:" + data + "\n";
}

std::string with_ca() {
  std::string text = " {ca.crt: \"";
  for (const char letter : certificate()) text += letter == '\n' ? std::string("\\n") : std::string(1, letter);
  return config_map(text + "\"}");
}

std::string tls_policy(const std::string& name, const std::string& target = "", const std::string& validation = "",
                       const std::string& status = "") {
  return "\n---\napiVersion: gateway.networking.k8s.io/v1\nkind: BackendTLSPolicy\nmetadata: {name: " + name +
         ", namespace: shop, generation: 1, creationTimestamp: 2026-11-20T09:00:00Z}\nspec:\n  targetRefs: [{group: '', kind: "
         "Service, name: cart" +
         target + "}]\n  validation: {hostname: cart.example, " +
         (validation.empty() ? "caCertificateRefs: [{group: '', kind: ConfigMap, name: ca}]" : validation) + "}\n" + status;
}

std::string said(const std::string& conditions, const std::string& gateway = "web") {
  return "status: {ancestors: [{ancestorRef: {name: " + gateway + "}, controllerName: example.com/any, conditions: [" +
         conditions + "]}]}\n";
}

std::string no(const std::string& type, const std::string& reason) {
  return "{type: " + type + ", status: 'False', reason: " + reason + ", message: so it is, observedGeneration: 1}";
}

std::string yes(const std::string& type) { return "{type: " + type + ", status: 'True', reason: Accepted}"; }

// The shop behind a controller of which nothing is known.
std::string plain_shop() {
  std::string world =
      with(shop(), "controllerName: projectcontour.io/gateway-controller}\nstatus", "controllerName: example.com/any}\nstatus");
  return with(world, "controllerName: projectcontour.io/gateway-controller\n", "controllerName: example.com/any\n");
}

std::vector<Diagnosis> traced(std::string_view world, const std::vector<Kind>& denied = {}, const std::string& url = {}) {
  ManifestSource source = cluster(world);
  for (const Kind kind : denied) source.deny({kind, {}, {}});
  Facts facts(noon());
  const Result<Question> question = question_of({}, url.empty() ? "http://shop.example/" : url, "shop");
  REQUIRE(question.has_value());
  std::vector<Diagnosis> out;
  for (const Target& target : trace_targets(*question, facts, source))
    out.push_back(diagnose(target, facts, source, {}).diagnosis);
  return out;
}

Outcome outcome_of(std::string_view world, const std::vector<Kind>& denied = {}) {
  const std::vector<Diagnosis> all = traced(world, denied);
  REQUIRE(all.size() == 1);
  REQUIRE(all.front().trace != nullptr);
  REQUIRE(all.front().trace->outcome.backends.size() == 1);
  return all.front().trace->outcome;
}

bool notes(const Outcome& outcome, std::string_view words) {
  return std::any_of(outcome.notes.begin(), outcome.notes.end(),
                     [&](const std::string& note) { return note.find(words) != std::string::npos; });
}

}  // namespace

TEST_CASE("a backend is spoken to by TLS where a policy with a CA certificate is for it") {
  const std::vector<Diagnosis> all =
      traced(plain_shop() + tls_policy("cart-tls", ", sectionName: http") + tls_policy("all") + with_ca());
  REQUIRE(all.size() == 1);
  const Outcome& outcome = all.front().trace->outcome;
  CHECK(outcome.action == Action::forward);
  const TracedBackend& backend = outcome.backends.front();
  REQUIRE(backend.tls.has_value());
  CHECK(backend.problem.empty());
  CHECK(backend.tls->policy.name == "cart-tls");
  CHECK(backend.tls->hostname == "cart.example");
  CHECK(backend.tls->ca == "ConfigMap shop/ca");
  REQUIRE(backend.tls->others.size() == 1);
  const Value tls = trace_value(all.front())["outcome"]["backends"][0]["tls"];
  CHECK(tls["policy"]["name"].text() == "cart-tls");
  CHECK(tls["section"].text() == "http");
  CHECK(tls["others"][0]["lost"].text() == "is for the whole Service");
}

TEST_CASE("without a policy, and without the kind, nothing is said of TLS") {
  const Outcome outcome = outcome_of(plain_shop());
  CHECK_FALSE(outcome.backends.front().tls.has_value());
  CHECK(outcome.notes.empty());
}

TEST_CASE("a connection by a policy without a CA certificate fails with a 5xx") {
  struct Row {
    const char* what;
    std::string objects;
    std::string problem;
  };
  for (const Row& row : {
           Row{"no such ConfigMap", tls_policy("p"), "ConfigMap shop/ca does not exist"},
           Row{"another key", tls_policy("p") + config_map(" {tls.crt: x}"), "ConfigMap shop/ca has no key ca.crt"},
           Row{"no data", tls_policy("p") + config_map(""), "ConfigMap shop/ca has no key ca.crt"},
           Row{"empty", tls_policy("p") + config_map(" {ca.crt: ''}"), "ca.crt of ConfigMap shop/ca holds no certificate"},
           Row{"no certificate", tls_policy("p") + config_map(" {ca.crt: hello}"), "ca.crt of ConfigMap shop/ca holds no"},
           Row{"no such Secret", tls_policy("p", "", "caCertificateRefs: [{group: '', kind: Secret, name: ca}]"),
               "Secret shop/ca does not exist"},
           Row{"both are missing",
               tls_policy("p", "",
                          "caCertificateRefs: [{group: '', kind: ConfigMap, name: a}, {group: '', kind: ConfigMap, name: b}]"),
               "ConfigMap shop/a does not exist, ConfigMap shop/b does not exist"},
           Row{"says so: Accepted", tls_policy("p", "", "", said(no("Accepted", "NoValidCACertificate"))) + with_ca(),
               "Accepted is False, NoValidCACertificate (so it is)"},
           Row{"says so: Invalid", tls_policy("p", "", "wellKnownCACertificates: System", said(no("Accepted", "Invalid"))),
               "Invalid (so it is)"},
           Row{"says so: ResolvedRefs",
               tls_policy("p", "", "", said(yes("Accepted") + ", " + no("ResolvedRefs", "InvalidCACertificateRef"))) + with_ca(),
               "ResolvedRefs is False, InvalidCACertificateRef"},
           Row{"says so: kind",
               tls_policy("p", "", "caCertificateRefs: [{group: example.com, kind: Bundle, name: ca}]",
                          said(no("ResolvedRefs", "InvalidKind"))),
               "ResolvedRefs is False, InvalidKind"},
       }) {
    CAPTURE(row.what);
    const Outcome outcome = outcome_of(plain_shop() + row.objects);
    CHECK(outcome.action == Action::respond);
    CHECK_FALSE(outcome.status.has_value());
    CHECK(outcome.backends.front().problem.find(row.problem) != std::string::npos);
    CHECK(outcome.reason == outcome.backends.front().problem);
    CHECK_FALSE(outcome.backends.front().failure_status.has_value());
    CHECK(outcome.backends.front().tls.has_value());
  }
}

TEST_CASE("what proves nothing against a policy leaves it alone") {
  struct Row {
    const char* what;
    std::string objects;
  };
  const std::string two = "caCertificateRefs: [{group: '', kind: ConfigMap, name: ca}, {group: '', kind: ConfigMap, name: gone}]";
  for (const Row& row : {
           Row{"the system's", tls_policy("p", "", "wellKnownCACertificates: System")},
           Row{"an implementation's own", tls_policy("p", "", "wellKnownCACertificates: example.com/mine")},
           Row{"another kind", tls_policy("p", "", "caCertificateRefs: [{group: example.com, kind: Bundle, name: ca}]")},
           Row{"one of two", tls_policy("p", "", two) + with_ca()},
           Row{"one of two, and the controller says so",
               tls_policy("p", "", two, said(yes("Accepted") + ", " + no("ResolvedRefs", "InvalidCACertificateRef"))) +
                   with_ca()},
           Row{"another key, and the controller takes it",
               tls_policy("p", "", "", said(yes("Accepted") + ", " + yes("ResolvedRefs"))) + config_map(" {bundle.pem: x}")},
           Row{"of another Gateway", tls_policy("p", "", "", said(no("Accepted", "Invalid"), "other")) + with_ca()},
           Row{"of an earlier generation",
               with(tls_policy("p", "", "", said(no("Accepted", "Invalid"))) + with_ca(), "generation: 1", "generation: 2")},
           Row{"of another controller", with(tls_policy("p", "", "", said(no("Accepted", "Invalid"))) + with_ca(),
                                             "controllerName: example.com/any", "controllerName: example.com/other")},
       }) {
    CAPTURE(row.what);
    const Outcome outcome = outcome_of(plain_shop() + row.objects);
    CHECK(outcome.action == Action::forward);
    CHECK(outcome.backends.front().problem.empty());
    CHECK(outcome.backends.front().tls.has_value());
  }
}

TEST_CASE("a controller that keeps another policy is quoted") {
  const Outcome outcome = outcome_of(plain_shop() + tls_policy("p", "", "", said(no("Accepted", "Conflicted"))) + with_ca());
  CHECK(outcome.action == Action::forward);
  CHECK(notes(outcome, "Accepted is False, Conflicted (so it is), where the Gateway API has it hold for Service shop/cart"));
}

TEST_CASE("a policy for another port is told of where none holds") {
  const Outcome outcome = outcome_of(plain_shop() + tls_policy("p", ", sectionName: https"));
  CHECK(outcome.action == Action::forward);
  CHECK_FALSE(outcome.backends.front().tls.has_value());
  CHECK(notes(outcome, "BackendTLSPolicy shop/p is for port https of Service shop/cart, and does not hold for port http"));
  const Outcome both = outcome_of(plain_shop() + tls_policy("p", ", sectionName: https") + tls_policy("q") + with_ca());
  CHECK(both.notes.empty());
}

TEST_CASE("policies that cannot be listed are neither there nor not") {
  const std::string world = plain_shop() + tls_policy("p");
  const Outcome outcome = outcome_of(world, {Kind::backend_tls_policy});
  CHECK(outcome.action == Action::forward);
  CHECK_FALSE(outcome.backends.front().tls.has_value());
  CHECK(notes(outcome, "whether Service shop/cart is spoken to by TLS is not known"));
  const Outcome blind = outcome_of(world, {Kind::config_map});
  CHECK(blind.backends.front().problem.empty());
  CHECK(blind.backends.front().tls.has_value());
}

TEST_CASE("an implementation that takes no BackendTLSPolicy is said to speak as if there were none") {
  const auto by = [](const std::string& controller, const std::string& features) {
    std::string world = with(shop(), "controllerName: projectcontour.io/gateway-controller}\nstatus:",
                             "controllerName: " + controller + "}\nstatus:" + features);
    return outcome_of(world + tls_policy("p"));
  };
  const Outcome haproxy = by("haproxy-ingress.github.io/controller", "");
  CHECK(haproxy.action == Action::forward);
  CHECK_FALSE(haproxy.backends.front().tls.has_value());
  CHECK(notes(haproxy, "HAProxy Ingress 0.17 takes no BackendTLSPolicy"));
  CHECK(notes(by("projectcontour.io/gateway-controller", ""), "Contour 1.33 takes BackendTLSPolicy in version v1alpha3 alone"));
  // The word of the implementation that runs goes before the table's.
  const std::string features = "\n  supportedFeatures: [{name: Gateway}";
  CHECK(by("haproxy-ingress.github.io/controller", features + ", {name: BackendTLSPolicy}]").action == Action::respond);
  CHECK(by("example.com/any", features + ", {name: BackendTLSPolicy}]").action == Action::respond);
  CHECK(notes(by("example.com/any", features + "]"), "GatewayClass contour has no BackendTLSPolicy among its supportedFeatures"));
}

TEST_CASE("Contour speaks without TLS where it does not accept the policy that it took up") {
  std::string world = shop() + with(tls_policy("p", "", "", said(no("Accepted", "Invalid"))) + with_ca(),
                                    "controllerName: example.com/any", "controllerName: projectcontour.io/gateway-controller");
  const Outcome outcome = outcome_of(world);
  CHECK(outcome.action == Action::forward);
  CHECK_FALSE(outcome.backends.front().tls.has_value());
  CHECK(notes(outcome, "Contour 1.33 speaks to Service shop/cart without TLS"));
}

TEST_CASE("of a number that is there for TCP and UDP the name of the TCP port counts") {
  const std::string world = with(plain_shop(), "ports: [{name: http, port: 80, targetPort: 8080}]",
                                 "ports: [{name: quic, port: 80, protocol: UDP, targetPort: 8080}, {name: http, port: 80, "
                                 "targetPort: 8080}]");
  const Outcome outcome = outcome_of(world + tls_policy("p", ", sectionName: http") + with_ca());
  REQUIRE(outcome.backends.front().tls.has_value());
  CHECK(outcome.backends.front().tls->section == "http");
}

TEST_CASE("only the share of the backend whose policy is invalid fails") {
  const std::string world =
      with(plain_shop(), "[{name: cart, port: 80}]", "[{name: cart, port: 80, weight: 3}, {name: kart, port: 80}]") +
      "\n---\napiVersion: v1\nkind: Service\nmetadata: {name: kart, namespace: shop}\nspec: {selector: {app: "
      "cart}, ports: [{name: http, port: 80, targetPort: 8080}]}\n";
  const std::vector<Diagnosis> all = traced(world + tls_policy("p"));
  REQUIRE(all.size() == 1);
  const Outcome& outcome = all.front().trace->outcome;
  CHECK(outcome.action == Action::forward);
  REQUIRE(outcome.backends.size() == 2);
  CHECK_FALSE(outcome.backends[0].problem.empty());
  CHECK(outcome.backends[1].problem.empty());
}

TEST_CASE("the report tells on one line who is spoken to by TLS, and before which policies that one goes") {
  Style style;
  style.width = 1000;
  const std::string text = render_text(
      traced(plain_shop() + tls_policy("cart-tls", ", sectionName: http") + tls_policy("all") + with_ca()).front(), style);
  CHECK(
      text.find("TLS to cart.example (BackendTLSPolicy shop/cart-tls for port http; goes before shop/all, which is for the whole "
                "Service; trusts ConfigMap shop/ca)") != std::string::npos);
}

TEST_CASE("any 5xx agrees where an invalid policy makes the connection fail, and nothing else does") {
  Trace trace;
  trace.outcome.action = Action::respond;
  for (const auto& [status, agrees] : {std::pair{500, true}, {502, true}, {503, true}, {200, false}, {404, false}}) {
    CAPTURE(status);
    ExchangeAnswer answer;
    answer.result = HttpResult::answered;
    answer.status = status;
    CHECK(judge_answer(trace, answer, {}).agrees == agrees);
  }
}

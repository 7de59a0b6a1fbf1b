#pragma once
// Diagnoses made by hand, for the tests of the renderers.

#include <string>

#include "kube/time.h"
#include "report/diagnosis.h"

namespace gwdoctor::sample {

inline constexpr Check port_not_found{.code = "service-port-not-found",
                                      .title = "a backend names a port which its Service does not offer",
                                      .severity = Severity::error,
                                      .layer = Layer::service};
inline constexpr Check selector_matches_none{.code = "service-selector-matches-none",
                                             .title = "a Service selects no pod",
                                             .severity = Severity::error,
                                             .layer = Layer::service};
inline constexpr Check endpoints_none{.code = "endpoints-none", .title = "a Service has no endpoints", .layer = Layer::endpoints};
inline constexpr Check refs_unresolved{
    .code = "route-refs-unresolved", .title = "a controller could not resolve a reference of a route", .layer = Layer::route};
inline constexpr Check certificate_expiring{.code = "tls-certificate-expiring",
                                            .title = "a certificate is about to expire",
                                            .severity = Severity::warning,
                                            .layer = Layer::tls};
inline constexpr Check controller_retired{.code = "controller-retired",
                                          .title = "a controller is no longer maintained",
                                          .severity = Severity::info,
                                          .layer = Layer::controller,
                                          .advice = true};

inline Time at(std::string_view text) { return *parse_time(text); }

inline const Ref route = ref(Kind::http_route, "payments", "payments-api");
inline const Ref gateway = ref(Kind::gateway, "infra", "public");
inline const Ref service = ref(Kind::service, "payments", "payments-api");
inline const Ref secret = ref(Kind::secret, "infra", "wildcard-tls");

inline Argued argued(const Check& check, const Ref& object, std::string_view path, std::string_view message, int rank,
                     Role role) {
  Argued out;
  out.finding.check = &check;
  out.finding.severity = check.severity;
  out.finding.object = object;
  out.finding.path = std::string(path);
  out.finding.message = std::string(message);
  out.rank = rank;
  out.role = role;
  return out;
}

inline Value port(std::string_view name, int number) {
  Value out;
  out.set("name", name);
  out.set("port", number);
  out.set("protocol", "TCP");
  return out;
}

inline Argued wrong_port() {
  Argued out = argued(port_not_found, route, "spec.rules[0].backendRefs[0].port",
                      "port 8081 is not offered by Service payments/payments-api, which has 8080 (http)", 1, Role::cause);
  out.breaks = "all requests";
  out.rank_reason = "breaks all requests; proved; its fix restores some";
  out.changed = Changed{"helm", at("2026-11-23T10:34:12Z")};
  out.trial = Trial{true, Restores::some};
  Value ports;
  ports.push_back(port("http", 8080));
  out.finding.evidence = {{route, "spec.rules[0].backendRefs[0].port", Value(8081)}, {service, "spec.ports", ports}};
  Value backend;
  backend.set_path("spec.rules", Value(Value::Array{}));
  out.finding.fix = Fix{"set the port of the backend to 8080",
                        {"kubectl patch httproute/payments-api -n payments --type=json -p "
                         "'[{\"op\":\"replace\",\"path\":\"/spec/rules/0/backendRefs/0/port\",\"value\":8080}]'"},
                        Patch{route, backend}};
  return out;
}

inline Argued wrong_selector() {
  Argued out = argued(selector_matches_none, service, "spec.selector",
                      "selector app=payment-api matches none of the 3 pods in payments; 3 have app=payments-api", 2, Role::cause);
  out.finding.reason = "near-miss";
  out.breaks = "all requests";
  out.trial = Trial{true, Restores::none};
  Value selector;
  selector.set("app", "payment-api");
  out.finding.evidence = {{service, "spec.selector", selector}};
  out.finding.affects = {ref(Kind::pod, "payments", "payments-api-7f9c-abcde")};
  out.finding.fix = Fix{"select app=payments-api",
                        {"kubectl patch service/payments-api -n payments --type=json -p "
                         "'[{\"op\":\"replace\",\"path\":\"/spec/selector/app\",\"value\":\"payments-api\"}]'"},
                        Patch{service, {}}};
  return out;
}

// Two causes with their consequences, a risk, a fact that is missing.
inline Diagnosis broken() {
  Diagnosis out;
  out.target = route;
  out.verdict = Verdict::broken;
  out.summary = "all requests fail; two causes";
  out.taken_at = at("2026-11-23T10:46:12Z");
  Ref listener = gateway;
  listener.section = "https";
  out.chain = {{Layer::dns, LayerState::skipped, {}, ""},
               {Layer::loadbalancer, LayerState::ok, {}, "203.0.113.10"},
               {Layer::gateway, LayerState::ok, {listener}, ""},
               {Layer::tls, LayerState::warning, {secret}, "the certificate expires in 9 days"},
               {Layer::route, LayerState::error, {route}, "rule 0 names port 8081 of Service payments/payments-api"},
               {Layer::service, LayerState::error, {service}, "selects no pod"},
               {Layer::endpoints, LayerState::error, {}, "none ready"},
               {Layer::policy, LayerState::unknown, {}, "NetworkPolicies in payments could not be read"}};
  Argued unresolved = argued(refs_unresolved, route, "status.parents[0].conditions",
                             "Gateway infra/public reports ResolvedRefs=False: port 8081 not found", 4, Role::consequence);
  unresolved.explained_by = 1;
  unresolved.finding.certainty = Certainty::observed;
  Argued empty = argued(endpoints_none, service, "", "Service payments/payments-api has no endpoints", 5, Role::consequence);
  empty.explained_by = 2;
  Argued expiring = argued(certificate_expiring, secret, "data[\"tls.crt\"]",
                           "the certificate for *.example.com expires in 9 days, on 2026-12-02", 3, Role::risk);
  expiring.finding.fix = Fix{"renew the certificate", {}, {}};
  out.findings = {wrong_port(), wrong_selector(), expiring, unresolved, empty};
  out.together = Together{{1, 2}, Verdict::at_risk};
  out.unknowns = {{"networkpolicies in payments",
                   {Why::Reason::forbidden, "user ci may not list networkpolicies.networking.k8s.io",
                    Needs{"list", "networking.k8s.io", "networkpolicies", "payments"}}}};
  out.stats = {11, 3, 48213, 212};
  return out;
}

inline Diagnosis healthy() {
  Diagnosis out;
  out.target = ref(Kind::http_route, "shop", "shop");
  out.verdict = Verdict::healthy;
  out.summary = "all requests reach Service shop/shop, 3 of 3 pods ready";
  out.taken_at = at("2026-11-23T10:46:12Z");
  out.chain = {{Layer::gateway, LayerState::ok, {gateway}, ""},
               {Layer::route, LayerState::ok, {out.target}, ""},
               {Layer::service, LayerState::ok, {ref(Kind::service, "shop", "shop")}, ""},
               {Layer::pods, LayerState::ok, {}, "3 of 3 ready"}};
  out.stats = {7, 3, 900, 41};
  return out;
}

inline Diagnosis unknown() {
  Diagnosis out;
  out.target = ref(Kind::ingress, "shop", "legacy");
  out.verdict = Verdict::unknown;
  out.summary = "nothing wrong was found, but 2 facts are missing";
  out.taken_at = at("2026-11-23T10:46:12Z");
  out.chain = {{Layer::ingress, LayerState::ok, {out.target}, ""}, {Layer::tls, LayerState::unknown, {}, "Secret not readable"}};
  out.unknowns = {
      {"Secret shop/legacy-tls", {Why::Reason::forbidden, "user ci may not get secrets", Needs{"get", "", "secrets", "shop"}}},
      {"GatewayClass contour", {Why::Reason::forbidden, "", Needs{"get", "gateway.networking.k8s.io", "gatewayclasses", ""}}},
      {"TLS handshake with 203.0.113.10:443", {Why::Reason::timeout, "no answer within 3 seconds", {}}}};
  out.accepted_unknowns = {"networkpolicies"};
  out.suppressed = {{"route-hostname-unserved", out.target}};
  return out;
}

// What a person with the right to write one object may put there.
inline constexpr std::string_view hostile_text =
    "refused\x1b[2J\x1b]0;owned\x07 \x1b[31mOK\nHEALTHY  all is well\r\xe2\x80\xae"
    "drawkcab\xc2\x9b"
    "1A \xff end\x7f";

inline Diagnosis hostile() {
  Diagnosis out = broken();
  const std::string text(hostile_text);
  out.summary = text;
  out.target.name = "api\x1b[1A\nHEALTHY";
  out.chain[4].detail = text;
  Argued& first = out.findings[0];
  first.finding.message = text + std::string(10000, 'a') + " " + std::string(3000, '\x1b');
  first.finding.object = out.target;
  first.finding.path = "spec.\xe2\x80\xaerules";
  first.finding.evidence[0].value = Value(text);
  first.changed->manager = text;
  first.finding.fix->summary = text;
  first.finding.fix->commands = {
      "kubectl delete \xe2\x80\xae"
      "all",
      "kubectl apply -f - <<'EOF'\nkind: Service\nEOF"};
  out.findings[3].finding.message = text;
  out.unknowns[0].fact = text;
  out.unknowns[0].why.message = text;
  return out;
}

}  // namespace gwdoctor::sample

#include <doctest/doctest.h>

#include "checks/engine.h"
#include "kube/capture.h"
#include "kube/facts.h"
#include "kube/json.h"
#include "kube/manifest_source.h"
#include "kube/observation.h"

using namespace gwdoctor;

namespace {

const Time noon = *parse_time("2026-11-23T12:00:00Z");

Facts facts_with(std::set<ProbeKind> probes) {
  Facts facts(noon);
  Settings settings;
  settings.probes = std::move(probes);
  facts.set_settings(settings);
  return facts;
}

ManifestSource files(const std::string& text) {
  Result<ManifestSource> source = ManifestSource::parse({{"case.yaml", text}}, noon);
  REQUIRE(source.has_value());
  return std::move(*source);
}

const std::string pay_example = R"(apiVersion: gwdoctor.dev/v1
kind: DNSObservation
metadata: {name: pay.example}
spec: {name: Pay.Example.}
status:
  observedAt: "2026-11-23T11:59:58Z"
  server: 10.0.0.53:53
  a: {status: ok, addresses: [{address: 203.0.113.10, ttl: 300}, 203.0.113.11]}
  aaaa: {status: empty}
  aliases: [{from: pay.example, to: LB.example.net, ttl: 60}]
  hostsEntry: 127.0.0.1 pay.example
)";

const std::string handshake = R"(apiVersion: gwdoctor.dev/v1
kind: TLSObservation
metadata: {name: entrance}
spec: {address: 203.0.113.10, port: 443, sni: pay.example}
status:
  observedAt: "2026-11-23T11:59:58Z"
  handshake: done
  version: TLSv1.3
  chain:
    - {subject: CN=pay.example, dnsNames: ["*.example"], notAfter: "2027-01-01T00:00:00Z", sha256: ab12}
  trust: untrusted
  trustError: unable to get local issuer certificate
)";

DnsAnswer answer_with(DnsStatus a, DnsStatus aaaa) {
  DnsAnswer out;
  out.a.status = a;
  out.aaaa.status = aaaa;
  return out;
}

}  // namespace

TEST_CASE("a probe that was not chosen is neither asked for nor known") {
  const Facts facts = facts_with({ProbeKind::tcp});
  const Seen<DnsAnswer> seen = facts.dns("pay.example");
  CHECK_FALSE(facts.probes(ProbeKind::dns));
  CHECK(seen.unknown());
  CHECK(seen.why().reason == Why::Reason::not_collected);
  CHECK(facts.take_wanted().empty());
}

TEST_CASE("a chosen probe is a wish that says what is observed") {
  const Facts facts = facts_with({ProbeKind::dns, ProbeKind::tcp, ProbeKind::tls, ProbeKind::http, ProbeKind::service});
  CHECK(facts.dns("Pay.Example.").wish().text() == "DNS of pay.example");
  CHECK(facts.dns("pay.example", "10.0.0.53").wish().text() == "DNS of pay.example at 10.0.0.53");
  CHECK(facts.tcp("203.0.113.10", 443).wish().text() == "TCP to 203.0.113.10:443");
  CHECK(facts.tcp("2001:DB8:0::1", 443).wish().text() == "TCP to [2001:db8::1]:443");
  CHECK(facts.tls("203.0.113.10", 443, "pay.example").wish().text() == "TLS at 203.0.113.10:443 for pay.example");
  CHECK(facts.tls("203.0.113.10", 443, "").wish().text() == "TLS at 203.0.113.10:443 without a name");
  HttpQuestion http;
  http.address = "203.0.113.10";
  http.port = 80;
  http.host = "pay.example";
  CHECK(facts.http(http).wish().text() == "HTTP at 203.0.113.10:80: GET http://pay.example/");
  CHECK(facts.proxy({Kind::service, "payments", "api", "http", "", "/healthz"}).wish().text() ==
        "GET /healthz of Service payments/api port http through the API server");
  CHECK(facts.take_wanted().size() == 8);
}

TEST_CASE("two ways of writing one question are one wish") {
  CHECK(wish_of(DnsQuestion{"PAY.example.", ""}) == wish_of(DnsQuestion{"pay.example", ""}));
  CHECK(wish_of(TcpQuestion{"2001:db8:0:0::1", 1}) == wish_of(TcpQuestion{"2001:DB8::1", 1}));
  CHECK(wish_of(TlsQuestion{"203.0.113.1", 443, "A.example"}) == wish_of(TlsQuestion{"203.0.113.1", 443, "a.example"}));
  CHECK(wish_of(TlsQuestion{"203.0.113.1", 443, "a.example"}) != wish_of(TlsQuestion{"203.0.113.1", 443, "a.example", {"h2"}}));
}

TEST_CASE("a question survives as a wish, whatever is in its names") {
  const HttpQuestion http{"203.0.113.1", 8443, true, "a=b,c%2c.example", "GET", "/x,y=z%20?q=1,2", "h2"};
  const HttpQuestion again = http_question(wish_of(http));
  CHECK(again.host == http.host);
  CHECK(again.path == http.path);
  CHECK(again.tls);
  CHECK(again.port == 8443);
  CHECK(again.protocol == "h2");
  const TlsQuestion tls = tls_question(wish_of(TlsQuestion{"::1", 443, "x,port=1", {"h2", "http/1.1"}}));
  CHECK(tls.sni == "x,port=1");
  CHECK(tls.port == 443);
  CHECK(tls.alpn == std::vector<std::string>{"h2", "http/1.1"});
  const ProxyQuestion proxy = proxy_question(wish_of(ProxyQuestion{Kind::pod, "a", "b", "8080", "https", "/p"}));
  CHECK(proxy.kind == Kind::pod);
  CHECK(proxy.port == "8080");
  CHECK(proxy.scheme == "https");
}

TEST_CASE("a recorded DNS answer is read from a file") {
  ManifestSource source = files(pay_example);
  Facts facts = facts_with(source.recorded());
  (void)facts.dns("pay.example");
  REQUIRE(fetch_wanted(facts, source));
  const Seen<DnsAnswer> seen = facts.dns("pay.example");
  REQUIRE(seen.present());
  CHECK(seen->addresses() == std::vector<std::string>{"203.0.113.10", "203.0.113.11"});
  CHECK(seen->a.addresses.front().ttl == 300);
  CHECK(seen->aaaa.status == DnsStatus::empty);
  CHECK(seen->end() == "lb.example.net");
  CHECK(seen->hosts_entry == "127.0.0.1 pay.example");
  CHECK(format_time(seen->observed.at) == "2026-11-23T11:59:58Z");
  CHECK(seen->observed.vantage == "this machine");
  CHECK(seen.document()["status"]["server"].text() == "10.0.0.53:53");
}

TEST_CASE("files tell which probes they hold, and nothing else is asked of them") {
  const ManifestSource source = files(pay_example + "---\n" + handshake);
  CHECK(source.recorded() == std::set<ProbeKind>{ProbeKind::dns, ProbeKind::tls});
  CHECK(source.recorded_servers().empty());
  CHECK(files("apiVersion: v1\nkind: Service\nmetadata: {name: a}\n").recorded().empty());
  const ManifestSource asked = files(
      "apiVersion: gwdoctor.dev/v1\nkind: DNSObservation\nmetadata: {name: a}\nspec: {name: a.example, server: 10.0.0.53}\n"
      "status: {a: {status: timeout}, aaaa: {status: timeout}}\n");
  CHECK(asked.recorded_servers() == std::vector<std::string>{"10.0.0.53"});
}

TEST_CASE("what the files did not observe is unknown, not absent") {
  ManifestSource source = files(pay_example);
  Facts facts = facts_with(source.recorded());
  (void)facts.dns("other.example");
  REQUIRE(fetch_wanted(facts, source));
  const Seen<DnsAnswer> seen = facts.dns("other.example");
  CHECK(seen.unknown());
  CHECK(seen.why().reason == Why::Reason::not_collected);
}

TEST_CASE("an observation without a question is refused with its line") {
  const auto parsed = ManifestSource::parse({{"case.yaml", "apiVersion: gwdoctor.dev/v1\nkind: TCPObservation\n"}}, noon);
  REQUIRE_FALSE(parsed.has_value());
  CHECK(parsed.error().message.find("case.yaml:1:1: TCPObservation cannot be read") == 0);
  CHECK_FALSE(
      ManifestSource::parse({{"a", "apiVersion: gwdoctor.dev/v2\nkind: DNSObservation\nspec: {name: a}\n"}}, noon).has_value());
}

TEST_CASE("a recorded handshake is read, with whether its certificate covers the name") {
  ManifestSource source = files(handshake);
  Facts facts = facts_with(source.recorded());
  (void)facts.tls("203.0.113.10", 443, "pay.example");
  REQUIRE(fetch_wanted(facts, source));
  const Seen<TlsAnswer> seen = facts.tls("203.0.113.10", 443, "pay.example");
  REQUIRE(seen.present());
  CHECK(seen->served());
  CHECK(seen->connect == TcpResult::connected);
  CHECK(seen->matches_name);
  CHECK(seen->trust == Trust::untrusted);
  CHECK(seen->chain.front().fingerprint == "ab12");
  CHECK(seen->chain.front().covers("a.example"));
  CHECK_FALSE(seen->chain.front().covers("a.b.example"));
  CHECK_FALSE(seen->chain.front().covers("example"));
  CHECK_FALSE(seen->client_certificate_required());
}

TEST_CASE("a document of an answer gives the answer again") {
  TlsAnswer answer;
  answer.observed.at = noon;
  answer.connect = TcpResult::connected;
  answer.handshake = Handshake::alert;
  answer.alert = 116;
  answer.detail = "the server sent the alert certificate_required";
  answer.client_certificate_requested = true;
  answer.legacy_version = "TLSv1.1";
  const Wish wish = wish_of(TlsQuestion{"203.0.113.10", 8443, "pay.example", {"h2"}});
  const Value document = observation_document(wish, answer);
  REQUIRE(observed_wish(document).has_value());
  CHECK(*observed_wish(document) == wish);
  const auto again = decode<TlsAnswer>(document, Kind::pod);
  CHECK(again.port == 8443);
  CHECK(again.handshake == Handshake::alert);
  CHECK(again.alert_name == "certificate_required");
  CHECK(again.client_certificate_required());
  CHECK(again.legacy_version == "TLSv1.1");
}

TEST_CASE("a name does not exist where one family proves it and the other has nothing against it") {
  CHECK(answer_with(DnsStatus::nxdomain, DnsStatus::nxdomain).does_not_exist());
  CHECK(answer_with(DnsStatus::nxdomain, DnsStatus::timeout).does_not_exist());
  CHECK_FALSE(answer_with(DnsStatus::nxdomain, DnsStatus::ok).does_not_exist());
  CHECK_FALSE(answer_with(DnsStatus::nxdomain, DnsStatus::empty).does_not_exist());
  CHECK(answer_with(DnsStatus::empty, DnsStatus::empty).is_empty());
  CHECK(answer_with(DnsStatus::servfail, DnsStatus::timeout).failed());
  CHECK(answer_with(DnsStatus::empty, DnsStatus::servfail).failed());
  CHECK_FALSE(answer_with(DnsStatus::ok, DnsStatus::timeout).failed());
}

TEST_CASE("cookies and credentials are not kept, and of a body only the beginning") {
  HttpAnswer answer;
  answer.result = HttpResult::answered;
  answer.status = 200;
  answer.headers = {{"server", "nginx"}, {"set-cookie", "session=hunter2"}, {"authorization", "Bearer hunter2"}};
  answer.body = std::string(5000, 'x') + "hunter2";
  HttpQuestion question;
  question.address = "203.0.113.10";
  question.port = 80;
  const Value document = observation_document(wish_of(question), answer);
  CHECK(write_json(document).find("hunter2") == std::string::npos);
  const auto again = decode<HttpAnswer>(document, Kind::pod);
  CHECK(again.header("server") == "nginx");
  CHECK(again.headers.size() == 1);
  CHECK(again.body.size() == max_observed_body);
  CHECK(again.body_cut);
}

TEST_CASE("a body that is no text can still be written down") {
  HttpAnswer answer;
  answer.result = HttpResult::answered;
  answer.body = std::string("caf\xC3\xA9 \xFF\xFE\x80", 9) + std::string(2000, '\xC3');
  HttpQuestion question;
  question.address = "203.0.113.10";
  const Value document = observation_document(wish_of(question), answer);
  const Result<Value> parsed = parse_json(write_json(document));
  REQUIRE(parsed.has_value());
  CHECK((*parsed)["status"]["body"].text().starts_with("caf\xC3\xA9"));
}

TEST_CASE("a capture replays what was observed, and knows its probes") {
  ManifestSource source = files(pay_example);
  Facts facts = facts_with({ProbeKind::dns, ProbeKind::tls});
  (void)facts.dns("pay.example");
  (void)facts.tls("203.0.113.10", 443, "pay.example");
  REQUIRE(fetch_wanted(facts, source));
  Result<CaptureSource> capture = CaptureSource::parse(capture_document(facts), "run.json");
  REQUIRE(capture.has_value());
  CHECK(capture->recorded() == std::set<ProbeKind>{ProbeKind::dns, ProbeKind::tls});
  const std::vector<Answer> answers =
      capture->fill({wish_of(DnsQuestion{"pay.example", ""}), wish_of(DnsQuestion{"new.example", ""})});
  CHECK(answers[0].state == State::present);
  CHECK(decode<DnsAnswer>(answers[0].documents.at(0), Kind::pod).end() == "lb.example.net");
  CHECK(answers[1].why.reason == Why::Reason::not_collected);
  CHECK(capture->refs(Kind::pod).empty());
}

TEST_CASE("reading an observation counts as reading no kind") {
  ManifestSource source = files(pay_example);
  Facts facts = facts_with(source.recorded());
  (void)facts.dns("pay.example");
  fetch_wanted(facts, source);
  facts.reset_reads();
  CHECK(facts.dns("pay.example").present());
  CHECK(facts.reads().empty());
}

TEST_CASE("no list of pods answers for an observation") {
  Facts facts = facts_with({ProbeKind::tcp});
  Answer pods;
  pods.state = State::present;
  facts.store({Wish::What::list, Kind::pod, {}, {}, {}, {}}, pods);
  CHECK(facts.tcp("203.0.113.10", 443).unknown());
  CHECK(facts.take_wanted().size() == 1);
}

TEST_CASE("an observation that still runs stays wanted") {
  class Slow final : public Source {
   public:
    std::vector<Answer> fill(const std::vector<Wish>& wishes) override {
      std::vector<Answer> out(wishes.size());
      for (Answer& answer : out) answer.state = State::wanted;
      return out;
    }
    [[nodiscard]] Time now() const override { return noon; }
  };
  Slow source;
  Facts facts = facts_with({ProbeKind::tcp});
  (void)facts.tcp("203.0.113.10", 443);
  (void)facts.service("a", "b");
  CHECK(fetch_wanted(facts, source));
  (void)facts.tcp("203.0.113.10", 443);
  (void)facts.service("a", "b");
  const std::vector<Wish> wanted = facts.take_wanted();
  REQUIRE(wanted.size() == 1);
  CHECK(wanted.front().what == Wish::What::tcp);
}

TEST_CASE("a change to an entrance makes old what was observed there, a change to a route does not") {
  Facts facts = facts_with({ProbeKind::dns, ProbeKind::tcp, ProbeKind::tls});
  TcpAnswer tcp;
  tcp.result = TcpResult::refused;
  const Wish wish = wish_of(TcpQuestion{"203.0.113.10", 443});
  facts.store(wish, observation(wish, tcp));
  const auto trial = [&](const std::string& api_version, const std::string& kind, Value merge) {
    Patch patch{{api_version, kind, "a", "b", {}}, std::move(merge)};
    return facts.patched({patch});
  };
  Value spec{Value::Object{}};
  spec.set_path("spec.listeners", Value::Array{});
  const Facts gateway = trial("gateway.networking.k8s.io/v1", "Gateway", spec);
  CHECK(gateway.tcp("203.0.113.10", 443).unknown());
  CHECK(gateway.tcp("203.0.113.10", 443).why().reason == Why::Reason::pending);
  CHECK(gateway.tls("203.0.113.10", 443, "a.example").why().reason == Why::Reason::pending);
  (void)gateway.dns("pay.example");
  CHECK(gateway.take_wanted().size() == 1);
  const Facts route = trial("gateway.networking.k8s.io/v1", "HTTPRoute", spec);
  CHECK(route.tcp("203.0.113.10", 443).present());
  const Facts secret = trial("v1", "Secret", spec);
  CHECK(secret.tcp("203.0.113.10", 443).present());
  CHECK(secret.tls("203.0.113.10", 443, "a.example").why().reason == Why::Reason::pending);
}

TEST_CASE("alerts have their names, and unknown numbers stay numbers") {
  CHECK(alert_text(40) == "handshake_failure");
  CHECK(alert_text(112) == "unrecognized_name");
  CHECK(alert_text(116) == "certificate_required");
  CHECK(alert_text(200) == "alert 200");
}

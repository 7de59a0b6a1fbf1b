// Runs that are written down and run again: the command line, the source and what the checks go by.
#include "cmd/session.h"

#include <doctest/doctest.h>

#include "cmd/parse.h"
#include "kube/capture.h"
#include "kube/json.h"
#include "report/diagnose.h"
#include "tests/unit/temporary.h"

using namespace gwdoctor;

namespace {

const std::string world =
    std::string(GWDOCTOR_SOURCE_DIR) + "/checks/dns-private-address/cases/private-load-balancer-meant-for-all.yaml";

struct Run {
  Session session;
  Facts facts;
  std::vector<std::string> findings;  // code and severity
};

Run run(std::vector<std::string> flags) {
  flags.insert(flags.begin(), {"route", "payments-api", "-n", "payments"});
  const Result<Options> options = parse_command_line(flags);
  REQUIRE_MESSAGE(options.has_value(), (options ? std::string() : options.error().message));
  Result<Session> session = open_session(*options);
  REQUIRE_MESSAGE(session.has_value(), (session ? std::string() : session.error().message));
  Run out{std::move(*session), Facts(Time{}), {}};
  out.facts = Facts(out.session.source->now());
  out.facts.set_settings(out.session.settings);
  const Diagnosed diagnosed = diagnose({Kind::http_route, "payments", "payments-api"}, out.facts, *out.session.source, {});
  REQUIRE(diagnosed.target == State::present);
  for (const Argued& argued : diagnosed.diagnosis.findings)
    out.findings.push_back(fmt::format("{} {}", argued.finding.check->code, severity_name(argued.finding.severity)));
  return out;
}

bool holds(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

}  // namespace

TEST_CASE("a run is judged again by what it was judged by, unless the command line says otherwise") {
  const TemporaryDirectory folder;
  const std::string file = folder.path("run.json");
  const Run first = run({"--from", world, "--public", "--expiry-warning", "5d"});
  CHECK(holds(first.findings, "dns-private-address error"));
  REQUIRE(write_capture(first.facts, file).has_value());

  const Run again = run({"--from", file});
  CHECK(again.findings == first.findings);
  CHECK(again.session.settings.public_view);
  CHECK(again.session.settings.expiry_warning == Seconds(5 * 86400));
  CHECK(again.session.settings.probes == first.session.settings.probes);

  const Run otherwise = run({"--from", file, "--public=false", "--expiry-warning", "3d"});
  CHECK_FALSE(holds(otherwise.findings, "dns-private-address error"));
  CHECK(otherwise.session.settings.expiry_warning == Seconds(3 * 86400));
}

TEST_CASE("a run without --public is no other one for being replayed with it") {
  const TemporaryDirectory folder;
  const std::string file = folder.path("run.json");
  const Run first = run({"--from", world});
  CHECK_FALSE(holds(first.findings, "dns-private-address error"));
  REQUIRE(write_capture(first.facts, file).has_value());
  CHECK(run({"--from", file}).findings == first.findings);
  CHECK(holds(run({"--from", file, "--public"}).findings, "dns-private-address error"));
}

TEST_CASE("of a CA file a capture keeps the name alone, and a replay opens none") {
  const TemporaryDirectory folder;
  Facts facts(*parse_time("2026-11-23T12:00:00Z"));
  Settings settings;
  settings.ca_file = folder.path("private/corp-root.pem");
  settings.dns_servers = {"10.0.0.54", "10.0.0.53"};
  settings.probe_path = "/healthz";
  facts.set_settings(settings);
  const std::string text = write_json(capture_document(facts));
  CHECK(text.find(folder.path()) == std::string::npos);
  const Result<Options> options = parse_command_line({"scan", "--from", folder.write("run.json", text)});
  REQUIRE(options.has_value());
  const Result<Session> session = open_session(*options);
  REQUIRE(session.has_value());
  CHECK(session->settings.ca_file == "corp-root.pem");
  CHECK(session->settings.dns_servers == settings.dns_servers);
  CHECK(session->settings.probe_path == "/healthz");
  CHECK_FALSE(session->settings.public_view);
  const Result<Options> other = parse_command_line({"scan", "--from", folder.path("run.json"), "--dns-server", "10.0.0.55"});
  REQUIRE(other.has_value());
  CHECK(open_session(*other)->settings.dns_servers == std::vector<std::string>{"10.0.0.55"});
}

TEST_CASE("settings of a capture that are none are passed over") {
  for (const char* settings :
       {"7", "[]", R"({"public": "yes", "expiryWarning": -5, "probePath": "x", "dnsServers": {}, "caFile": 1})"}) {
    CAPTURE(settings);
    const TemporaryDirectory folder;
    const std::string file = folder.write("run.json", fmt::format(R"({{"apiVersion": "gwdoctor.dev/v1", "kind": "Capture",
      "takenAt": "2026-11-23T12:00:00Z", "settings": {}, "facts": []}})",
                                                                  settings));
    const Result<Options> options = parse_command_line({"scan", "--from", file});
    REQUIRE(options.has_value());
    const Result<Session> session = open_session(*options);
    REQUIRE(session.has_value());
    CHECK_FALSE(session->settings.public_view);
    CHECK(session->settings.expiry_warning == Seconds(21 * 86400));
    CHECK(session->settings.probe_path == "/");
    CHECK(session->settings.dns_servers.empty());
    CHECK(session->settings.ca_file.empty());
  }
}

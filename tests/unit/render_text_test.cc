#include "report/text.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "diagnosis_help.h"
#include "golden.h"
#include "report/sanitize.h"

using namespace gwdoctor;

namespace {

constexpr Style plain{.color = false, .utf8 = true, .width = 80, .detail = Detail::normal};

Style with(Detail detail) {
  Style style = plain;
  style.detail = detail;
  return style;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  std::string line;
  for (const char letter : text) {
    if (letter == '\n') {
      out.push_back(std::exchange(line, ""));
    } else {
      line += letter;
    }
  }
  CHECK_MESSAGE(line.empty(), "the report ends with a newline");
  return out;
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

void check_width(const std::string& text, std::size_t width) {
  bool in_document = false;  // of a command over several lines
  for (const std::string& line : lines_of(text)) {
    if (has(line, "<<'EOF'")) in_document = true;
    const bool is_command = in_document || line.rfind("    kubectl ", 0) == 0;
    if (line == "EOF") in_document = false;
    CHECK_MESSAGE((is_command || display_width(line) <= width), line);
    CHECK_MESSAGE((line.empty() || line.back() != ' '), line);
  }
}

std::vector<Diagnosis> several() {
  Diagnosis second = sample::broken();
  second.target.name = "payments-admin";
  Diagnosis lone = sample::healthy();
  lone.target.name = "basket";
  lone.verdict = Verdict::degraded;
  Argued part = sample::wrong_port();
  part.finding.object = lone.target;
  part.finding.message = "port 80 is not offered by Service shop/basket, which has 8080 (http)";
  part.breaks = "about 30 % of requests to / (weight 3 of 10)";
  lone.findings = {part};
  return {sample::healthy(), sample::broken(), second, sample::unknown(), lone};
}

}  // namespace

TEST_CASE("two causes, a risk and a missing fact") {
  const std::string text = render_text(sample::broken(), plain);
  check_golden("tests/goldens/text/broken.golden", text);
  check_width(text, 80);
}

TEST_CASE("two causes in a wide report") {
  check_golden("tests/goldens/text/broken-wide.golden", render_text(sample::broken(), with(Detail::wide)));
}

TEST_CASE("two causes for a terminal without UTF-8") {
  Style style = plain;
  style.utf8 = false;
  const std::string text = render_text(sample::broken(), style);
  check_golden("tests/goldens/text/broken-ascii.golden", text);
  CHECK(std::all_of(text.begin(), text.end(), [](char letter) { return static_cast<unsigned char>(letter) < 0x80; }));
}

TEST_CASE("two causes in colour") {
  Style style = plain;
  style.color = true;
  const std::string text = render_text(sample::broken(), style);
  check_golden("tests/goldens/text/broken-colour.golden", text);
  CHECK(sanitize(text) == sanitize(render_text(sample::broken(), plain)));
}

TEST_CASE("a quiet report holds the answer and the causes only") {
  const std::string text = render_text(sample::broken(), with(Detail::quiet));
  check_golden("tests/goldens/text/broken-quiet.golden", text);
  CHECK_FALSE(has(text, "tls-certificate-expiring"));
  CHECK_FALSE(has(text, "Together"));
}

TEST_CASE("a healthy target") { check_golden("tests/goldens/text/healthy.golden", render_text(sample::healthy(), plain)); }

TEST_CASE("a target about which facts are missing, with a suppressed finding") {
  check_golden("tests/goldens/text/unknown.golden", render_text(sample::unknown(), plain));
}

TEST_CASE("hostile strings reach no terminal and break no line") {
  const std::string text = render_text(sample::hostile(), plain);
  check_golden("tests/goldens/text/hostile.golden", text);
  check_width(text, 80);
  CHECK(is_safe_to_copy(text));
  for (const std::string& line : lines_of(text)) CHECK_MESSAGE(line.rfind("HEALTHY", 0) != 0, line);
  CHECK_MESSAGE(text.size() < 12000, "a message of 10 kB is cut");
}

TEST_CASE("several targets: the worst first, each cause once") {
  const std::string text = render_text(several(), plain);
  check_golden("tests/goldens/text/list.golden", text);
  check_width(text, 80);
}

TEST_CASE("several targets on a wide terminal") {
  Style style = plain;
  style.width = 120;
  check_golden("tests/goldens/text/list-120.golden", render_text(several(), style));
}

TEST_CASE("a quiet list leaves out healthy targets and keeps the counts") {
  const std::string text = render_text(several(), with(Detail::quiet));
  CHECK_FALSE(has(text, "shop/shop"));
  CHECK(has(text, "5 targets: 2 broken, 1 degraded, 1 unknown, 1 healthy"));
}

TEST_CASE("no target at all") { CHECK(render_text(std::vector<Diagnosis>{}, plain) == "0 targets\n"); }

TEST_CASE("a long list of healthy targets is folded, except in a wide report") {
  std::vector<Diagnosis> many(60, sample::healthy());
  const std::string text = render_text(many, plain);
  CHECK(has(text, "and 20 more that are healthy (-o wide lists them)"));
  CHECK_FALSE(has(render_text(many, with(Detail::wide)), "more that are healthy"));
}

TEST_CASE("a summary that names the target already is not given the name again") {
  Diagnosis diagnosis = sample::healthy();
  diagnosis.summary = "HTTPRoute shop/shop: all requests work";
  CHECK(lines_of(render_text(diagnosis, plain)).front() == "HEALTHY  HTTPRoute shop/shop: all requests work");
}

TEST_CASE("a consequence whose cause is not in the list is printed for itself") {
  Diagnosis diagnosis = sample::broken();
  diagnosis.findings.erase(diagnosis.findings.begin());
  const std::string text = render_text(diagnosis, plain);
  CHECK(has(text, " 4  error  route-refs-unresolved"));
}

TEST_CASE("findings that explain each other in a circle are all printed") {
  Diagnosis diagnosis = sample::broken();
  for (std::size_t at = 0; at < 2; ++at) {
    diagnosis.findings[at].role = Role::consequence;
    diagnosis.findings[at].explained_by = at == 0 ? 2 : 1;
  }
  const std::string text = render_text(diagnosis, plain);
  CHECK(has(text, " 1  error  service-port-not-found"));
  CHECK(has(text, " 2  error  service-selector-matches-none"));
}

TEST_CASE("what is explained by what is explained stands under the root") {
  Diagnosis diagnosis = sample::broken();
  diagnosis.findings[4].explained_by = 4;
  const std::string text = render_text(diagnosis, plain);
  CHECK(text.find("explains  route-refs-unresolved") < text.find("endpoints-none"));
  CHECK(text.find("endpoints-none") < text.find(" 2  error"));
}

TEST_CASE("many consequences are folded to a number") {
  Diagnosis diagnosis = sample::broken();
  for (int rank = 6; rank < 16; ++rank) {
    Argued one = sample::argued(sample::endpoints_none, sample::service, "", "no endpoints", rank, Role::consequence);
    one.explained_by = 2;
    diagnosis.findings.push_back(one);
  }
  CHECK(has(render_text(diagnosis, plain), "and 5 more (-o wide shows all)"));
  CHECK_FALSE(has(render_text(diagnosis, with(Detail::wide)), "more (-o wide"));
}

TEST_CASE("a command of several lines starts at the first column, so that its here-document ends") {
  Diagnosis diagnosis = sample::broken();
  diagnosis.findings[0].finding.fix->commands = {"kubectl apply -f - <<'EOF'\nkind: Service\nEOF"};
  CHECK(has(render_text(diagnosis, plain), "\nkubectl apply -f - <<'EOF'\nkind: Service\nEOF\n"));
}

TEST_CASE("a command is never wrapped, cut or changed") {
  Diagnosis diagnosis = sample::broken();
  const std::string command = "kubectl label pod/x a='" + std::string(5000, 'b') + "  c'";
  diagnosis.findings[0].finding.fix->commands = {command};
  CHECK(has(render_text(diagnosis, plain), "\n    " + command + "\n"));
}

TEST_CASE("a field that is not there is said to be not set") {
  Diagnosis diagnosis = sample::broken();
  diagnosis.findings[0].finding.evidence = {{sample::route, "spec.parentRefs", Value()}};
  CHECK(has(render_text(diagnosis, plain), "saw       spec.parentRefs is not set"));
}

TEST_CASE("a change after the facts were taken is told by its time") {
  Diagnosis diagnosis = sample::broken();
  diagnosis.findings[0].changed = Changed{"helm", sample::at("2026-11-23T11:00:00Z")};
  CHECK(has(render_text(diagnosis, plain), "changed   at 2026-11-23T11:00:00Z by helm"));
  diagnosis.findings[0].changed = Changed{"", diagnosis.taken_at};
  CHECK(has(render_text(diagnosis, plain), "changed   just now\n"));
}

TEST_CASE("the outcome of a trial is told as it is") {
  const auto proof = [](std::optional<Trial> trial, Role role = Role::cause) {
    Diagnosis diagnosis = sample::broken();
    diagnosis.findings[0].trial = trial;
    diagnosis.findings[0].role = role;
    return render_text(diagnosis, plain);
  };
  CHECK(has(proof(Trial{true, Restores::all}), "verified: with it all requests work"));
  CHECK(has(proof(Trial{true, Restores::some}), "verified: with it some of the requests work"));
  CHECK(has(proof(Trial{true, Restores::none}), "verified: it mends this, but no request works by it alone"));
  CHECK(has(proof(Trial{true, Restores::all}, Role::risk), "verified: with it the risk is gone"));
  CHECK(has(proof(Trial{false, Restores::none}), "not proven: something of this remains with it"));
  CHECK(has(proof(Trial{std::nullopt, Restores::none}), "not proven: facts are missing to tell"));
  CHECK(has(proof(std::nullopt), "not proven: it cannot be tried from here"));
}

TEST_CASE("all fixes together are told of where there is more than one") {
  Diagnosis diagnosis = sample::broken();
  CHECK(has(render_text(diagnosis, plain), "Together: with fixes 1 and 2 all requests work, with a risk left\n"));
  diagnosis.together = Together{{1, 2, 3}, Verdict::healthy};
  CHECK(has(render_text(diagnosis, plain), "Together: with fixes 1, 2 and 3 all requests work\n"));
  diagnosis.together = Together{{1}, Verdict::healthy};
  CHECK_FALSE(has(render_text(diagnosis, plain), "Together"));
}

TEST_CASE("a finding without a fix says where to read on") {
  Diagnosis diagnosis = sample::broken();
  diagnosis.findings[0].finding.fix.reset();
  CHECK(has(render_text(diagnosis, plain), "kubectl gwdoctor explain service-port-not-found"));
}

TEST_CASE("advice stands last, as a note") {
  Diagnosis diagnosis = sample::broken();
  diagnosis.findings.push_back(sample::argued(sample::controller_retired, sample::gateway, "",
                                              "controller ingress-nginx is retired since 2026-03", 6, Role::risk));
  const std::string text = render_text(diagnosis, plain);
  CHECK(text.find("\nNote\n") > text.find("\nRisk\n"));
  CHECK(text.find("controller-retired") > text.find("\nNote\n"));
}

TEST_CASE("an enormous value is shown by its start") {
  Diagnosis diagnosis = sample::broken();
  Value enormous;
  for (int at = 0; at < 200000; ++at) enormous.push_back(at);
  Value deep = 1;
  for (int at = 0; at < 90; ++at) deep = Value(Value::Array{deep});
  diagnosis.findings[0].finding.evidence = {{sample::route, "spec", enormous}, {sample::route, "deep", deep}};
  const std::string text = render_text(diagnosis, plain);
  CHECK(has(text, "spec = [0, 1, 2,"));
  CHECK(has(text, "…"));
  CHECK(text.size() < 12000);
}

TEST_CASE("layers that carry nothing are left out") {
  const std::string text = render_text(sample::broken(), plain);
  CHECK_FALSE(has(text, " dns "));
  CHECK(has(text, "loadbalancer"));
}

TEST_CASE("the narrowest width and the widest hold") {
  for (const std::size_t width : {std::size_t{60}, std::size_t{120}}) {
    Style style = plain;
    style.width = width;
    check_width(render_text(sample::broken(), style), width);
    check_width(render_text(several(), style), width);
  }
}

#include <doctest/doctest.h>

#include <algorithm>

#include "diagnosis_help.h"
#include "golden.h"
#include "kube/json.h"
#include "report/json.h"
#include "report/sanitize.h"

using namespace gwdoctor;

namespace {

std::vector<std::string> keys(const Value& value) {
  std::vector<std::string> out;
  for (const auto& [key, member] : value.members()) out.push_back(key);
  return out;
}

bool is_ascii_controls_free(const std::string& text) {
  return std::none_of(text.begin(), text.end(), [](char letter) {
    const auto byte = static_cast<unsigned char>(letter);
    return (byte < 0x20 && letter != '\n') || byte == 0x7f;
  });
}

}  // namespace

TEST_CASE("the members of a diagnosis stand in the order of the contract") {
  const Value value = diagnosis_value(sample::broken());
  CHECK(keys(value) == std::vector<std::string>{"apiVersion", "kind", "target", "verdict", "summary", "takenAt", "chain",
                                                "findings", "together", "unknowns", "stats"});
  CHECK(keys(value["findings"][0u]) == std::vector<std::string>{"rank", "code", "severity", "role", "layer", "object", "path",
                                                                "message", "evidence", "affects", "changed", "fix", "certainty",
                                                                "breaks", "rankReason"});
  CHECK(keys(value["findings"][3u]) == std::vector<std::string>{"rank", "code", "severity", "role", "layer", "object", "path",
                                                                "message", "evidence", "affects", "explainedBy", "certainty"});
  CHECK(keys(value["findings"][0u]["fix"]) == std::vector<std::string>{"summary", "commands", "patch", "verified", "restores"});
  CHECK(keys(value["unknowns"][0u]) == std::vector<std::string>{"fact", "reason", "needs", "message"});
}

TEST_CASE("the goldens of the contract, which the schema's validator reads too") {
  check_golden("tests/goldens/json/broken.json", render_json(diagnosis_value(sample::broken())));
  check_golden("tests/goldens/json/unknown.json", render_json(diagnosis_value(sample::unknown())));
  Diagnosis hostile = sample::hostile();
  hostile.findings[0].finding.message = std::string(sample::hostile_text);
  check_golden("tests/goldens/json/hostile.json", render_json(diagnosis_value(hostile)));
  check_golden("tests/goldens/json/list.json",
               render_json(diagnosis_list_value({sample::healthy(), sample::broken(), sample::unknown()})));
  check_golden("tests/goldens/json/broken.yaml", render_yaml(diagnosis_value(sample::broken())));
}

TEST_CASE("what is absent is left out") {
  Diagnosis diagnosis = sample::healthy();
  const Value value = diagnosis_value(diagnosis);
  for (const char* key : {"together", "suppressed", "acceptedUnknowns"}) CHECK(value.find(key) == nullptr);
  CHECK(value["findings"].is_array());
  CHECK(value["unknowns"].is_array());
  CHECK(value["target"].find("section") == nullptr);
  CHECK(ref_value(ref(Kind::gateway_class, "", "contour")).find("namespace") == nullptr);
}

TEST_CASE("a fix that was not tried has verified null and restores nothing") {
  Diagnosis diagnosis = sample::broken();
  diagnosis.findings[0].trial.reset();
  diagnosis.findings[1].trial = Trial{std::nullopt, Restores::some};
  diagnosis.findings[2].trial.reset();
  const Value value = diagnosis_value(diagnosis);
  for (const std::size_t at : {0u, 1u, 2u}) {
    const Value& fix = value["findings"][at]["fix"];
    REQUIRE(fix.find("verified") != nullptr);
    CHECK(fix["verified"].is_null());
    CHECK(fix.find("restores") == nullptr);
  }
}

TEST_CASE("a trial that failed says so and how much works all the same") {
  Diagnosis diagnosis = sample::broken();
  diagnosis.findings[0].trial = Trial{false, Restores::none};
  const Value fix = diagnosis_value(diagnosis)["findings"][0u]["fix"];
  CHECK(fix["verified"].boolean() == false);
  CHECK(fix["restores"].text() == "none");
}

TEST_CASE("the class layer is called class") {
  Diagnosis diagnosis = sample::healthy();
  diagnosis.chain = {{Layer::klass, LayerState::ok, {}, ""}};
  CHECK(diagnosis_value(diagnosis)["chain"][0u]["layer"].text() == "class");
}

TEST_CASE("evidence of a field that is not there keeps its null") {
  Diagnosis diagnosis = sample::broken();
  diagnosis.findings[0].finding.evidence = {{sample::route, "spec.parentRefs", Value()}};
  const Value value = diagnosis_value(diagnosis);
  const Value& evidence = value["findings"][0u]["evidence"][0u];
  REQUIRE(evidence.find("value") != nullptr);
  CHECK(evidence["value"].is_null());
}

TEST_CASE("a list has its worst item's verdict") {
  const auto worst = [](std::initializer_list<Verdict> verdicts) {
    std::vector<Diagnosis> diagnoses;
    for (const Verdict verdict : verdicts) {
      diagnoses.push_back(sample::healthy());
      diagnoses.back().verdict = verdict;
    }
    return diagnosis_list_value(diagnoses)["verdict"].text();
  };
  CHECK(worst({}) == "healthy");
  CHECK(worst({Verdict::healthy, Verdict::at_risk}) == "at-risk");
  CHECK(worst({Verdict::at_risk, Verdict::unknown, Verdict::healthy}) == "unknown");
  CHECK(worst({Verdict::degraded, Verdict::unknown}) == "degraded");
  CHECK(worst({Verdict::broken, Verdict::degraded}) == "broken");
}

TEST_CASE("hostile strings are kept as they are, and escaped") {
  const Value value = diagnosis_value(sample::hostile());
  const std::string text = render_json(value);
  CHECK(is_ascii_controls_free(text));
  CHECK(is_safe_to_copy(text));
  CHECK(text.find("\\u202e") != std::string::npos);
  CHECK(text.find("\\u009b") != std::string::npos);
  const Result<Value> back = parse_json(text);
  REQUIRE(back.has_value());
  const std::string message = (*back)["findings"][0u]["message"].text();
  CHECK(message.find("\x1b[2J") != std::string::npos);
  CHECK(message.find("\xe2\x80\xae") != std::string::npos);
  CHECK(message.size() > 13000);
}

TEST_CASE("an invisible character beyond the basic plane is escaped as two surrogates") {
  const std::string text = render_json(Value("a\xf3\xa0\x81\x81z"));
  CHECK(text == "\"a\\udb40\\udc41z\"\n");
  CHECK(parse_json(text)->text() == "a\xf3\xa0\x81\x81z");
}

TEST_CASE("YAML holds no character that a terminal acts on or that hides text") {
  const std::string hostile = render_yaml(diagnosis_value(sample::hostile()));
  CHECK(is_safe_to_copy(hostile));
  CHECK(hostile.find("202e") != std::string::npos);
  CHECK(render_yaml(diagnosis_value(sample::broken())).rfind("apiVersion: gwdoctor.dev/v1\nkind: Diagnosis\n", 0) == 0);
}

TEST_CASE("the names of the enumerations are those of the contract") {
  for (const auto layer :
       {Layer::dns, Layer::loadbalancer, Layer::controller, Layer::klass, Layer::ingress, Layer::gateway, Layer::route,
        Layer::grant, Layer::service, Layer::endpoints, Layer::pods, Layer::tls, Layer::policy}) {
    CHECK_FALSE(layer_name(layer).empty());
  }
  CHECK(verdict_name(Verdict::at_risk) == "at-risk");
  CHECK(role_name(Role::consequence) == "consequence");
  CHECK(restores_name(Restores::some) == "some");
  CHECK(layer_state_name(LayerState::skipped) == "skipped");
  CHECK(severity_name(Severity::warning) == "warning");
  CHECK(certainty_name(Certainty::likely) == "likely");
}

TEST_CASE("an object that a backend names without a kind still has one in the contract") {
  CHECK(ref_value(Ref{"", "", "shop", "x", ""})["kind"].text() == "Unknown");
}

// What is too large or too odd to be looked at whole.

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

#include "chain/limits.h"
#include "checks/fix.h"
#include "cmd/parse.h"
#include "kube/manifest_source.h"
#include "report/diagnose.h"
#include "tests/unit/temporary.h"

using namespace gwdoctor;

namespace {

std::string ingress_with_paths(std::size_t count) {
  std::string text =
      "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: i}\nspec:\n  rules:\n  - http:\n      paths:\n";
  for (std::size_t at = 0; at < count; ++at) {
    text += "      - {path: /" + std::to_string(at) + ", pathType: Prefix, backend: {service: {name: a, port: {number: 80}}}}\n";
  }
  return text;
}

Diagnosis diagnosis_of(const std::string& manifest) {
  Result<ManifestSource> source = ManifestSource::parse({{"m.yaml", manifest}}, Time());
  REQUIRE(source.has_value());
  source->collect_all();
  Facts facts{Time()};
  return diagnose({Kind::ingress, "default", "i"}, facts, *source, {}).diagnosis;
}

bool is_cut(const Diagnosis& diagnosis) {
  return std::any_of(diagnosis.unknowns.begin(), diagnosis.unknowns.end(), [](const Unknown& unknown) {
    return unknown.why.message.find("only the first were looked at") != std::string::npos;
  });
}

}  // namespace

TEST_CASE("a path that is too large to look at whole is said to be cut off") {
  CHECK(is_cut(diagnosis_of(ingress_with_paths(max_streams + 1))));
  CHECK_FALSE(is_cut(diagnosis_of(ingress_with_paths(10))));
}

TEST_CASE("a change inside a very long list is a command without a patch, which would hold the whole list") {
  Value port{Value::Object{}};
  port.set("port", 80);
  Value document{Value::Object{}};
  document.set_path("spec.ports", Value::Array(1000, port));
  const Ref service = ref(Kind::service, "shop", "cart");
  const auto set = set_field(service, document, "spec.ports[999].port", 81, "say 81");
  REQUIRE(set.has_value());
  CHECK_FALSE(set->patch.has_value());
  CHECK(set->commands.front().find("/spec/ports/999/port") != std::string::npos);
  const auto removed = remove_field(service, document, "spec.ports[999]", "leave it out");
  REQUIRE(removed.has_value());
  CHECK_FALSE(removed->patch.has_value());
  CHECK_FALSE(remove_field(service, document, "spec.ports[1000]", "leave it out").has_value());
}

TEST_CASE("a short flag takes its value after an equals sign, as kubectl's do") {
  const Result<Options> options = parse_command_line({"route", "x", "-n=payments", "-o=json"});
  REQUIRE(options.has_value());
  CHECK(options->connection.ns == "payments");
  CHECK(options->format == Format::json);
}

TEST_CASE("a manifest that is a link to itself or to nothing is an error, a folder that is one is none") {
  const TemporaryDirectory folder;
  const std::string file = folder.write("a.yaml", "kind: List\nitems: []\n");
  std::filesystem::create_symlink("self", folder.path("self"));
  CHECK(read_manifest_files(folder.path()).has_value());
  for (const char* target : {"loop.yaml", "nowhere.yaml"}) {
    std::filesystem::create_symlink(target, folder.path("loop.yaml"));
    CHECK_FALSE(read_manifest_files(folder.path()).has_value());
    std::filesystem::remove(folder.path("loop.yaml"));
  }
}

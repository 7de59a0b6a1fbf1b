#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>

#include "kube/json.h"
#include "kube/yaml.h"

using namespace gwdoctor;

namespace {

Value one(std::string_view text) {
  auto read = parse_yaml(text, "m.yaml");
  if (!read) FAIL(read.error().message);
  REQUIRE(read->size() == 1);
  return std::move(read->front());
}

}  // namespace

TEST_CASE("YAML is written as kubectl writes it") {
  const Value value = *parse_json(R"({"kind": "Service", "metadata": {"labels": {"app": "a b"}, "annotations": {}},
    "spec": {"ports": [{"name": "http", "port": 80, "x": null}, {"port": 81}], "list": [[1, 2], [], "x"], "on": true, "f": 1.0},
    "script": "a\n  b\n", "tail": "a\nb", "keep": "a\n\n"})");
  CHECK(write_yaml(value) ==
        "kind: Service\nmetadata:\n  labels:\n    app: a b\n  annotations: {}\nspec:\n  ports:\n  - name: http\n    port: 80\n"
        "    x: null\n  - port: 81\n  list:\n  - - 1\n    - 2\n  - []\n  - x\n  \"on\": true\n  f: 1.0\n"
        "script: |\n  a\n    b\ntail: |-\n  a\n  b\nkeep: |+\n  a\n\n");
}

TEST_CASE("a string that YAML readers would misread is quoted") {
  for (const char* text : {"",
                           "~",
                           "null",
                           "yes",
                           "No",
                           "ON",
                           "y",
                           "true",
                           "8080",
                           "0x1F",
                           "0o17",
                           "1_000",
                           "1e3",
                           ".5",
                           "-.inf",
                           ".NaN",
                           "12:30:45",
                           "2026-11-23",
                           "2026-11-23T10:46:12Z",
                           "<<",
                           "=",
                           "- a",
                           "a: b",
                           "a #b",
                           "#a",
                           "&a",
                           "*a",
                           "!a",
                           "|",
                           ">",
                           "'a'",
                           "\"a\"",
                           "%a",
                           "@a",
                           "`a`",
                           "[a]",
                           "{a}",
                           ",a",
                           "? a",
                           "a:",
                           " a",
                           "a ",
                           "a\tb",
                           "-",
                           "---",
                           "1.",
                           "+1",
                           "1 2",
                           "0b1",
                           "\xc2\x85",
                           "\xe2\x80\xa8",
                           "\xef\xbb\xbf",
                           "\x1b[31m",
                           "\r"}) {
    CAPTURE(text);
    const std::string written = write_yaml(Value(text));
    CHECK(written.front() == '"');
    CHECK(one("k: " + written)["k"].string() == text);
  }
}

TEST_CASE("a string that no reader misreads stays plain") {
  for (const char* text : {"a", "a b", "app.kubernetes.io/name", "10.0.0.1", "registry.example:5000/app@sha256:ab", "v1.2.3", "é",
                           "a-b", "100m", "http://x/?a=b&c=*", "1.2.3", "8Gi", "a'b\"c"}) {
    CAPTURE(text);
    CHECK(write_yaml(Value(text)) == std::string(text) + "\n");
  }
}

TEST_CASE("whatever is written reads back the same") {
  const char* strings[] = {"",          "a",        "yes",    "a\nb",    "a\nb\n", "\n",     "\n\n",   " a\nb",
                           "a\n b\n\n", "a\n\n\nb", "\ta\nb", "a\tb\nc", "a \nb ", "#a\n#b", "---\na", "a\n---\nb\n...\n",
                           "a: b\n- c", "x\r\ny",   "\x01",   "\x7f",    "é\nü",   "\\\n\"", "a\n \n", "- ",
                           ": ",        "a\n\n "};
  Value all{Value::Object{}};
  for (const char* text : strings) {
    all.set(text, text);
    all.set("nested " + std::string(text),
            Value(Value::Array{text, Value(Value::Array{text, text}), Value(Value::Object{{text, text}})}));
  }
  all.set(std::string(5000, 'k'), Value(Value::Array{1, 2}));
  all.set(std::string(5001, 'k'), Value(Value::Object{{std::string(3000, 'x'), "a\nb"}, {"y", nullptr}}));
  all.set(std::string(5002, '\n'), "x");
  all.set("reals", Value(Value::Array{0.1, 1e20, 1e-7, -2.5, 3.0, INFINITY, 1e300}));
  all.set("integers", Value(Value::Array{0, std::int64_t{INT64_MAX}, std::int64_t{INT64_MIN}}));
  all.set("others", Value(Value::Array{nullptr, true, false, Value(Value::Array{}), Value(Value::Object{})}));
  const Value read = one(write_yaml(all));
  CHECK(read == all);
  CHECK(write_yaml(read) == write_yaml(all));
  CHECK(one(write_yaml(Value("a\nb"))).text() == "a\nb");
  CHECK(one(write_yaml(Value("a\xff"))).text() == "a\xef\xbf\xbd");
}

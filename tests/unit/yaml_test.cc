#include "kube/yaml.h"

#include <doctest/doctest.h>

#include <cmath>

#include "kube/json.h"

using namespace gwdoctor;

namespace {

std::vector<Value> documents(std::string_view text) {
  auto read = parse_yaml(text, "m.yaml");
  if (!read) FAIL(read.error().message);
  return std::move(*read);
}

Value one(std::string_view text) {
  std::vector<Value> read = documents(text);
  REQUIRE(read.size() == 1);
  return std::move(read.front());
}

std::string error_of(std::string_view text, const YamlLimits& limits = {}) {
  const auto read = parse_yaml(text, "m.yaml", limits);
  REQUIRE_FALSE(read);
  CHECK(read.error().kind == ErrorKind::input);
  return read.error().message;
}

std::string json_of(std::string_view text) { return write_json(one(text)); }

std::string place(const Value& value) { return std::to_string(value.mark().line) + ":" + std::to_string(value.mark().column); }

std::string repeat(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

}  // namespace

TEST_CASE("a plain scalar means what it means to kubectl") {
  struct Row {
    const char* text;
    const char* json;
  };
  const Row rows[] = {
      {"", "null"},
      {"~", "null"},
      {"null", "null"},
      {"Null", "null"},
      {"NULL", "null"},
      {"nUll", "\"nUll\""},
      {"true", "true"},
      {"True", "true"},
      {"TRUE", "true"},
      {"tRue", "\"tRue\""},
      {"yes", "true"},
      {"Yes", "true"},
      {"YES", "true"},
      {"y", "true"},
      {"Y", "true"},
      {"on", "true"},
      {"On", "true"},
      {"ON", "true"},
      {"no", "false"},
      {"n", "false"},
      {"N", "false"},
      {"off", "false"},
      {"OFF", "false"},
      {"False", "false"},
      {"oN", "\"oN\""},
      {"0", "0"},
      {"8080", "8080"},
      {"+12", "12"},
      {"-12", "-12"},
      {"1_000", "1000"},
      {"0x1F", "31"},
      {"0X1f", "31"},
      {"-0x10", "-16"},
      {"0b101", "5"},
      {"0o17", "15"},
      {"017", "15"},
      {"0644", "420"},
      {"08", "8.0"},
      {"0_1", "1"},
      {"0xg", "\"0xg\""},
      {"0x", "\"0x\""},
      {"0b2", "\"0b2\""},
      {"1.5", "1.5"},
      {"1.", "1.0"},
      {".5", "0.5"},
      {"-.5", "-0.5"},
      {"1e3", "1000.0"},
      {"1.5E-2", "0.015"},
      {"1e", "\"1e\""},
      {".", "\".\""},
      {"-", "[null]"},
      {"+", "\"+\""},
      {"--1", "\"--1\""},
      {"+-1", "\"+-1\""},
      {"1.2.3", "\"1.2.3\""},
      {"10.0.0.1", "\"10.0.0.1\""},
      {"12:30", "\"12:30\""},
      {"1:2:3.5", "\"1:2:3.5\""},
      {"2026-11-23", "\"2026-11-23\""},
      {"2026-11-23T10:46:12Z", "\"2026-11-23T10:46:12Z\""},
      {"9223372036854775807", "9223372036854775807"},
      {"-9223372036854775808", "-9223372036854775808"},
      {"9223372036854775808", "9.223372036854776e+18"},
      {"99999999999999999999", "1e+20"},
      {"1e999", "\"1e999\""},
      {"100m", "\"100m\""},
      {"1Gi", "\"1Gi\""},
      {"<<", "\"<<\""},
      {"=", "\"=\""},
      {"_1", "\"_1\""},
      {"a b", "\"a b\""},
      {"é", "\"é\""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(write_json(one("k: " + std::string(row.text == std::string_view("-") ? "\n  -" : row.text))["k"]) == row.json);
  }
}

TEST_CASE("infinities and not-a-number are reals") {
  CHECK(one("a: .inf")["a"].real() == INFINITY);
  CHECK(one("a: +.Inf")["a"].real() == INFINITY);
  CHECK(one("a: -.INF")["a"].real() == -INFINITY);
  CHECK(std::isnan(one("a: .NaN")["a"].real()));
  CHECK(one("a: .iNF")["a"].is_string());
}

TEST_CASE("quotes make a string") {
  CHECK(json_of("a: \"yes\"\nb: '8080'\nc: \"a\\tb\\u00e9\\x41\"\nd: 'it''s'\ne: \"\"") ==
        R"({"a":"yes","b":"8080","c":"a\tbéA","d":"it's","e":""})");
}

TEST_CASE("a tag decides the type") {
  CHECK(
      json_of(
          "[!!str 8080, !!int \"7\", !!float 1, !!bool \"yes\", !!null '', !!str , ! 12, !custom 12, !!timestamp 2026-01-01]") ==
      R"(["8080",7,1.0,true,null,"","12","12","2026-01-01"])");
  CHECK(json_of("[!!binary aGVsbG8=, !!map {a: 1}, !!seq [1], !custom {a: 1}]") == R"(["hello",{"a":1},[1],{"a":1}])");
  CHECK(error_of("a:\n  b: !!int x") == "m.yaml:2:6: a value that is no int is tagged !!int");
  CHECK(error_of("a: !!bool 5") == "m.yaml:1:4: a value that is no bool is tagged !!bool");
  CHECK(error_of("a: !!binary '*'") == "m.yaml:1:4: !!binary is followed by something else than base64");
}

TEST_CASE("a member's mark is its key's, an item's its own") {
  const Value value =
      one("# first\nspec:\n  ports:\n  - name: http\n    port: 8080\n  - port:\n      9090\n  flow: {a: 1,\n    b: [x, y]}\n");
  CHECK(place(value) == "2:1");
  CHECK(place(value["spec"]) == "2:1");
  CHECK(place(value["spec"]["ports"]) == "3:3");
  CHECK(place(value["spec"]["ports"][0]) == "4:5");
  CHECK(place(value["spec"]["ports"][0]["port"]) == "5:5");
  CHECK(place(value["spec"]["ports"][1]["port"]) == "6:5");
  CHECK(place(value["spec"]["flow"]["b"]) == "9:5");
  CHECK(place(value["spec"]["flow"]["b"][1]) == "9:12");
}

TEST_CASE("the mark of an aliased member is where the alias stands") {
  const Value value = one("a: &x\n  b: 1\nc: *x\nd:\n- *x\n");
  CHECK(place(value["c"]) == "3:1");
  CHECK(place(value["c"]["b"]) == "2:3");
  CHECK(place(value["d"][0]) == "5:3");
}

TEST_CASE("a stream's documents are read, empty ones left out") {
  const auto read = documents("# nothing\n---\n---\na: 1\n---\n# comment\n---\n~\n...\n---\nb: 2\n");
  REQUIRE(read.size() == 2);
  CHECK(read[0]["a"].integer() == 1);
  CHECK(place(read[1]) == "11:1");
  CHECK(documents("").empty());
  CHECK(documents("# only a comment\n").empty());
  CHECK(documents("---\n").empty());
  CHECK(documents("\xef\xbb\xbf"
                  "a: 1")
            .size() == 1);
  CHECK(documents("a: 1\r\nb: 2\r\n")[0]["b"].integer() == 2);
}

TEST_CASE("a List stays one document") { CHECK(one("kind: List\nitems:\n- a: 1\n- b: 2\n")["items"].size() == 2); }

TEST_CASE("keys become strings as in JSON") {
  CHECK(json_of("true: a\non: b\ny: c\n") == R"({"true":"c"})");
  CHECK(json_of("8080: a\non: c\n0x10: d\n1.5: e\n\"y\": f\nno: g") ==
        R"({"8080":"a","true":"c","16":"d","1.5":"e","y":"f","false":"g"})");
  CHECK(error_of("~: a") == "m.yaml:1:1: a key that is null, a mapping or a sequence; expected a string");
  CHECK(error_of("a:\n  [b]: c").starts_with("m.yaml:2:3: a key that is a mapping or a sequence"));
  CHECK(error_of("? {a: 1}\n: c").starts_with("m.yaml:1:3: "));
  CHECK(error_of("a: &x {b: 1}\n*x : 1").starts_with("m.yaml:2:1: "));
}

TEST_CASE("the last of several YAML members of one name wins") {
  CHECK(json_of("a: 1\nb: 2\na: 3\n") == R"({"a":3,"b":2})");
  CHECK(place(one("a: 1\nb: 2\na: 3\n")["a"]) == "3:1");
}

TEST_CASE("aliases and merge keys are resolved") {
  CHECK(json_of("a: &x {p: 1, q: 2}\nb: *x\nc: &s text\nd: *s\n*s : e") ==
        R"({"a":{"p":1,"q":2},"b":{"p":1,"q":2},"c":"text","d":"text","text":"e"})");
  CHECK(one("x: &x {p: 1, q: 2}\na:\n  q: 3\n  <<: *x\n  r: 4\n")["a"] == *parse_json(R"({"p":1,"q":3,"r":4})"));
  CHECK(one("a:\n  <<: [{p: 1}, {p: 2, q: 2}]\n  <<: {q: 3, s: 3}\n")["a"] == *parse_json(R"({"p":1,"q":2,"s":3})"));
  CHECK(one("a:\n  \"<<\": {p: 1}\n")["a"]["<<"]["p"].integer() == 1);
}

TEST_CASE("a password that starts with a star is not shown as the name of an anchor") {
  CHECK(error_of("stringData:\n  password: *hunter2").find("hunter2") == std::string::npos);
}

TEST_CASE("an anchor is known after it, in its document, and may be set anew") {
  CHECK(json_of("[&a 1, *a, &a 2, *a]") == "[1,1,2,2]");
  CHECK(error_of("a: *x") == "m.yaml:1:4: an alias (*) without its anchor (&) before it; quote a text that starts with a star");
  CHECK(error_of("a: &x 1\n---\nb: *x") ==
        "m.yaml:3:4: an alias (*) without its anchor (&) before it; quote a text that starts with a star");
  CHECK(error_of("a: &x\n  b: *x") == "m.yaml:2:6: the value of anchor x contains itself");
  CHECK(error_of("a:\n  <<: 5").ends_with("the merge key << takes a mapping or a sequence of mappings"));
  CHECK(error_of("a:\n  <<: [{b: 1}, 5]").ends_with("the merge key << takes a mapping or a sequence of mappings"));
}

TEST_CASE("block scalars keep or fold their lines") {
  CHECK(json_of("a: |\n  x\n   y\n\n  z\nb: >-\n  x\n  y\nc: |+\n  x\n\nd: plain\n  goes on") ==
        R"({"a":"x\n y\n\nz\n","b":"x y","c":"x\n\n","d":"plain goes on"})");
}

TEST_CASE("JSON is YAML, and what YAML 1.1 refuses of it is read all the same") {
  const Value value = one("{\n\t\"a\": [1, true, null, \"x\\/y\\n\"],\n\t\"b\": {}\n}\n");
  CHECK(write_json(value) == R"({"a":[1,true,null,"x/y\n"],"b":{}})");
  CHECK(place(value["b"]) == "3:2");
  CHECK(one(R"({"a": "\ud83d\ude00"})")["a"].text() == "\xf0\x9f\x98\x80");
  CHECK(one("{\"" + std::string(2000, 'k') + "\": 1}").size() == 1);
}

TEST_CASE("a YAML error names file, line and column") {
  CHECK(error_of("a: 1\nb: [1, 2\nc: 3\n").starts_with("m.yaml:3:"));
  CHECK(error_of("a: b: c").starts_with("m.yaml:1:5: mapping values are not allowed"));
  CHECK(error_of("a:\n\tb: 1") == "m.yaml:2:1: a tab; YAML is indented by spaces");
  CHECK(error_of("a: 1\n b: 2").starts_with("m.yaml:2:3: "));
  CHECK(error_of("a: \"x").starts_with("m.yaml:1:"));
}

TEST_CASE("bytes that are no text are refused with their place") {
  CHECK(error_of("a: 1\nb: \xff\n").starts_with("m.yaml:2:4: "));
  CHECK(error_of(std::string_view("a: 1\nb: \0\n", 10)).starts_with("m.yaml:2:4: "));
  CHECK(error_of("a: \x1b[31m").starts_with("m.yaml:1:4: "));
  CHECK(error_of("a: \xed\xa0\x80").starts_with("m.yaml:1:4: "));
}

TEST_CASE("YAML nests to the limit and no deeper, in each style, and says so at once") {
  CHECK(documents(repeat("[", 100) + repeat("]", 100)).size() == 1);
  CHECK(error_of(repeat("[", 101) + repeat("]", 101)) == "m.yaml:1:101: nested deeper than 100 levels");
  for (const std::string open : {"[", "[\n", "{a: ", "- ", "[a, ", "[{a: "}) {
    CAPTURE(open);
    CHECK(error_of(repeat(open, 1'000'000)).ends_with("nested deeper than 100 levels"));
  }
  for (const std::string open : {"? ", "? - ", "- ["}) CHECK_FALSE(parse_yaml(repeat(open, 1'000'000), "m.yaml"));
}

TEST_CASE("aliases do not multiply a short text into a large tree") {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string alias = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + alias + repeat(", " + alias, 9) + "]\n";
  }
  CHECK(error_of(bomb).ends_with("more than 5000000 values, aliases expanded"));
  const std::string large = "a: &a " + std::string(1'000'000, 'x') + "\nb:\n" + repeat("- *a\n", 100'000);
  CHECK(error_of(large).ends_with("bytes, aliases expanded"));
  std::string merges = "a: &a {p: 1}\nb:\n" + repeat("  <<: *a\n", 100'000);
  CHECK(one(merges)["b"].size() == 1);
  CHECK_FALSE(parse_yaml(repeat("[&a ", 99) + "[" + repeat("1,", 1'000'000) + "1]" + repeat("]", 99), "m.yaml"));
}

TEST_CASE("other limits are told apart") {
  CHECK(error_of("a: 1", {.bytes = 3}) == "m.yaml:1:1: larger than 3 bytes");
  CHECK(error_of("[1, 2, 3]", {.nodes = 3}) == "m.yaml:1:8: more than 3 values, aliases expanded");
  CHECK(error_of(repeat("%TAG !a! x\n", 1'000'000)) == "m.yaml:1:1: more than 100 %TAG directives");
  CHECK(error_of("[[[1]]]", {.depth = 2}) == "m.yaml:1:3: nested deeper than 2 levels");
}

TEST_CASE("a mapping of very many members is read in linear time") {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "k" + std::to_string(i) + ": 0\n";
  CHECK(one(text).size() == 100'000);
}

TEST_CASE("truncated or altered YAML is an error or a document, never a crash") {
  const std::string text =
      "a: &x {b: [1, 'two', \"thr\\u00e9e\"]}\n<<: *x\nc: |2+\n    x\n\n? d\n: - e\n  - >-\n   f\n--- !!map\n%: 1\n...\n%YAML "
      "1.1\n---\n!!str g";
  for (std::size_t i = 0; i < text.size(); ++i) {
    (void)parse_yaml(text.substr(0, i), "m.yaml");
    for (const char letter : {'\0', '\xff', '[', '*', '&', '\t', '\n', '"', '-', ':'}) {
      std::string altered = text;
      altered[i] = letter;
      const auto read = parse_yaml(altered, "m.yaml");
      if (!read) CHECK(read.error().message.starts_with("m.yaml:"));
    }
  }
}

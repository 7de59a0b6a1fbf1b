#include "kube/value.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "kube/json.h"
#include "kube/utf8.h"

using namespace gwdoctor;

namespace {

Value parsed(std::string_view json) {
  auto value = parse_json(json);
  if (!value) FAIL(value.error().message);
  return *value;
}

}  // namespace

TEST_CASE("what a document does not have is null, at any depth") {
  const Value value = parsed(R"({"a": [1, {"b": null}]})");
  CHECK(value["x"]["y"][7]["z"].is_null());
  CHECK(value["a"][2].is_null());
  CHECK(value["a"]["b"].is_null());
  CHECK(value["a"][0].size() == 0);
  CHECK(value["a"][0].items().empty());
  CHECK(value["a"].members().empty());
  CHECK(value["a"][1].find("b") != nullptr);
  CHECK(value["a"][1].find("c") == nullptr);
}

TEST_CASE("a scalar is given only as what it is") {
  const Value value = parsed(R"({"i": 7, "r": 7.0, "f": 7.5, "big": 1e300, "s": "7", "b": true})");
  CHECK(value["i"].integer() == 7);
  CHECK(value["r"].integer() == 7);
  CHECK(value["f"].integer() == std::nullopt);
  CHECK(value["big"].integer() == std::nullopt);
  CHECK(value["s"].integer() == std::nullopt);
  CHECK(Value(std::nan("")).integer() == std::nullopt);
  CHECK(Value(INFINITY).integer() == std::nullopt);
  CHECK(value["i"].real() == 7.0);
  CHECK(value["s"].text() == "7");
  CHECK(value["i"].text("none") == "none");
  CHECK(value["b"].boolean() == true);
  CHECK(value["s"].boolean() == std::nullopt);
}

TEST_CASE("a field path is split into members and indices") {
  const Value value = parsed(R"({"spec": {"rules": [{"name": "a"}, {"name": "b"}]}, "data": {"tls.crt": "c", "": "e"}})");
  CHECK(value.at_path("spec.rules[1].name").text() == "b");
  CHECK(value.at_path("data[\"tls.crt\"]").text() == "c");
  CHECK(value.at_path("data[\"\"]").text() == "e");
  CHECK(value.at_path("spec.rules[2].name").is_null());
  CHECK(value.at_path("spec[0]").is_null());
  CHECK(value.at_path("") == value);
  CHECK(json_pointer("spec.rules[0].filters[12].name") == "/spec/rules/0/filters/12/name");
  CHECK(json_pointer("metadata.annotations[\"a.b/c~d\"]") == "/metadata/annotations/a.b~1c~0d");
}

TEST_CASE("a malformed field path leads nowhere") {
  for (const char* path : {"a[", "a[]", "a[x]", "a[-1]", "a[\"b", "a[99999999999]", "a[1"}) {
    CAPTURE(path);
    CHECK(split_path(path).empty());
    Value value = parsed(R"({"a": [1]})");
    CHECK_FALSE(value.set_path(path, 2));
    CHECK_FALSE(value.erase_path(path));
    CHECK(value == parsed(R"({"a": [1]})"));
  }
}

TEST_CASE("setting a field makes the objects on the way") {
  Value value;
  CHECK(value.set_path("spec.template.name", "x"));
  CHECK(value == parsed(R"({"spec": {"template": {"name": "x"}}})"));
  CHECK(value.set_path("spec.template.name", 5));
  CHECK(value.set_path("metadata.annotations[\"a.b/c\"]", "d"));
  CHECK(value == parsed(R"({"spec": {"template": {"name": 5}}, "metadata": {"annotations": {"a.b/c": "d"}}})"));
}

TEST_CASE("setting an element replaces it, or appends just beyond the end") {
  Value value = parsed(R"({"a": [1]})");
  CHECK(value.set_path("a[0]", 2));
  CHECK(value.set_path("a[1].b", 3));
  CHECK(value == parsed(R"({"a": [2, {"b": 3}]})"));
  CHECK_FALSE(value.set_path("a[3]", 4));
  CHECK_FALSE(value.set_path("a.b", 4));
  CHECK_FALSE(value.set_path("a[0].b", 4));
  CHECK(value == parsed(R"({"a": [2, {"b": 3}]})"));
}

TEST_CASE("erasing a field takes that field alone") {
  Value value = parsed(R"({"a": [1, 2, {"b": 3, "c": 4}]})");
  CHECK(value.erase_path("a[2].b"));
  CHECK(value.erase_path("a[0]"));
  CHECK(value == parsed(R"({"a": [2, {"c": 4}]})"));
  CHECK_FALSE(value.erase_path("a[2]"));
  CHECK_FALSE(value.erase_path("x"));
  CHECK_FALSE(value.erase_path("a[0].b"));
  CHECK_FALSE(value.erase_path("a.b"));
}

TEST_CASE("a member appended twice counts with its last value, and goes as a whole") {
  Value value;
  value.append("a", 1);
  value.append("b", 2);
  value.append("a", 3);
  CHECK(value["a"].integer() == 3);
  value.set("a", 4);
  CHECK(value["a"].integer() == 4);
  value.erase("a");
  CHECK(value.find("a") == nullptr);
  CHECK(value["b"].integer() == 2);
}

TEST_CASE("documents are equal as JSON is") {
  CHECK(parsed(R"({"a": 1, "b": [1, 2]})") == parsed(R"({"b": [1.0, 2], "a": 1.0})"));
  CHECK_FALSE(parsed(R"({"a": 1})") == parsed(R"({"a": 1, "b": null})"));
  CHECK_FALSE(parsed(R"({"a": 1, "b": null})") == parsed(R"({"a": 1})"));
  CHECK_FALSE(parsed("[1, 2]") == parsed("[2, 1]"));
  CHECK_FALSE(parsed("1") == parsed("true"));
  CHECK_FALSE(parsed("1") == parsed("\"1\""));
  Value marked = parsed("[1]");
  marked.set_mark({3, 4});
  CHECK(marked == parsed("[1]"));
}

// The examples of RFC 7386, appendix A.
TEST_CASE("a merge patch is applied by RFC 7386") {
  struct Row {
    const char* target;
    const char* patch;
    const char* result;
  };
  const Row rows[] = {
      {R"({"a":"b"})", R"({"a":"c"})", R"({"a":"c"})"},
      {R"({"a":"b"})", R"({"b":"c"})", R"({"a":"b","b":"c"})"},
      {R"({"a":"b"})", R"({"a":null})", R"({})"},
      {R"({"a":"b","b":"c"})", R"({"a":null})", R"({"b":"c"})"},
      {R"({"a":["b"]})", R"({"a":"c"})", R"({"a":"c"})"},
      {R"({"a":"c"})", R"({"a":["b"]})", R"({"a":["b"]})"},
      {R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})", R"({"a":{"b":"d"}})"},
      {R"({"a":[{"b":"c"}]})", R"({"a":[1]})", R"({"a":[1]})"},
      {R"(["a","b"])", R"(["c","d"])", R"(["c","d"])"},
      {R"({"a":"b"})", R"(["c"])", R"(["c"])"},
      {R"({"a":"foo"})", "null", "null"},
      {R"({"e":null})", R"({"a":1})", R"({"e":null,"a":1})"},
      {R"([1,2])", R"({"a":"b","c":null})", R"({"a":"b"})"},
      {R"({})", R"({"a":{"bb":{"ccc":null}}})", R"({"a":{"bb":{}}})"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.target);
    CAPTURE(row.patch);
    Value target = parsed(row.target);
    Value::merge(target, parsed(row.patch));
    CHECK(target == parsed(row.result));
  }
}

TEST_CASE("a difference turns the one document into the other") {
  struct Row {
    const char* before;
    const char* after;
    const char* patch;
  };
  const Row rows[] = {
      {R"({"a": 1})", R"({"a": 1})", "{}"},
      {R"({"a": 1, "b": 2})", R"({"a": 3})", R"({"a": 3, "b": null})"},
      {R"({"a": {"b": 1, "c": 2}})", R"({"a": {"b": 1, "d": 4}})", R"({"a": {"c": null, "d": 4}})"},
      {R"({"a": [1, 2]})", R"({"a": [1]})", R"({"a": [1]})"},
      {R"({"a": 1})", "[1]", "[1]"},
      {R"({"a": {"b": 1}})", R"({"a": 5})", R"({"a": 5})"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.before);
    CAPTURE(row.after);
    Value value = parsed(row.before);
    const Value patch = Value::diff(value, parsed(row.after));
    CHECK(patch == parsed(row.patch));
    Value::merge(value, patch);
    CHECK(value == parsed(row.after));
  }
}

TEST_CASE("UTF-8 is taken apart strictly") {
  struct Row {
    std::string_view text;
    std::optional<char32_t> code;
    std::size_t taken;
  };
  const Row rows[] = {{"a", U'a', 1},
                      {"\xc3\xa9x", U'\u00e9', 2},
                      {"\xe2\x82\xac", U'\u20ac', 3},
                      {"\xf0\x9f\x98\x80", U'\U0001f600', 4},
                      {"\xf4\x8f\xbf\xbf", U'\U0010ffff', 4},
                      {"\xf4\x90\x80\x80", std::nullopt, 1},
                      {"\xc0\x80", std::nullopt, 1},
                      {"\xe0\x80\x80", std::nullopt, 1},
                      {"\xed\xa0\x80", std::nullopt, 1},
                      {"\x80", std::nullopt, 1},
                      {"\xff", std::nullopt, 1},
                      {"\xe2\x82", std::nullopt, 1},
                      {"\xc3x", std::nullopt, 1}};
  for (const Row& row : rows) {
    std::string_view rest = row.text;
    CHECK(next_code_point(rest) == row.code);
    CHECK(row.text.size() - rest.size() == row.taken);
  }
}

TEST_CASE("comparing deeply nested objects takes no more than a moment") {
  Value left{1};
  for (int depth = 0; depth < 90; ++depth) {
    Value around{Value::Object{}};
    around.set("a", left);
    left = std::move(around);
  }
  Value right = left;
  CHECK(left == right);
  right.set("b", 1);
  CHECK_FALSE(left == right);
  CHECK_FALSE(right == left);
}

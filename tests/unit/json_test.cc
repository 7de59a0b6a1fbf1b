#include "kube/json.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace gwdoctor;

namespace {

Value parsed(std::string_view text) {
  auto value = parse_json(text);
  if (!value) FAIL(value.error().message);
  return *value;
}

std::string error_of(std::string_view text) {
  const auto value = parse_json(text);
  REQUIRE_FALSE(value);
  CHECK(value.error().kind == ErrorKind::input);
  return value.error().message;
}

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

struct List {
  Result<ListHead> head;
  Value::Array items;
};

List read_list(std::string_view text, bool keep_managed_fields = true) {
  Value::Array items;
  auto head = parse_json_list(text, keep_managed_fields, [&](Value&& item) { items.push_back(std::move(item)); });
  return {std::move(head), std::move(items)};
}

}  // namespace

TEST_CASE("JSON keeps the order of members and the types of scalars") {
  const Value value = parsed(R"({"b": 1, "a": [null, true, -2, 1.5, "x"], "c": {}})");
  REQUIRE(value.size() == 3);
  CHECK(value.members()[0].first == "b");
  CHECK(value.members()[1].first == "a");
  const Value& items = value["a"];
  CHECK(items[0].is_null());
  CHECK(items[1].boolean() == true);
  CHECK(items[2].integer() == -2);
  CHECK(items[3].real() == 1.5);
  CHECK(items[4].text() == "x");
  CHECK(value["c"].is_object());
}

TEST_CASE("the last of several JSON members of one name wins, and only it is written again") {
  const Value value = parsed(R"({"a": 1, "b": 2, "a": {"x": 3}})");
  CHECK(value.size() == 2);
  CHECK(write_json(value) == R"({"a":{"x":3},"b":2})");
  std::string many = "{";
  for (int i = 0; i < 100; ++i) many += "\"k" + std::to_string(i % 50) + "\": " + std::to_string(i) + ",";
  many.back() = '}';
  const Value large = parsed(many);
  CHECK(large.size() == 50);
  CHECK(large["k7"].integer() == 57);
  CHECK(large.members()[7].first == "k7");
}

TEST_CASE("a JSON number beyond 64 signed bits becomes a real") {
  CHECK(parsed("9223372036854775807").integer() == std::numeric_limits<std::int64_t>::max());
  CHECK(parsed("-9223372036854775808").integer() == std::numeric_limits<std::int64_t>::min());
  CHECK(parsed("9223372036854775808").is_real());
  CHECK(parsed("18446744073709551616").real() == 18446744073709551616.0);
}

TEST_CASE("a JSON error names line and column and quotes nothing of the text") {
  CHECK(error_of("{\"a\": 1,\n  \"b\": s3cr3t}").starts_with("invalid JSON at line 2, column 8: "));
  CHECK(error_of("{\"a\": 1,\n  \"b\": s3cr3t}").find("s3c") == std::string::npos);
  CHECK(error_of("{\"token\": \"s3cr3t\n\"}").find("s3c") == std::string::npos);
  CHECK(error_of("{\"token\": \"s3cr3t; expected \x01\"}").find("s3c") == std::string::npos);
  CHECK(error_of("{\"a\": \"s3cr3t - x").find("s3c") == std::string::npos);
  CHECK(error_of("") == "invalid JSON at line 1, column 1: unexpected end of input; expected '[', '{', or a literal");
  CHECK(error_of("1e999").ends_with("a number out of range"));
  CHECK(error_of("{} {}").starts_with("invalid JSON at line 1, column 4: "));
  CHECK(error_of("[1 2]").starts_with("invalid JSON at line 1, column 4: unexpected number literal; expected"));
}

TEST_CASE("JSON nests to the limit and no deeper") {
  CHECK(parse_json(nested(max_depth)));
  CHECK(error_of("\n" + nested(max_depth + 1)) == "invalid JSON at line 2, column 101: nested deeper than 100 levels");
  CHECK(error_of("{\"[[[\": " + std::string(1'000'000, '[')).find("column 108") != std::string::npos);
}

TEST_CASE("truncated or ill-formed JSON is an error at every length") {
  const std::string text = R"({"a": [1, 2.5e3, true, null, "\u00e9\n\ud83d\ude00"], "b": {"c": "x"}})";
  REQUIRE(parse_json(text));
  for (std::size_t size = 0; size < text.size(); ++size) CHECK_FALSE(parse_json(text.substr(0, size)));
  CHECK_FALSE(parse_json("\"\xff\""));
  CHECK_FALSE(parse_json("\"\xc0\x80\""));
  CHECK_FALSE(parse_json("\"\\ud83d\""));
  CHECK(error_of(std::string_view("1\n\0garbage", 10)) == "invalid JSON at line 2, column 1: a NUL byte");
  CHECK_FALSE(read_list(std::string_view("{}\0garbage", 10)).head);
}

TEST_CASE("a list hands over its items and tells its head") {
  const List list = read_list(R"({"kind": "PodList", "apiVersion": "v1",
    "metadata": {"resourceVersion": "77", "continue": "abc", "other": {"items": [1]}},
    "items": [{"metadata": {"name": "a"}}, {"metadata": {"name": "b"}, "items": [1, [2]]}], "more": [{"items": []}]})");
  REQUIRE(list.head);
  CHECK(list.head->kind == "PodList");
  CHECK(list.head->api_version == "v1");
  CHECK(list.head->resource_version == "77");
  CHECK(list.head->continue_token == "abc");
  CHECK(list.head->has_items);
  REQUIRE(list.items.size() == 2);
  CHECK(list.items[0]["metadata"]["name"].text() == "a");
  CHECK(list.items[1]["items"][1][0].integer() == 2);
}

TEST_CASE("an empty list, null or not, has items; a Status has none") {
  CHECK(read_list(R"({"items": []})").head->has_items);
  CHECK(read_list(R"({"items": null})").head->has_items);
  const List status = read_list(R"({"kind": "Status", "code": 403, "details": {"name": "x"}})");
  REQUIRE(status.head);
  CHECK_FALSE(status.head->has_items);
  CHECK(status.head->kind == "Status");
}

TEST_CASE("items come before the list's metadata as well as after it") {
  const List list = read_list(R"({"items": [1, "x", null, []], "metadata": {"continue": "abc"}})");
  REQUIRE(list.head);
  CHECK(list.head->continue_token == "abc");
  CHECK(list.items.size() == 4);
}

TEST_CASE("managed fields are dropped where they are not wanted, and only there") {
  const char* text = R"({"items": [{"metadata": {"managedFields": [{"time": "x", "f": {"a": [1]}}], "name": "a"},
    "spec": {"managedFields": 1, "metadata": {"managedFields": 2}}}, {"metadata": {"name": "b", "managedFields": null}}]})";
  const List without = read_list(text, false);
  REQUIRE(without.items.size() == 2);
  CHECK(without.items[0] ==
        parsed(R"({"metadata": {"name": "a"}, "spec": {"managedFields": 1, "metadata": {"managedFields": 2}}})"));
  CHECK(without.items[1] == parsed(R"({"metadata": {"name": "b"}})"));
  CHECK(read_list(text, true).items[0]["metadata"]["managedFields"][0]["time"].text() == "x");
}

TEST_CASE("a text that is no list is an error") {
  const auto message = [](std::string_view text) {
    const List list = read_list(text);
    REQUIRE_FALSE(list.head);
    return list.head.error().message;
  };
  CHECK(message("[1]") == "invalid JSON list: a list that is no JSON object");
  CHECK(message("7") == "invalid JSON list: a list that is no JSON object");
  CHECK(message(R"({"items": {"a": 1}})") == "invalid JSON list: \"items\" is an object, not an array");
  CHECK(message(R"({"items": "x"})") == "invalid JSON list: \"items\" is not an array");
  CHECK(message(R"({"items": [], "items": [1]})") == "invalid JSON list: \"items\" appears twice");
  CHECK(message(R"({"items": [1, )").starts_with("invalid JSON at line 1, column "));
  CHECK(message("").starts_with("invalid JSON at line 1, column 1"));
}

TEST_CASE("an item may nest as deep as a document, and neither it nor the rest deeper") {
  CHECK(read_list("{\"items\": [" + nested(max_depth) + "]}").head);
  CHECK_FALSE(read_list("{\"items\": [" + nested(max_depth + 1) + "]}").head);
  CHECK_FALSE(read_list("{\"other\": " + std::string(1'000'000, '[')).head);
  const std::string managed = R"({"items": [{"metadata": {"managedFields": )" + std::string(1'000'000, '[');
  CHECK_FALSE(read_list(managed, false).head);
}

TEST_CASE("an object of very many members is read in linear time") {
  std::string text = "{";
  for (int i = 0; i < 200'000; ++i) text += "\"k" + std::to_string(i) + "\":0,";
  text.back() = '}';
  CHECK(parsed(text).size() == 200'000);
}

TEST_CASE("JSON is written compact or indented") {
  const Value value = parsed(R"({"a": [1, {"b": null}], "c": {}, "d": [], "e": 1.0, "f": "x\"y\\z\n"})");
  CHECK(write_json(value) == R"({"a":[1,{"b":null}],"c":{},"d":[],"e":1.0,"f":"x\"y\\z\n"})");
  CHECK(write_json(parsed(R"({"a": [1, {"b": null}], "c": {}})"), 2) ==
        "{\n  \"a\": [\n    1,\n    {\n      \"b\": null\n    }\n  ],\n  \"c\": {}\n}");
}

TEST_CASE("any string is written as valid JSON") {
  CHECK(write_json(Value("a\xff"
                         "b")) ==
        "\"a\xef\xbf\xbd"
        "b\"");
  CHECK(write_json(Value("é\x1b\x7f")) == "\"é\\u001b\x7f\"");
  CHECK(write_json(Value(std::string_view("\0", 1))) == "\"\\u0000\"");
  CHECK(write_json(Value(std::nan(""))) == "null");
  std::string bytes;
  for (int i = 1; i < 128; ++i) bytes += static_cast<char>(i);
  CHECK(parsed(write_json(Value(bytes))).text() == bytes);
}

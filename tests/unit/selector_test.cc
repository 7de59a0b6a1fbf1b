#include "kube/selector.h"

#include <doctest/doctest.h>

#include "kube/json.h"

using namespace gwdoctor;

namespace {

Selector from(std::string_view json) { return Selector::from_label_selector(*parse_json(json)); }

const Labels payments{{"app", "payments"}, {"tier", "backend"}, {"empty", ""}};

}  // namespace

TEST_CASE("a label is found by its key, with its value even where that is empty") {
  REQUIRE(label(payments, "tier") != nullptr);
  CHECK(*label(payments, "tier") == "backend");
  REQUIRE(label(payments, "empty") != nullptr);
  CHECK(label(payments, "none") == nullptr);
}

TEST_CASE("a label selector selects what each of its parts selects") {
  struct Row {
    const char* selector;
    bool selects;
  };
  const Row rows[] = {
      {R"({})", true},
      {R"({"matchLabels": {}, "matchExpressions": []})", true},
      {R"({"matchLabels": {"app": "payments"}})", true},
      {R"({"matchLabels": {"app": "payments", "tier": "frontend"}})", false},
      {R"({"matchLabels": {"empty": ""}})", true},
      {R"({"matchLabels": {"none": ""}})", false},
      {R"({"matchLabels": {"app": 5}})", false},
      {R"({"matchExpressions": [{"key": "tier", "operator": "In", "values": ["frontend", "backend"]}]})", true},
      {R"({"matchExpressions": [{"key": "tier", "operator": "In", "values": ["frontend"]}]})", false},
      {R"({"matchExpressions": [{"key": "none", "operator": "In", "values": [""]}]})", false},
      {R"({"matchExpressions": [{"key": "tier", "operator": "In"}]})", false},
      {R"({"matchExpressions": [{"key": "tier", "operator": "NotIn", "values": ["frontend"]}]})", true},
      {R"({"matchExpressions": [{"key": "tier", "operator": "NotIn", "values": ["backend"]}]})", false},
      {R"({"matchExpressions": [{"key": "none", "operator": "NotIn", "values": ["backend"]}]})", true},
      {R"({"matchExpressions": [{"key": "tier", "operator": "NotIn"}]})", false},
      {R"({"matchExpressions": [{"key": "empty", "operator": "Exists"}]})", true},
      {R"({"matchExpressions": [{"key": "none", "operator": "Exists"}]})", false},
      {R"({"matchExpressions": [{"key": "none", "operator": "DoesNotExist"}]})", true},
      {R"({"matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]})", false},
      {R"({"matchExpressions": [{"key": "app", "operator": "Equals", "values": ["payments"]}]})", false},
      {R"({"matchExpressions": [{"key": "app"}]})", false},
      {R"({"matchLabels": {"app": "payments"}, "matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]})", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.selector);
    CHECK(from(row.selector).matches(payments) == row.selects);
  }
}

TEST_CASE("a null selector selects nothing, an empty one everything") {
  CHECK_FALSE(from("null").matches(payments));
  CHECK_FALSE(from("[]").matches(payments));
  CHECK(from("{}").empty());
  CHECK(Selector{}.matches({}));
}

TEST_CASE("a selector is written as kubectl takes it and read back the same") {
  struct Row {
    const char* json;
    const char* text;
  };
  const Row rows[] = {
      {R"({})", ""},
      {R"({"matchLabels": {"app": "payments", "example.com/tier": ""}})", "app=payments,example.com/tier="},
      {R"({"matchExpressions": [{"key": "t", "operator": "In", "values": ["a", "b"]}]})", "t in (a,b)"},
      {R"({"matchExpressions": [{"key": "t", "operator": "NotIn", "values": ["a", ""]}]})", "t notin (a,)"},
      {R"({"matchExpressions": [{"key": "t", "operator": "NotIn", "values": ["a"]}]})", "t!=a"},
      {R"({"matchLabels": {"a": "1"}, "matchExpressions": [{"key": "t", "operator": "Exists"},
         {"key": "canary", "operator": "DoesNotExist"}]})",
       "a=1,t,!canary"},
      {R"({"matchExpressions": [{"key": "t", "operator": "In"}]})", "t in ()"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.json);
    const Selector selector = from(row.json);
    CHECK(selector.text() == row.text);
    CHECK(Selector::parse(row.text) == selector);
  }
}

TEST_CASE("labels select by equality") {
  const Selector selector = Selector::from_labels({{"app", "payments"}, {"tier", "backend"}});
  CHECK(selector.text() == "app=payments,tier=backend");
  CHECK(selector.matches(payments));
  CHECK_FALSE(selector.matches({{"app", "payments"}}));
}

TEST_CASE("white space and the double equals sign are read as kubectl reads them") {
  CHECK(Selector::parse(" app == payments , tier  in ( a , b ) , ! canary,x != y ").text() ==
        "app=payments,tier in (a,b),!canary,x!=y");
  CHECK(Selector::parse("  ").empty());
}

TEST_CASE("a malformed part selects nothing") {
  for (const char* text : {",", "app=payments,", "a=b=c", "=x", "!", "!=x", "tier in", "tier in (a", "tier of (a)", "(a)",
                           "tier in a)", "in (a)", "a b", "a>1", "tier in (a))", "tier in ((a)", "x\x1b=1", "a in (b) c"}) {
    CAPTURE(text);
    CHECK_FALSE(Selector::parse(text).matches(payments));
    CHECK_FALSE(Selector::parse(text).matches({}));
  }
}

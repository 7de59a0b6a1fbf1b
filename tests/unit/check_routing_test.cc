#include <doctest/doctest.h>

#include "chain/regex.h"
#include "checks/support/rule_faults.h"

namespace gwdoctor {

TEST_CASE("a path of a match begins with a slash and holds no query, fragment or dot segment") {
  for (const char* good : {"/", "/api", "/api/", "/a.b/..c", "/%20x", "/v1:pay"}) CHECK(path_value_fault(good).empty());
  for (const char* bad : {"", "api", "/a//b", "/a/./b", "/a/../b", "/a/..", "/a%2Fb", "/a#b", "/a?b", "/a b", "/%zz"})
    CHECK_FALSE(path_value_fault(bad).empty());
}

TEST_CASE("an expression that no dialect knows is told from one that RE2 alone does not") {
  REQUIRE(regex_fault("/api/(v1").has_value());
  CHECK_FALSE(regex_fault("/api/(v1")->re2_only);
  REQUIRE(regex_fault("/api/(?!internal)").has_value());
  CHECK(regex_fault("/api/(?!internal)")->re2_only);
  CHECK_FALSE(regex_fault("/(?<rest>.*)").has_value());
  CHECK(regex_fault("/(?<=a)b").has_value());
}

TEST_CASE("data planes with RE2 are known, others are not taken for one") {
  CHECK(compiles_with_re2("envoy-gateway"));
  CHECK_FALSE(compiles_with_re2("nginx-gateway-fabric"));
  CHECK_FALSE(compiles_with_re2(""));
}

}  // namespace gwdoctor

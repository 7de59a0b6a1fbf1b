#include "kube/objects/meta.h"

#include <doctest/doctest.h>

using namespace gwdoctor;

TEST_CASE("a condition is found by its type") {
  const Conditions conditions{{.type = "Accepted", .reason = "a", .message = {}, .observed = {}, .since = {}},
                              {.type = "Programmed", .reason = "b", .message = {}, .observed = {}, .since = {}}};
  REQUIRE(condition(conditions, "Programmed") != nullptr);
  CHECK(condition(conditions, "Programmed")->reason == "b");
  CHECK(condition(conditions, "programmed") == nullptr);
  CHECK(condition({}, "Accepted") == nullptr);
}

TEST_CASE("only what the CRD's defaulting alone writes is its default") {
  const Condition written{
      .type = "Accepted", .reason = "Pending", .message = "Waiting for controller", .observed = {}, .since = Time{}};
  CHECK(is_crd_default(written));
  Condition other = written;
  other.since = Time{} + Seconds(1);
  CHECK_FALSE(is_crd_default(other));
  other.since.reset();
  CHECK_FALSE(is_crd_default(other));
  other = written;
  other.reason = "Accepted";
  CHECK_FALSE(is_crd_default(other));
  other = written;
  other.message = "waiting for an address";
  CHECK_FALSE(is_crd_default(other));
}

#include "chain/nearest.h"

#include <doctest/doctest.h>

using namespace gwdoctor;

namespace {

std::string guess(std::string_view wanted, const std::vector<std::string>& candidates) {
  return nearest(wanted, candidates).value_or("nothing");
}

Selector selector(const Labels& labels) {
  Selector out;
  for (const auto& [key, value] : labels) out.requirements.push_back({key, Requirement::Op::in, {value}});
  return out;
}

using What = LabelDifference::Item::What;

}  // namespace

TEST_SUITE("nearest") {
  TEST_CASE("each kind of slip is one step") {
    CHECK(edit_distance("payments", "payments", 3) == 0);
    CHECK(edit_distance("payments", "payment", 3) == 1);
    CHECK(edit_distance("payments", "paymnets", 3) == 1);
    CHECK(edit_distance("payments", "pavments", 3) == 1);
    CHECK(edit_distance("", "abc", 5) == 3);
    CHECK(edit_distance("ca", "abc", 5) == 3);  // the swapped pair is not edited again
  }

  TEST_CASE("a distance beyond the limit is the limit and one") {
    CHECK(edit_distance("payments", "orders", 2) == 3);
    CHECK(edit_distance("a", std::string(5000, 'a'), 3) == 4);
  }

  TEST_CASE("a letter wrong, missing, doubled or swapped is found") {
    CHECK(guess("ngnix", {"traefik", "nginx"}) == "nginx");
    CHECK(guess("payment-api", {"orders-api", "payments-api"}) == "payments-api");
    CHECK(guess("paymentsapi", {"payments-api"}) == "payments-api");
    CHECK(guess("public-web-tsl", {"public-web-tls"}) == "public-web-tls");
  }

  TEST_CASE("another case is found before a slip") { CHECK(guess("HTTP", {"https", "http"}) == "http"); }

  TEST_CASE("a swap is plain in a short name, a replaced letter is not") {
    CHECK(guess("wbe", {"web"}) == "web");
    CHECK(guess("api", {"app"}) == "nothing");
    CHECK(guess("a", {"b"}) == "nothing");
  }

  TEST_CASE("swapped and dropped digits of a port are found, another port is not") {
    CHECK(guess("8008", {"9090", "8080"}) == "8080");
    CHECK(guess("434", {"443"}) == "443");
    CHECK(guess("808", {"8080"}) == "8080");
    CHECK(guess("80800", {"8080"}) == "8080");
    CHECK(guess("8081", {"8080"}) == "nothing");
    CHECK(guess("9090", {"8080"}) == "nothing");
    CHECK(guess("80", {"8080"}) == "nothing");
  }

  TEST_CASE("words added at either end are found") {
    CHECK(guess("payments", {"orders", "payments-api"}) == "payments-api");
    CHECK(guess("payments-api", {"orders", "payments"}) == "payments");
    CHECK(guess("payments", {"prod-payments"}) == "prod-payments");
    CHECK(guess("payments", {"eu-payments-api"}) == "nothing");
    CHECK(guess("payments", {"payments-api-canary", "payments-api"}) == "payments-api");
  }

  TEST_CASE("a word that says little is no match") {
    CHECK(guess("api", {"payments-api"}) == "nothing");
    CHECK(guess("payments-service", {"orders-service"}) == "nothing");
    CHECK(guess("web", {"public-web"}) == "nothing");
    CHECK(guess("443", {"443-payments"}) == "nothing");
  }

  TEST_CASE("several names that add a word are told apart by nobody") {
    CHECK(guess("payments", {"payments-api", "payments-db"}) == "nothing");
    CHECK(guess("payments", {"payments-api", "payments-db", "payment"}) == "payment");
    CHECK(guess("payments", {"payments-api", "payments-api"}) == "payments-api");
  }

  TEST_CASE("the same words in another order are found") { CHECK(guess("api-payments", {"payments-api"}) == "payments-api"); }

  TEST_CASE("the answer does not depend on the order of the candidates") {
    CHECK(guess("backend-x", {"backend-b", "backend-a"}) == "backend-a");
    CHECK(guess("backend-x", {"backend-a", "backend-b"}) == "backend-a");
  }

  TEST_CASE("nothing is near to nothing, to itself, or to an enormous name") {
    CHECK(guess("", {"a", ""}) == "nothing");
    CHECK(guess("payments", {}) == "nothing");
    CHECK(guess("payments", {"payments"}) == "nothing");
    CHECK(guess(std::string(100000, 'a'), {std::string(100001, 'a')}) == "nothing");
    CHECK(guess("payments", {std::string(1000000, '-'), "payment"}) == "payment");
    CHECK(guess("----", {"-----------"}) == "nothing");
  }
}

TEST_SUITE("nearest labels") {
  TEST_CASE("labels that match differ in nothing") {
    const LabelDifference difference = closest_labels(selector({{"app", "payments"}}), {{"app", "payments"}, {"tier", "x"}});
    CHECK(difference.matches());
    CHECK(difference.score == 100);
    CHECK(difference.matched == 1);
    CHECK(difference.total == 1);
    CHECK(closest_labels({}, {}).score == 100);
  }

  TEST_CASE("the label that differs is named with both values") {
    const LabelDifference difference =
        closest_labels(selector({{"app", "payments"}, {"tier", "backend"}}), {{"app", "payment"}, {"tier", "backend"}});
    REQUIRE(difference.items.size() == 1);
    CHECK(difference.items[0].what == What::differs);
    CHECK(difference.items[0].text() == "app is payment, expected payments");
    CHECK(difference.matched == 1);
    CHECK(difference.score == 83);
  }

  TEST_CASE("a missing label is named with the value it should have") {
    const LabelDifference difference =
        closest_labels(selector({{"app", "payments"}, {"tier", "backend"}}), {{"app", "payments"}});
    REQUIRE(difference.items.size() == 1);
    CHECK(difference.items[0].what == What::missing);
    CHECK_FALSE(difference.items[0].found.has_value());
    CHECK(difference.items[0].text() == "tier is missing, expected backend");
  }

  TEST_CASE("the right value under a misspelt key is recognised") {
    const LabelDifference difference =
        closest_labels(selector({{"app.kubernetes.io/nmae", "payments"}}), {{"app.kubernetes.io/name", "payments"}});
    REQUIRE(difference.items.size() == 1);
    CHECK(difference.items[0].what == What::misspelt_key);
    CHECK(difference.items[0].text() == "the label is app.kubernetes.io/name=payments, expected app.kubernetes.io/nmae=payments");
  }

  TEST_CASE("app stands for app.kubernetes.io/name only with the same value") {
    const Selector wanted = selector({{"app.kubernetes.io/name", "payments"}});
    CHECK(closest_labels(wanted, {{"app", "payments"}}).items[0].what == What::misspelt_key);
    CHECK(closest_labels(wanted, {{"app", "orders"}}).items[0].what == What::missing);
  }

  TEST_CASE("requirements of every operator say what was expected") {
    Selector wanted;
    wanted.requirements = {{"app", Requirement::Op::in, {"a", "b"}},
                           {"track", Requirement::Op::not_in, {"canary"}},
                           {"team", Requirement::Op::exists, {}},
                           {"old", Requirement::Op::does_not_exist, {}}};
    const LabelDifference difference = closest_labels(wanted, {{"app", ""}, {"track", "canary"}, {"old", "1"}});
    REQUIRE(difference.items.size() == 4);
    CHECK(difference.items[0].text() == "app is \"\", expected a or b");
    CHECK(difference.items[1].text() == "track is canary, expected anything but canary");
    CHECK(difference.items[2].text() == "team is missing, expected any value");
    CHECK(difference.items[3].text() == "old is 1, expected no label");
    CHECK(difference.score == 0);
  }

  TEST_CASE("the nearest set is the one whose application is right or misspelt") {
    const Selector wanted = selector({{"app", "payments"}, {"tier", "backend"}});
    const auto found = nearest_labels(wanted, {{{"app", "orders"}, {"tier", "backend"}},
                                               {{"app", "payments"}, {"tier", "web"}},
                                               {{"app", "payments-api"}, {"tier", "backend"}}});
    REQUIRE(found.has_value());
    CHECK(found->index == 2);
    CHECK(found->difference.items[0].text() == "app is payments-api, expected payments");
  }

  TEST_CASE("labels that every chart sets make nobody near") {
    const Selector wanted = selector({{"app.kubernetes.io/name", "payments"}, {"app.kubernetes.io/managed-by", "Helm"}});
    CHECK_FALSE(
        nearest_labels(wanted, {{{"app.kubernetes.io/name", "orders"}, {"app.kubernetes.io/managed-by", "Helm"}}}).has_value());
    CHECK_FALSE(nearest_labels(selector({{"app", "payments"}}), {{{"app", "orders"}}, {}}).has_value());
    CHECK_FALSE(nearest_labels(wanted, {}).has_value());
  }

  TEST_CASE("of equally near sets the first is taken") {
    const auto found =
        nearest_labels(selector({{"app", "payments"}, {"v", "1"}}), {{{"app", "payments"}}, {{"app", "payments"}}});
    REQUIRE(found.has_value());
    CHECK(found->index == 0);
  }
}

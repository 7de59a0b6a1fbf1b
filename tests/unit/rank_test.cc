#include "report/rank.h"

#include <doctest/doctest.h>

#include "tests/unit/world_help.h"

using namespace gwdoctor;

namespace {

constexpr Check on_gateway{.code = "on-gateway", .title = "a title", .layer = Layer::gateway};
constexpr Check on_service{.code = "on-service", .title = "a title", .layer = Layer::service};

struct Ranked {
  Argued argued;
  Standing standing;

  explicit Ranked(const Check& check = on_service, std::size_t broken = 2) {
    argued.finding.check = &check;
    argued.finding.object = ref(Kind::service, "shop", "cart");
    argued.breaks = "all requests";
    standing = {nullptr, broken, 2, 0, test::noon()};
  }
  [[nodiscard]] Standing at() const {
    Standing out = standing;
    out.argued = &argued;
    return out;
  }
};

// `first` comes before `second`, and not the other way round.
void check_order(const Ranked& first, const Ranked& second, std::string_view reason) {
  CHECK(before(first.at(), second.at()));
  CHECK_FALSE(before(second.at(), first.at()));
  const Standing next = second.at();
  CHECK(rank_reason(first.at(), &next) == reason);
}

}  // namespace

TEST_CASE("what breaks all comes before what breaks some, and that before what breaks nothing yet") {
  Ranked some(on_gateway, 1);
  some.argued.breaks = "requests to /a";
  Ranked none(on_gateway, 0);
  none.argued.finding.impact = Impact::none;
  none.argued.breaks.clear();
  check_order(Ranked(), some, "breaks all requests");
  check_order(some, none, "breaks requests to /a");
  CHECK(rank_reason(none.at(), nullptr) == "a risk: nothing is broken yet");
  // What hurts without stopping a stream stands with what breaks some.
  Ranked part(on_service, 0);
  part.argued.finding.impact = Impact::part;
  CHECK(before(part.at(), none.at()));
  CHECK(before(Ranked().at(), part.at()));
}

TEST_CASE("then severity counts, then certainty") {
  Ranked warning(on_gateway);
  warning.argued.finding.severity = Severity::warning;
  check_order(Ranked(), warning, "more severe than what follows");
  Ranked observed(on_gateway);
  observed.argued.finding.certainty = Certainty::observed;
  check_order(Ranked(), observed, "proved, whatever the controller does");
  Ranked likely(on_gateway);
  likely.argued.finding.certainty = Certainty::likely;
  check_order(observed, likely, "observed, not only likely");
}

TEST_CASE("then what the verified fix restores, and an unverified one restores nothing") {
  Ranked all;
  all.argued.trial = Trial{true, Restores::all};
  Ranked some(on_gateway);
  some.argued.trial = Trial{true, Restores::some};
  Ranked unverified(on_gateway);
  unverified.argued.trial = Trial{std::nullopt, Restores::all};
  Ranked failed(on_gateway);
  failed.argued.trial = Trial{false, Restores::all};
  check_order(all, some, "its fix restores more than those that follow");
  check_order(some, unverified, "its fix restores more than those that follow");
  check_order(some, failed, "its fix restores more than those that follow");
}

TEST_CASE("then how much it explains, then the layer that a request meets first") {
  Ranked explaining;
  explaining.standing.explained = 2;
  check_order(explaining, Ranked(on_gateway), "explains more than those that follow");
  check_order(Ranked(on_gateway), Ranked(), "breaks all requests, and a request meets it first");
}

TEST_CASE("then what changed within the last hour") {
  Ranked fresh;
  fresh.argued.changed = Changed{"helm", test::noon() - Seconds(3599)};
  fresh.argued.finding.object.name = "z";
  Ranked old;
  old.argued.changed = Changed{"helm", test::noon() - Seconds(3600)};
  check_order(fresh, old, "breaks all requests, and changed within the last hour");
}

TEST_CASE("at last code and name, so that the order is always the same") {
  Ranked other;
  other.argued.finding.object.name = "zebra";
  check_order(Ranked(), other, "breaks all requests");
  CHECK_FALSE(before(Ranked().at(), Ranked().at()));
}

TEST_CASE("a request meets the layers in this order") {
  constexpr Layer order[] = {Layer::dns,     Layer::loadbalancer, Layer::tls,   Layer::controller, Layer::klass,
                             Layer::gateway, Layer::ingress,      Layer::route, Layer::grant,      Layer::policy,
                             Layer::service, Layer::endpoints,    Layer::pods};
  for (std::size_t at = 0; at + 1 < std::size(order); ++at) CHECK(layer_order(order[at]) < layer_order(order[at + 1]));
}

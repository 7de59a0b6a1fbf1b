#include "kube/facts.h"

#include <doctest/doctest.h>

#include "tests/unit/world_help.h"

using namespace gwdoctor;
using namespace gwdoctor::test;

namespace {

const Ref cart = ref(Kind::service, "shop", "cart");

Wish object(Kind kind, std::string ns, std::string name) {
  return {Wish::What::object, kind, std::move(ns), std::move(name), {}, {}};
}
Wish list(Kind kind, std::string ns, std::string selector = {}, std::string fields = {}) {
  return {Wish::What::list, kind, std::move(ns), {}, std::move(selector), std::move(fields)};
}
Answer present(std::vector<Value> documents) { return {State::present, std::move(documents), {}, {}}; }
Answer absent() { return {State::absent, {}, {}, {}}; }
Answer unknown(Why::Reason reason) { return {State::unknown, {}, {}, {reason, "for a reason", std::nullopt}}; }

Value service(std::string_view ns, std::string_view name, std::string_view label = "web") {
  return document(
      fmt::format("{{apiVersion: v1, kind: Service, metadata: {{namespace: {}, name: {}, labels: {{tier: {}}}}}, "
                  "spec: {{selector: {{app: {}}}}}}}",
                  ns, name, label, name));
}

Facts services(std::string ns, std::vector<Value> documents) {
  Facts facts(noon());
  facts.store(list(Kind::service, std::move(ns)), present(std::move(documents)));
  return facts;
}

}  // namespace

TEST_CASE("a fact that nobody fetched is unknown and wanted") {
  const Facts facts(noon());
  const Seen<Service> seen = facts.service("shop", "cart");
  CHECK(seen.unknown());
  CHECK_FALSE(seen.present());
  CHECK_FALSE(seen.absent());
  CHECK(facts.take_wanted() == std::vector<Wish>{object(Kind::service, "shop", "cart")});
  CHECK(facts.take_wanted().empty());
}

TEST_CASE("what several readers ask for is wanted once, in an order that does not depend on who asked first") {
  const Facts one(noon());
  (void)one.service("shop", "cart");
  (void)one.slices("shop", "cart");
  (void)one.service("shop", "cart");
  (void)one.served(Kind::gateway);
  (void)one.service("shop", "admin");
  const Facts other(noon());
  (void)other.served(Kind::gateway);
  (void)other.service("shop", "admin");
  (void)other.service("shop", "cart");
  (void)other.slices("shop", "cart");
  const std::vector<Wish> wanted = one.take_wanted();
  CHECK(wanted.size() == 4);
  CHECK(wanted == other.take_wanted());
}

TEST_CASE("an object is present, absent or unknown as it was stored") {
  Facts facts(noon());
  facts.store(object(Kind::service, "shop", "cart"), present({service("shop", "cart")}));
  facts.store(object(Kind::service, "shop", "gone"), absent());
  facts.store(object(Kind::service, "shop", "secret"), unknown(Why::Reason::forbidden));
  const Seen<Service> seen = facts.service("shop", "cart");
  REQUIRE(seen.present());
  CHECK(seen->meta.ref == cart);
  CHECK(seen.document()["kind"].text() == "Service");
  CHECK(facts.service("shop", "gone").absent());
  CHECK(facts.service("shop", "gone").document().is_null());
  const Seen<Service> blind = facts.service("shop", "secret");
  CHECK(blind.unknown());
  CHECK(blind.why().reason == Why::Reason::forbidden);
  CHECK(facts.take_wanted().empty());
}

TEST_CASE("a kind is served in a version, not served, or nobody knows") {
  Facts facts(noon());
  facts.store({Wish::What::served, Kind::gateway, {}, {}, {}, {}}, {State::present, {}, "v1beta1", {}});
  facts.store({Wish::What::served, Kind::tcp_route, {}, {}, {}, {}}, absent());
  REQUIRE(facts.served(Kind::gateway).present());
  CHECK(facts.served(Kind::gateway)->version == "v1beta1");
  CHECK(facts.served(Kind::tcp_route).absent());
  CHECK(facts.served(Kind::udp_route).unknown());
}

TEST_CASE("a list without objects is present and empty") {
  Facts facts(noon());
  facts.store(list(Kind::pod, "shop"), present({}));
  const Seen<List<Pod>> pods = facts.list<Pod>(Kind::pod, "shop");
  REQUIRE(pods.present());
  CHECK(pods->empty());
}

TEST_CASE("a complete list tells which objects exist and which do not") {
  const Facts facts = services("shop", {service("shop", "cart"), service("shop", "admin")});
  REQUIRE(facts.service("shop", "admin").present());
  CHECK(facts.service("shop", "admin")->meta.ref.name == "admin");
  CHECK(facts.service("shop", "gone").absent());
  CHECK(facts.take_wanted().empty());
  SUBCASE("and nothing of another namespace") {
    CHECK(facts.service("infra", "cart").unknown());
    CHECK(facts.take_wanted().size() == 1);
  }
}

TEST_CASE("a complete list of all namespaces answers for a namespace, labels and fields") {
  const Facts facts = services("", {service("shop", "cart"), service("shop", "admin", "back"), service("infra", "cart")});
  CHECK(facts.list<Service>(Kind::service, "shop")->size() == 2);
  CHECK(facts.list<Service>(Kind::service, "", Selector::parse("tier=back"))->size() == 1);
  CHECK(facts.list<Service>(Kind::service, "shop", Selector::parse("tier=other"))->empty());
  CHECK(facts.anywhere<Service>(Kind::service, "cart")->size() == 2);
  CHECK(facts.service("infra", "cart").present());
  CHECK(facts.service("infra", "admin").absent());
  CHECK(facts.take_wanted().empty());
}

TEST_CASE("a list that is not complete answers for nothing but itself") {
  Facts facts(noon());
  facts.store(list(Kind::service, "shop", "tier=web"), present({service("shop", "cart")}));
  facts.store(list(Kind::service, "infra"), unknown(Why::Reason::timeout));
  CHECK(facts.service("shop", "admin").unknown());
  CHECK(facts.list<Service>(Kind::service, "shop").unknown());
  CHECK(facts.service("infra", "cart").unknown());
  CHECK(facts.take_wanted().size() == 3);
}

TEST_CASE("the events about an object without a namespace are looked for in default") {
  const Facts facts(noon());
  (void)facts.events(ref(Kind::gateway_class, "", "contour"));
  const std::vector<Wish> wanted = facts.take_wanted();
  REQUIRE(wanted.size() == 1);
  CHECK(wanted.front().ns == "default");
  CHECK(wanted.front().fields == "involvedObject.kind=GatewayClass,involvedObject.name=contour");
}

TEST_CASE("the document of an object that was read is at hand, and asking for it wants nothing") {
  Facts facts(noon());
  facts.store(list(Kind::service, "shop", "tier=web"), present({service("shop", "cart")}));
  REQUIRE(facts.document(cart) != nullptr);
  CHECK((*facts.document(cart))["metadata"]["name"].text() == "cart");
  CHECK(facts.document(ref(Kind::service, "shop", "admin")) == nullptr);
  CHECK(facts.document(Ref{"example.com/v1", "Widget", "shop", "w", {}}) == nullptr);
  CHECK(facts.take_wanted().empty());
}

TEST_CASE("what is given up is unknown for the reason given, and wanted no more") {
  Facts facts(noon());
  (void)facts.service("shop", "cart");
  facts.give_up({Why::Reason::timeout, "too slow", std::nullopt});
  CHECK(facts.service("shop", "cart").why().reason == Why::Reason::timeout);
  CHECK(facts.take_wanted().empty());
}

TEST_CASE("the kinds that a reader looked at are noted, not those that it merely asked for") {
  Facts facts = services("shop", {service("shop", "cart")});
  facts.reset_reads();
  const Seen<Service> looked = facts.service("shop", "cart");
  const Seen<List<Pod>> asked = facts.list<Pod>(Kind::pod, "shop");
  CHECK(looked.present());
  CHECK(facts.reads() == ReadLog{Kind::service});
}

TEST_CASE("labels and fields select a document as the API server would") {
  const Value cart_document = service("shop", "cart");
  CHECK(selects(list(Kind::service, ""), cart_document));
  CHECK(selects(list(Kind::service, "shop", "tier=web"), cart_document));
  CHECK_FALSE(selects(list(Kind::service, "infra"), cart_document));
  CHECK_FALSE(selects(list(Kind::service, "shop", "tier!=web"), cart_document));
  CHECK(selects(list(Kind::service, "shop", "", "metadata.name=cart,metadata.namespace=shop"), cart_document));
  CHECK_FALSE(selects(list(Kind::service, "shop", "", "metadata.name=cart,metadata.namespace=infra"), cart_document));
  CHECK_FALSE(selects(list(Kind::service, "shop", "", "nonsense"), cart_document));
}

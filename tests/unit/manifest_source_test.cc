#include "kube/manifest_source.h"

#include <doctest/doctest.h>

#include "tests/unit/temporary.h"
#include "tests/unit/world_help.h"

using namespace gwdoctor;
using namespace gwdoctor::test;

namespace {

ManifestSource read(std::string_view yaml) {
  Result<ManifestSource> parsed = ManifestSource::parse({{"dump.yaml", std::string(yaml)}}, noon());
  REQUIRE_MESSAGE(parsed.has_value(), (parsed ? std::string() : parsed.error().message));
  return std::move(*parsed);
}

std::string error_of(std::string_view yaml) {
  const Result<ManifestSource> parsed = ManifestSource::parse({{"dump.yaml", std::string(yaml)}}, noon());
  REQUIRE_FALSE(parsed.has_value());
  CHECK(parsed.error().kind == ErrorKind::input);
  return parsed.error().message;
}

Answer object(ManifestSource& source, Kind kind, std::string ns, std::string name) {
  return source.fill({{Wish::What::object, kind, std::move(ns), std::move(name), {}, {}}}).front();
}
Answer list(ManifestSource& source, Kind kind, std::string ns, std::string selector = {}) {
  return source.fill({{Wish::What::list, kind, std::move(ns), {}, std::move(selector), {}}}).front();
}
State served(ManifestSource& source, Kind kind) {
  return source.fill({{Wish::What::served, kind, {}, {}, {}, {}}}).front().state;
}

constexpr std::string_view cart = "{apiVersion: v1, kind: Service, metadata: {namespace: shop, name: cart}}\n";

}  // namespace

TEST_CASE("of a kind that was collected, what is not there is absent") {
  ManifestSource source = read(cart);
  CHECK(object(source, Kind::service, "shop", "cart").state == State::present);
  CHECK(object(source, Kind::service, "shop", "gone").state == State::absent);
  CHECK(object(source, Kind::service, "infra", "cart").state == State::absent);
  const Answer none = list(source, Kind::service, "infra");
  CHECK(none.state == State::present);
  CHECK(none.documents.empty());
}

TEST_CASE("of a kind that was not collected, nothing is known") {
  ManifestSource source = read(cart);
  const Answer answer = object(source, Kind::pod, "shop", "cart-1");
  CHECK(answer.state == State::unknown);
  CHECK(answer.why.reason == Why::Reason::not_collected);
  CHECK(answer.why.message == "no Pod was collected");
  CHECK(list(source, Kind::pod, "shop").state == State::unknown);
}

TEST_CASE("a List is taken apart, and an empty one says that there is no object") {
  ManifestSource source =
      read(R"({apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Service, metadata: {name: cart, namespace: shop}}]}
---
{apiVersion: v1, kind: PodList, items: []}
---
{apiVersion: networking.k8s.io/v1, kind: IngressList, items: null}
---
{apiVersion: v1, kind: List, items: []}
)");
  CHECK(object(source, Kind::service, "shop", "cart").state == State::present);
  CHECK(object(source, Kind::pod, "shop", "cart-1").state == State::absent);
  CHECK(list(source, Kind::pod, "").state == State::present);
  CHECK(list(source, Kind::ingress, "").state == State::present);
  CHECK(list(source, Kind::secret, "").state == State::unknown);
}

TEST_CASE("a list takes in a namespace and labels") {
  ManifestSource source = read(R"({apiVersion: v1, kind: Pod, metadata: {namespace: shop, name: a, labels: {app: cart}}}
---
{apiVersion: v1, kind: Pod, metadata: {namespace: shop, name: b, labels: {app: admin}}}
---
{apiVersion: v1, kind: Pod, metadata: {namespace: infra, name: c, labels: {app: cart}}}
)");
  CHECK(list(source, Kind::pod, "").documents.size() == 3);
  CHECK(list(source, Kind::pod, "shop").documents.size() == 2);
  CHECK(list(source, Kind::pod, "shop", "app=cart").documents.size() == 1);
}

TEST_CASE("where the CRDs were collected, a kind of the Gateway API without its CRD is not served") {
  ManifestSource source = read(
      R"({apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: httproutes.gateway.networking.k8s.io}}
---
{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRouteList, items: []}
)");
  CHECK(served(source, Kind::http_route) == State::present);
  CHECK(served(source, Kind::gateway) == State::absent);
  CHECK(served(source, Kind::service) == State::present);
  CHECK(object(source, Kind::gateway, "shop", "web").state == State::absent);
  CHECK(list(source, Kind::gateway, "").state == State::absent);
  SUBCASE("also where there are none at all") {
    ManifestSource none = read("{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinitionList, items: []}");
    CHECK(served(none, Kind::http_route) == State::absent);
  }
  SUBCASE("and where they were not collected, every kind is taken as served") {
    ManifestSource without = read(cart);
    CHECK(served(without, Kind::http_route) == State::present);
    CHECK(object(without, Kind::http_route, "shop", "cart").state == State::unknown);
  }
}

TEST_CASE("a later document of an object replaces an earlier one, wherever it is asked for") {
  const std::vector<ManifestFile> files{
      {"a.yaml", "{apiVersion: v1, kind: Service, metadata: {namespace: shop, name: cart}, spec: {type: NodePort}}"},
      {"b.yaml", "# another file\n{apiVersion: v1, kind: Service, metadata: {namespace: shop, name: cart}}"}};
  Result<ManifestSource> source = ManifestSource::parse(files, noon());
  REQUIRE(source.has_value());
  const Answer answer = object(*source, Kind::service, "shop", "cart");
  REQUIRE(answer.documents.size() == 1);
  CHECK(answer.documents.front()["spec"].is_null());
  const Answer all = list(*source, Kind::service, "shop");
  REQUIRE(all.documents.size() == 1);
  CHECK(all.documents.front()["spec"].is_null());
  CHECK(source->refs(Kind::service).size() == 1);
  CHECK(source->place(ref(Kind::service, "shop", "cart")).file == "b.yaml");
  CHECK(source->place(ref(Kind::service, "shop", "cart")).line == 2);
}

TEST_CASE("an object without a namespace is in default, one of a cluster-wide kind in none") {
  ManifestSource source = read(
      "{apiVersion: v1, kind: Service, metadata: {name: cart}}\n---\n"
      "{apiVersion: gateway.networking.k8s.io/v1, kind: GatewayClass, metadata: {name: contour}}");
  CHECK(object(source, Kind::service, "default", "cart").state == State::present);
  CHECK(object(source, Kind::gateway_class, "", "contour").state == State::present);
  CHECK(source.refs(Kind::service) == std::vector<Ref>{ref(Kind::service, "default", "cart")});
}

TEST_CASE("what is no object is an error that names file, line and column") {
  CHECK(error_of("\n  hello\n").starts_with("dump.yaml:2:3: expected a Kubernetes object"));
  CHECK(error_of("---\n- a\n- b\n").starts_with("dump.yaml:2:1: expected a Kubernetes object"));
  CHECK(error_of("\nmetadata: {name: cart}\n") == "dump.yaml:2:1: this object has no kind");
  CHECK(error_of("apiVersion: v1\nkind: Service\n") == "dump.yaml:1:1: Service has no metadata.name");
  CHECK(error_of("apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Service}\n") ==
        "dump.yaml:4:3: Service has no metadata.name");
  CHECK(error_of("apiVersion: v1\nkind: List\nitems:\n- 7\n").starts_with("dump.yaml:4:3: expected a Kubernetes object"));
  CHECK(error_of("apiVersion: v1\nkind: List\nitems: {}\n") == "dump.yaml:3:1: items of List is not a list");
  CHECK(error_of("apiVersion: v1\nkind: [\n").starts_with("dump.yaml:"));
}

TEST_CASE("Lists within Lists within Lists are refused at some depth") {
  std::string text = "{apiVersion: v1, kind: Service, metadata: {name: cart}}";
  for (int depth = 0; depth < 3; ++depth) text = "{apiVersion: v1, kind: List, items: [" + text + "]}";
  CHECK(ManifestSource::parse({{"dump.yaml", text}}, noon()).has_value());
  text = "{apiVersion: v1, kind: List, items: [" + text + "]}";
  CHECK(error_of(text).find("nested too deeply") != std::string::npos);
}

TEST_CASE("objects of kinds that are not read are passed over, whatever they hold") {
  ManifestSource source = read(
      "{apiVersion: example.com/v1, kind: Service, metadata: {name: other}}\n---\n"
      "{apiVersion: example.com/v1, kind: Widget}\n---\n{apiVersion: v1, kind: PersistentVolume, metadata: 7}\n");
  CHECK(object(source, Kind::service, "default", "other").state == State::unknown);
}

TEST_CASE("secrets are redacted as they are read") {
  ManifestSource source =
      read("{apiVersion: v1, kind: Secret, metadata: {namespace: shop, name: s}, data: {token: aHVudGVyMg==}}");
  CHECK(object(source, Kind::secret, "shop", "s").documents.front()["data"]["token"].text() == "REDACTED");
}

TEST_CASE("a kind that is denied is forbidden, with the permission that lacks") {
  ManifestSource source = read(cart);
  source.deny({Kind::service, "shop", {"list"}});
  const Answer answer = list(source, Kind::service, "shop");
  CHECK(answer.state == State::unknown);
  CHECK(answer.why.reason == Why::Reason::forbidden);
  CHECK(answer.why.needs == Needs{"list", "", "services", "shop"});
  CHECK(object(source, Kind::service, "shop", "cart").state == State::present);
  CHECK(list(source, Kind::service, "infra").state == State::present);
  // Who may not list in one namespace may not list in all of them.
  CHECK(list(source, Kind::service, "").state == State::unknown);
  source.deny({Kind::service, "", {}});
  CHECK(object(source, Kind::service, "infra", "cart").why.needs == Needs{"get", "", "services", "infra"});
}

TEST_CASE("a kind that is not served has no object and no list") {
  ManifestSource source = read(cart);
  source.unserve(Kind::service);
  CHECK(served(source, Kind::service) == State::absent);
  CHECK(object(source, Kind::service, "shop", "cart").state == State::absent);
  CHECK(list(source, Kind::service, "shop").state == State::absent);
}

TEST_CASE("a folder is read file by file in the order of the names, hidden and foreign ones left out") {
  const TemporaryDirectory folder;
  folder.write("b.yml", "b");
  folder.write("a.yaml", "a");
  folder.write("deep/c.json", "c");
  folder.write("README.md", "no");
  folder.write(".hidden.yaml", "no");
  folder.write(".git/d.yaml", "no");
  const Result<std::vector<ManifestFile>> files = read_manifest_files(folder.path());
  REQUIRE(files.has_value());
  REQUIRE(files->size() == 3);
  CHECK((*files)[0].name == folder.path("a.yaml"));
  CHECK((*files)[0].text == "a");
  CHECK((*files)[1].name == folder.path("b.yml"));
  CHECK((*files)[2].name == folder.path("deep/c.json"));
}

TEST_CASE("a single file is read whatever it is called") {
  const TemporaryDirectory folder;
  const Result<std::vector<ManifestFile>> files = read_manifest_files(folder.write("dump", "kind: List"));
  REQUIRE(files.has_value());
  REQUIRE(files->size() == 1);
  CHECK(files->front().text == "kind: List");
}

TEST_CASE("a path without manifests is an error that names it") {
  const TemporaryDirectory folder;
  CHECK(read_manifest_files(folder.path("none.yaml")).error().message.find(folder.path("none.yaml")) != std::string::npos);
  CHECK(read_manifest_files(folder.path("none.yaml")).error().kind == ErrorKind::input);
  CHECK(read_manifest_files(folder.path()).error().message.find("holds no .yaml") != std::string::npos);
}

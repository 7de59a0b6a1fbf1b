#include "checks/fix.h"

#include <doctest/doctest.h>

#include "tests/unit/world_help.h"

using namespace gwdoctor;
using namespace gwdoctor::test;

namespace {

const Ref cart = ref(Kind::service, "shop", "cart");

Value service() {
  return document(
      "{apiVersion: v1, kind: Service, metadata: {namespace: shop, name: cart, labels: {tier: web}}, "
      "spec: {ports: [{port: 80}, {port: 81}], type: NodePort}}");
}

// What the patch makes of the document.
Value after(const Fix& fix, Value before) {
  REQUIRE(fix.patch.has_value());
  Value::merge(before, fix.patch->merge);
  return before;
}

std::string command(const std::optional<Fix>& fix) {
  REQUIRE(fix.has_value());
  REQUIRE(fix->commands.size() == 1);
  return fix->commands.front();
}

}  // namespace

TEST_CASE("a field that is there is replaced") {
  const auto fix = set_field(cart, service(), "spec.ports[1].port", 8081, "say 8081");
  CHECK(command(fix) ==
        R"(kubectl patch service/cart -n shop --type=json -p '[{"op":"replace","path":"/spec/ports/1/port","value":8081}]')");
  CHECK(fix->summary == "say 8081");
  CHECK(fix->patch->object == cart);
  const Value made = after(*fix, service());
  CHECK(made.at_path("spec.ports[1].port").integer() == 8081);
  CHECK(made.at_path("spec.ports[0].port").integer() == 80);
  CHECK(made.at_path("spec.type").text() == "NodePort");
}

TEST_CASE("a field that is missing is added") {
  const auto fix = set_field(cart, service(), "spec.ports[0].name", "http", "name it");
  CHECK(command(fix).find(R"([{"op":"add","path":"/spec/ports/0/name","value":"http"}])") != std::string::npos);
  CHECK(after(*fix, service()).at_path("spec.ports[0].name").text() == "http");
}

TEST_CASE("where the parents of a field are missing too, the outermost of them is added whole") {
  const auto fix = set_field(cart, service(), "metadata.annotations[\"example.com/a\"]", "b", "annotate");
  CHECK(command(fix).find(R"([{"op":"add","path":"/metadata/annotations","value":{"example.com/a":"b"}}])") != std::string::npos);
  const auto deep = set_field(cart, service(), "spec.sessionAffinityConfig.clientIP.timeoutSeconds", 5, "keep");
  CHECK(command(deep).find(R"([{"op":"add","path":"/spec/sessionAffinityConfig","value":{"clientIP":{"timeoutSeconds":5}}}])") !=
        std::string::npos);
}

TEST_CASE("a field of an object without any of its parents is added at the root") {
  const auto fix = set_field(cart, document("{kind: Service}"), "spec.type", "NodePort", "type");
  CHECK(command(fix).find(R"([{"op":"add","path":"/spec","value":{"type":"NodePort"}}])") != std::string::npos);
}

TEST_CASE("one more element is added at the end of a list") {
  const auto fix = set_field(cart, service(), "spec.ports[2]", document("{port: 82}"), "add a port");
  CHECK(command(fix).find(R"([{"op":"add","path":"/spec/ports/2","value":{"port":82}}])") != std::string::npos);
  CHECK(after(*fix, service())["spec"]["ports"].size() == 3);
}

TEST_CASE("a field that cannot be set gives no fix") {
  CHECK_FALSE(set_field(cart, service(), "spec.ports[7].port", 1, "no").has_value());
  CHECK_FALSE(set_field(cart, service(), "spec.type.deeper", 1, "no").has_value());
  CHECK_FALSE(set_field(cart, service(), "spec.ports[", 1, "no").has_value());
}

TEST_CASE("several fields are set in one patch, later ones in what the earlier ones made") {
  const auto fix =
      set_fields(cart, service(), {{"spec.selector", document("{app: cart}")}, {"spec.selector.tier", "web"}}, "select");
  CHECK(
      command(fix).find(
          R"([{"op":"add","path":"/spec/selector","value":{"app":"cart"}},{"op":"add","path":"/spec/selector/tier","value":"web"}])") !=
      std::string::npos);
  CHECK(after(*fix, service()).at_path("spec.selector.tier").text() == "web");
}

TEST_CASE("slashes and tildes in keys are escaped in a pointer") {
  const auto fix = set_field(cart, service(), "metadata.labels[\"example.com/a~b\"]", "c", "label");
  CHECK(command(fix).find(R"("path":"/metadata/labels/example.com~1a~0b")") != std::string::npos);
}

TEST_CASE("a field is removed, and only one that is there") {
  const auto fix = remove_field(cart, service(), "spec.ports[0]", "drop it");
  CHECK(command(fix).find(R"([{"op":"remove","path":"/spec/ports/0"}])") != std::string::npos);
  CHECK(after(*fix, service())["spec"]["ports"].size() == 1);
  const auto type = remove_field(cart, service(), "spec.type", "drop it");
  CHECK(after(*type, service())["spec"].find("type") == nullptr);
  CHECK_FALSE(remove_field(cart, service(), "spec.none", "no").has_value());
}

TEST_CASE("a label is set, and overwritten only where it was there") {
  const Fix changed = set_label(cart, service(), "tier", "back", "label it");
  CHECK(changed.commands.front() == "kubectl label service/cart -n shop tier=back --overwrite");
  CHECK(after(changed, service())["metadata"]["labels"]["tier"].text() == "back");
  const Fix added = set_label(cart, service(), "example.com/x", "1", "label it");
  CHECK(added.commands.front() == "kubectl label service/cart -n shop example.com/x=1");
  CHECK(after(added, service())["metadata"]["labels"]["tier"].text() == "web");
}

TEST_CASE("a workload is scaled by kubectl's own word") {
  const Fix fix = scale(ref(Kind::deployment, "shop", "cart"), 2, "scale it");
  CHECK(fix.commands.front() == "kubectl scale deployment/cart -n shop --replicas=2");
  CHECK(after(fix, document("{spec: {replicas: 0}}"))["spec"]["replicas"].integer() == 2);
}

TEST_CASE("an object is created from its document") {
  const Value grant = document("{apiVersion: v1, kind: Service, metadata: {namespace: shop, name: cart}}");
  const Fix fix = create_object(cart, grant, "create it");
  CHECK(fix.commands.front() ==
        "kubectl apply -f - <<'EOF'\napiVersion: v1\nkind: Service\nmetadata:\n  namespace: shop\n  name: cart\nEOF");
  CHECK(after(fix, Value(Value::Object{})) == grant);
}

TEST_CASE("no text from the cluster ends the document that is to be applied") {
  Value hostile = document("{apiVersion: v1, kind: Service, metadata: {name: cart}}");
  hostile.set("EOF", "EOF");
  hostile.set_path("metadata.annotations", Value::Object{{"a", "x\nEOF\ntouch /tmp/owned\n"}, {"EOF\n", "EOF"}});
  const std::string text = create_object(cart, hostile, "create it").commands.front();
  std::size_t ends = 0;
  for (std::size_t at = text.find("\nEOF"); at != std::string::npos; at = text.find("\nEOF", at + 1)) {
    if (at + 4 == text.size() || text[at + 4] == '\n') ++ends;
  }
  CHECK(ends == 1);
  CHECK(text.ends_with("\nEOF"));
}

TEST_CASE("a fix by hand is words and commands, and no patch") {
  const Fix fix = by_hand("renew it", {"kubectl get secret"});
  CHECK(fix.summary == "renew it");
  CHECK_FALSE(fix.patch.has_value());
}

TEST_CASE("objects are named as kubectl takes them") {
  CHECK(kubectl_object(ref(Kind::http_route, "shop", "cart")) == "httproute/cart -n shop");
  CHECK(kubectl_object(ref(Kind::gateway_class, "", "contour")) == "gatewayclass/contour");
  CHECK(kubectl_object(Ref{"example.com/v1", "Widget", "shop", "w", {}}) == "widget/w -n shop");
}

TEST_CASE("what a shell would take for more than a word is quoted") {
  CHECK(shell_quote("cart-1.example/x=1,y") == "cart-1.example/x=1,y");
  CHECK(shell_quote("") == "''");
  CHECK(shell_quote("a b") == "'a b'");
  CHECK(shell_quote("$(touch x)") == "'$(touch x)'");
  CHECK(shell_quote("`x`;rm -rf ~") == "'`x`;rm -rf ~'");
  CHECK(shell_quote("it's") == "'it'\\''s'");
  CHECK(shell_quote("a\nb") == "'a\nb'");
  CHECK(kubectl_object(ref(Kind::service, "a; b", "c'd")) == "'service/c'\\''d' -n 'a; b'");
  const auto fix = set_field(cart, service(), "spec.ports[0].name", "x'; touch y; '", "name");
  CHECK(command(fix).find("'\\''; touch y; '\\''") != std::string::npos);
}

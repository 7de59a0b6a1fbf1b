// Which Ingresses make up a table, as the facts tell.

#include <doctest/doctest.h>

#include "tests/unit/dialect_help.h"
#include "tests/unit/world_help.h"

using namespace gwdoctor;
using dialect_test::served;
using dialect_test::trace;

namespace {

std::string ingress(const std::string& name, const std::string& more, const std::string& annotations = "{}",
                    const std::string& ns = "shop") {
  return "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: " + name + ", namespace: " + ns +
         ", annotations: " + annotations + "}\nspec:\n  " + more + "\n  rules: [{host: " + name +
         ".example, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: " + name +
         ", port: {name: http}}}}]}}]\n";
}
std::string ingress_class(const std::string& name, const std::string& controller, bool is_default = false) {
  return "---\napiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: " + name +
         ", annotations: {ingressclass.kubernetes.io/is-default-class: \"" + (is_default ? "true" : "false") +
         "\"}}\nspec: {controller: " + controller + "}\n";
}

// What the table holds once all that it asks for is looked up; lists of Ingresses of all namespaces may be refused.
std::optional<IngressTable> table_in(const std::string& yaml, const std::string& class_name, bool may_list_all = true) {
  ManifestSource source = test::cluster(yaml);
  Facts facts(test::noon());
  for (int round = 0; round < 10; ++round) {
    const std::shared_ptr<const IngressTable> table = ingress_table(class_name, "shop", facts);
    const std::vector<Wish> wanted = facts.take_wanted();
    if (wanted.empty()) return table ? std::optional<IngressTable>(*table) : std::nullopt;
    for (const Wish& wish : wanted) {
      Answer answer = source.fill({wish}).front();
      const bool refused = !may_list_all && wish.kind == Kind::ingress && wish.ns.empty();
      if (refused) answer = {State::unknown, {}, {}, {Why::Reason::forbidden, "forbidden", std::nullopt}};
      facts.store(wish, std::move(answer));
    }
  }
  return std::nullopt;
}

std::string names(const std::optional<IngressTable>& table) {
  std::string out;
  if (!table) return "none";
  std::vector<std::string> sorted;
  for (const auto& one : table->ingresses) sorted.push_back(one->meta.ref.name);
  std::sort(sorted.begin(), sorted.end());
  for (const std::string& name : sorted) out += name + " ";
  return out;
}

}  // namespace

TEST_CASE("a table holds the Ingresses of every class of one controller, of all namespaces") {
  const std::string yaml = ingress_class("nginx", "k8s.io/ingress-nginx") + ingress_class("also", "k8s.io/ingress-nginx") +
                           ingress_class("inner", "k8s.io/internal-ingress-nginx") + ingress("a", "ingressClassName: nginx") +
                           ingress("b", "ingressClassName: also", "{}", "other") + ingress("c", "ingressClassName: inner") +
                           ingress("d", "", "{kubernetes.io/ingress.class: nginx}");
  const std::optional<IngressTable> table = table_in(yaml, "nginx");
  CHECK(names(table) == "a b d ");
  CHECK(table->dialect->id == "ingress-nginx");
  CHECK(table->classes == std::vector<std::string>{"nginx", "also"});
  CHECK(names(table_in(yaml, "inner")) == "c ");
}

TEST_CASE("an Ingress without a class belongs to the default class") {
  const std::string yaml = ingress_class("nginx", "k8s.io/ingress-nginx", true) +
                           ingress_class("traefik", "traefik.io/ingress-controller") + ingress("a", "") +
                           ingress("b", "ingressClassName: traefik");
  CHECK(names(table_in(yaml, "nginx")) == "a ");
  CHECK(names(table_in(yaml, "traefik")) == "b ");
}

TEST_CASE("without a default class a controller that takes Ingresses without one has them") {
  const std::string yaml = ingress_class("nginx", "k8s.io/ingress-nginx") +
                           ingress_class("contour", "projectcontour.io/contour") + ingress("a", "") +
                           ingress("b", "ingressClassName: contour");
  CHECK(names(table_in(yaml, "contour")) == "a b ");
  CHECK(names(table_in(yaml, "nginx")).empty());
  const std::optional<IngressTable> none = table_in(yaml, "");
  CHECK(names(none) == "a b ");
  CHECK(none->dialect->id == "contour");
}

TEST_CASE("where several controllers take Ingresses without a class the rules of the API stand in") {
  const std::string yaml = ingress_class("traefik", "traefik.io/ingress-controller") +
                           ingress_class("contour", "projectcontour.io/contour") + ingress("a", "");
  const std::optional<IngressTable> table = table_in(yaml, "");
  CHECK(names(table) == "a ");
  CHECK_FALSE(table->dialect->known);
}

TEST_CASE("an annotation names a controller without an IngressClass") {
  const std::optional<IngressTable> table = table_in(ingress("a", "", "{kubernetes.io/ingress.class: gce}"), "gce");
  CHECK(names(table) == "a ");
  CHECK(table->dialect->id == "gke");
}

TEST_CASE("where only one namespace may be read the table says what it lacks") {
  const std::string yaml = ingress_class("nginx", "k8s.io/ingress-nginx") + ingress("a", "ingressClassName: nginx") +
                           ingress("b", "ingressClassName: nginx", "{}", "other");
  const std::optional<IngressTable> table = table_in(yaml, "nginx", false);
  CHECK(names(table) == "a ");
  REQUIRE(table->unread.size() == 1);
  CHECK(table->unread.front().why.reason == Why::Reason::forbidden);
  const Trace found = trace(*table, "http://a.example/");
  CHECK(served(found) == "a");
  CHECK(dialect_test::has_note(found, "not every Ingress"));
  CHECK(found.outcome.backends.front().port_name == "http");
  // What cannot be seen may hold the rule.
  CHECK(served(trace(*table, "http://b.example/")) == "unknown");
}

TEST_CASE("an Ingress of a class that nobody has made is told by the rules of the API") {
  const std::optional<IngressTable> table = table_in(ingress("a", "ingressClassName: nowhere"), "nowhere");
  CHECK(names(table) == "a ");
  CHECK_FALSE(table->dialect->known);
}

#include <set>

#include "tests/router/generate.h"

namespace gwdoctor {

namespace {

using Texts = std::vector<std::string>;

const Texts namespaces = {"a", "a-b", "b"};
const Texts names = {"r", "r1", "r-1", "s", "t", "u", "v", "w"};
const Texts hosts = {"x.test",     "a.x.test", "b.a.x.test", "y.test",   "*.x.test",
                     "*.a.x.test", "*.test",   "",           "a.x.test", "*.x.test"};
const Texts paths = {"/", "/a", "/a/", "/ab", "/a/b", "/a/b/", "/a/bc", "/A", "/b", "/b/a", "/a/b/c"};
const Texts times = {"2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z", "2026-02-01T00:00:00Z"};

Value object(std::initializer_list<std::pair<std::string, Value>> members) {
  Value out{Value::Object{}};
  for (const auto& [key, value] : members) out.set(key, value);
  return out;
}

Value backend() { return object({{"service", object({{"name", "backend"}, {"port", object({{"number", 80}})}})}}); }

Value rule(Dice& dice) {
  Value list{Value::Array{}};
  for (std::size_t left = dice.between(1, 4); left > 0; --left) {
    list.push_back(
        object({{"path", dice.one_of(paths)}, {"pathType", dice.chance(40) ? "Exact" : "Prefix"}, {"backend", backend()}}));
  }
  Value out = object({{"http", object({{"paths", list}})}});
  const std::string& host = dice.one_of(hosts);
  if (!host.empty()) out.set("host", host);
  return out;
}

Value ingress(const std::string& ns, const std::string& name, Dice& dice) {
  Value out = object({{"apiVersion", "networking.k8s.io/v1"},
                      {"kind", "Ingress"},
                      {"metadata", object({{"name", name}, {"namespace", ns}, {"creationTimestamp", dice.one_of(times)}})}});
  const std::size_t of_class = dice.below(20);
  if (of_class < 17) out.set_path("spec.ingressClassName", "web");
  if (of_class == 17) out.set_path("spec.ingressClassName", "other");
  if (of_class == 18) out.set_path("metadata.annotations", object({{"kubernetes.io/ingress.class", "web"}}));
  Value rules{Value::Array{}};
  for (std::size_t left = dice.chance(90) ? dice.between(1, 3) : 0; left > 0; --left) rules.push_back(rule(dice));
  if (rules.size() != 0) out.set_path("spec.rules", rules);
  if (rules.size() == 0 || dice.chance(6)) out.set_path("spec.defaultBackend", backend());
  return out;
}

}  // namespace

World generate_ingress_world(Dice& dice) {
  World out;
  out.documents.push_back(object({{"apiVersion", "networking.k8s.io/v1"},
                                  {"kind", "IngressClass"},
                                  {"metadata", object({{"name", "web"}})},
                                  {"spec", object({{"controller", "example.test/unheard-of"}})}}));
  std::set<std::string> taken;
  for (std::size_t left = dice.between(1, 12); left > 0; --left) {
    const std::string& ns = dice.one_of(namespaces);
    const std::string& name = dice.one_of(names);
    if (taken.insert(ns + "/" + name).second) out.documents.push_back(ingress(ns, name, dice));
  }
  dice.shuffle(out.documents);
  return out;
}

Ask generate_ingress_ask(const std::vector<Ingress>& targets, Dice& dice) {
  Ask out;
  std::string host;
  std::string path = "/";
  if (const Ingress& target = dice.one_of(targets); !target.rules.empty()) {
    const IngressRule& aim = dice.one_of(target.rules);
    host = aim.host;
    path = dice.one_of(aim.paths).path;
  }
  out.request.scheme = "http";
  out.request.method = "GET";
  out.request.port = 80;
  out.request.host = generate_host(host, dice);
  out.request.path = generate_path(path, dice);
  out.words = words_of(out.request, dice);
  return out;
}

}  // namespace gwdoctor

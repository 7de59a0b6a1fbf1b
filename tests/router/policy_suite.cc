// The choice among BackendTLSPolicies against the oracle.

#include <algorithm>
#include <set>

#include "chain/router/backend_tls.h"
#include "tests/router/dice.h"
#include "tests/router/policy_oracle.h"
#include "tests/router/suite.h"
#include "tests/router/world.h"

namespace gwdoctor {

namespace {

using Texts = std::vector<std::string>;

const Texts namespaces = {"a", "a", "a", "a-b", "b"};
const Texts services = {"s", "s", "s-1", "S"};
const Texts ports = {"", "http", "https", "https-1"};
const Texts names = {"p", "P", "p-1", "p1", "pa", "p-a", "q", "q1", "r"};
const Texts times = {"2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z", "2026-02-01T00:00:00Z"};

// The CRD lets the references to one target either all name a section or none, and each section only once.
Value target_refs(Dice& dice) {
  Value out{Value::Array{}};
  std::set<std::string> taken;
  for (std::size_t left = dice.chance(70) ? 1 : dice.between(2, 3); left > 0; --left) {
    const std::string service = dice.one_of(services);
    const std::string section = dice.one_of(ports);
    if (taken.contains(service + "/") || (section.empty() && taken.contains(service)) ||
        !taken.insert(service + "/" + section).second)
      continue;
    taken.insert(service);
    Value reference{Value::Object{}};
    reference.set("group", dice.chance(5) ? "multicluster.x-k8s.io" : "");
    reference.set("kind", dice.chance(5) ? "ServiceImport" : "Service");
    reference.set("name", service);
    if (!section.empty()) reference.set("sectionName", section);
    out.push_back(reference);
  }
  return out;
}

World policies(Dice& dice) {
  World out;
  std::set<std::string> taken;
  for (std::size_t left = dice.between(1, 10); left > 0; --left) {
    const std::string& ns = dice.one_of(namespaces);
    const std::string& name = dice.one_of(names);
    if (!taken.insert(ns + "/" + name).second) continue;
    Value policy{Value::Object{}};
    policy.set("apiVersion", "gateway.networking.k8s.io/v1");
    policy.set("kind", "BackendTLSPolicy");
    policy.set_path("metadata.name", name);
    policy.set_path("metadata.namespace", ns);
    policy.set_path("metadata.creationTimestamp", dice.one_of(times));
    policy.set_path("spec.targetRefs", target_refs(dice));
    policy.set_path("spec.validation.hostname", "x.test");
    policy.set_path("spec.validation.wellKnownCACertificates", "System");
    out.documents.push_back(policy);
  }
  return out;
}

struct Given {
  std::string holder;
  Texts beaten;  // by a policy for the same target
};

std::string name_of(const TargetingPolicy& one) { return one.policy->meta.ref.ns + "/" + one.policy->meta.ref.name; }

Given given_by(const World& world, const std::string& service, const std::string& port) {
  List<BackendTlsPolicy> list;
  for (BackendTlsPolicy& each : decoded<BackendTlsPolicy>(world, {Kind::backend_tls_policy}))
    list.push_back({std::make_shared<const BackendTlsPolicy>(std::move(each)), nullptr});
  const BackendTlsChoice choice = choose_backend_tls(list, "a", service, port);
  Given out;
  if (choice.state != BackendTlsChoice::State::holds) return out;
  out.holder = name_of(choice.winner);
  for (const TargetingPolicy& loser : choice.losers) {
    if (loser.target_spec().section == choice.winner.target_spec().section) out.beaten.push_back(name_of(loser));
  }
  std::sort(out.beaten.begin(), out.beaten.end());
  return out;
}

void check_port(const World& world, const World& turned, const std::string& service, const std::string& port, Tally& tally) {
  const std::vector<BackendTlsPolicy> all = decoded<BackendTlsPolicy>(world, {Kind::backend_tls_policy});
  const auto [wanted, section] = policy_oracle::holder(all, "a", service, port);
  const Given given = given_by(world, service, port);
  if (tally.check("BackendTLSPolicies: the one that holds is the one of the spec", given.holder == wanted)) {
    fmt::print("DISAGREEMENT\n{}Service a/{} port {}\nthe spec: {}\nthe router: {}\n", yaml_of(world), service, port, wanted,
               given.holder);
  }
  const Given again = given_by(turned, service, port);
  if (tally.check("BackendTLSPolicies: their order changes nothing",
                  again.holder == given.holder && again.beaten == given.beaten))
    fmt::print("ORDER MATTERS\n{}Service a/{} port {}\n", yaml_of(turned), service, port);
  tally.note(wanted.empty() ? "ports of Services had no BackendTLSPolicy" : "ports of Services had a BackendTLSPolicy");
  if (wanted.empty()) return;
  const Texts beaten = policy_oracle::conflicted(all, "a", service, section);
  if (!given.beaten.empty()) tally.note("BackendTLSPolicies were in conflict");
  if (tally.check("BackendTLSPolicies: those that it beats are Conflicted by the spec", given.beaten == beaten)) {
    fmt::print("OTHER LOSERS\n{}Service a/{} port {}: {} and not {}\n", yaml_of(world), service, port,
               fmt::join(given.beaten, " "), fmt::join(beaten, " "));
  }
}

}  // namespace

void run_policy_suite(const SuiteSize& size, Tally& tally) {
  for (std::size_t at = 0; at < size.worlds * 4; ++at) {
    Dice dice(size.seed * 3'000'017 + at);
    const World world = policies(dice);
    World turned = world;
    dice.shuffle(turned.documents);
    for (const std::string service : {"s", "s-1"}) {
      for (const std::string& port : ports) check_port(world, turned, service, port, tally);
    }
  }
}

}  // namespace gwdoctor

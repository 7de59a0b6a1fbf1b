#pragma once
// Random worlds and the requests aimed at them. Alphabets are small, so that collisions are the rule.

#include "tests/router/dice.h"
#include "tests/router/world.h"

namespace gwdoctor {

// One Gateway, infra/web, with 1 to 5 listeners, up to two ListenerSets, and 1 to 40 HTTPRoutes and GRPCRoutes. All of it is what
// the CRDs admit.
[[nodiscard]] World generate_gateway_world(Dice& dice);
// A request near what some route of the world matches: often exactly that, often with one thing changed.
struct GatewayTargets {
  std::vector<Listener> listeners;
  std::vector<Route> routes;
};
[[nodiscard]] GatewayTargets gateway_targets(const World& world);
[[nodiscard]] Ask generate_gateway_ask(const GatewayTargets& targets, Dice& dice);

// Ingresses of one class, "web", with rules that overlap.
[[nodiscard]] World generate_ingress_world(Dice& dice);
[[nodiscard]] Ask generate_ingress_ask(const std::vector<Ingress>& targets, Dice& dice);

// A host near a hostname of a route, listener or rule ("" is any): one that it covers, or a neighbour of one.
[[nodiscard]] std::string generate_host(const std::string& near, Dice& dice);
// A path near one that is matched: the same, with an element more or less, with a slash at the end, in another case.
[[nodiscard]] std::string generate_path(const std::string& near, Dice& dice);
// The words of a request, made of what it is.
[[nodiscard]] RequestWords words_of(const Request& request, Dice& dice);

}  // namespace gwdoctor

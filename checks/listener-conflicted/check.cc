#include "checks/check.h"

#include <algorithm>

#include "chain/attachment.h"
#include "checks/support/gateway_state.h"

namespace gwdoctor {

namespace {

enum class Standing {
  apart,      // no conflict, or the one that is served
  refused,    // the controller says that it conflicts
  loses,      // by the specs, and nobody says that it is served
  tolerated,  // by the specs, and the controller says that both are served
};

bool says_conflict(const ListenerView& listener) { return fault_of(listener) == ListenerFault::conflicted; }

// The listeners that this one cannot stand beside.
std::vector<const ListenerView*> peers_of(const GatewayView& gateway, const ListenerView& listener) {
  std::vector<const ListenerView*> peers;
  for (const std::size_t at : listener.conflicts) peers.push_back(&gateway.listeners[at]);
  return peers;
}

// Gateway API v1.6, GatewaySpec.listeners: which of two is served is the implementation's choice, the earlier one as a
// rule, some refuse both. So status decides where there is one.
Standing standing_of(const GatewayView& gateway, std::size_t index) {
  const ListenerView& listener = gateway.listeners[index];
  if (says_conflict(listener)) return Standing::refused;
  if (listener.conflicts.empty()) return Standing::apart;
  const std::vector<const ListenerView*> peers = peers_of(gateway, listener);
  const bool a_peer_served = std::any_of(peers.begin(), peers.end(), [](const ListenerView* peer) { return is_served(*peer); });
  const bool later =
      std::any_of(listener.conflicts.begin(), listener.conflicts.end(), [&](std::size_t at) { return at < index; });
  if (is_served(listener)) return a_peer_served && later ? Standing::tolerated : Standing::apart;
  return a_peer_served || later ? Standing::loses : Standing::apart;
}

std::string_view reason_of(const ListenerView& listener, const std::vector<const ListenerView*>& peers) {
  const Condition* said_so = condition_of(listener, ListenerFault::conflicted);
  if (says_conflict(listener)) {
    if (said_so->reason == "ProtocolConflict") return "listener-protocol-conflict";
    if (said_so->reason == "ListenerConflict") return "listener-entry-conflict";
    return "listener-hostname-conflict";
  }
  return peers.front()->spec.protocol == listener.spec.protocol ? "listener-hostname-conflict" : "listener-protocol-conflict";
}

// The usual port of the protocol, where no other listener is in its way.
std::optional<Fix> move(const GatewayView& gateway, const ListenerView& listener) {
  Listener moved = listener.spec;
  if (moved.protocol == "HTTP") moved.port = 80;
  if (moved.protocol == "HTTPS" || moved.protocol == "TLS") moved.port = 443;
  if (moved.port == listener.spec.port) return std::nullopt;
  for (const ListenerView& other : gateway.listeners) {
    if (&other != &listener && listeners_conflict(other.spec, moved)) return std::nullopt;
  }
  return set_field(listener.owner, *listener.document, listener.spec.path + ".port", moved.port,
                   fmt::format("serve listener {} on port {}", moved.name, moved.port));
}

std::string message_of(const ListenerView& listener, const std::vector<const ListenerView*>& peers) {
  if (peers.empty()) {
    return fmt::format("{} conflicts with another listener: {}", text_of(listener),
                       said(*condition_of(listener, ListenerFault::conflicted)));
  }
  const ListenerView& peer = *peers.front();
  return fmt::format("{} ({}) cannot stand beside listener {} ({})", text_of(listener), shape_of(listener.spec), peer.spec.name,
                     shape_of(peer.spec));
}

FindingBuilder report(const GatewayView& gateway, const ListenerView& listener, const Scope& scope, Verdicts& out) {
  const std::vector<const ListenerView*> peers = peers_of(gateway, listener);
  const bool observed = says_conflict(listener);
  FindingBuilder finding = out.fail(scope);
  finding.object(listener.owner, listener.spec.path)
      .reason(reason_of(listener, peers))
      .certainty(observed && peers.empty() ? Certainty::observed : Certainty::proved)
      .says("{}", message_of(listener, peers))
      .saw(listener.owner, listener.spec.path, listener.document->at_path(listener.spec.path))
      .fix(by_hand("give the two listeners different ports or hostnames, or make one of them",
                   {fmt::format("kubectl edit {}", kubectl_object(listener.owner))}))
      .fix(move(gateway, listener));
  if (observed) {
    const std::string field = condition_path(*listener.document, conditions_path(listener), "Conflicted");
    finding.saw(listener.owner, field, listener.document->at_path(field));
  }
  if (!peers.empty())
    finding.saw(peers.front()->owner, peers.front()->spec.path, peers.front()->document->at_path(peers.front()->spec.path));
  return finding;
}

Scope streams_of(const std::vector<const ListenerView*>& listeners, const Path& path) {
  Scope scope = path.nothing();
  for (const ListenerView* listener : listeners) scope |= listener->scope;
  return scope;
}

void judge(const GatewayView& gateway, std::size_t index, const Path& path, Verdicts& out) {
  const ListenerView& listener = gateway.listeners[index];
  const Standing standing = standing_of(gateway, index);
  const std::vector<const ListenerView*> peers = peers_of(gateway, listener);
  const Scope around = streams_of(peers, path);
  if (standing == Standing::apart) {
    if (listener.on_path) out.pass(listener.scope);
    return;
  }
  if (standing == Standing::tolerated) {
    if (!listener.on_path && !around.any()) return;
    report(gateway, listener, listener.scope | around, out).severity(Severity::warning).certainty(Certainty::likely);
    return;
  }
  if (listener.on_path) {
    report(gateway, listener, listener.scope, out);
    return;
  }
  // Nothing of the target passes through it: it is a risk to the listener beside it, where that one is served.
  const bool told = std::any_of(peers.begin(), peers.end(), [](const ListenerView* peer) { return says_conflict(*peer); });
  if (around.any() && !told) report(gateway, listener, around, out).severity(Severity::warning);
}

void run(const Facts&, const Path& path, Verdicts& out) {
  for (const GatewayView& gateway : path.gateways) {
    if (gateway.gateway.unknown()) out.unknown(gateway.scope, gateway.gateway);
    if (!gateway.gateway.present()) continue;
    for (std::size_t index = 0; index < gateway.listeners.size(); ++index) judge(gateway, index, path, out);
  }
}

}  // namespace

extern constinit const Check listener_conflicted{
    .code = "listener-conflicted",
    .title = "two listeners of a Gateway exclude each other",
    .severity = Severity::error,
    .layer = Layer::gateway,
    .reads = {Kind::gateway},
    .explains = {"listener-certificate-invalid", "gateway-not-accepted", "gateway-not-programmed", "gateway-address-missing",
                 "route-not-accepted", "controller-not-synced", "tls-handshake-failed", "tls-served-default", "tls-served-other"},
    .run = run,
};

}  // namespace gwdoctor

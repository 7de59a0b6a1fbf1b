#include "checks/check.h"

#include "chain/hostname.h"
#include "checks/support/gateway_state.h"

namespace gwdoctor {

namespace {

bool admits_every_namespace(const FromNamespaces& from) {
  if (from.from == FromNamespaces::From::all) return true;
  return from.from == FromNamespaces::From::selector && from.selector.empty();
}

// TCP and UDP carry no hostname that anybody could claim.
bool has_hostnames(const Listener& listener) {
  return listener.protocol == "HTTP" || listener.protocol == "HTTPS" || listener.protocol == "TLS";
}

Fix narrow(const ListenerView& listener) {
  return by_hand(
      fmt::format("admit at listener {} only namespaces that carry a label, or give every team a listener for its own hostnames",
                  listener.spec.name),
      {"kubectl label namespace NAMESPACE expose-public=true", fmt::format("kubectl edit {}", kubectl_object(listener.owner))});
}

// Gateway API v1.6, security model: with routes from everywhere and no hostname of its own, a listener lets every
// namespace claim every hostname, the oldest route winning.
void run(const Facts&, const Path& path, Verdicts& out) {
  for (const GatewayView& gateway : path.gateways) {
    if (gateway.gateway.unknown()) out.unknown(gateway.scope, gateway.gateway);
    if (!gateway.gateway.present()) continue;
    for (const ListenerView& listener : gateway.listeners) {
      if (!listener.on_path || !has_hostnames(listener.spec)) continue;
      const bool shared = listener.spec.hostname.empty() || is_wildcard(listener.spec.hostname);
      if (!shared || !admits_every_namespace(listener.spec.namespaces)) {
        out.pass(listener.scope);
        continue;
      }
      const std::string field = listener.spec.path + ".allowedRoutes.namespaces";
      const bool all = listener.spec.namespaces.from == FromNamespaces::From::all;
      out.fail(listener.scope)
          .object(listener.owner, field + (all ? ".from" : ".selector"))
          .says("{} takes routes of every namespace for {}: any of them may claim any of these hostnames", text_of(listener),
                listener.spec.hostname.empty() ? "any host" : listener.spec.hostname)
          .saw(listener.owner, field, listener.document->at_path(field))
          .fix(narrow(listener));
    }
  }
}

}  // namespace

extern constinit const Check listener_too_permissive{
    .code = "listener-too-permissive",
    .title = "every namespace may claim any hostname at a shared listener",
    .severity = Severity::warning,
    .layer = Layer::gateway,
    .reads = {Kind::gateway},
    .explains = {},
    .run = run,
};

}  // namespace gwdoctor

#include "checks/check.h"

#include "checks/support/gateway_state.h"

namespace gwdoctor {

namespace {

std::string field_of(const Listener& listener) {
  if (listener.certificates.size() == 1) return listener.certificates.front().path;
  return listener.path + (listener.certificates.empty() ? ".tls" : ".tls.certificateRefs");
}

std::string_view reason_of(const Condition& resolved) {
  return resolved.reason == "PartiallyInvalidCertificateRef" ? "listener-partial-cert-ref" : "listener-invalid-cert-ref";
}

Fix remedy(const ListenerView& listener) {
  const std::string& ns = listener.owner.ns;
  if (listener.spec.certificates.empty()) {
    return by_hand(fmt::format("name a Secret of type kubernetes.io/tls in {}.tls.certificateRefs", listener.spec.path),
                   {fmt::format("kubectl get secrets -n {} --field-selector type=kubernetes.io/tls", shell_quote(ns))});
  }
  const ObjectRef& reference = listener.spec.certificates.front();
  return by_hand(
      fmt::format("put a certificate and its key into {} {}/{}", reference.kind, reference.ns, reference.name),
      {fmt::format(
          "kubectl create secret tls {} -n {} --cert=chain.pem --key=key.pem --dry-run=client -o yaml | kubectl apply -f -",
          shell_quote(reference.name), shell_quote(reference.ns))});
}

// ResolvedRefs=False of a listener that ends TLS. What is wrong with the Secret or its grant is said by tls-* and grant-*,
// which explain this one. Listeners that no stream passes through do not matter here.
void run(const Facts&, const Path& path, Verdicts& out) {
  for (const GatewayView& gateway : path.gateways) {
    if (gateway.gateway.unknown()) out.unknown(gateway.scope, gateway.gateway);
    if (!gateway.gateway.present()) continue;
    for (const ListenerView& listener : gateway.listeners) {
      if (!listener.on_path || listener.spec.tls != Listener::TlsMode::terminate || !listener.status) continue;
      if (fault_of(listener) != ListenerFault::certificate) {
        out.pass(listener.scope);
        continue;
      }
      const Condition& resolved = *condition_of(listener, ListenerFault::certificate);
      const std::string field_said = condition_path(*listener.document, conditions_path(listener), "ResolvedRefs");
      FindingBuilder finding = out.fail(listener.scope);
      finding.object(listener.owner, field_of(listener.spec))
          .reason(reason_of(resolved))
          .certainty(Certainty::observed)
          .says("the certificate of {} is not usable: {}", text_of(listener), said(resolved))
          .saw(listener.owner, field_said, listener.document->at_path(field_said))
          .fix(remedy(listener));
      for (const ObjectRef& reference : listener.spec.certificates) {
        if (reference.is("", "Secret")) finding.affects(ref(Kind::secret, reference.ns, reference.name));
      }
      // Some of several certificates are good: their hosts or algorithms are served.
      if (is_served(listener)) finding.impact(Impact::part);
    }
  }
}

}  // namespace

extern constinit const Check listener_certificate_invalid{
    .code = "listener-certificate-invalid",
    .title = "the controller cannot use the certificate of a listener",
    .severity = Severity::error,
    .layer = Layer::gateway,
    .reads = {Kind::gateway},
    .explains = {"gateway-not-accepted/gateway-listeners-not-valid", "gateway-not-programmed", "gateway-address-missing",
                 "route-not-accepted", "tls-served-default", "tls-handshake-failed"},
    .run = run,
};

}  // namespace gwdoctor

#include "checks/check.h"

#include "chain/router/backend_tls.h"

namespace gwdoctor {

namespace {

Fix remedy(const BackendTlsFault& fault, const BackendTlsPolicy& policy) {
  const Ref& object = policy.meta.ref;
  const std::string look = fmt::format("kubectl get {} -o yaml", kubectl_object(object));
  if (fault.reason == "policy-btp-invalid")
    return by_hand("correct spec.validation as the controller says; not every implementation takes every field", {look});
  if (!fault.reference.is("", "ConfigMap")) {
    return by_hand(fmt::format("name a ConfigMap of namespace {} with the CA certificate in its key ca.crt", object.ns), {look});
  }
  // Server-side, so that the other keys of an object that is there stay as they are.
  const std::string create =
      fmt::format("kubectl create configmap {} -n {} --from-file=ca.crt=CA.pem{}", shell_quote(fault.reference.name),
                  shell_quote(object.ns), fault.exists ? " --dry-run=client -o yaml | kubectl apply --server-side -f -" : "");
  return by_hand(fmt::format("put the certificate of the CA that signed the backend's into key ca.crt of ConfigMap {}/{}",
                             object.ns, fault.reference.name),
                 {create});
}

void fail_leg(const Leg& leg, const BackendTlsPlace& place, const BackendTlsView& view, const Facts& facts, Verdicts& out) {
  const BackendTlsFault& fault = *view.fault;
  const BackendTlsPolicy& policy = *view.choice.winner.policy;
  FindingBuilder finding = out.fail(leg.scope);
  finding.object(fault.object, fault.path)
      .reason(fault.reason)
      .certainty(fault.observed ? Certainty::observed : Certainty::proved)
      .affects(place.service)
      .fix(remedy(fault, policy));
  if (fault.partial) {
    finding.severity(Severity::warning).says("not every CA certificate of {} can be used: {}", policy.meta.ref.text(), fault.why);
  } else {
    finding.says("the TLS connection to {} that {} asks for fails: {}", place.service.text(), policy.meta.ref.text(), fault.why);
  }
  const std::shared_ptr<const Value> document = facts.document(policy.meta.ref);
  if (document == nullptr) return;
  finding.saw(policy.meta.ref, "spec.validation", document->at_path("spec.validation"));
  if (fault.observed) finding.saw(policy.meta.ref, "status.ancestors", document->at_path("status.ancestors"));
}

// Only what a request is traced to: for all else the list of policies, one for each namespace with a backend, is not asked for.
void run(const Facts& facts, const Path& path, Verdicts& out) {
  if (path.trace == nullptr) return;
  for (const Leg& leg : path.legs) {
    const std::optional<BackendTlsPlace> place = backend_tls_place(path, leg);
    if (!place) continue;
    const BackendTlsView view = backend_tls_view(*place, facts);
    if (view.fault) {
      fail_leg(leg, *place, view, facts, out);
      continue;
    }
    for (const Unread& unread : view.unread) out.unknown(leg.scope, unread.wish, unread.why);
    if (view.state == BackendTlsView::State::unknown && view.unread.empty())
      out.unknown(leg.scope, path.backends[leg.backend].service);
    if (view.state == BackendTlsView::State::holds && view.unread.empty()) out.pass(leg.scope);
  }
}

}  // namespace

extern constinit const Check policy_backend_tls_invalid{
    .code = "policy-backend-tls-invalid",
    .title = "the BackendTLSPolicy of a backend has no CA certificate that can be used",
    .severity = Severity::error,
    .layer = Layer::policy,
    .reads = {Kind::backend_tls_policy, Kind::config_map, Kind::secret, Kind::service, Kind::gateway_class},
    .run = run,
};

}  // namespace gwdoctor

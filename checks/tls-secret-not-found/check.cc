#include "checks/check.h"

#include <algorithm>

#include "checks/grace.h"
#include "checks/support/certificates.h"
#include "checks/support/names.h"

namespace gwdoctor {

namespace {

std::string name_path(const CertificateView& view) { return view.path + (view.ingress == no_index ? ".name" : ""); }

// The namespaces that hold a Secret of that name with a certificate. Only such a Secret is asked for: to list a whole
// namespace would fetch the content of all.
std::vector<std::string> elsewhere(const Facts& facts, const Ref& missing) {
  std::vector<std::string> found;
  const Seen<List<Secret>> secrets = facts.anywhere<Secret>(Kind::secret, missing.name);
  if (!secrets.present()) return found;
  for (const Known<Secret>& secret : *secrets) {
    if (secret->meta.ref.ns != missing.ns && secret->has("tls.crt")) found.push_back(secret->meta.ref.ns);
  }
  std::sort(found.begin(), found.end());
  return found;
}

Value grant_for(const CertificateView& view, const Ref& there) {
  Value from{Value::Object{}};
  from.set("group", "gateway.networking.k8s.io");
  from.set("kind", view.owner.kind);
  from.set("namespace", view.owner.ns);
  Value to{Value::Object{}};
  to.set("group", "");
  to.set("kind", "Secret");
  to.set("name", there.name);
  Value grant{Value::Object{}};
  grant.set("apiVersion", "gateway.networking.k8s.io/v1beta1");
  grant.set("kind", "ReferenceGrant");
  grant.set_path("metadata.name", there.name + "-from-" + view.owner.ns);
  grant.set_path("metadata.namespace", there.ns);
  grant.set_path("spec.from", Value::Array{std::move(from)});
  grant.set_path("spec.to", Value::Array{std::move(to)});
  return grant;
}

// A Gateway may use a Secret of another namespace, with a grant there; an Ingress may not. Two objects change, so there is
// no single patch to prove.
Fix reach_over(const CertificateView& view, const Facts& facts, const Ref& there) {
  const Ref missing = secret_of(view);
  const std::shared_ptr<const Value> document = facts.document(view.owner);
  if (view.ingress != no_index || document == nullptr) {
    return by_hand(fmt::format("copy the certificate from namespace {} into {}", there.ns, missing.ns),
                   {create_tls_secret(missing, content_of(there, "tls.crt"), content_of(there, "tls.key"))});
  }
  Fix fix = by_hand(fmt::format("name namespace {} in the certificateRef, and let a ReferenceGrant there admit it", there.ns));
  if (const auto change = set_field(view.owner, *document, view.path + ".namespace", there.ns, {}))
    fix.commands = change->commands;
  const Ref grant = ref(Kind::reference_grant, there.ns, there.name + "-from-" + view.owner.ns);
  for (std::string& command : create_object(grant, grant_for(view, there), {}).commands)
    fix.commands.push_back(std::move(command));
  return fix;
}

// The owner's annotations ask cert-manager for the certificate (its ingress-shim and gateway-shim).
bool asks_cert_manager(const CertificateView& view, const Facts& facts) {
  const std::shared_ptr<const Value> document = facts.document(view.owner);
  if (document == nullptr) return false;
  const Value& annotations = (*document)["metadata"]["annotations"];
  const auto names = [&](std::string_view key) { return annotations.find(key) != nullptr; };
  return names("cert-manager.io/cluster-issuer") || names("cert-manager.io/issuer") || names("kubernetes.io/tls-acme");
}

Fix remedy(const CertificateView& view, bool by_cert_manager) {
  const Ref missing = secret_of(view);
  const std::string ns = shell_quote(missing.ns);
  if (by_cert_manager) {
    return by_hand(
        fmt::format("{} asks cert-manager for this certificate: find out what its Certificate waits for", view.owner.text()),
        {fmt::format("kubectl describe certificates.cert-manager.io -n {}", ns),
         fmt::format("kubectl get certificaterequests,orders,challenges -n {}", ns)});
  }
  return by_hand("create the Secret, or name one that exists",
                 {create_tls_secret(missing, "chain.pem", "key.pem"),
                  fmt::format("kubectl get secrets -n {} --field-selector type=kubernetes.io/tls", ns)});
}

void fail(const CertificateView& view, bool by_cert_manager, const Path& path, const Facts& facts, Verdicts& out) {
  const Ref missing = secret_of(view);
  FindingBuilder finding = fail_certificate(view, view.owner, name_path(view), harm_of(view, path, facts), path, out);
  if (const auto document = facts.document(view.owner)) finding.saw(view.owner, view.path, document->at_path(view.path));
  const std::vector<std::string> others = elsewhere(facts, missing);
  if (others.empty()) {
    finding.reason("tls-secret-missing").says("{} does not exist", missing.text()).fix(remedy(view, by_cert_manager));
    return;
  }
  finding.reason("tls-secret-wrong-namespace")
      .says("{} does not exist; Secrets of that name are in: {}", missing.text(), join_names(others))
      .fix(by_cert_manager ? remedy(view, true) : reach_over(view, facts, ref(Kind::secret, others.front(), missing.name)));
}

// cert-manager makes the Secret soon after the object that asks for it.
bool still_coming(const CertificateView& view, const Path& path, const Facts& facts) {
  if (view.ingress != no_index) {
    const Seen<Ingress>& ingress = path.ingresses[view.ingress].ingress;
    return ingress.present() && settling(ingress->meta, facts);
  }
  const GatewayView& gateway = path.gateways[view.gateway];
  return view.owner == gateway.ref && settling(gateway.gateway->meta, facts);
}

// Ingress v1 IngressTLS.secretName; Gateway API v1.6 GatewayTLSConfig.certificateRefs.
void run(const Facts& facts, const Path& path, Verdicts& out) {
  for (const CertificateView* view : served_certificates(path, facts)) {
    if (view->secret.unknown()) {
      out.unknown(view->scope, view->secret);
    } else if (view->secret.present()) {
      out.pass(view->scope);
    } else if (const bool asked = asks_cert_manager(*view, facts); asked && still_coming(*view, path, facts)) {
      out.unknown(view->scope, view->secret.wish(), pending("cert-manager"));
    } else {
      fail(*view, asked, path, facts, out);
    }
  }
}

}  // namespace

extern constinit const Check tls_secret_not_found{
    .code = "tls-secret-not-found",
    .title = "a listener or Ingress names a certificate Secret that does not exist",
    .severity = Severity::error,
    .layer = Layer::tls,
    .reads = {Kind::secret, Kind::gateway, Kind::ingress},
    .explains = {"listener-certificate-invalid", "gateway-not-accepted/gateway-listeners-not-valid", "gateway-not-programmed",
                 "gateway-address-missing", "route-not-accepted", "tls-served-default", "tls-handshake-failed"},
    .run = run,
};

}  // namespace gwdoctor

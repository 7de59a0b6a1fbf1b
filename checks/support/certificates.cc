#include "checks/support/certificates.h"

#include <algorithm>

#include "chain/hostname.h"

namespace gwdoctor {

namespace {

constexpr std::string_view issued_by = "cert-manager.io/certificate-name";

bool is_aws(const Controller& controller) { return controller.id.starts_with("aws") || controller.id.starts_with("eks"); }

bool has_alb_annotations(const Ref& ingress, const Facts& facts) {
  const std::shared_ptr<const Value> document = facts.document(ingress);
  if (document == nullptr) return false;
  const auto& annotations = (*document)["metadata"]["annotations"].members();
  return std::any_of(annotations.begin(), annotations.end(),
                     [](const auto& one) { return one.first.starts_with("alb.ingress.kubernetes.io/"); });
}

bool reads_secrets(const CertificateView& view, const Path& path, const Facts& facts) {
  if (const Controller* controller = controller_of(view, path)) return !is_aws(*controller);
  return view.ingress == no_index || !has_alb_annotations(view.owner, facts);
}

// The controller that wrote the status of a route on this Gateway.
const Controller* status_writer(std::size_t gateway, const Path& path) {
  for (const RouteView& route : path.routes) {
    for (const ParentView& parent : route.parents) {
      if (parent.gateway == gateway && parent.status) return find_by_gateway_controller(parent.status->controller_name);
    }
  }
  return nullptr;
}

// Certificates for the same host at the same place: clients are served with any of them.
bool serves_too(const CertificateView& other, const CertificateView& view, const std::string& host) {
  return &other != &view && other.gateway == view.gateway && other.listener == view.listener && other.ingress == view.ingress &&
         std::find(other.hosts.begin(), other.hosts.end(), host) != other.hosts.end();
}

// Clients can be served with it, as far as is known: what could not be read is not blamed.
bool is_usable(const CertificateView& view, const std::string& host, const Time now) {
  if (!view.is_secret || view.secret.unknown()) return true;
  if (view.secret.absent() || view.secret->chain.empty()) return false;
  const KeyState key = view.secret->key;
  if (key != KeyState::matches && key != KeyState::unknown) return false;
  const Certificate& leaf = view.secret->chain.front();
  return leaf.not_before <= now && leaf.not_after >= now && is_meant_for(leaf, host);
}

// The streams of those hosts that no other certificate serves.
Scope left_alone(const CertificateView& view, const Path& path, const Time now) {
  std::vector<std::string> hosts;
  for (const std::string& host : view.hosts) {
    const bool served = std::any_of(path.certificates.begin(), path.certificates.end(), [&](const CertificateView& other) {
      return serves_too(other, view, host) && is_usable(other, host, now);
    });
    if (!served) hosts.push_back(host);
  }
  return view.scope & path.through([&](const Entrance& entrance, const Leg&) {
    return std::find(hosts.begin(), hosts.end(), entrance.host) != hosts.end();
  });
}

Value list_of(const std::vector<std::string>& names) {
  Value out{Value::Array{}};
  for (const std::string& name : names) out.push_back(name);
  return out;
}

}  // namespace

const Controller* controller_of(const CertificateView& view, const Path& path) {
  const std::size_t at =
      view.gateway != no_index ? path.gateways[view.gateway].controller : path.ingresses[view.ingress].controller;
  if (at != no_index) return path.controllers[at].known;
  return view.gateway != no_index ? status_writer(view.gateway, path) : nullptr;
}

Ref secret_of(const CertificateView& view) { return ref(Kind::secret, view.reference.ns, view.reference.name); }

std::vector<const CertificateView*> served_certificates(const Path& path, const Facts& facts) {
  std::vector<const CertificateView*> out;
  for (const CertificateView& view : path.certificates) {
    if (view.is_secret && view.scope.any() && reads_secrets(view, path, facts)) out.push_back(&view);
  }
  return out;
}

std::vector<const CertificateView*> present_certificates(const Path& path, const Facts& facts, Verdicts& out) {
  std::vector<const CertificateView*> present;
  for (const CertificateView* view : served_certificates(path, facts)) {
    if (view->secret.unknown()) out.unknown(view->scope, view->secret);
    if (view->secret.present()) present.push_back(view);
  }
  return present;
}

bool is_filled(const Secret& secret, std::string_view key) {
  return secret.has(key) && std::find(secret.empty_keys.begin(), secret.empty_keys.end(), key) == secret.empty_keys.end();
}

bool is_meant_for(const Certificate& certificate, std::string_view host) {
  if (host.empty()) return true;
  if (!is_wildcard(host)) return certificate.covers(host);
  // The hosts behind a wildcard are not known: names under it are taken for the ones that are in use.
  return std::any_of(certificate.dns_names.begin(), certificate.dns_names.end(),
                     [&](const std::string& name) { return covers(host, name); });
}

Harm harm_of(const CertificateView& view, const Path& path, const Facts& facts) {
  const Scope alone = left_alone(view, path, facts.now());
  return alone.any() ? Harm{alone, Impact::all} : Harm{view.scope, Impact::part};
}

FindingBuilder fail_certificate(const CertificateView& view, const Ref& object, std::string_view field, const Harm& harm,
                                const Path& path, Verdicts& out) {
  FindingBuilder finding = out.fail(harm.scope);
  finding.object(object, field).impact(harm.impact);
  for (const Ref& other : {secret_of(view), view.owner}) {
    if (other != object) finding.affects(other);
  }
  for (const RouteView& route : path.routes) {
    if (route.scope.overlaps(harm.scope)) finding.affects(route.ref);
  }
  return finding;
}

FindingBuilder fail_certificate(const CertificateView& view, std::string_view field, const Path& path, const Facts& facts,
                                Verdicts& out) {
  return fail_certificate(view, secret_of(view), field, harm_of(view, path, facts), path, out);
}

Value naming_of(const Certificate& certificate) {
  Value out{Value::Object{}};
  out.set("subject", certificate.subject);
  out.set("dnsNames", list_of(certificate.dns_names));
  if (!certificate.ip_names.empty()) out.set("ipAddresses", list_of(certificate.ip_names));
  return out;
}

Value validity_of(const Certificate& certificate) {
  Value out{Value::Object{}};
  out.set("subject", certificate.subject);
  out.set("notBefore", format_time(certificate.not_before));
  out.set("notAfter", format_time(certificate.not_after));
  out.set("issuer", certificate.issuer);
  return out;
}

std::string create_tls_secret(const Ref& secret, std::string_view cert, std::string_view key) {
  return fmt::format("kubectl create secret tls {} -n {} --cert={} --key={}", shell_quote(secret.name), shell_quote(secret.ns),
                     cert, key);
}

std::string content_of(const Ref& secret, std::string_view key) {
  return fmt::format("<(kubectl get secret {} -n {} -o go-template='{{{{index .data \"{}\" | base64decode}}}}')",
                     shell_quote(secret.name), shell_quote(secret.ns), key);
}

Fix renew(const CertificateView& view, std::string summary) {
  const Ref secret = secret_of(view);
  const std::string* certificate = view.secret.present() ? label(view.secret->meta.annotations, issued_by) : nullptr;
  if (certificate == nullptr || certificate->empty()) {
    return by_hand(std::move(summary), {create_tls_secret(secret, "chain.pem", "key.pem") + std::string(replace_it)});
  }
  const std::string ns = shell_quote(secret.ns);
  return by_hand(
      fmt::format("{}: cert-manager keeps this Secret, and its Certificate {} tells why it did not", summary, *certificate),
      {fmt::format("kubectl describe certificates.cert-manager.io {} -n {}", shell_quote(*certificate), ns),
       fmt::format("kubectl get certificaterequests,orders,challenges -n {}", ns)});
}

}  // namespace gwdoctor

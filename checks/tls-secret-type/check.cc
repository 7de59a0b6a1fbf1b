#include "checks/check.h"

#include "checks/support/certificates.h"
#include "checks/support/gateway_state.h"
#include "checks/support/names.h"

namespace gwdoctor {

namespace {

constexpr std::string_view tls_type = "kubernetes.io/tls";

// Istio takes a certificate and its key under other names too: cert and key.
bool is_istio(const Controller* controller) { return controller != nullptr && controller->id == "istio"; }

Fix make_anew(const CertificateView& view) {
  const std::string& type = view.secret->type;
  if (type == tls_type) return renew(view, "put a certificate and its key into the Secret");
  return by_hand(fmt::format("make the Secret anew with type {}: the type of a Secret cannot be changed", tls_type),
                 {create_tls_secret(secret_of(view), "chain.pem", "key.pem") + std::string(recreate_it)});
}

// core/v1 SecretTypeTLS: "Required fields: Secret.Data["tls.key"] … Secret.Data["tls.crt"]".
void lacks_keys(const CertificateView& view, const Path& path, const Facts& facts, Verdicts& out) {
  const Secret& secret = *view.secret;
  std::vector<std::string> absent;
  std::vector<std::string> unfilled;
  for (const char* key : {"tls.crt", "tls.key"}) {
    if (!secret.has(key)) absent.emplace_back(key);
    if (!is_filled(secret, key)) unfilled.emplace_back(key);
  }
  const std::string field = absent.empty() ? fmt::format("data[\"{}\"]", unfilled.front()) : "data";
  FindingBuilder finding = fail_certificate(view, field, path, facts, out);
  finding.reason("tls-secret-missing-keys").saw(secret_of(view), "type", secret.type).fix(make_anew(view));
  if (absent.empty()) {
    finding.says("{} of {} {} empty", join_names(unfilled), secret_of(view).text(), unfilled.size() == 1 ? "is" : "are");
  } else {
    finding.says("{} has {}, expected tls.crt and tls.key", secret_of(view).text(), join_names(secret.keys, "no keys"));
  }
}

// What the controller says of the listener's references, where this certificate is the only one.
Word said_of(const CertificateView& view, const Path& path) {
  if (view.listener == no_index || view.siblings != 1) return Word::none;
  const ListenerView& listener = path.gateways[view.gateway].listeners[view.listener];
  if (!listener.status) return Word::none;
  const Condition* resolved = condition(listener.status->conditions, "ResolvedRefs");
  const Word said = word(resolved, generation_of(listener));
  return said == Word::no && resolved->reason != "InvalidCertificateRef" ? Word::none : said;
}

// Says unknown where the controller is not known because its class could not be read.
bool is_class_unknown(const CertificateView& view, const Path& path, Verdicts& out) {
  if (controller_of(view, path) != nullptr) return false;
  const auto blind = [&](const auto& seen) {
    if (!seen.unknown()) return false;
    out.unknown(view.scope, seen);
    return true;
  };
  if (view.gateway != no_index) return blind(path.gateways[view.gateway].gateway_class);
  const IngressView& ingress = path.ingresses[view.ingress];
  if (ingress.class_by == ClassBy::unknown) return blind(ingress.classes);
  return !ingress.class_name.empty() && blind(ingress.ingress_class);
}

Fix change_type(const CertificateView& view) {
  const Ref secret = secret_of(view);
  const std::string command = create_tls_secret(secret, content_of(secret, "tls.crt"), content_of(secret, "tls.key"));
  return by_hand(fmt::format("make the Secret anew with type {}: the type of a Secret cannot be changed", tls_type),
                 {command + std::string(recreate_it)});
}

// Type Opaque with the right keys: ingress-nginx, Traefik, Istio and Contour take it (failures/traps, 20), others refuse.
void other_type(const CertificateView& view, const Path& path, const Facts& facts, Verdicts& out) {
  const Controller* controller = controller_of(view, path);
  const Word said = said_of(view, path);
  // Not in one expression: GCC 12 then warns of a value that is not there.
  std::optional<bool> accepts;
  if (controller != nullptr) accepts = controller->accepts_opaque_secret;
  if (said != Word::no) {
    if (said != Word::yes && is_class_unknown(view, path, out)) return;
    if (said == Word::yes || accepts.value_or(false)) return out.pass(view.scope);
  }
  FindingBuilder finding = fail_certificate(view, "type", path, facts, out);
  finding.reason("tls-secret-wrong-type")
      .certainty(said == Word::no ? Certainty::observed : Certainty::likely)
      .says("{} is of type {}, expected {}", secret_of(view).text(), view.secret->type, tls_type)
      .saw(secret_of(view), "type", view.secret->type)
      .fix(change_type(view));
  if (said == Word::no) {
    const ListenerView& listener = path.gateways[view.gateway].listeners[view.listener];
    finding.saw(listener.owner, conditions_path(listener), listener.document->at_path(conditions_path(listener)));
  } else if (!accepts) {
    finding.severity(Severity::warning);
  }
}

void run(const Facts& facts, const Path& path, Verdicts& out) {
  for (const CertificateView* view : present_certificates(path, facts, out)) {
    const Secret& secret = *view->secret;
    const bool other_keys = is_filled(secret, "cert") && is_filled(secret, "key");
    if (other_keys && is_istio(controller_of(*view, path))) {
      out.pass(view->scope);
    } else if (other_keys && is_class_unknown(*view, path, out)) {
      continue;
    } else if (!is_filled(secret, "tls.crt") || !is_filled(secret, "tls.key")) {
      lacks_keys(*view, path, facts, out);
    } else if (secret.type != tls_type) {
      other_type(*view, path, facts, out);
    } else {
      out.pass(view->scope);
    }
  }
}

}  // namespace

extern constinit const Check tls_secret_type{
    .code = "tls-secret-type",
    .title = "a certificate Secret lacks tls.crt or tls.key, or is not of type kubernetes.io/tls",
    .severity = Severity::error,
    .layer = Layer::tls,
    .reads = {Kind::secret, Kind::gateway_class, Kind::ingress_class},
    .explains = {"listener-certificate-invalid", "gateway-not-accepted/gateway-listeners-not-valid", "gateway-not-programmed",
                 "gateway-address-missing", "route-not-accepted", "tls-served-default", "tls-handshake-failed"},
    .run = run,
};

}  // namespace gwdoctor

#include "checks/check.h"

#include "checks/support/certificates.h"

namespace gwdoctor {

namespace {

// Only the first certificate is compared, as servers do it: behind an intermediate the leaf's key never fits.
void run(const Facts& facts, const Path& path, Verdicts& out) {
  for (const CertificateView* view : present_certificates(path, facts, out)) {
    const Secret& secret = *view->secret;
    if (secret.chain.empty()) continue;
    if (secret.key == KeyState::matches) out.pass(view->scope);
    if (secret.key == KeyState::unknown) {
      const Why why{Why::Reason::not_collected, "its tls.key could not be compared with the certificate", std::nullopt};
      out.unknown(view->scope, view->secret.wish(), why);
    }
    if (secret.key != KeyState::differs) continue;
    fail_certificate(*view, "data[\"tls.key\"]", path, facts, out)
        .reason("tls-key-mismatch")
        .says("tls.key of {} does not belong to the certificate in tls.crt ({})", secret_of(*view).text(),
              secret.chain.front().subject)
        .saw(secret_of(*view), "data[\"tls.crt\"]", naming_of(secret.chain.front()))
        .fix(renew(*view, "put a certificate and the key that it was issued for into the Secret"));
  }
}

}  // namespace

extern constinit const Check tls_key_mismatch{
    .code = "tls-key-mismatch",
    .title = "tls.key does not belong to tls.crt",
    .severity = Severity::error,
    .layer = Layer::tls,
    .reads = {Kind::secret},
    .explains = {"listener-certificate-invalid", "gateway-not-accepted/gateway-listeners-not-valid", "gateway-not-programmed",
                 "gateway-address-missing", "route-not-accepted", "tls-served-default", "tls-handshake-failed"},
    .run = run,
};

}  // namespace gwdoctor

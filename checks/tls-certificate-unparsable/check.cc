#include "checks/check.h"

#include "checks/support/certificates.h"

namespace gwdoctor {

namespace {

constexpr std::string_view reason = "tls-secret-malformed";

void judge(const CertificateView& view, const Path& path, const Facts& facts, Verdicts& out) {
  const Secret& secret = *view.secret;
  const bool bad_chain = !secret.chain_error.empty() && is_filled(secret, "tls.crt");
  const bool bad_key = secret.key == KeyState::unparsable;
  if (bad_chain) {
    fail_certificate(view, "data[\"tls.crt\"]", path, facts, out)
        .reason(reason)
        .says("tls.crt of {} cannot be read: {}, expected PEM certificates", secret_of(view).text(), secret.chain_error)
        .fix(renew(view, "put a PEM certificate, the leaf first, and its key into the Secret"));
  }
  if (bad_key) {
    fail_certificate(view, "data[\"tls.key\"]", path, facts, out)
        .reason(reason)
        .says("tls.key of {} cannot be read: expected an unencrypted private key in PEM", secret_of(view).text())
        .fix(renew(view, "put the certificate and its unencrypted PEM key into the Secret"));
  }
  if (!bad_chain && !bad_key && !secret.chain.empty()) out.pass(view.scope);
}

void run(const Facts& facts, const Path& path, Verdicts& out) {
  for (const CertificateView* view : present_certificates(path, out)) judge(*view, path, facts, out);
}

}  // namespace

extern constinit const Check tls_certificate_unparsable{
    .code = "tls-certificate-unparsable",
    .title = "tls.crt is not a PEM certificate, or tls.key not a PEM key",
    .severity = Severity::error,
    .layer = Layer::tls,
    .reads = {Kind::secret},
    .explains = {"listener-certificate-invalid", "gateway-not-accepted/gateway-listeners-not-valid", "gateway-not-programmed",
                 "gateway-address-missing", "route-not-accepted"},
    .run = run,
};

}  // namespace gwdoctor

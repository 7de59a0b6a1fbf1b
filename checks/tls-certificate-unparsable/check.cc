#include "checks/check.h"

#include "checks/support/certificates.h"

namespace gwdoctor {

namespace {

// What is wrong with the pair, in one sentence: both halves usually come from one mistake.
std::string message_of(const Ref& secret, const std::string& chain_error, bool bad_key) {
  if (chain_error.empty())
    return fmt::format("tls.key of {} cannot be read as a PEM private key without a password", secret.text());
  return fmt::format("tls.crt of {} cannot be read as PEM certificates: {}{}", secret.text(), chain_error,
                     bad_key ? "; nor can tls.key as a private key" : "");
}

void judge(const CertificateView& view, const Path& path, const Facts& facts, Verdicts& out) {
  const Secret& secret = *view.secret;
  const std::string chain_error = is_filled(secret, "tls.crt") ? secret.chain_error : std::string();
  const bool bad_key = secret.key == KeyState::unparsable;
  if (chain_error.empty() && !bad_key) {
    if (!secret.chain.empty()) out.pass(view.scope);
    return;
  }
  fail_certificate(view, chain_error.empty() ? "data[\"tls.key\"]" : "data[\"tls.crt\"]", path, facts, out)
      .reason("tls-secret-malformed")
      .says("{}", message_of(secret_of(view), chain_error, bad_key))
      .fix(renew(view, "put a PEM certificate, the leaf first, and its PEM key without a password into the Secret"));
}

void run(const Facts& facts, const Path& path, Verdicts& out) {
  for (const CertificateView* view : present_certificates(path, facts, out)) judge(*view, path, facts, out);
}

}  // namespace

extern constinit const Check tls_certificate_unparsable{
    .code = "tls-certificate-unparsable",
    .title = "tls.crt is not a PEM certificate, or tls.key not a PEM key",
    .severity = Severity::error,
    .layer = Layer::tls,
    .reads = {Kind::secret},
    .explains = {"listener-certificate-invalid", "gateway-not-accepted/gateway-listeners-not-valid", "gateway-not-programmed",
                 "gateway-address-missing", "route-not-accepted", "tls-served-default", "tls-handshake-failed"},
    .run = run,
};

}  // namespace gwdoctor

#include "checks/check.h"

#include "checks/support/certificates.h"

namespace gwdoctor {

namespace {

// RFC 5280 section 4.1.2.5: valid from notBefore, inclusive.
void run(const Facts& facts, const Path& path, Verdicts& out) {
  for (const CertificateView* view : present_certificates(path, facts, out)) {
    if (view->secret->chain.empty()) continue;
    const Certificate& leaf = view->secret->chain.front();
    if (leaf.not_before <= facts.now()) {
      out.pass(view->scope);
      continue;
    }
    fail_certificate(*view, "data[\"tls.crt\"]", path, facts, out)
        .reason("tls-cert-not-yet-valid")
        .says("the certificate in {} is not valid before {}, in {}", secret_of(*view).text(), format_time(leaf.not_before),
              format_duration(leaf.not_before - facts.now()))
        .saw(secret_of(*view), "data[\"tls.crt\"]", validity_of(leaf))
        .fix(renew(*view, "replace the certificate by one that is valid now, or set right the clock of who issued it"));
  }
}

}  // namespace

extern constinit const Check tls_certificate_not_yet_valid{
    .code = "tls-certificate-not-yet-valid",
    .title = "a certificate is not valid yet",
    .severity = Severity::error,
    .layer = Layer::tls,
    .reads = {Kind::secret},
    .explains = {},
    .run = run,
};

}  // namespace gwdoctor

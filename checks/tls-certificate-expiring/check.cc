#include "checks/check.h"

#include "checks/support/certificates.h"

namespace gwdoctor {

namespace {

// Within --expiry-warning of notAfter. What is over or not valid yet is an error of another code.
void run(const Facts& facts, const Path& path, Verdicts& out) {
  for (const CertificateView* view : present_certificates(path, facts, out)) {
    if (view->secret->chain.empty()) continue;
    const Certificate& leaf = view->secret->chain.front();
    if (leaf.not_after < facts.now() || leaf.not_before > facts.now()) continue;
    const Seconds left = leaf.not_after - facts.now();
    if (left > facts.settings().expiry_warning) {
      out.pass(view->scope);
      continue;
    }
    fail_certificate(*view, "data[\"tls.crt\"]", path, facts, out)
        .severity(Severity::warning)
        .reason("tls-cert-expiring")
        .says("the certificate in {} expires in {} ({})", secret_of(*view).text(), format_duration(left),
              format_time(leaf.not_after))
        .saw(secret_of(*view), "data[\"tls.crt\"]", validity_of(leaf))
        .fix(renew(*view, "renew the certificate"));
  }
}

}  // namespace

extern constinit const Check tls_certificate_expiring{
    .code = "tls-certificate-expiring",
    .title = "a certificate expires soon",
    .severity = Severity::warning,
    .layer = Layer::tls,
    .reads = {Kind::secret},
    .explains = {},
    .run = run,
};

}  // namespace gwdoctor

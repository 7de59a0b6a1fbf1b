#include "checks/check.h"

#include <algorithm>

#include "checks/support/certificates.h"

namespace gwdoctor {

namespace {

std::string ago(const Certificate& certificate, const Facts& facts) {
  return fmt::format("{} ago ({})", format_duration(facts.now() - certificate.not_after), format_time(certificate.not_after));
}

// RFC 5280 section 4.1.2.5: valid up to notAfter, inclusive.
bool is_over(const Certificate& certificate, const Facts& facts) { return certificate.not_after < facts.now(); }

void leaf_over(const CertificateView& view, const Path& path, const Facts& facts, Verdicts& out) {
  const Certificate& leaf = view.secret->chain.front();
  fail_certificate(view, "data[\"tls.crt\"]", path, facts, out)
      .reason("tls-cert-expired")
      .says("the certificate in {} expired {}", secret_of(view).text(), ago(leaf, facts))
      .saw(secret_of(view), "data[\"tls.crt\"]", validity_of(leaf))
      .fix(renew(view, "renew the certificate"));
}

// An expired intermediate that no valid one of the same name stands beside. A root is left alone: clients have their own.
const Certificate* expired_intermediate(const std::vector<Certificate>& chain, const Facts& facts) {
  for (std::size_t at = 1; at < chain.size(); ++at) {
    if (!is_over(chain[at], facts) || chain[at].self_signed) continue;
    const bool replaced = std::any_of(chain.begin() + 1, chain.end(), [&](const Certificate& other) {
      return other.subject == chain[at].subject && !is_over(other, facts);
    });
    if (!replaced) return &chain[at];
  }
  return nullptr;
}

// Clients that know a newer certificate of the same issuer succeed. Without the leaf's own issuer many fail; one further up
// is the cross-signature of a root that current clients trust by itself.
void intermediate_over(const CertificateView& view, const Certificate& intermediate, const Path& path, const Facts& facts,
                       Verdicts& out) {
  const bool issued_leaf = intermediate.subject == view.secret->chain.front().issuer;
  FindingBuilder finding = fail_certificate(view, "data[\"tls.crt\"]", path, facts, out);
  finding.reason("tls-intermediate-expired")
      .says("the intermediate certificate {} in {} expired {}", intermediate.subject, secret_of(view).text(),
            ago(intermediate, facts))
      .saw(secret_of(view), "data[\"tls.crt\"]", validity_of(intermediate))
      .fix(renew(view, "replace the chain in tls.crt by the one that the issuer gives out now"));
  if (issued_leaf) {
    finding.impact(Impact::part);
  } else {
    finding.severity(Severity::warning);
  }
}

void run(const Facts& facts, const Path& path, Verdicts& out) {
  for (const CertificateView* view : present_certificates(path, facts, out)) {
    const std::vector<Certificate>& chain = view->secret->chain;
    if (chain.empty()) continue;
    if (is_over(chain.front(), facts)) {
      leaf_over(*view, path, facts, out);
    } else if (const Certificate* intermediate = expired_intermediate(chain, facts)) {
      intermediate_over(*view, *intermediate, path, facts, out);
    } else {
      out.pass(view->scope);
    }
  }
}

}  // namespace

extern constinit const Check tls_certificate_expired{
    .code = "tls-certificate-expired",
    .title = "a certificate has expired",
    .severity = Severity::error,
    .layer = Layer::tls,
    .reads = {Kind::secret},
    .explains = {},
    .run = run,
};

}  // namespace gwdoctor

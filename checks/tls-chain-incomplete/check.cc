#include "checks/check.h"

#include <algorithm>
#include <array>

#include "checks/support/handshakes.h"
#include "checks/support/names.h"

namespace gwdoctor {

namespace {

// Organizations whose public CAs issue from intermediates alone (CA/Browser Forum, Baseline Requirements, section 6.1.7: a root's
// key signs no certificate of a subscriber). Not among them: those that also run private roots under the same name.
constexpr std::array<std::string_view, 26> public_issuers{"Let's Encrypt",
                                                          "DigiCert Inc",
                                                          "DigiCert, Inc.",
                                                          "DigiCert\\, Inc.",
                                                          "Sectigo Limited",
                                                          "GlobalSign nv-sa",
                                                          "Google Trust Services",
                                                          "Amazon",
                                                          "GoDaddy.com\\, Inc.",
                                                          "Starfield Technologies\\, Inc.",
                                                          "Entrust\\, Inc.",
                                                          "ZeroSSL",
                                                          "ZeroSSL GmbH",
                                                          "Buypass AS-983163327",
                                                          "SSL Corporation",
                                                          "SSL Corp",
                                                          "Asseco Data Systems S.A.",
                                                          "Unizeto Technologies S.A.",
                                                          "Actalis S.p.A.",
                                                          "IdenTrust",
                                                          "SwissSign AG",
                                                          "QuoVadis Limited",
                                                          "D-Trust GmbH",
                                                          "COMODO CA Limited",
                                                          "GEANT Vereniging",
                                                          "TrustAsia Technologies\\, Inc."};

bool is_public_issuer(const std::string& issuer) {
  return std::any_of(public_issuers.begin(), public_issuers.end(), [&](std::string_view name) {
    const std::string part = "O=" + std::string(name);
    const std::size_t at = issuer.find(part);
    if (at == std::string::npos) return false;
    const std::size_t end = at + part.size();
    return end == issuer.size() || issuer[end] == ',' || issuer[end] == '+';
  });
}

// Whether clients that know the public roots alone are to take it.
bool is_for_all(const std::string& issuer, const Facts& facts) {
  return is_public_issuer(issuer) || facts.settings().public_view;
}

// What OpenSSL says where a certificate's issuer is neither served nor known.
bool misses_issuer(const TlsAnswer& answer) {
  return answer.trust == Trust::untrusted && (answer.trust_error.find("local issuer") != std::string::npos ||
                                              answer.trust_error.find("first certificate") != std::string::npos);
}

// ---- the order in the Secret ----

// Why the chain is not in its order; "" where it is.
std::string disorder(const std::vector<Certificate>& chain) {
  const auto leaf = std::find_if(chain.begin(), chain.end(), [](const Certificate& one) { return !one.is_ca; });
  if (leaf != chain.end() && leaf != chain.begin())
    return fmt::format("begins with the CA certificate {}, expected that of the host ({}) first", chain.front().subject,
                       leaf->subject);
  std::size_t at = 0;
  for (std::size_t steps = 0; steps < chain.size() && !chain[at].self_signed; ++steps) {
    const auto issuer = std::find_if(chain.begin(), chain.end(), [&](const Certificate& one) {
      return one.subject == chain[at].issuer && one.fingerprint != chain[at].fingerprint;
    });
    if (issuer == chain.end()) break;
    const auto next = static_cast<std::size_t>(issuer - chain.begin());
    if (next < at)
      return fmt::format("has the issuer {} before the certificate that it signed ({})", chain[next].subject, chain[at].subject);
    at = next;
  }
  for (std::size_t index = 1; index < chain.size(); ++index) {
    const bool related = std::any_of(chain.begin(), chain.end(), [&](const Certificate& one) {
      return one.issuer == chain[index].subject || (&one != &chain[index] && one.subject == chain[index].subject);
    });
    if (!related)
      return fmt::format("holds {} after the certificate of the host, expected its issuer {}", chain[index].subject,
                         chain.front().issuer);
  }
  return {};
}

// ---- what is missing ----

// The handshakes in which this very certificate was served.
std::vector<const Shake*> shakes_with(const Certificate& leaf, const std::vector<TlsSpot>& spots) {
  std::vector<const Shake*> found;
  for (const TlsSpot& spot : spots) {
    for (const Shake& shake : spot.shakes) {
      const TlsAnswer& answer = shake.tls();
      if (answer.served() && !answer.chain.empty() && answer.chain.front().fingerprint == leaf.fingerprint)
        found.push_back(&shake);
    }
  }
  return found;
}

Fix complete(const CertificateView& view) {
  return renew(view, "put the certificate and its issuer's intermediates into tls.crt, the host's own first");
}

void report_secret(const CertificateView& view, std::string_view reason, Certainty certainty, const std::string& what,
                   const Shake* shake, const Path& path, Verdicts& out) {
  const Ref secret = secret_of(view);
  FindingBuilder finding = fail_certificate(view, secret, "data[\"tls.crt\"]", {view.scope, Impact::none}, path, out);
  finding.reason(reason)
      .severity(Severity::warning)
      .certainty(certainty)
      .says("tls.crt of {} {}", secret.text(), what)
      .saw(secret, "data[\"tls.crt\"]", validity_of(view.secret->chain.front()))
      .fix(complete(view));
  if (shake != nullptr)
    finding.saw(shake->ref(shake->tls().port), "status.trustError", shake->answer.document().at_path("status.trustError"));
}

void judge_secret(const CertificateView& view, const std::vector<TlsSpot>& spots, const Path& path, const Facts& facts,
                  Verdicts& out) {
  const std::vector<Certificate>& chain = view.secret->chain;
  if (const std::string what = disorder(chain); !what.empty()) {
    // The key is the leaf's: servers compare it with the first certificate, and tls-key-mismatch tells.
    if (view.secret->key == KeyState::differs) return;
    return report_secret(view, "tls-chain-wrong-order", Certainty::proved, what, nullptr, path, out);
  }
  const Certificate& leaf = chain.front();
  const std::vector<const Shake*> shakes = shakes_with(leaf, spots);
  const auto fits = [](const Shake* shake) { return shake->tls().chain.size() > 1 || shake->tls().trust == Trust::trusted; };
  const auto refused = std::find_if(shakes.begin(), shakes.end(), [](const Shake* shake) { return misses_issuer(shake->tls()); });
  // With the root of a private CA at hand (--ca-file), a handshake that still misses an issuer is one without its intermediate.
  const bool refused_with_root = refused != shakes.end() && !facts.settings().ca_file.empty();
  const bool expected = is_for_all(leaf.issuer, facts) || refused_with_root;
  if (chain.size() > 1 || leaf.self_signed || !expected || std::any_of(shakes.begin(), shakes.end(), fits))
    return out.pass(view.scope);
  const bool seen = refused != shakes.end() && is_public_issuer(leaf.issuer);
  report_secret(view, "tls-chain-incomplete", seen ? Certainty::observed : Certainty::likely,
                fmt::format("holds the certificate of the host alone, without that of its issuer {}", leaf.issuer),
                refused == shakes.end() ? nullptr : *refused, path, out);
}

// What is served where no Secret is: a load balancer's or the controller's own certificate.
void judge_served(const TlsSpot& spot, const Facts& facts, std::vector<TlsFault>& faults, Verdicts& out) {
  if (!spot.meant.empty()) return;
  for (const Shake& shake : spot.shakes) {
    const TlsAnswer& answer = shake.tls();
    if (!answer.served() || answer.chain.empty()) continue;
    const ServedCertificate& leaf = answer.chain.front();
    const bool expected = is_for_all(leaf.issuer, facts) || !facts.settings().ca_file.empty();
    if (answer.chain.size() == 1 && !leaf.self_signed && expected && misses_issuer(answer)) {
      add_fault(spot, shake, leaf.fingerprint, false, faults);
    } else {
      out.pass(spot.port->scope);
    }
  }
}

void report_served(const TlsFault& fault, Verdicts& out) {
  const ServedCertificate& leaf = fault.shake->tls().chain.front();
  fail_handshake(fault, "status.trustError", out)
      .reason("tls-chain-incomplete")
      .severity(Severity::warning)
      .certainty(is_public_issuer(leaf.issuer) ? Certainty::observed : Certainty::likely)
      .says("{} {} the certificate of {} alone, without that of its issuer {}", join_names(fault.places),
            fault.places.size() == 1 ? "serves" : "serve", join_names(fault.hosts), leaf.issuer)
      .fix(by_hand("give whoever ends TLS there the whole chain: the certificate and its issuer's intermediates"));
}

void run(const Facts& facts, const Path& path, Verdicts& out) {
  const bool probed = facts.probes(ProbeKind::tls);
  const std::shared_ptr<const Front> front = probed ? front_of(path, facts) : std::make_shared<const Front>();
  const std::vector<TlsSpot> spots = probed ? tls_spots(*front, path, facts, false, out) : std::vector<TlsSpot>{};
  for (const CertificateView* view : present_certificates(path, facts, out)) {
    if (!view->secret->chain.empty()) judge_secret(*view, spots, path, facts, out);
  }
  std::vector<TlsFault> faults;
  for (const TlsSpot& spot : spots) judge_served(spot, facts, faults, out);
  for (const TlsFault& fault : faults) report_served(fault, out);
}

}  // namespace

extern constinit const Check tls_chain_incomplete{
    .code = "tls-chain-incomplete",
    .title = "the chain of a certificate lacks its intermediate, or is out of order",
    .severity = Severity::warning,
    .layer = Layer::tls,
    .reads = {Kind::gateway_class, Kind::gateway, Kind::http_route, Kind::ingress, Kind::service, Kind::deployment,
              Kind::daemon_set, Kind::secret},
    .explains = {},
    .run = run,
};

}  // namespace gwdoctor

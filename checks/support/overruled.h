#pragma once
// ingress-nginx serves a host with one certificate, and the oldest Ingress with spec.tls decides which: the Secrets of the others
// are not looked at.

#include <memory>
#include <optional>
#include <vector>

#include "checks/support/nginx_certificates.h"

namespace gwdoctor {

// The Secret that an Ingress names for a host is not the one that is served.
struct Overruled {
  enum class Effect {
    refused,  // clients refuse what is served instead
    likely,   // the same, unless the controller has a default certificate that is not to be seen
    another,  // another certificate for the host
  };
  const TlsSpot* spot = nullptr;
  std::shared_ptr<const Ingress> by;  // the older one
  NginxCertificate own;
  NginxCertificate other;  // what the older one makes of the host
  NginxDefault stands_in;  // where that leads to the default certificate
  Effect effect = Effect::another;
};

// Nothing where the spot's own Ingress decides, or where it comes to the same. Says unknown of what could not be read.
[[nodiscard]] std::optional<Overruled> overruled(const TlsSpot& spot, const Path& path, const Facts& facts, Verdicts& out);
// The certificate is the one that is to be expected then.
[[nodiscard]] bool is_foretold(const Overruled& fault, const ServedCertificate& leaf);
// One finding for all hosts of the same Ingress and entry. Of the handshakes those that were foretold are its evidence.
void report_overruled(const std::vector<Overruled>& faults, const Facts& facts, Verdicts& out);

}  // namespace gwdoctor

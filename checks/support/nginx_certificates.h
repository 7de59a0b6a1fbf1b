#pragma once
// Which certificate ingress-nginx serves for a host, by the objects alone: kubernetes/ingress-nginx v1.12, createServers,
// extractTLSSecretName and getDefaultSSLCertificate of internal/ingress/controller/controller.go, as in earlier versions. A
// server has one certificate: of the Ingresses with a rule for the host, the oldest that has any spec.tls decides, whatever that
// leads to; those without spec.tls do not matter, nor do canaries.

#include <memory>
#include <string>

#include "chain/dialects/ingress_table.h"
#include "checks/check.h"
#include "checks/support/handshakes.h"

namespace gwdoctor {

struct NginxCertificate {
  enum class Serves {
    unknown,     // `unread` tells why
    secret,      // that of `name`
    by_default,  // the default certificate, because `why`
  };
  Serves serves = Serves::unknown;
  Ref name;             // the Secret that was chosen; of by_default the one that is no good; name "" where there is none
  Seen<Secret> secret;  // of that name
  std::string why;      // "Secret shop/web does not exist", "its spec.tls names no Secret for it"
  std::string field;    // of the entry of spec.tls that lists the host; "" where none does
  Seen<Secret> unread;  // what could not be read
};

// The Ingress of the table that decides for a host; nullptr where none has spec.tls.
[[nodiscard]] std::shared_ptr<const Ingress> nginx_decider(const IngressTable& table, std::string_view host);
// What an Ingress, once it decides, makes of a host.
[[nodiscard]] NginxCertificate nginx_certificate(const Ingress& ingress, const std::string& host, const Facts& facts);
// The table in which the Ingress of a spot stands, where ingress-nginx serves it and the spot asks for TLS there; else nullptr.
[[nodiscard]] std::shared_ptr<const IngressTable> nginx_table(const TlsSpot& spot, const Path& path, const Facts& facts);

// The certificate that stands in wherever a host has none.
struct NginxDefault {
  enum class Is {
    unknown,    // the arguments or the Secret are not known
    its_own,    // made by the controller: clients refuse it
    of_secret,  // --default-ssl-certificate
    unusable,   // the same, and its Secret is missing or no good: its own takes its place
  };
  Is is = Is::unknown;
  Known<Workload> workload;
  std::string path;  // of the argument
  Ref name;          // of the Secret
  Seen<Secret> secret;
  std::string why;  // "does not exist", "has no tls.key"
};
// Says unknown for the scope of what could not be read.
[[nodiscard]] NginxDefault nginx_default(const TlsSpot& spot, const Path& path, const Facts& facts, Verdicts& out);
// Why ingress-nginx takes no certificate from a Secret; "" where it does.
[[nodiscard]] std::string nginx_refuses(const Secret& secret);

}  // namespace gwdoctor

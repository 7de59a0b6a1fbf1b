#pragma once
// The handshakes that clients of the target make, and what the checks of served certificates have in common.

#include <string>
#include <string_view>
#include <vector>

#include "checks/support/certificates.h"
#include "checks/support/front_line.h"

namespace gwdoctor {

// One handshake: for a host, at one of its published addresses. There was a connection.
struct Shake {
  FrontTarget target;
  Seen<TlsAnswer> answer;

  [[nodiscard]] const TlsAnswer& tls() const { return *answer; }
  // As evidence names it.
  [[nodiscard]] Ref ref(std::int64_t port) const { return {"gwdoctor.dev/v1", "TLSObservation", {}, target.text(port), {}}; }
};

// A TLS port of one host.
struct TlsSpot {
  const FrontHost* host = nullptr;
  const FrontPort* port = nullptr;
  std::vector<const CertificateView*> meant;  // Secrets that are to be served there, as far as the controller reads Secrets
  std::vector<Shake> shakes;
  // The field that asks for TLS there: that which names the Secret, else the listener's, else the entry of spec.tls.
  Ref object;
  std::string field;
};

// Every TLS port of every host of the target. Says unknown of handshakes that nobody made, and where this machine had no way to
// the address. A connection that failed otherwise is left out where TCP is observed too: lb-unreachable. `nameless`: also hosts
// without a name, whose handshakes bear no SNI. Where handshakes were not chosen there are none.
[[nodiscard]] std::vector<TlsSpot> tls_spots(const Front& front, const Path& path, const Facts& facts, bool nameless,
                                             Verdicts& out);

// Whose default certificate this is: "ingress-nginx"; "" for one that is nobody's known default.
[[nodiscard]] std::string_view default_certificate_of(const ServedCertificate& leaf);
// The Secret that holds the very certificate, or nullptr.
[[nodiscard]] const CertificateView* holder_of(const ServedCertificate& leaf, const TlsSpot& spot);

// What changed so lately that the controller may not serve it yet: a Secret that is meant, the Gateway, the Ingress.
[[nodiscard]] bool is_settling(const TlsSpot& spot, const Path& path, const Facts& facts);
// Where clients of the host are led past the published addresses: "Cloudflare", or "another address". "" where DNS was not asked,
// has no answer, or leads to one of them.
[[nodiscard]] std::string led_past(const TlsSpot& spot, const Facts& facts);
// TLS ends before the data plane: a cloud's load balancer, or one that an annotation gives a certificate of its own.
[[nodiscard]] bool ends_in_front(const TlsSpot& spot, const Front& front, const Path& path, const Facts& facts);

// One fault of several handshakes with the same outcome.
struct TlsFault {
  const TlsSpot* spot = nullptr;  // the first …
  const Shake* shake = nullptr;   // … and its first
  std::string key;                // what makes it the same
  std::vector<std::string> hosts;
  std::vector<std::string> places;
  Scope scope;
  bool part = true;  // every one of its hosts has another address where all is well
};
void add_fault(const TlsSpot& spot, const Shake& shake, std::string key, bool part, std::vector<TlsFault>& faults);
// Begins a finding about it: observed, about the field of the spot, with the handshake as evidence.
FindingBuilder fail_handshake(const TlsFault& fault, std::string_view evidence, Verdicts& out);

// `kubectl logs` of the controller of the spot, by its workloads; empty where none was found.
[[nodiscard]] std::vector<std::string> controller_logs(const TlsSpot& spot, const Path& path);
// The same of the data plane, by the workloads behind the Services in front; of the controller where none is known.
[[nodiscard]] std::vector<std::string> data_plane_logs(const TlsSpot& spot, const Front& front, const Path& path);

}  // namespace gwdoctor

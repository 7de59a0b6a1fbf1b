#pragma once
// TLS handshakes as a current client makes them: TLS 1.2 and 1.3, with SNI, without a client certificate. The chain is judged
// after the handshake, so that what is wrong with it is seen rather than hidden by a refusal. Nothing is sent over the
// connections.

#include <string>
#include <vector>

#include "kube/objects/observed.h"
#include "net/patience.h"

namespace gwdoctor {

struct TlsOptions {
  Patience patience;
  std::string ca_file;  // PEM, trusted beside the system's store; "" for none
};

// All at once; the answers in the order of the questions.
[[nodiscard]] std::vector<TlsAnswer> probe_tls(const std::vector<TlsQuestion>& questions, const TlsOptions& options);

}  // namespace gwdoctor

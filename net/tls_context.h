#pragma once
// What the handshakes of one batch share, and what is made of a served chain.

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "kube/objects/observed.h"

namespace gwdoctor {

template <auto release>
struct ReleaseTls {
  template <class T>
  void operator()(T* object) const {
    release(object);
  }
};
using ContextPtr = std::unique_ptr<SSL_CTX, ReleaseTls<SSL_CTX_free>>;
using SslPtr = std::unique_ptr<SSL, ReleaseTls<SSL_free>>;

// As current clients: TLS 1.2 and 1.3. `legacy`: TLS 1.0 and 1.1 alone, whatever their ciphers, to learn what an old server
// speaks.
[[nodiscard]] ContextPtr make_context(const std::string& ca_file, bool legacy);
// Whether the context trusts anybody: false on a machine without a trust store.
[[nodiscard]] bool has_trust_store(const std::string& ca_file);

// Sets chain, trust, matches_name of the answer from what the server served on this connection.
void read_chain(SSL* ssl, bool can_trust, TlsAnswer& answer);

}  // namespace gwdoctor

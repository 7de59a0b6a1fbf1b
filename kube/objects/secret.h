#pragma once
// Secrets, reduced as they arrive: what stays is public. A private key is only ever "matches the certificate" or not.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kube/objects/meta.h"

namespace gwdoctor {

// One X.509 certificate (RFC 5280).
struct Certificate {
  std::string subject;  // one line, RFC 2253
  std::string common_name;
  std::string issuer;
  std::string issuer_common_name;
  std::vector<std::string> dns_names;  // SAN dNSName, as written
  std::vector<std::string> ip_names;   // SAN iPAddress
  Time not_before;
  Time not_after;
  std::string serial;       // hexadecimal
  std::string fingerprint;  // SHA-256 of the DER, hexadecimal
  bool self_signed = false;
  bool is_ca = false;
  std::string key_type;  // RSA, EC, ED25519
  int key_bits = 0;
  std::string signature;  // sha256WithRSAEncryption
  std::string der;

  // True where a SAN covers the host: X509_check_host, RFC 9525 (a wildcard is one whole label). A certificate
  // without any SAN covers nothing, as in every current client. An IP address is compared with the iPAddress names.
  [[nodiscard]] bool covers(std::string_view host) const;
};

enum class KeyState { absent, empty, matches, differs, unparsable, unknown };

struct Secret {
  Meta meta;
  std::string type;
  std::vector<std::string> keys;        // the names under data
  std::vector<std::string> empty_keys;  // those of them without content
  std::vector<Certificate> chain;       // tls.crt, in its order; empty where there is none or it cannot be parsed
  std::string chain_error;              // why tls.crt could not be parsed; "" where it could, or is absent
  KeyState key = KeyState::absent;      // tls.key against the first certificate

  [[nodiscard]] bool has(std::string_view key_name) const;
};

}  // namespace gwdoctor

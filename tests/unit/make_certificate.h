#pragma once
// Certificates for tests, made on the spot by OpenSSL.

#include <string>
#include <vector>

#include "kube/time.h"

namespace gwdoctor::test {

enum class KeyType { ec, rsa, ed25519 };

struct Issued {
  std::string certificate;  // PEM
  std::string key;          // PEM, PKCS#8
};

struct CertificateOrder {
  std::vector<std::string> dns_names = {};
  std::vector<std::string> ip_names = {};
  std::string common_name = {};
  Time not_before = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);
  Time not_after = std::chrono::sys_days(std::chrono::year(2027) / 1 / 1);
  KeyType key_type = KeyType::ec;
  bool is_ca = false;
  const Issued* issuer = nullptr;  // nullptr: self-signed
};

// Throws std::runtime_error where OpenSSL refuses the order.
[[nodiscard]] Issued make_certificate(const CertificateOrder& order);

// The key in its older form: "RSA PRIVATE KEY" (PKCS#1) or "EC PRIVATE KEY" (SEC1).
[[nodiscard]] std::string traditional_key(const Issued& issued);
// The key under a passphrase, as "ENCRYPTED PRIVATE KEY".
[[nodiscard]] std::string encrypted_key(const Issued& issued, const std::string& passphrase);

}  // namespace gwdoctor::test

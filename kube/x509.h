#pragma once
// Certificates and keys, by OpenSSL. Pure: bytes in, facts out.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kube/error.h"
#include "kube/objects/secret.h"

namespace gwdoctor {

// The certificates of a PEM text, in its order. An error says why none can be read: "no PEM block",
// "a PEM block that is not a certificate (RSA PRIVATE KEY)", "certificate 2: bad DER", "base64 encoded twice", "DER, not PEM".
[[nodiscard]] Result<std::vector<Certificate>> parse_certificates(std::string_view pem);

// Whether the private key (PEM: PKCS#1, SEC1, PKCS#8) belongs to the first certificate of `certificate_pem`.
// The key is wiped from OpenSSL's memory before this returns; it does not appear in any error.
[[nodiscard]] KeyState compare_key(std::string_view certificate_pem, std::string_view key_pem);

// Base64 (RFC 4648, white space ignored), or nothing where the text is not base64.
[[nodiscard]] std::optional<std::string> decode_base64(std::string_view text);
[[nodiscard]] std::string encode_base64(std::string_view bytes);

}  // namespace gwdoctor

#pragma once
// The blocks of a PEM text (RFC 7468).

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gwdoctor {

// Views into the text that was read.
struct PemBlock {
  std::string_view label;     // "CERTIFICATE", "RSA PRIVATE KEY"
  std::string_view body;      // base64, with line breaks
  bool is_terminated = true;  // false where the END line is missing; the body is then what comes before the next block
};

// The blocks in their order; text around them is passed over, as RFC 7468 section 2 says.
[[nodiscard]] std::vector<PemBlock> pem_blocks(std::string_view text);
// CERTIFICATE, and the labels that older tools write for one.
[[nodiscard]] bool is_certificate(const PemBlock& block);
// A PEM block around these bytes or this body, with a final line break.
[[nodiscard]] std::string pem_block(std::string_view label, std::string_view base64);

}  // namespace gwdoctor

#include "kube/public_pem.h"

#include "kube/pem.h"
#include "kube/x509.h"

namespace gwdoctor {

namespace {

constexpr std::size_t longest_label = 40;
constexpr std::string_view hidden_body = "REDACTED";  // base64, but no DER
constexpr std::string_view broken_body = "*";         // not even base64

// The one certificate in these bytes, encoded anew so that nothing trails it.
std::optional<std::string> certificate_der(std::string_view label, std::string_view base64) {
  const auto chain = parse_certificates(pem_block(label, base64));
  if (!chain || chain->size() != 1) return std::nullopt;
  return chain->front().der;
}

std::string public_block(const PemBlock& block) {
  const std::string_view label = block.label.substr(0, longest_label);
  if (!is_certificate(block)) return pem_block(label, hidden_body);
  if (!block.is_terminated) return "-----BEGIN " + std::string(label) + "-----\n";
  if (const auto der = certificate_der(label, block.body)) return pem_block("CERTIFICATE", encode_base64(*der));
  return pem_block(label, decode_base64(block.body) ? hidden_body : broken_body);
}

// A certificate in DER, or in DER and base64 without the PEM lines.
std::optional<std::string> public_der(std::string_view text) {
  if (const auto der = certificate_der("CERTIFICATE", encode_base64(text))) return der;
  if (!decode_base64(text)) return std::nullopt;
  const auto der = certificate_der("CERTIFICATE", text);
  return der ? std::optional(encode_base64(*der)) : std::nullopt;
}

std::string public_blocks(const std::vector<PemBlock>& blocks) {
  std::string kept;
  for (const PemBlock& block : blocks) kept += public_block(block);
  return kept;
}

}  // namespace

std::optional<std::string> public_pem(std::string_view text) {
  if (const auto blocks = pem_blocks(text); !blocks.empty()) return public_blocks(blocks);
  if (const auto inner = decode_base64(text)) {
    if (const auto blocks = pem_blocks(*inner); !blocks.empty()) return encode_base64(public_blocks(blocks));
  }
  return public_der(text);
}

}  // namespace gwdoctor

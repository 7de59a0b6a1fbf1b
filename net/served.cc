#include "net/served.h"

#include <utility>

namespace gwdoctor {

ServedCertificate served(Certificate from) {
  ServedCertificate out;
  out.subject = std::move(from.subject);
  out.common_name = std::move(from.common_name);
  out.issuer = std::move(from.issuer);
  out.issuer_common_name = std::move(from.issuer_common_name);
  out.dns_names = std::move(from.dns_names);
  out.ip_names = std::move(from.ip_names);
  out.not_before = from.not_before;
  out.not_after = from.not_after;
  out.serial = std::move(from.serial);
  out.fingerprint = std::move(from.fingerprint);
  out.self_signed = from.self_signed;
  out.is_ca = from.is_ca;
  out.key_type = std::move(from.key_type);
  out.key_bits = from.key_bits;
  out.signature = std::move(from.signature);
  return out;
}

}  // namespace gwdoctor

#include "kube/objects/observed.h"

#include <algorithm>

#include "kube/objects/fields.h"
#include "kube/objects/observed_names.h"

namespace gwdoctor {

namespace {

// RFC 8446, appendix B.2, and those of RFC 5246, 7.2 which it retired.
constexpr std::pair<int, std::string_view> alerts[] = {{0, "close_notify"},
                                                       {10, "unexpected_message"},
                                                       {20, "bad_record_mac"},
                                                       {21, "decryption_failed"},
                                                       {22, "record_overflow"},
                                                       {30, "decompression_failure"},
                                                       {40, "handshake_failure"},
                                                       {41, "no_certificate"},
                                                       {42, "bad_certificate"},
                                                       {43, "unsupported_certificate"},
                                                       {44, "certificate_revoked"},
                                                       {45, "certificate_expired"},
                                                       {46, "certificate_unknown"},
                                                       {47, "illegal_parameter"},
                                                       {48, "unknown_ca"},
                                                       {49, "access_denied"},
                                                       {50, "decode_error"},
                                                       {51, "decrypt_error"},
                                                       {60, "export_restriction"},
                                                       {70, "protocol_version"},
                                                       {71, "insufficient_security"},
                                                       {80, "internal_error"},
                                                       {86, "inappropriate_fallback"},
                                                       {90, "user_canceled"},
                                                       {100, "no_renegotiation"},
                                                       {109, "missing_extension"},
                                                       {110, "unsupported_extension"},
                                                       {111, "certificate_unobtainable"},
                                                       {112, "unrecognized_name"},
                                                       {113, "bad_certificate_status_response"},
                                                       {114, "bad_certificate_hash_value"},
                                                       {115, "unknown_psk_identity"},
                                                       {116, "certificate_required"},
                                                       {120, "no_application_protocol"}};

constexpr int handshake_failure = 40;
constexpr int bad_certificate = 42;
constexpr int certificate_required = 116;

// By their numbers (grpc, doc/statuscodes.md).
constexpr std::array<std::string_view, 17> grpc_statuses{
    "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
    "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
    "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
    "DATA_LOSS", "UNAUTHENTICATED"};

}  // namespace

std::vector<std::string> DnsAnswer::addresses() const {
  std::vector<std::string> out;
  for (const DnsFamily* family : {&a, &aaaa}) {
    for (const DnsAddress& one : family->addresses) out.push_back(one.address);
  }
  return out;
}

bool DnsAnswer::does_not_exist() const {
  // A name either exists or does not, whatever the type asked for (RFC 8020): one proof is enough where nothing contradicts it.
  const bool denied = a.status == DnsStatus::nxdomain || aaaa.status == DnsStatus::nxdomain;
  const auto exists = [](const DnsFamily& family) { return family.status == DnsStatus::ok || family.status == DnsStatus::empty; };
  return denied && !exists(a) && !exists(aaaa);
}

bool TlsAnswer::client_certificate_required() const {
  if (!client_certificate_requested) return false;
  const bool refused = handshake == Handshake::alert || after == AfterHandshake::alert;
  return refused && (alert == certificate_required || alert == bad_certificate || alert == handshake_failure);
}

bool ServedCertificate::covers(std::string_view host) const {
  const std::string wanted = lower_case(host);
  if (std::find(ip_names.begin(), ip_names.end(), wanted) != ip_names.end()) return true;
  return std::any_of(dns_names.begin(), dns_names.end(), [&](const std::string& name) {
    const std::string pattern = lower_case(name);
    if (!pattern.starts_with("*.")) return !pattern.empty() && pattern == wanted;
    const std::size_t dot = wanted.find('.');
    return dot != std::string::npos && dot > 0 && wanted.substr(dot) == pattern.substr(1);
  });
}

std::string HttpAnswer::header(std::string_view name) const {
  for (const HeaderField& field : headers) {
    if (field.name == name) return field.value;
  }
  return {};
}

std::string_view status_name(DnsStatus status) { return word(dns_statuses, status); }
std::string_view result_name(TcpResult result) { return word(tcp_results, result); }
std::string_view handshake_name(Handshake handshake) { return word(handshakes, handshake); }
std::string_view result_name(HttpResult result) { return word(http_results, result); }
std::string_view serving_name(GrpcServing serving) { return word(servings, serving); }

std::string_view grpc_status_name(int status) {
  return status >= 0 && static_cast<std::size_t>(status) < grpc_statuses.size() ? grpc_statuses[static_cast<std::size_t>(status)]
                                                                                : "";
}

std::string alert_text(int alert) {
  for (const auto& [number, name] : alerts) {
    if (number == alert) return std::string(name);
  }
  return "alert " + std::to_string(alert);
}

}  // namespace gwdoctor

#include <algorithm>
#include <array>
#include <utility>

#include "kube/objects/decode.h"
#include "kube/objects/fields.h"
#include "kube/objects/observed_names.h"
#include "kube/observation.h"

namespace gwdoctor {

namespace {

int small_number(const Value& value, int fallback = 0) {
  return static_cast<int>(std::clamp<std::int64_t>(value.integer().value_or(fallback), -1, 1'000'000));
}

std::uint32_t ttl_of(const Value& value) {
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(value.integer().value_or(0), 0, 0xFFFFFFFF));
}

Observed decode_observed(const Value& status) {
  Observed out;
  out.at = decode_time(status["observedAt"]).value_or(Time{});
  out.vantage = filled_text(status["vantage"], out.vantage);
  return out;
}

DnsFamily decode_family(const Value& value) {
  DnsFamily out;
  out.status = named(dns_statuses, value["status"].text()).value_or(DnsStatus::error);
  out.detail = value["detail"].text();
  for (const Value& item : value["addresses"].items()) {
    const std::string address = item.is_string() ? item.text() : item["address"].text();
    if (!address.empty()) out.addresses.push_back({address, ttl_of(item["ttl"])});
  }
  if (out.status == DnsStatus::ok && out.addresses.empty()) out.status = DnsStatus::empty;
  if (out.status != DnsStatus::ok) out.addresses.clear();
  return out;
}

ServedCertificate decode_certificate(const Value& value) {
  ServedCertificate out;
  out.subject = value["subject"].text();
  out.common_name = value["commonName"].text();
  out.issuer = value["issuer"].text();
  out.issuer_common_name = value["issuerCommonName"].text();
  out.dns_names = decode_texts(value["dnsNames"]);
  out.ip_names = decode_texts(value["ipAddresses"]);
  out.not_before = decode_time(value["notBefore"]).value_or(Time{});
  out.not_after = decode_time(value["notAfter"]).value_or(Time{});
  out.serial = value["serial"].text();
  out.fingerprint = value["sha256"].text();
  out.self_signed = value["selfSigned"].boolean().value_or(false);
  out.is_ca = value["ca"].boolean().value_or(false);
  out.key_type = value["keyType"].text();
  out.key_bits = small_number(value["keyBits"]);
  out.signature = value["signature"].text();
  return out;
}

GrpcHealth decode_health(const Value& value) {
  GrpcHealth out;
  if (value["status"].integer()) out.grpc_status = small_number(value["status"]);
  out.grpc_message = value["message"].text();
  if (out.grpc_status == 0) out.serving = named(servings, value["serving"].text());
  out.is_grpc = value["isGrpc"].boolean().value_or(true);
  return out;
}

// What an HTTP and a proxied answer have in common.
template <class T>
void decode_body(const Value& status, T& out) {
  out.status = small_number(status["code"]);
  out.body = status["body"].text().substr(0, max_observed_body);
  out.body_cut = status["bodyCut"].boolean().value_or(false);
  out.detail = status["detail"].text();
  out.milliseconds = status["milliseconds"].integer().value_or(0);
}

Wish wish_in(const Value& document) { return observed_wish(document).value_or(Wish{}); }

}  // namespace

template <>
DnsAnswer decode<DnsAnswer>(const Value& document, Kind) {
  const Value& status = document["status"];
  DnsAnswer out;
  out.observed = decode_observed(status);
  out.name = dns_question(wish_in(document)).name;
  out.server = status["server"].text();
  out.a = decode_family(status["a"]);
  out.aaaa = decode_family(status["aaaa"]);
  for (const Value& item : status["aliases"].items())
    out.aliases.push_back({lower_case(item["from"].text()), lower_case(item["to"].text()), ttl_of(item["ttl"])});
  out.hosts_entry = status["hostsEntry"].text();
  out.hosts_addresses = decode_texts(status["hostsAddresses"]);
  out.milliseconds = status["milliseconds"].integer().value_or(0);
  return out;
}

template <>
TcpAnswer decode<TcpAnswer>(const Value& document, Kind) {
  const Value& status = document["status"];
  const TcpQuestion question = tcp_question(wish_in(document));
  TcpAnswer out{decode_observed(status), question.address, question.port, TcpResult::error, {}, 0};
  out.result = named(tcp_results, status["result"].text()).value_or(TcpResult::error);
  out.detail = status["detail"].text();
  out.milliseconds = status["milliseconds"].integer().value_or(0);
  return out;
}

template <>
TlsAnswer decode<TlsAnswer>(const Value& document, Kind) {
  const Value& status = document["status"];
  const TlsQuestion question = tls_question(wish_in(document));
  TlsAnswer out;
  out.observed = decode_observed(status);
  out.address = question.address;
  out.port = question.port;
  out.sni = question.sni;
  out.connect = named(tcp_results, status["connect"].text("connected")).value_or(TcpResult::error);
  out.connect_milliseconds = status["connectMilliseconds"].integer().value_or(0);
  out.handshake = named(handshakes, status["handshake"].text()).value_or(Handshake::error);
  if (out.connect != TcpResult::connected) out.handshake = Handshake::none;
  out.after = named(afters, status["after"].text("quiet")).value_or(AfterHandshake::quiet);
  out.alert = small_number(status["alert"], -1);
  out.alert_name = out.alert >= 0 ? alert_text(out.alert) : std::string();
  out.detail = status["detail"].text();
  out.version = status["version"].text();
  out.cipher = status["cipher"].text();
  out.alpn = status["alpn"].text();
  out.legacy_version = status["legacyVersion"].text();
  for (const Value& item : status["chain"].items()) {
    if (item.is_object()) out.chain.push_back(decode_certificate(item));
  }
  out.trust = named(trusts, status["trust"].text()).value_or(Trust::unknown);
  out.trust_error = status["trustError"].text();
  out.trust_error_depth = small_number(status["trustErrorDepth"]);
  out.matches_name = status["matchesName"].boolean().value_or(!out.chain.empty() && out.chain.front().covers(out.sni));
  out.client_certificate_requested = status["clientCertificateRequested"].boolean().value_or(false);
  out.milliseconds = status["milliseconds"].integer().value_or(0);
  return out;
}

template <>
HttpAnswer decode<HttpAnswer>(const Value& document, Kind) {
  const Value& status = document["status"];
  HttpAnswer out;
  out.observed = decode_observed(status);
  out.question = http_question(wish_in(document));
  out.result = named(http_results, status["result"].text("answered")).value_or(HttpResult::error);
  out.version = status["version"].text();
  for (const Value& item : status["headers"].items()) {
    if (item.is_object()) out.headers.push_back({lower_case(item["name"].text()), item["value"].text()});
  }
  if (status["grpc"].is_object()) out.grpc = decode_health(status["grpc"]);
  decode_body(status, out);
  const Value& phases = status["phases"];
  out.phases = {phases["connectMilliseconds"].integer(), phases["tlsMilliseconds"].integer(),
                phases["firstByteMilliseconds"].integer()};
  out.sets_cookie = status["setsCookie"].boolean().value_or(false);
  return out;
}

template <>
ProxyAnswer decode<ProxyAnswer>(const Value& document, Kind) {
  const Value& status = document["status"];
  ProxyAnswer out;
  out.observed = decode_observed(status);
  out.question = proxy_question(wish_in(document));
  out.reached = status["reached"].boolean().value_or(false);
  out.content_type = status["contentType"].text();
  decode_body(status, out);
  return out;
}

}  // namespace gwdoctor

// From answers to documents: the other half of kube/objects/decode_observed.cc.
#include "kube/objects/observed_names.h"
#include "kube/observation.h"

namespace gwdoctor {

namespace {

// Puts what says something; absence reads as the default.
class Writer {
 public:
  explicit Writer(Value& into) : into_(into) {}
  void text(std::string_view key, std::string_view value) {
    if (!value.empty()) into_.set(key, value);
  }
  void number(std::string_view key, std::int64_t value) {
    if (value != 0) into_.set(key, value);
  }
  void flag(std::string_view key, bool value) {
    if (value) into_.set(key, true);
  }
  void texts(std::string_view key, const std::vector<std::string>& values) {
    if (!values.empty()) into_.set(key, Value::Array(values.begin(), values.end()));
  }

 private:
  Value& into_;
};

Value document_of(std::string_view kind, const Wish& wish, Value spec, const Observed& observed, const Value& status) {
  Value out{Value::Object{}};
  out.set("apiVersion", "gwdoctor.dev/v1");
  out.set("kind", kind);
  out.set_path("metadata.name", wish.name);
  if (!wish.ns.empty()) out.set_path("metadata.namespace", wish.ns);
  out.set("spec", std::move(spec));
  Value whole{Value::Object{}};
  whole.set("observedAt", format_time(observed.at));
  whole.set("vantage", observed.vantage);
  for (const auto& [key, value] : status.members()) whole.set(key, value);
  out.set("status", std::move(whole));
  tidy_observation(out);
  return out;
}

Value family_value(const DnsFamily& family) {
  Value out{Value::Object{}};
  out.set("status", status_name(family.status));
  Value::Array addresses;
  for (const DnsAddress& one : family.addresses) {
    Value item{Value::Object{}};
    item.set("address", one.address);
    item.set("ttl", static_cast<std::int64_t>(one.ttl));
    addresses.push_back(std::move(item));
  }
  if (!addresses.empty()) out.set("addresses", std::move(addresses));
  Writer(out).text("detail", family.detail);
  return out;
}

Value certificate_value(const ServedCertificate& one) {
  Value out{Value::Object{}};
  Writer put(out);
  put.text("subject", one.subject);
  put.text("commonName", one.common_name);
  put.text("issuer", one.issuer);
  put.text("issuerCommonName", one.issuer_common_name);
  put.texts("dnsNames", one.dns_names);
  put.texts("ipAddresses", one.ip_names);
  out.set("notBefore", format_time(one.not_before));
  out.set("notAfter", format_time(one.not_after));
  put.text("serial", one.serial);
  put.text("sha256", one.fingerprint);
  put.flag("selfSigned", one.self_signed);
  put.flag("ca", one.is_ca);
  put.text("keyType", one.key_type);
  put.number("keyBits", one.key_bits);
  put.text("signature", one.signature);
  return out;
}

// Of a Length-Prefixed-Message nobody could read the body: what it says stands here.
Value grpc_value(const GrpcHealth& health) {
  Value out{Value::Object{}};
  if (health.grpc_status) out.set("status", *health.grpc_status);
  if (health.serving) out.set("serving", serving_name(*health.serving));
  Writer(out).text("message", health.grpc_message);
  if (!health.is_grpc) out.set("isGrpc", false);
  return out;
}

// The order of the members: outcome first, the body last.
template <class T>
void put_body(Value& status, const T& answer) {
  Writer put(status);
  put.text("detail", answer.detail);
  put.number("milliseconds", answer.milliseconds);
  put.text("body", answer.body);
  put.flag("bodyCut", answer.body_cut);
}

}  // namespace

Value phases_value(const HttpPhases& phases) {
  Value out{Value::Object{}};
  if (phases.connect) out.set("connectMilliseconds", *phases.connect);
  if (phases.tls) out.set("tlsMilliseconds", *phases.tls);
  if (phases.first_byte) out.set("firstByteMilliseconds", *phases.first_byte);
  return out;
}

Value observation_document(const Wish& wish, const DnsAnswer& answer) {
  const DnsQuestion question = dns_question(wish);
  Value spec{Value::Object{}};
  spec.set("name", question.name);
  Writer(spec).text("server", question.server);
  Value status{Value::Object{}};
  Writer put(status);
  put.text("server", answer.server);
  status.set("a", family_value(answer.a));
  status.set("aaaa", family_value(answer.aaaa));
  Value::Array aliases;
  for (const DnsAlias& one : answer.aliases) {
    Value item{Value::Object{}};
    item.set("from", one.from);
    item.set("to", one.to);
    item.set("ttl", static_cast<std::int64_t>(one.ttl));
    aliases.push_back(std::move(item));
  }
  if (!aliases.empty()) status.set("aliases", std::move(aliases));
  put.text("hostsEntry", answer.hosts_entry);
  put.texts("hostsAddresses", answer.hosts_addresses);
  put.number("milliseconds", answer.milliseconds);
  return document_of("DNSObservation", wish, std::move(spec), answer.observed, status);
}

Value observation_document(const Wish& wish, const TcpAnswer& answer) {
  const TcpQuestion question = tcp_question(wish);
  Value spec{Value::Object{}};
  spec.set("address", question.address);
  spec.set("port", question.port);
  Value status{Value::Object{}};
  Writer put(status);
  status.set("result", result_name(answer.result));
  put.text("detail", answer.detail);
  put.number("milliseconds", answer.milliseconds);
  return document_of("TCPObservation", wish, std::move(spec), answer.observed, status);
}

Value observation_document(const Wish& wish, const TlsAnswer& answer) {
  const TlsQuestion question = tls_question(wish);
  Value spec{Value::Object{}};
  spec.set("address", question.address);
  spec.set("port", question.port);
  Writer(spec).text("sni", question.sni);
  spec.set("alpn", Value::Array(question.alpn.begin(), question.alpn.end()));
  Value status{Value::Object{}};
  Writer put(status);
  status.set("connect", result_name(answer.connect));
  put.number("connectMilliseconds", answer.connect_milliseconds);
  status.set("handshake", handshake_name(answer.handshake));
  if (answer.after != AfterHandshake::quiet) status.set("after", word(afters, answer.after));
  if (answer.alert >= 0) status.set("alert", answer.alert);
  if (answer.alert >= 0) status.set("alertName", alert_text(answer.alert));
  put.text("detail", answer.detail);
  put.text("version", answer.version);
  put.text("cipher", answer.cipher);
  put.text("alpn", answer.alpn);
  put.text("legacyVersion", answer.legacy_version);
  put.flag("clientCertificateRequested", answer.client_certificate_requested);
  if (!answer.chain.empty()) {
    Value::Array chain;
    for (const ServedCertificate& one : answer.chain) chain.push_back(certificate_value(one));
    status.set("chain", std::move(chain));
    status.set("trust", word(trusts, answer.trust));
    put.text("trustError", answer.trust_error);
    put.number("trustErrorDepth", answer.trust_error_depth);
    status.set("matchesName", answer.matches_name);
  }
  put.number("milliseconds", answer.milliseconds);
  return document_of("TLSObservation", wish, std::move(spec), answer.observed, status);
}

Value observation_document(const Wish& wish, const HttpAnswer& answer) {
  const HttpQuestion question = http_question(wish);
  Value spec{Value::Object{}};
  Writer put(spec);
  spec.set("address", question.address);
  spec.set("port", question.port);
  put.flag("tls", question.tls);
  put.text("host", question.host);
  if (question.grpc_health) {
    spec.set("grpcHealth", *question.grpc_health);
  } else {
    put.text("method", question.method);
    put.text("path", question.path);
    put.text("protocol", question.protocol);
  }
  Value status{Value::Object{}};
  status.set("result", result_name(answer.result));
  Writer(status).number("code", answer.status);
  Writer(status).text("version", answer.version);
  Value::Array headers;
  for (const HeaderField& field : answer.headers) {
    Value item{Value::Object{}};
    item.set("name", field.name);
    item.set("value", field.value);
    headers.push_back(std::move(item));
  }
  if (!headers.empty()) status.set("headers", std::move(headers));
  if (answer.grpc) status.set("grpc", grpc_value(*answer.grpc));
  Writer(status).flag("setsCookie", answer.sets_cookie);
  if (const Value phases = phases_value(answer.phases); phases.size() > 0) status.set("phases", phases);
  put_body(status, answer);
  return document_of("HTTPObservation", wish, std::move(spec), answer.observed, status);
}

Value observation_document(const Wish& wish, const ProxyAnswer& answer) {
  const ProxyQuestion question = proxy_question(wish);
  Value spec{Value::Object{}};
  Writer put(spec);
  spec.set("kind", info(question.kind).name);
  put.text("namespace", question.ns);
  put.text("name", question.name);
  put.text("port", question.port);
  put.text("scheme", question.scheme);
  put.text("path", question.path);
  Value status{Value::Object{}};
  status.set("reached", answer.reached);
  Writer(status).number("code", answer.status);
  Writer(status).text("contentType", answer.content_type);
  put_body(status, answer);
  return document_of("ProxyObservation", wish, std::move(spec), answer.observed, status);
}

}  // namespace gwdoctor

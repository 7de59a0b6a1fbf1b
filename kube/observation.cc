#include "kube/observation.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include "kube/objects/fields.h"
#include "kube/sensitive.h"

namespace gwdoctor {

namespace {

using What = Wish::What;
using Pairs = std::vector<std::pair<std::string_view, std::string>>;

// "%", ",", "=" and what is not printable, so that no name can pretend to be another parameter.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    if (letter == '%' || letter == ',' || letter == '=' || byte < 0x20 || byte == 0x7f) {
      out += fmt::format("%{:02X}", byte);
    } else {
      out += letter;
    }
  }
  return out;
}

std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    unsigned value = 0;
    const char* end = text.data() + std::min(at + 3, text.size());
    if (text[at] == '%' && std::from_chars(text.data() + at + 1, end, value, 16).ptr == end && at + 2 < text.size()) {
      out += static_cast<char>(value);
      at += 2;
    } else {
      out += text[at];
    }
  }
  return out;
}

std::string fields_of(const Pairs& pairs) {
  std::string out;
  for (const auto& [key, value] : pairs) {
    if (value.empty()) continue;
    if (!out.empty()) out += ',';
    out += fmt::format("{}={}", key, escaped(value));
  }
  return out;
}

std::map<std::string, std::string, std::less<>> parse_fields(std::string_view fields) {
  std::map<std::string, std::string, std::less<>> out;
  while (!fields.empty()) {
    const std::size_t comma = std::min(fields.find(','), fields.size());
    const std::string_view term = fields.substr(0, comma);
    const std::size_t equals = std::min(term.find('='), term.size());
    if (equals < term.size()) out[std::string(term.substr(0, equals))] = unescaped(term.substr(equals + 1));
    fields.remove_prefix(std::min(comma + 1, fields.size()));
  }
  return out;
}

std::int64_t number(std::string_view text) {
  std::int64_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

std::string port_text(std::int64_t port) { return port == 0 ? std::string() : std::to_string(port); }

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

std::vector<std::string> parted(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t space = std::min(text.find(' '), text.size());
    if (space > 0) out.emplace_back(text.substr(0, space));
    text.remove_prefix(std::min(space + 1, text.size()));
  }
  return out;
}

std::string host_text(std::string_view host) {
  std::string out = lower_case(host);
  if (out.size() > 1 && out.back() == '.') out.pop_back();
  return out;
}

// The one way of writing an address, so that two ways of writing it are one question.
std::string address_text(std::string_view address) {
  const std::string text(address);
  std::array<unsigned char, 16> bytes{};
  std::array<char, INET6_ADDRSTRLEN> out{};
  for (const int family : {AF_INET, AF_INET6}) {
    if (inet_pton(family, text.c_str(), bytes.data()) != 1) continue;
    if (inet_ntop(family, bytes.data(), out.data(), out.size()) != nullptr) return out.data();
  }
  return lower_case(text);
}

Wish network_wish(What what, std::string name, const Pairs& pairs) {
  return {what, Kind::pod, {}, std::move(name), {}, fields_of(pairs)};
}

struct Shape {
  What what;
  std::string_view kind;
};
constexpr std::array<Shape, 5> shapes{{{What::dns, "DNSObservation"},
                                       {What::tcp, "TCPObservation"},
                                       {What::tls, "TLSObservation"},
                                       {What::http, "HTTPObservation"},
                                       {What::proxy, "ProxyObservation"}}};

std::string text_of(const Value& value) {
  if (const auto whole = value.integer()) return std::to_string(*whole);
  return value.text();
}

std::int64_t port_of(const Value& value) { return number(text_of(value)); }

// Cuts a body so that no UTF-8 sequence is left half.
std::string beginning(std::string_view body) {
  std::size_t size = std::min(body.size(), max_observed_body);
  while (size > 0 && size < body.size() && (static_cast<unsigned char>(body[size]) & 0xC0U) == 0x80U) --size;
  return std::string(body.substr(0, size));
}

}  // namespace

Wish wish_of(const DnsQuestion& question) {
  return network_wish(What::dns, host_text(question.name), {{"server", question.server}});
}

Wish wish_of(const TcpQuestion& question) {
  return network_wish(What::tcp, address_text(question.address), {{"port", port_text(question.port)}});
}

Wish wish_of(const TlsQuestion& question) {
  return network_wish(What::tls, address_text(question.address),
                      {{"port", port_text(question.port)}, {"sni", host_text(question.sni)}, {"alpn", joined(question.alpn)}});
}

Wish wish_of(const HttpQuestion& question) {
  const bool health = question.grpc_health.has_value();
  return network_wish(What::http, address_text(question.address),
                      {{"port", port_text(question.port)},
                       {"tls", question.tls ? "true" : ""},
                       {"host", host_text(question.host)},
                       {"method", health ? "POST" : question.method},
                       {"path", health ? std::string(grpc_health_path) : question.path},
                       {"protocol", health ? "h2" : question.protocol},
                       // "/" before it, so that no service is not the same as no question for health.
                       {"grpcHealth", health ? "/" + *question.grpc_health : ""}});
}

Wish wish_of(const ProxyQuestion& question) {
  return {What::proxy, question.kind,
          question.ns, question.name,
          {},          fields_of({{"port", question.port}, {"scheme", question.scheme}, {"path", question.path}})};
}

DnsQuestion dns_question(const Wish& wish) { return {wish.name, parse_fields(wish.fields)["server"]}; }

TcpQuestion tcp_question(const Wish& wish) { return {wish.name, number(parse_fields(wish.fields)["port"])}; }

TlsQuestion tls_question(const Wish& wish) {
  auto fields = parse_fields(wish.fields);
  return {wish.name, number(fields["port"]), fields["sni"], parted(fields["alpn"])};
}

HttpQuestion http_question(const Wish& wish) {
  auto fields = parse_fields(wish.fields);
  HttpQuestion out{wish.name,        number(fields["port"]), fields["tls"] == "true", fields["host"],
                   fields["method"], fields["path"],         fields["protocol"]};
  if (const std::string& service = fields["grpcHealth"]; !service.empty()) out.grpc_health = service.substr(1);
  return out;
}

ProxyQuestion proxy_question(const Wish& wish) {
  auto fields = parse_fields(wish.fields);
  return {wish.kind, wish.ns, wish.name, fields["port"], fields["scheme"], fields["path"]};
}

bool is_observation(const Value& document) {
  const std::string kind = document["kind"].text();
  return document["apiVersion"].text().starts_with("gwdoctor.dev/") &&
         std::any_of(shapes.begin(), shapes.end(), [&](const Shape& shape) { return shape.kind == kind; });
}

std::optional<Wish> observed_wish(const Value& document) {
  if (document["apiVersion"].text() != "gwdoctor.dev/v1") return std::nullopt;
  const std::string kind = document["kind"].text();
  const auto shape = std::find_if(shapes.begin(), shapes.end(), [&](const Shape& one) { return one.kind == kind; });
  if (shape == shapes.end()) return std::nullopt;
  const Value& spec = document["spec"];
  const std::string address = spec["address"].text();
  switch (shape->what) {
    case What::dns:
      if (spec["name"].text().empty()) return std::nullopt;
      return wish_of(DnsQuestion{spec["name"].text(), spec["server"].text()});
    case What::tcp:
      if (address.empty()) return std::nullopt;
      return wish_of(TcpQuestion{address, port_of(spec["port"])});
    case What::tls: {
      if (address.empty()) return std::nullopt;
      TlsQuestion question{address, port_of(spec["port"]), spec["sni"].text()};
      if (spec.find("alpn") != nullptr) question.alpn = decode_texts(spec["alpn"]);
      return wish_of(question);
    }
    case What::http: {
      if (address.empty()) return std::nullopt;
      HttpQuestion question;
      question.address = address;
      question.port = port_of(spec["port"]);
      question.tls = spec["tls"].boolean().value_or(false);
      question.host = spec["host"].text();
      question.method = filled_text(spec["method"], question.method);
      question.path = filled_text(spec["path"], question.path);
      question.protocol = spec["protocol"].text();
      if (spec.find("grpcHealth") != nullptr) question.grpc_health = spec["grpcHealth"].text();
      return wish_of(question);
    }
    default: {
      if (spec["name"].text().empty()) return std::nullopt;
      ProxyQuestion question;
      question.kind = spec["kind"].text() == "Pod" ? Kind::pod : Kind::service;
      question.ns = filled_text(spec["namespace"], "default");
      question.name = spec["name"].text();
      question.port = text_of(spec["port"]);
      question.scheme = spec["scheme"].text();
      question.path = filled_text(spec["path"], question.path);
      return wish_of(question);
    }
  }
}

std::vector<std::string> servers_of(const std::vector<Wish>& wishes) {
  std::vector<std::string> out;
  for (const Wish& wish : wishes) {
    if (wish.what != What::dns) continue;
    std::string server = dns_question(wish).server;
    if (!server.empty() && std::find(out.begin(), out.end(), server) == out.end()) out.push_back(std::move(server));
  }
  return out;
}

void tidy_observation(Value& document) {
  const Value* status = document.find("status");
  if (status == nullptr || !status->is_object()) return;
  Value tidy = *status;
  if (const auto body = tidy["body"].string(); body && body->size() > max_observed_body) {
    tidy.set("body", beginning(*body));
    tidy.set("bodyCut", true);
  }
  if (tidy["headers"].is_array()) {
    Value::Array kept;
    for (const Value& header : tidy["headers"].items()) {
      if (!header.is_object()) continue;
      const std::string name = header["name"].text();
      if (!is_sensitive_header(name)) kept.push_back(header);
      // That there was one tells of a loop whether a client with cookies runs into it.
      if (lower_case(name) == "set-cookie") tidy.set("setsCookie", true);
    }
    tidy.set("headers", std::move(kept));
  }
  document.set("status", std::move(tidy));
}

}  // namespace gwdoctor

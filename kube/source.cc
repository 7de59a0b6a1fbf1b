#include "kube/source.h"

#include <algorithm>
#include <array>

#include "kube/observation.h"

namespace gwdoctor {

namespace {

std::string conditions_text(const Wish& wish) {
  std::string out;
  if (!wish.selector.empty()) out += " with " + wish.selector;
  if (!wish.fields.empty()) out += " where " + wish.fields;
  return out;
}

constexpr std::array<std::pair<ProbeKind, std::string_view>, 5> probes{{{ProbeKind::dns, "dns"},
                                                                        {ProbeKind::tcp, "tcp"},
                                                                        {ProbeKind::tls, "tls"},
                                                                        {ProbeKind::http, "http"},
                                                                        {ProbeKind::service, "service"}}};

std::string endpoint_text(const std::string& address, std::int64_t port) {
  const std::string number = std::to_string(port);
  return address.find(':') == std::string::npos ? address + ":" + number : "[" + address + "]:" + number;
}

std::string http_text(const HttpQuestion& question) {
  std::string url = question.tls ? "https://" : "http://";
  url += question.host.empty() ? question.address : question.host;
  if (question.grpc_health)
    return "gRPC health at " + endpoint_text(question.address, question.port) + ": " + url +
           (question.grpc_health->empty() ? "" : ", service " + *question.grpc_health);
  return "HTTP at " + endpoint_text(question.address, question.port) + ": " + question.method + " " + url + question.path;
}

std::string observation_text(const Wish& wish) {
  switch (wish.what) {
    case Wish::What::dns: {
      const DnsQuestion question = dns_question(wish);
      return "DNS of " + question.name + (question.server.empty() ? "" : " at " + question.server);
    }
    case Wish::What::tcp: {
      const TcpQuestion question = tcp_question(wish);
      return "TCP to " + endpoint_text(question.address, question.port);
    }
    case Wish::What::tls: {
      const TlsQuestion question = tls_question(wish);
      return "TLS at " + endpoint_text(question.address, question.port) +
             (question.sni.empty() ? " without a name" : " for " + question.sni);
    }
    case Wish::What::http:
      return http_text(http_question(wish));
    default: {
      const ProxyQuestion question = proxy_question(wish);
      return "GET " + question.path + " of " + ref(wish.kind, wish.ns, wish.name).text() + " port " + question.port +
             " through the API server";
    }
  }
}

}  // namespace

std::string_view probe_name(ProbeKind probe) {
  for (const auto& [value, name] : probes) {
    if (value == probe) return name;
  }
  return {};
}

std::optional<ProbeKind> probe_named(std::string_view name) {
  for (const auto& [value, known] : probes) {
    if (known == name) return value;
  }
  return std::nullopt;
}

std::optional<ProbeKind> Wish::probe() const {
  switch (what) {
    case What::dns:
      return ProbeKind::dns;
    case What::tcp:
      return ProbeKind::tcp;
    case What::tls:
      return ProbeKind::tls;
    case What::http:
      return ProbeKind::http;
    case What::proxy:
      return ProbeKind::service;
    case What::object:
    case What::list:
    case What::served:
      break;
  }
  return std::nullopt;
}

std::string Wish::text() const {
  const KindInfo& entry = info(kind);
  switch (what) {
    case What::object:
      return ref(kind, ns, name).text();
    case What::list: {
      std::string out(entry.plural);
      if (entry.namespaced) out += ns.empty() ? std::string(" in all namespaces") : " in " + ns;
      return out + conditions_text(*this);
    }
    case What::served:
      return "API " + resource_name(kind);
    case What::dns:
    case What::tcp:
    case What::tls:
    case What::http:
    case What::proxy:
      return observation_text(*this);
  }
  return {};
}

std::string_view reason_name(Why::Reason reason) {
  switch (reason) {
    case Why::Reason::forbidden:
      return "forbidden";
    case Why::Reason::timeout:
      return "timeout";
    case Why::Reason::not_served:
      return "not-served";
    case Why::Reason::not_collected:
      return "not-collected";
    case Why::Reason::expired:
      return "expired";
    case Why::Reason::vantage:
      return "vantage";
    case Why::Reason::pending:
      return "pending";
    case Why::Reason::error:
      return "error";
  }
  return "error";
}

}  // namespace gwdoctor

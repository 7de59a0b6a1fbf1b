#include "checks/check.h"

#include <algorithm>
#include <array>

#include "checks/support/front_line.h"
#include "checks/support/grpc.h"

namespace gwdoctor {

namespace {

struct Spot {
  const FrontHost& host;
  const FrontPort& port;
  const std::vector<const FrontService*>& services;
  const Path& path;
  const Facts& facts;
};

bool has_word(const std::string& text, std::string_view word) { return text.find(word) != std::string::npos; }

bool is_tls_target(const ServicePort& port) {
  const std::string& name = port.target_name;
  return has_word(name, "https") || has_word(name, "tls") || has_word(name, "ssl") || name == "websecure" ||
         port.target_number == 443 || port.target_number == 8443;
}

bool is_plain_target(const ServicePort& port) {
  const std::string& name = port.target_name;
  return name == "http" || name == "web" || name == "http2" || port.target_number == 80 || port.target_number == 8080 ||
         port.target_number == 8000;
}

// What servers answer to plain HTTP on their TLS port: nginx, Go, Apache.
bool complains_of_plain_http(const HttpAnswer& answer) {
  constexpr std::array<std::string_view, 3> words{"plain HTTP request was sent to HTTPS port",
                                                  "sent an HTTP request to an HTTPS server",
                                                  "speaking plain HTTP to an SSL-enabled server port"};
  return answer.status == 400 &&
         std::any_of(words.begin(), words.end(), [&](std::string_view word) { return has_word(answer.body, word); });
}

struct Mapping {
  const FrontService* front = nullptr;
  const ServicePort* port = nullptr;
  std::optional<Asked> ends;  // TLS at the load balancer
};

std::optional<Mapping> mapping_of(const Spot& at) {
  for (const FrontService* front : at.services) {
    if (!front->is_load_balancer()) continue;
    const ServicePort* port = front->service->port(at.port.port);
    if (port != nullptr) return Mapping{front, port, asks_for_tls_end(*front->service, *port)};
  }
  return std::nullopt;
}

// PROXY headers look like plain text to a TLS server, and it answers in kind: lb-proxy-protocol.
bool has_proxy_protocol(const Spot& at) {
  return std::any_of(at.services.begin(), at.services.end(),
                     [](const FrontService* one) { return asks_for_proxy_protocol(*one->service).has_value(); });
}

enum class Served { unknown, tls, plain };

Served observe(const Spot& at, Verdicts& out) {
  if (!at.facts.probes(ProbeKind::tls)) return Served::unknown;
  Served served = Served::unknown;
  for (const FrontTarget& target : targets_of(at.host, at.facts).all) {
    const Seen<TlsAnswer> answer = at.facts.tls(target.address, at.port.port, at.host.host);
    if (answer.unknown()) out.unknown(at.port.scope, answer);
    if (!answer.present()) continue;
    if (answer->served() && served == Served::unknown) served = Served::tls;
    if (answer->handshake != Handshake::plain_http) continue;
    served = Served::plain;
    FindingBuilder finding = out.fail(at.port.scope);
    finding.object(target.published->object, target.published->path)
        .reason("tls-tls-on-plain-port")
        .certainty(Certainty::observed)
        .says("{} answers TLS with plain HTTP: the connection arrives at a port without TLS", target.text(at.port.port))
        .saw({"gwdoctor.dev/v1", "TLSObservation", {}, target.text(at.port.port), {}}, "status.handshake",
             answer.document().at_path("status.handshake"))
        .fix(by_hand(fmt::format("lead port {} of the Service in front to the TLS port of the data plane", at.port.port),
                     {"kubectl get services -A -o wide"}));
    for (const FrontService* front : at.services) finding.affects(front->service->meta.ref);
  }
  return served;
}

Scope grpc_streams(const Spot& at) {
  Scope out = at.path.nothing();
  for (std::size_t stream = 0; stream < at.path.streams.size(); ++stream) {
    const Leg& leg = at.path.legs[at.path.streams[stream].leg];
    if (at.port.scope.has(stream) && speaks(leg, at.path) == Speaks::grpc) out.add(stream);
  }
  return out;
}

Fix offer_http2(const Spot& at, const std::optional<Mapping>& mapping) {
  constexpr std::string_view policy = "service.beta.kubernetes.io/aws-load-balancer-alpn-policy";
  if (mapping && mapping->ends && mapping->ends->annotation.starts_with("service.beta.kubernetes.io/aws-")) {
    return by_hand("let the load balancer, which ends TLS, agree on HTTP/2",
                   {fmt::format("kubectl annotate {} {}=HTTP2Preferred --overwrite",
                                kubectl_object(mapping->front->service->meta.ref), policy)});
  }
  return by_hand(fmt::format("let who ends TLS on port {} offer h2 by ALPN, or let TLS pass to the data plane", at.port.port),
                 {"kubectl get services -A -o wide"});
}

// gRPC is HTTP/2 alone, and under TLS that is agreed on by ALPN (RFC 9113, 3.2): clients end the connection where it is not.
bool lacks_http2(const Spot& at, const std::optional<Mapping>& mapping, Verdicts& out) {
  const Scope calls = grpc_streams(at);
  if (!calls.any() || !at.facts.probes(ProbeKind::tls)) return false;
  const FrontTargets targets = targets_of(at.host, at.facts);
  std::size_t served = 0;
  std::vector<std::pair<const FrontTarget*, Seen<TlsAnswer>>> lacking;
  for (const FrontTarget& target : targets.all) {
    const Seen<TlsAnswer> answer = at.facts.tls(target.address, at.port.port, at.host.host);
    if (!answer.present() || !answer->served()) continue;
    ++served;
    if (answer->alpn != "h2") lacking.emplace_back(&target, answer);
  }
  for (const auto& [target, answer] : lacking) {
    FindingBuilder finding = out.fail(calls);
    finding.object(target->published->object, target->published->path)
        .reason("lb-no-http2")
        .certainty(Certainty::observed)
        .impact(lacking.size() == served ? Impact::all : Impact::part)
        .says("{} agrees on {} for {}, and gRPC needs h2", target->text(at.port.port),
              answer->alpn.empty() ? "no protocol by ALPN" : answer->alpn,
              at.host.host.empty() ? "hosts without a name" : at.host.host)
        .saw({"gwdoctor.dev/v1", "TLSObservation", {}, target->text(at.port.port), {}}, "status.alpn",
             answer.document().at_path("status.alpn"))
        .fix(offer_http2(at, mapping));
    for (const FrontService* front : at.services) finding.affects(front->service->meta.ref);
  }
  return !lacking.empty();
}

// What an HTTPS request brought back: a complaint, anything else, or nothing.
std::optional<bool> complained(const Spot& at) {
  if (!at.facts.probes(ProbeKind::http) || at.host.host.empty()) return std::nullopt;
  for (const FrontTarget& target : targets_of(at.host, at.facts).all) {
    HttpQuestion question;
    question.address = target.address;
    question.port = at.port.port;
    question.tls = true;
    question.host = at.host.host;
    question.path = at.facts.settings().probe_path;
    const Seen<HttpAnswer> answer = at.facts.http(question);
    if (answer.present() && answer->result == HttpResult::answered) return complains_of_plain_http(*answer);
  }
  return std::nullopt;
}

// TLS ends at the load balancer, and what comes after it awaits TLS once more.
void judge_ended(const Spot& at, const Mapping& mapping, Verdicts& out) {
  const bool listener = at.host.gateway != no_index;
  if (is_plain_target(*mapping.port) || (!listener && !is_tls_target(*mapping.port))) return out.pass(at.port.scope);
  const std::optional<bool> seen = complained(at);
  if (seen == false) return out.pass(at.port.scope);
  const Ref& object = mapping.front->service->meta.ref;
  out.fail(at.port.scope)
      .object(object, mapping.port->path + ".targetPort")
      .reason("lb-plaintext-to-tls-port")
      .certainty(seen       ? Certainty::observed
                 : listener ? Certainty::proved
                            : Certainty::likely)
      .says("{} ends TLS at its load balancer ({}) and leads port {} to {}, where TLS is expected", object.text(),
            mapping.ends->annotation, mapping.port->port,
            mapping.port->target_name.empty() ? fmt::format("port {}", mapping.port->target_number.value_or(mapping.port->port))
                                              : fmt::format("the port {}", mapping.port->target_name))
      .saw(object, mapping.ends->path(), Value(mapping.ends->value))
      .saw(object, mapping.port->path, mapping.front->service.document->at_path(mapping.port->path))
      .fix(by_hand("lead the port to the plain port of the data plane, or let TLS pass the load balancer untouched",
                   {fmt::format("kubectl get {} -o yaml", kubectl_object(object))}));
}

// Nobody ends TLS before the plain port.
void judge_crossed(const Spot& at, const Mapping& mapping, Verdicts& out) {
  const ServicePort& port = *mapping.port;
  const std::vector<ServicePort>& ports = mapping.front->service->ports;
  const bool shared = std::any_of(ports.begin(), ports.end(), [&](const ServicePort& other) {
    return other.path != port.path && other.target_name == port.target_name && other.target_number == port.target_number;
  });
  if (!is_plain_target(port) || !shared) return out.pass(at.port.scope);
  const Ref& object = mapping.front->service->meta.ref;
  out.fail(at.port.scope)
      .object(object, port.path + ".targetPort")
      .reason("tls-tls-on-plain-port")
      .certainty(Certainty::likely)
      .says("port {} of {}, where clients speak TLS, leads to the same plain port as its port for HTTP", port.port, object.text())
      .saw(object, "spec.ports", mapping.front->service.document->at_path("spec.ports"))
      .fix(by_hand("lead the port to the TLS port of the data plane",
                   {fmt::format("kubectl get {} -o yaml", kubectl_object(object))}));
}

void judge(const Spot& at, Verdicts& out) {
  if (has_proxy_protocol(at)) return;
  const Served served = observe(at, out);
  if (served == Served::plain) return;
  const std::optional<Mapping> mapping = mapping_of(at);
  if (lacks_http2(at, mapping, out) || !mapping) return;
  if (mapping->ends) return judge_ended(at, *mapping, out);
  // A load balancer that was set up by hand may end it all the same: the handshake tells.
  if (served == Served::unknown && at.host.ingress != no_index) return judge_crossed(at, *mapping, out);
  out.pass(at.port.scope);
}

void run(const Facts& facts, const Path& path, Verdicts& out) {
  const std::shared_ptr<const Front> front = front_of(path, facts);
  for (const FrontHost& host : front->hosts) {
    const std::vector<const FrontService*> services = front->services_of(host, path);
    for (const FrontPort& port : host.ports) {
      if (port.tls) judge({host, port, services, path, facts}, out);
    }
  }
}

}  // namespace

extern constinit const Check lb_protocol_mismatch{
    .code = "lb-protocol-mismatch",
    .title = "TLS arrives at a plain port, plain HTTP at a TLS port, or gRPC at one without HTTP/2",
    .severity = Severity::error,
    .layer = Layer::loadbalancer,
    .reads = {Kind::gateway_class, Kind::gateway, Kind::http_route, Kind::grpc_route, Kind::ingress, Kind::service,
              Kind::deployment, Kind::daemon_set},
    .explains = {},
    .run = run,
};

}  // namespace gwdoctor

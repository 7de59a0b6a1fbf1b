#include "cmd/send.h"

#include <fmt/format.h>

#include <chrono>

#include "chain/controllers.h"
#include "cmd/session.h"
#include "net/dns.h"
#include "net/exchange.h"
#include "net/websocket.h"

namespace gwdoctor {

namespace {

constexpr std::chrono::seconds patience{10};

// Where the entrance of a trace can be met, by its status.
std::string published_address(const Outcome& outcome, const Facts& facts) {
  if (outcome.gateway.kind == info(Kind::gateway).name) {
    const Seen<Gateway> gateway = facts.get<Gateway>(Kind::gateway, outcome.gateway.ns, outcome.gateway.name);
    return gateway.present() && !gateway->addresses.empty() ? gateway->addresses.front().value : std::string();
  }
  if (outcome.route.kind != info(Kind::ingress).name) return {};
  const Seen<Ingress> ingress = facts.get<Ingress>(Kind::ingress, outcome.route.ns, outcome.route.name);
  if (!ingress.present() || ingress->addresses.empty()) return {};
  const IngressAddress& address = ingress->addresses.front();
  return address.ip.empty() ? address.hostname : address.ip;
}

std::string resolved(const std::string& name) {
  if (name.empty() || is_address(name)) return name;
  DnsOptions options;
  const std::vector<DnsAnswer> answers = ask_dns({DnsQuestion{name, {}}}, options);
  if (answers.empty()) return {};
  const std::vector<std::string>& local = answers.front().hosts_addresses;
  const std::vector<std::string> addresses = local.empty() ? answers.front().addresses() : local;
  return addresses.empty() ? std::string() : addresses.front();
}

std::string controller_of(const Outcome& outcome, const Facts& facts) {
  const Controller* known = nullptr;
  if (outcome.gateway.kind == info(Kind::gateway).name) {
    const Seen<Gateway> gateway = facts.get<Gateway>(Kind::gateway, outcome.gateway.ns, outcome.gateway.name);
    if (!gateway.present()) return {};
    const Seen<GatewayClass> of = facts.get<GatewayClass>(Kind::gateway_class, "", gateway->class_name);
    if (of.present()) known = find_by_gateway_controller(of->controller_name);
  } else if (outcome.route.kind == info(Kind::ingress_route).name) {
    known = find_controller("traefik");
  } else {
    const Seen<IngressClass> of = facts.get<IngressClass>(Kind::ingress_class, "", outcome.gateway.name);
    if (of.present()) known = find_by_ingress_controller(of->controller);
  }
  return known == nullptr ? std::string() : std::string(known->id);
}

ExchangeQuestion question_for(const Request& request, const std::string& address) {
  ExchangeQuestion out;
  out.address = address;
  out.port = request.port;
  out.tls = request.tls;
  out.sni = request.sni;
  out.host = request.authority_sent();
  out.method = request.method;
  out.path = request.path;
  out.query = request.query;
  out.headers = request.headers;
  if (request.grpc) {
    out.protocol = "h2";
    out.body = std::string(5, '\0');  // an empty message (gRPC over HTTP/2, Length-Prefixed-Message)
  }
  if (request.websocket) ask_for_websocket(out);
  out.timeout = patience;
  return out;
}

}  // namespace

void send_traced(Diagnosis& diagnosis, const Facts& facts, const Options& options) {
  const Trace& trace = *diagnosis.trace;
  Sent sent;
  if (!trace.request.is_http()) {
    sent.error = fmt::format("a {} connection carries no request that could be sent", trace.request.scheme);
    diagnosis.sent = std::move(sent);
    return;
  }
  std::string name = trace.request.address.value_or(published_address(trace.outcome, facts));
  if (name.empty()) name = trace.request.host;
  const std::string address = resolved(name);
  if (address.empty()) {
    sent.error =
        fmt::format("{} has no address: name one with --resolve {}:{}:ADDRESS", name, trace.request.host, trace.request.port);
    diagnosis.sent = std::move(sent);
    return;
  }
  ExchangeQuestion question = question_for(trace.request, address);
  question.ca_file = options.probe.ca_file;
  const std::vector<ExchangeAnswer> answers = exchange_all({question}, patience, &interrupted);
  diagnosis.sent = judge_answer(trace, answers.front(), controller_of(trace.outcome, facts));
  if (trace.request.websocket && answers.front().answered()) {
    diagnosis.sent->not_upgraded = websocket_complaint(question, answers.front());
    diagnosis.sent->upgraded = diagnosis.sent->not_upgraded.empty();
  }
  if (diagnosis.sent->address.empty()) diagnosis.sent->address = fmt::format("{}:{}", address, trace.request.port);
}

}  // namespace gwdoctor

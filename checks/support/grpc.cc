#include "checks/support/grpc.h"

#include <algorithm>

#include "chain/dialects/annotations.h"
#include "chain/request/request.h"
#include "chain/router/tracer.h"
#include "checks/support/ports.h"
#include "kube/objects/fields.h"

namespace gwdoctor {

namespace {

// By the documentation of ingress-nginx, haproxy-ingress, the AWS Load Balancer Controller and Kong.
bool asks_for_grpc(const Ingress& ingress) {
  struct Switch {
    std::string_view prefix;
    std::string_view key;
  };
  for (const Switch& one :
       {Switch{nginx_prefix, "backend-protocol"}, Switch{"haproxy-ingress.github.io/", "backend-protocol"},
        Switch{"alb.ingress.kubernetes.io/", "backend-protocol-version"}, Switch{"konghq.com/", "protocols"}}) {
    for (const std::string& word : comma_separated(annotation_text(ingress, one.prefix, one.key))) {
      const std::string protocol = lower_case(word);
      if (protocol == "grpc" || protocol == "grpcs") return true;
    }
  }
  return false;
}

bool is_grpc_route(const Leg& leg, const Path& path) {
  return leg.route != no_index && path.routes[leg.route].ref.kind == info(Kind::grpc_route).name;
}

Speaks spoken_on(const Leg& leg, const Path& path) {
  if (leg.backend == no_index) return Speaks::other;
  const BackendView& backend = path.backends[leg.backend];
  if (!backend.is_service || !backend.service.present()) return Speaks::other;
  const ServicePort* port = port_of(path, leg, *backend.service);
  const std::string protocol = port == nullptr ? std::string() : lower_case(port->app_protocol);
  if (protocol == "grpc" || protocol == "grpcs") return Speaks::grpc;
  return protocol == "kubernetes.io/h2c" ? Speaks::perhaps_grpc : Speaks::other;
}

class Caller {
 public:
  Caller(const Path& path, const Facts& facts, Verdicts& out) : path_(path), facts_(facts), out_(out) {}
  void call(const FrontHost& host, const FrontPort& port);
  std::vector<HealthCall> take() { return std::move(calls_); }

 private:
  [[nodiscard]] std::optional<Outcome> predict(const FrontHost& host, const FrontPort& port, const Scope& scope);
  [[nodiscard]] bool find_backends(const Outcome& outcome, HealthCall& call) const;

  const Path& path_;
  const Facts& facts_;
  Verdicts& out_;
  std::vector<HealthCall> calls_;
};

// Nothing where it cannot be told, or where nothing is forwarded.
std::optional<Outcome> Caller::predict(const FrontHost& host, const FrontPort& port, const Scope& scope) {
  const Result<Request> request =
      parse_request({.url = fmt::format("{}://{}:{}", port.tls ? "grpcs" : "grpc", host.host, port.listener),
                     .grpc = std::string(grpc_health_path.substr(1))});
  if (!request) return std::nullopt;
  Question question;
  question.request = *request;
  question.ns = path_.target.ns;
  if (host.gateway != no_index) {
    const Ref& gateway = path_.gateways[host.gateway].ref;
    question.entry = EntryPoint{EntryPoint::Kind::gateway, gateway.ns, gateway.name};
  } else {
    question.entry = EntryPoint{EntryPoint::Kind::ingress, {}, path_.ingresses[host.ingress].class_name};
  }
  Trace traced = trace(question, facts_);
  for (const Unread& one : traced.unread) out_.unknown(scope, one.wish, one.why);
  if (!traced.unread.empty() || traced.outcome.action != Action::forward) return std::nullopt;
  return std::move(traced.outcome);
}

bool Caller::find_backends(const Outcome& outcome, HealthCall& call) const {
  call.scope = path_.nothing();
  for (std::size_t stream = 0; stream < path_.streams.size(); ++stream) {
    if (!call.port->scope.has(stream)) continue;
    const Leg& leg = path_.legs[path_.streams[stream].leg];
    if (!same_object(leg.object, outcome.route) || leg.rule != outcome.rule.value_or(no_index) || leg.backend == no_index)
      continue;
    const BackendView* backend = &path_.backends[leg.backend];
    const bool taken = std::any_of(outcome.backends.begin(), outcome.backends.end(), [&](const TracedBackend& one) {
      return same_object(one.object, backend->ref) && one.weight > 0 && one.port == leg.port;
    });
    const Speaks spoken = taken ? speaks(leg, path_) : Speaks::other;
    if (spoken == Speaks::other) continue;
    call.certain = call.certain && spoken == Speaks::grpc;
    if (std::find(call.behind.begin(), call.behind.end(), backend) == call.behind.end()) call.behind.push_back(backend);
    call.scope.add(stream);
  }
  return !call.behind.empty();
}

void Caller::call(const FrontHost& host, const FrontPort& port) {
  const bool is_http = port.scheme == "http" || port.scheme == "https";
  // Without TLS the Gateway API asks for HTTP/2 with prior knowledge (GRPCRoute); controllers of Ingresses mostly have none.
  if (host.host.empty() || !is_http || port.passthrough || (host.ingress != no_index && !port.tls)) return;
  Scope scope = path_.nothing();
  for (std::size_t stream = 0; stream < path_.streams.size(); ++stream) {
    if (port.scope.has(stream) && speaks(path_.legs[path_.streams[stream].leg], path_) != Speaks::other) scope.add(stream);
  }
  if (!scope.any()) return;
  const FrontTargets targets = targets_of(host, facts_);
  if (targets.all.empty()) return;
  const std::optional<Outcome> outcome = predict(host, port, scope);
  HealthCall call;
  call.host = &host;
  call.port = &port;
  call.target = targets.all.front();
  if (!outcome || !find_backends(*outcome, call)) return;
  call.route = outcome->route;
  call.rule = outcome->field;
  HttpQuestion question;
  question.address = call.target.address;
  question.port = port.port;
  question.tls = port.tls;
  question.host = host.host;
  question.grpc_health = "";
  call.answer = facts_.http(question);
  if (call.answer.unknown()) return out_.unknown(call.scope, call.answer);
  calls_.push_back(std::move(call));
}

}  // namespace

Speaks speaks(const Leg& leg, const Path& path) {
  if (is_grpc_route(leg, path)) return Speaks::grpc;
  if (leg.ingress != no_index && path.ingresses[leg.ingress].ingress.present() &&
      asks_for_grpc(*path.ingresses[leg.ingress].ingress))
    return Speaks::grpc;
  return spoken_on(leg, path);
}

bool is_for_grpc_alone(const Scope& scope, const Path& path) {
  bool any = false;
  for (std::size_t stream = 0; stream < path.streams.size(); ++stream) {
    if (!scope.has(stream)) continue;
    if (speaks(path.legs[path.streams[stream].leg], path) != Speaks::grpc) return false;
    any = true;
  }
  return any;
}

std::vector<HealthCall> health_calls(const Front& front, const Path& path, const Facts& facts, Verdicts& out) {
  if (!facts.probes(ProbeKind::http)) return {};
  Caller caller(path, facts, out);
  for (const FrontHost& host : front.hosts) {
    for (const FrontPort& port : host.ports) caller.call(host, port);
  }
  return caller.take();
}

}  // namespace gwdoctor

#include "checks/check.h"

#include <algorithm>

#include "checks/grace.h"
#include "checks/support/explainers.h"
#include "checks/support/grpc.h"
#include "checks/support/names.h"
#include "checks/support/ports.h"
#include "kube/clean.h"

namespace gwdoctor {

namespace {

constexpr int unavailable = 14;  // grpc, doc/statuscodes.md

struct Spot {
  const HealthCall& call;
  const Front& front;
  const Path& path;
  const Facts& facts;

  [[nodiscard]] const HttpAnswer& answer() const { return *call.answer; }
};

std::size_t ready_behind(const HealthCall& call) {
  std::size_t ready = 0;
  for (const BackendView* backend : call.behind) {
    if (backend->slices.present()) ready += count_endpoints(*backend->slices).ready;
  }
  return ready;
}

std::string servers(const HealthCall& call) {
  std::vector<std::string> names;
  for (const BackendView* backend : call.behind) names.push_back(backend->ref.text());
  return join_names(names);
}

// A change that has not reached everybody yet: of the way in, the route, the Services or their pods.
bool is_settling(const Spot& at) {
  if (is_being_made(*at.call.host, at.front, at.path, at.facts)) return true;
  for (const RouteView& view : at.path.routes) {
    if (view.scope.overlaps(at.call.scope) && view.route.present() && settling(view.route->meta, at.facts)) return true;
  }
  return std::any_of(at.call.behind.begin(), at.call.behind.end(), [&](const BackendView* backend) {
    return (backend->service.present() && settling(backend->service->meta, at.facts)) ||
           (backend->slices.present() && just_changed(*backend->slices, at.facts));
  });
}

// What may just have changed, for all that is known.
bool is_unread(const Spot& at, Verdicts& out) {
  for (const BackendView* backend : at.call.behind) {
    if (!backend->is_service) continue;
    if (backend->service.unknown()) {
      out.unknown(at.call.scope, backend->service);
      return true;
    }
    if (backend->service.present() && backend->slices.unknown()) {
      out.unknown(at.call.scope, backend->slices);
      return true;
    }
  }
  return false;
}

std::vector<std::string> commands(const Spot& at) {
  std::vector<std::string> out;
  for (const BackendView* backend : at.call.behind) {
    if (!backend->is_service) continue;
    out.push_back(fmt::format("kubectl get endpointslices -n {} -l {}", shell_quote(backend->ref.ns),
                              shell_quote("kubernetes.io/service-name=" + backend->ref.name)));
    if (backend->pods.present() && !backend->pods->empty())
      out.push_back(fmt::format("kubectl logs {} --tail=50", kubectl_object(backend->pods->front()->meta.ref)));
  }
  return out;
}

// Begins a finding: about the Service where there is one alone, else about the rule that takes the call.
FindingBuilder fail(const Spot& at, std::string_view evidence, Verdicts& out) {
  const HealthCall& call = at.call;
  FindingBuilder finding = out.fail(call.scope);
  const bool single = call.behind.size() == 1;
  finding.object(single ? call.behind.front()->ref : call.route, single ? std::string_view() : std::string_view(call.rule))
      .certainty(Certainty::observed)
      .saw(call.ref(), evidence, call.answer.document().at_path(evidence));
  for (const BackendView* backend : call.behind) {
    if (!single) finding.affects(backend->ref);
  }
  return finding;
}

void report_not_serving(const Spot& at, Verdicts& out) {
  // A health check is answered by one pod: the others may serve.
  const std::size_t ready = ready_behind(at.call);
  const bool all = at.call.behind.size() == 1 && ready <= 1;
  fail(at, "status.grpc.serving", out)
      .reason("grpc-not-serving")
      .impact(all ? Impact::all : Impact::part)
      .says("the gRPC server behind {} answers its health check for {} with NOT_SERVING, expected SERVING{}", servers(at.call),
            at.call.host->host, all || ready <= 1 ? std::string() : fmt::format(" (one of {} ready pods was asked)", ready))
      .fix(by_hand("find out in the application's log what keeps it from serving", commands(at)));
}

void report_unavailable(const Spot& at, Verdicts& out) {
  const GrpcHealth& health = *at.answer().grpc;
  const bool by_grpc = health.grpc_status.has_value();
  const std::string said = clean_line(health.grpc_message, 160);
  fail(at, by_grpc ? "status.grpc" : "status.code", out)
      .reason("grpc-unavailable")
      .impact(at.call.behind.size() == 1 ? Impact::all : Impact::part)
      .says("{} answers gRPC calls for {} to {} with {}{}", at.call.target.text(at.call.port->port), at.call.host->host,
            servers(at.call),
            by_grpc ? fmt::format("status {} {}", unavailable, grpc_status_name(unavailable))
                    : fmt::format("HTTP {} and no gRPC status", at.answer().status),
            said.empty() ? std::string() : ": " + said)
      .fix(by_hand("look for what keeps the data plane from the pods: endpoints, the port, the protocol that they speak",
                   commands(at)));
}

// No answer is about the connection: lb-unreachable and tls-handshake-failed, where these probes were chosen too.
void judge_silence(const Spot& at, Verdicts& out) {
  const HttpResult result = at.answer().result;
  const bool connection = result == HttpResult::refused || result == HttpResult::unreachable || result == HttpResult::tls_failed;
  const bool told = at.facts.probes(ProbeKind::tcp) && at.facts.probes(ProbeKind::tls);
  if (!at.call.certain || (connection && told)) return;
  const Why::Reason reason = result == HttpResult::timeout ? Why::Reason::timeout : Why::Reason::vantage;
  out.unknown(at.call.scope, at.call.answer.wish(), {reason, at.answer().detail, std::nullopt});
}

void judge(const Spot& at, Verdicts& out) {
  if (at.answer().result != HttpResult::answered) return judge_silence(at, out);
  // Over HTTP/1.1 there is no gRPC, whatever the answer: lb-protocol-mismatch.
  if (at.answer().version != "HTTP/2" || !at.answer().grpc) return;
  const GrpcHealth& health = *at.answer().grpc;
  const bool not_serving = health.serving == GrpcServing::not_serving;
  const bool by_gateway = !health.is_grpc && !health.grpc_status && at.answer().status >= 500 && at.call.certain;
  const bool fails = not_serving || by_gateway || health.grpc_status == unavailable;
  if (fails && is_unread(at, out)) return;
  if (fails && is_settling(at)) return out.unknown(at.call.scope, at.call.answer.wish(), pending("its pods"));
  if (not_serving) {
    report_not_serving(at, out);
  } else if (fails) {
    report_unavailable(at, out);
  } else if (health.serving == GrpcServing::serving) {
    out.pass(at.call.scope);
  }
  // Whatever else comes (UNIMPLEMENTED, UNAUTHENTICATED, SERVICE_UNKNOWN …) is no word about health.
}

void run(const Facts& facts, const Path& path, Verdicts& out) {
  if (!facts.probes(ProbeKind::http)) return;
  const std::shared_ptr<const Front> front = front_of(path, facts);
  for (const HealthCall& call : health_calls(*front, path, facts, out)) judge({call, *front, path, facts}, out);
}

}  // namespace

extern constinit const Check grpc_not_serving{
    .code = "grpc-not-serving",
    .title = "a gRPC server says that it does not serve, or cannot be reached through the entrance",
    .severity = Severity::error,
    .layer = Layer::endpoints,
    .reads = {Kind::http_route, Kind::grpc_route, Kind::tls_route, Kind::tcp_route, Kind::udp_route, Kind::gateway,
              Kind::gateway_class, Kind::listener_set, Kind::name_space, Kind::ingress, Kind::ingress_class, Kind::service,
              Kind::endpoint_slice, Kind::pod, Kind::deployment, Kind::daemon_set},
    .explains = {},
    .explained_by = backend_faults,
    .run = run,
};

}  // namespace gwdoctor

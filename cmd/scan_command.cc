#include <algorithm>
#include <array>
#include <chrono>

#include "checks/engine.h"
#include "cmd/conclude.h"
#include "cmd/output.h"
#include "cmd/run.h"
#include "cmd/session.h"
#include "report/diagnose.h"

namespace gwdoctor {

namespace {

constexpr std::array targets{Kind::gateway,   Kind::http_route, Kind::grpc_route, Kind::tls_route,
                             Kind::tcp_route, Kind::udp_route,  Kind::ingress};

struct Found {
  std::vector<Target> targets;
  std::vector<Unknown> unread;
};

template <class T>
void take(const Seen<List<T>>& list, Kind kind, Found& found) {
  if (list.unknown()) found.unread.push_back({list.wish().text(), list.why()});
  if (!list.present()) return;
  for (const Known<T>& object : *list) found.targets.push_back({kind, object->meta.ref.ns, object->meta.ref.name});
}

Found find_all(const Facts& facts, const std::string& ns) {
  Found found;
  for (const Kind kind : targets) {
    if (is_route(kind)) {
      take(facts.list<Route>(kind, ns), kind, found);
    } else if (kind == Kind::gateway) {
      take(facts.list<Gateway>(kind, ns), kind, found);
    } else {
      take(facts.list<Ingress>(kind, ns), kind, found);
    }
  }
  return found;
}

// What nearly every target needs is read whole, in the same round as the targets. Secrets are not: only those that are named.
void read_ahead(const Facts& facts, const std::string& ns) {
  (void)facts.list<Service>(Kind::service, ns);
  (void)facts.list<EndpointSlice>(Kind::endpoint_slice, ns);
  (void)facts.list<Pod>(Kind::pod, ns);
  (void)facts.list<ReferenceGrant>(Kind::reference_grant, ns);
  (void)facts.list<GatewayClass>(Kind::gateway_class, "");
  (void)facts.list<IngressClass>(Kind::ingress_class, "");
}

// A list of targets that could not be read is a diagnosis of its own: nothing is known of what it would have held.
Diagnosis unread_diagnosis(const Unknown& unknown, const std::string& ns, Time now) {
  Diagnosis out;
  out.target = ref(Kind::name_space, "", ns);
  out.verdict = Verdict::unknown;
  out.taken_at = now;
  out.unknowns.push_back(unknown);
  out.summary = unknown.fact + " could not be read: " + unknown.why.message;
  return out;
}

}  // namespace

Exit run_scan(const Options& options) {
  const auto start = std::chrono::steady_clock::now();
  Result<Session> session = open_session(options);
  if (!session) return report_error(session.error());
  Source& source = *session->source;
  const std::string ns = options.all_namespaces ? std::string() : session->ns;
  Facts facts(source.now());
  facts.set_settings(session->settings);
  (void)find_all(facts, ns);
  read_ahead(facts, ns);
  fetch_wanted(facts, source);
  if (const auto* fatal = session->fatal(); fatal != nullptr && fatal->has_value()) return report_error(**fatal);
  Found found = find_all(facts, ns);
  const DiagnoseOptions how = diagnose_options(options);
  std::vector<Diagnosis> diagnoses;
  for (const Target& target : found.targets) {
    if (interrupted) return Exit::interrupted;
    diagnoses.push_back(diagnose(target, facts, source, how).diagnosis);
  }
  for (const Unknown& unknown : found.unread) {
    // In files, a kind that nobody collected is most often one that the cluster does not have.
    if (unknown.why.reason == Why::Reason::not_collected && !found.targets.empty()) continue;
    diagnoses.push_back(unread_diagnosis(unknown, ns, facts.now()));
  }
  return conclude(std::move(diagnoses), true, facts, source, start, options);
}

}  // namespace gwdoctor

#include "checks/check.h"

#include <algorithm>
#include <array>

#include "checks/grace.h"
#include "checks/support/explainers.h"
#include "checks/support/handshakes.h"
#include "checks/support/http_words.h"
#include "checks/support/ports.h"
#include "checks/support/visits.h"
#include "kube/clean.h"

namespace gwdoctor {

namespace {

// What makes an answer expected, by its status (failures/symptoms, "same fault, different status").
// 500 … 504 of a data plane: it has no backend for the rule, or none that answers.
constexpr std::array no_backend =
    joined(backend_faults, std::array<std::string_view, 5>{"controller-not-ready", "controller-not-synced",
                                                           "gateway-not-programmed", "route-no-backend", "route-rule-invalid"});
// 404: it has no rule for the request.
constexpr std::array<std::string_view, 21> no_rule{
    "class-not-accepted",     "class-not-found",       "class-not-set",           "controller-not-found",
    "controller-not-ready",   "controller-not-synced", "gateway-not-accepted",    "gateway-not-found",
    "gateway-not-programmed", "ingress-path-type",     "listener-conflicted",     "listener-kinds-exclude-route",
    "listener-not-found",     "route-backend-kind",    "route-hostname-mismatch", "route-not-accepted",
    "route-not-allowed",      "route-not-attached",    "route-request-unmatched", "route-rule-invalid",
    "ingress-no-rules"};
// 404 of those that leave out a rule whose backend is of no use: Traefik.
constexpr std::array<std::string_view, 4> left_out{"endpoints-none", "service-not-found", "service-port-not-found",
                                                   "service-selector-mismatch"};
// 400: another protocol than HTTP arrived.
constexpr std::array<std::string_view, 2> garbled{"lb-protocol-mismatch", "lb-proxy-protocol"};
// 5xx of the application itself.
constexpr std::array<std::string_view, 4> ailing{"endpoints-not-ready", "pod-config-error", "pod-crash-looping",
                                                 "pod-readiness-failing"};
constexpr std::array all_explainers = joined(joined(no_backend, no_rule), garbled);

constexpr bool are_listed(std::span<const std::string_view> codes) {
  return std::all_of(codes.begin(), codes.end(), [](std::string_view code) {
    return std::find(all_explainers.begin(), all_explainers.end(), code) != all_explainers.end();
  });
}
static_assert(are_listed(left_out) && are_listed(ailing));

struct Spot {
  const Visit& visit;
  const Front& front;
  const Path& path;
  const Facts& facts;

  [[nodiscard]] const HttpAnswer& answer() const { return *visit.last().answer; }
};

bool is_by_application(const Speaker& speaker) { return speaker.id == "application"; }

// Go's own 404 is Traefik's as well as that of every application written in it, and an empty page behind "server: envoy" may be
// the application's where the headers that tell were turned off. nginx puts its name below its pages.
enum class Proxy { no, perhaps, yes };
Proxy proxy_of(const Speaker& speaker) {
  if (!speaker.known() || is_by_application(speaker) || speaker.name.starts_with("Traefik or")) return Proxy::no;
  const bool signs =
      speaker.certainty == "certain" || speaker.sign.starts_with("body ") || speaker.sign.starts_with("nginx's page");
  return signs ? Proxy::yes : Proxy::perhaps;
}

// Nothing where the answer is none that is told of.
std::optional<Severity> severity_of(const Spot& at) {
  const int status = at.answer().status;
  const Proxy proxy = proxy_of(at.visit.speaker);
  if (status >= 500) return Severity::error;
  if (proxy == Proxy::no) return std::nullopt;
  const bool taken = at.visit.ends && at.visit.ends->by == Taken::By::rule;
  switch (status) {
    case 421:
      return Severity::error;
    case 404:
      if (!taken) return std::nullopt;
      return proxy == Proxy::yes ? Severity::error : Severity::warning;
    case 403:
      // Whom it refuses may well be meant.
      return Severity::warning;
    case 400:
      // A client certificate that is asked for is a way to authenticate (nginx).
      return at.answer().body.find("SSL certificate") == std::string::npos ? std::optional(Severity::error) : std::nullopt;
    default:
      return std::nullopt;
  }
}

std::vector<std::string_view> explainers(const Spot& at) {
  const int status = at.answer().status;
  std::vector<std::string_view> out;
  const auto add = [&](const auto& codes) { out.insert(out.end(), codes.begin(), codes.end()); };
  if (is_by_application(at.visit.speaker)) {
    add(ailing);
  } else if (status >= 500) {
    add(no_backend);
  } else if (status == 404) {
    add(no_rule);
    if (at.visit.speaker.id == "traefik") add(left_out);
  } else if (status == 400) {
    add(garbled);
  }
  return out;
}

std::string reason_of(const Spot& at) {
  const int status = at.answer().status;
  if (status >= 500 && (is_by_application(at.visit.speaker) || status > 504 || status == 501)) return "probe-http-5xx-app";
  if (status == 500 && !at.visit.speaker.known()) return "probe-http-5xx-app";
  const bool edge = status == 404 || status == 500 || status == 503;
  return fmt::format("probe-http-{}{}", status, edge ? "-edge" : "");
}

// A change that has not reached everybody yet: of the way in, the route, the Services or their pods.
bool is_settling(const Spot& at) {
  const Taken& taken = *at.visit.ends;
  if (is_being_made(*at.visit.host, at.front, at.path, at.facts)) return true;
  for (const RouteView& view : at.path.routes) {
    if (view.scope.overlaps(taken.scope) && view.route.present() && settling(view.route->meta, at.facts)) return true;
  }
  return std::any_of(taken.behind.begin(), taken.behind.end(), [&](const BackendView* backend) {
    return (backend->service.present() && settling(backend->service->meta, at.facts)) ||
           (backend->slices.present() && just_changed(*backend->slices, at.facts));
  });
}

std::string curl(const Hop& hop, const std::string& method) {
  return fmt::format("curl -v{} {} {}", method == "HEAD" ? " -I" : "", resolve_flag(hop), shell_quote(hop.url.text()));
}

Fix remedy(const Spot& at) {
  std::vector<std::string> commands{curl(at.visit.last(), at.visit.method)};
  const bool application = is_by_application(at.visit.speaker);
  for (const BackendView* backend : at.visit.ends->behind) {
    if (!backend->is_service) continue;
    if (!application)
      commands.push_back(fmt::format("kubectl get endpointslices -n {} -l {}", shell_quote(backend->ref.ns),
                                     shell_quote("kubernetes.io/service-name=" + backend->ref.name)));
    if (backend->pods.present() && !backend->pods->empty())
      commands.push_back(fmt::format("kubectl logs {} --tail=50", kubectl_object(backend->pods->front()->meta.ref)));
  }
  if (application)
    return by_hand("find the request in the application's log: it was reached, and answers so itself", std::move(commands));
  TlsSpot spot;
  spot.host = at.visit.host;
  for (std::string& command : data_plane_logs(spot, at.front, at.path)) commands.push_back(std::move(command));
  if (at.answer().status < 500)
    return by_hand("find the request in the data plane's log, and ask whether it has the rule yet", std::move(commands));
  return by_hand("find the request in the logs of the data plane and of the application, whichever has it", std::move(commands));
}

// Those that end at one answer, of which the shortest way tells.
struct Group {
  const Visit* visit = nullptr;
  Scope scope;
};

void report(const Spot& at, const Group& group, Severity severity, Verdicts& out) {
  const Visit& visit = at.visit;
  const Hop& last = visit.last();
  const HttpAnswer& answer = at.answer();
  const Value& document = last.answer.document();
  const std::string said = said_by(answer);
  const std::string lead =
      visit.hops.size() == 1 ? visit.text() + " is" : fmt::format("{} leads to {}, which is", visit.text(), last.url.text());
  FindingBuilder finding = out.fail(group.scope);
  finding.object(visit.host->object.name.empty() ? at.path.target : visit.host->object, visit.host->path)
      .reason(reason_of(at))
      .certainty(Certainty::observed)
      .says("{} answered {}{}{}{}", lead, answer.status, visit.speaker.known() ? " by " + visit.speaker.name : std::string(),
            said.empty() ? std::string() : ": " + said,
            visit.speaker.means.empty() ? std::string() : fmt::format(" ({})", visit.speaker.means))
      .saw(last.ref(), "status.code", document.at_path("status.code"))
      .explained_by(explainers(at))
      .fix(remedy(at));
  for (std::size_t field = 0; field < answer.headers.size(); ++field) {
    if (answer.headers[field].name == "server")
      finding.saw(last.ref(), fmt::format("status.headers[{}]", field),
                  Value("server: " + clean_line(answer.headers[field].value, 80)));
  }
  if (!said.empty()) finding.saw(last.ref(), "status.body", Value(said));
  if (document.at_path("status.phases").is_object()) finding.saw(last.ref(), "status.phases", document.at_path("status.phases"));
  for (const BackendView* backend : visit.ends->behind) finding.affects(backend->ref);
  finding.severity(severity);
  // One request of many was seen; of a trace it is the only one.
  if (severity == Severity::error) finding.impact(at.path.trace == nullptr ? Impact::part : Impact::all);
}

// No answer is about the connection: lb-unreachable and tls-handshake-failed, where these probes were chosen too. An Ingress
// names no ports, and one that HTTPS serves may be offered by that alone.
void judge_silence(const Visit& visit, const Visits& visits, const Facts& facts, Verdicts& out) {
  const Hop& last = visit.last();
  const HttpResult result = last.answer->result;
  if (!last.here) return;
  const bool connection = result == HttpResult::refused || result == HttpResult::timeout || result == HttpResult::unreachable ||
                          result == HttpResult::tls_failed;
  if (connection && facts.probes(ProbeKind::tcp) && facts.probes(ProbeKind::tls)) return;
  const bool by_tls = visit.host->ingress != no_index && !visit.port->tls && connection &&
                      std::any_of(visits.all.begin(), visits.all.end(), [&](const Visit& one) {
                        return one.host == visit.host && one.port->tls && one.end != Visit::End::no_answer;
                      });
  if (by_tls) return;
  const Why::Reason reason = result == HttpResult::timeout ? Why::Reason::timeout : Why::Reason::vantage;
  out.unknown(visit.taken.scope, last.answer.wish(), {reason, last.answer->detail, std::nullopt});
}

std::vector<Group> groups_of(const Visits& visits) {
  std::vector<Group> groups;
  for (const Visit& visit : visits.all) {
    if (visit.end != Visit::End::answered || !visit.last().here || !visit.ends) continue;
    if (visit.ends->by == Taken::By::nobody) continue;
    const auto same = std::find_if(groups.begin(), groups.end(), [&](const Group& one) {
      return one.visit->last().url == visit.last().url && one.visit->last().target.address == visit.last().target.address;
    });
    Group& group = same == groups.end() ? groups.emplace_back() : *same;
    if (group.visit == nullptr || visit.hops.size() < group.visit->hops.size()) group.visit = &visit;
    group.scope |= visit.taken.scope;
    group.scope |= visit.ends->scope;
  }
  return groups;
}

void run(const Facts& facts, const Path& path, Verdicts& out) {
  if (!facts.probes(ProbeKind::http)) return;
  const std::shared_ptr<const Visits> visits = visits_of(path, facts);
  for (const Visit& visit : visits->all) {
    if (visit.end == Visit::End::unknown && visit.last().here) out.unknown(visit.taken.scope, visit.last().answer);
    if (visit.end == Visit::End::no_answer) judge_silence(visit, *visits, facts, out);
  }
  for (const Group& group : groups_of(*visits)) {
    const Spot at{*group.visit, *visits->front, path, facts};
    const std::optional<Severity> severity = severity_of(at);
    if (!severity) {
      out.pass(group.scope);
    } else if (is_settling(at)) {
      out.unknown(group.scope, at.visit.last().answer.wish(), pending("the data plane"));
    } else {
      report(at, group, *severity, out);
    }
  }
}

}  // namespace

extern constinit const Check http_error_served{
    .code = "http-error-served",
    .title = "a request is answered with an error",
    .severity = Severity::error,
    .layer = Layer::route,
    .reads = {Kind::gateway_class, Kind::gateway, Kind::http_route, Kind::ingress, Kind::service, Kind::deployment,
              Kind::daemon_set, Kind::endpoint_slice, Kind::pod},
    .explains = {},
    .explained_by = all_explainers,
    .run = run,
};

}  // namespace gwdoctor

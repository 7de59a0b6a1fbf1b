#include "checks/check.h"

#include <algorithm>
#include <array>

#include "checks/grace.h"
#include "checks/support/beyond.h"
#include "checks/support/handshakes.h"
#include "checks/support/names.h"
#include "kube/clean.h"
#include "kube/objects/fields.h"

namespace gwdoctor {

namespace {

struct Spot {
  const TlsSpot& tls;
  const Front& front;
  const Path& path;
  const Facts& facts;
};

constexpr int protocol_version = 70;
constexpr int handshake_failure = 40;

bool is_failed(const TlsAnswer& answer) {
  // Plain HTTP in answer to TLS is lb-protocol-mismatch.
  if (answer.handshake == Handshake::plain_http || answer.handshake == Handshake::none) return false;
  return !answer.served() || answer.client_certificate_required();
}

bool is_broken_off(const TlsAnswer& answer) {
  return answer.handshake == Handshake::closed || answer.handshake == Handshake::reset || answer.handshake == Handshake::not_tls;
}

// What says nothing without a name in the handshake: a server that serves names alone refuses who has none (failures/traps, 39).
bool depends_on_name(const TlsAnswer& answer) {
  return answer.handshake == Handshake::closed || answer.handshake == Handshake::reset ||
         (answer.handshake == Handshake::alert && answer.legacy_version.empty());
}

std::string_view reason_of(const TlsAnswer& answer) {
  if (answer.client_certificate_required()) return "tls-client-cert-required";
  if (!answer.legacy_version.empty() || answer.alert == protocol_version) return "tls-version-mismatch";
  if (answer.handshake == Handshake::alert && answer.alert == handshake_failure) return "tls-cipher-key-mismatch";
  return "probe-tls-handshake-failed";
}

// The verb for one address, and for several.
std::string happened(const TlsAnswer& answer, bool one) {
  const auto verb = [&](std::string_view singular, std::string_view plural) { return std::string(one ? singular : plural); };
  if (answer.client_certificate_required())
    return fmt::format("{} a client certificate (alert {} {})", verb("demands", "demand"), answer.alert, answer.alert_name);
  if (!answer.legacy_version.empty())
    return fmt::format("{} at most {}, which clients refuse", verb("speaks", "speak"), answer.legacy_version);
  switch (answer.handshake) {
    case Handshake::alert:
      return fmt::format("{} the handshake with alert {} {}", verb("refuses", "refuse"), answer.alert, answer.alert_name);
    case Handshake::closed:
      return verb("closes the connection in the handshake", "close the connection in the handshake");
    case Handshake::reset:
      return verb("resets the connection in the handshake", "reset the connection in the handshake");
    case Handshake::timeout:
      return verb("takes the connection and does not answer the handshake",
                  "take the connection and do not answer the handshake");
    case Handshake::not_tls:
      return fmt::format("{} the handshake with something that is no TLS", verb("answers", "answer"));
    default:
      return fmt::format("{} the handshake: {}", verb("breaks", "break"), clean_line(answer.detail, 120));
  }
}

const WorkloadSearch* control_of(const Spot& at) {
  const FrontHost& host = *at.tls.host;
  const std::size_t index =
      host.gateway != no_index ? at.path.gateways[host.gateway].controller : at.path.ingresses[host.ingress].controller;
  return index == no_index ? nullptr : &at.path.controllers[index].control;
}

// PROXY headers where none are expected, or none where they are: lb-proxy-protocol.
bool is_about_proxy_protocol(const Spot& at, const TlsAnswer& answer) {
  if (!is_broken_off(answer)) return false;
  for (const FrontService* front : at.front.services_of(*at.tls.host, at.path)) {
    if (asks_for_proxy_protocol(*front->service)) return true;
  }
  const WorkloadSearch* control = control_of(at);
  if (control == nullptr) return false;
  return std::any_of(control->found.begin(), control->found.end(), [](const Known<Workload>& one) {
    const std::vector<std::string> words = arguments_of(one);
    return std::any_of(words.begin(), words.end(), [](const std::string& word) {
      const std::string text = lower_case(word);
      return text.find("proxy-protocol") != std::string::npos || text.find("proxyprotocol") != std::string::npos;
    });
  });
}

// Annotations by which an Ingress asks for client certificates: ingress-nginx, haproxy-ingress and HAProxy's own, ALB, Traefik.
constexpr std::array<std::string_view, 6> mutual_tls{"auth-tls-secret",       "auth-tls-verify-client", "client-ca",
                                                     "mutual-authentication", "router.tls.options",     "client-crt"};

// The field that asks for a client certificate on purpose; "" where none is seen. Gateway API v1.5, GatewayTLSConfig.frontend;
// before, the listener's frontendValidation.
std::string asks_for_client(const Spot& at) {
  const std::shared_ptr<const Value> document = at.facts.document(at.tls.object);
  if (document == nullptr) return {};
  if (at.tls.host->ingress == no_index) {
    if (!document->at_path("spec.tls.frontend").is_null()) return "spec.tls.frontend";
    for (std::string field = at.tls.field; !field.empty();) {
      if (!document->at_path(field + ".frontendValidation").is_null()) return field + ".frontendValidation";
      const std::size_t cut = field.find_last_of('.');
      field = cut == std::string::npos ? std::string() : field.substr(0, cut);
    }
    return {};
  }
  for (const auto& [key, value] : document->at_path("metadata.annotations").members()) {
    const bool asks =
        std::any_of(mutual_tls.begin(), mutual_tls.end(), [&name = key](std::string_view word) { return name.ends_with(word); });
    if (asks && value.text() != "off") return fmt::format("metadata.annotations[\"{}\"]", key);
  }
  return {};
}

// Whatever asks there stands in objects that are not read, or in nobody's: a policy of an Envoy gateway, a TLSOption of Traefik.
bool may_be_asked_elsewhere(const Spot& at) {
  const Controller* known = controller_of(*at.tls.host, at.path);
  return !at.facts.settings().public_view && (known == nullptr || known->id != "ingress-nginx");
}

// Where TLS ends in a pod that is not there, nobody shakes hands; endpoints-* tell.
bool is_pod_missing(const Spot& at, Verdicts& out) {
  if (!at.tls.port->passthrough) return false;
  for (const BackendView& backend : at.path.backends) {
    if (!backend.is_service || !backend.scope.overlaps(at.tls.port->scope)) continue;
    if (backend.slices.unknown()) {
      out.unknown(at.tls.port->scope, backend.slices);
      return true;
    }
    if (!backend.slices.present() || count_endpoints(*backend.slices).ready == 0) return true;
  }
  return false;
}

// Told by another code, or not to be told yet.
bool is_held_back(const Spot& at, const Shake& shake, Verdicts& out) {
  if (at.tls.host->host.empty() && depends_on_name(shake.tls())) return true;
  if (is_about_proxy_protocol(at, shake.tls()) || is_pod_missing(at, out)) return true;
  const Front::Unread* unread = at.front.unread_of(*at.tls.host, at.path);
  if (unread != nullptr && is_broken_off(shake.tls())) {
    out.unknown(at.tls.port->scope, unread->wish, unread->why);
    return true;
  }
  if (!is_settling(at.tls, at.path, at.facts) && !is_being_made(*at.tls.host, at.front, at.path, at.facts)) return false;
  out.unknown(at.tls.port->scope, shake.answer.wish(), pending("the data plane to be set up"));
  return true;
}

Fix remedy(const TlsFault& fault, const Front& front, const Path& path) {
  const TlsAnswer& answer = fault.shake->tls();
  const std::string host = fault.hosts.empty() ? std::string() : fault.hosts.front();
  std::vector<std::string> commands{
      fmt::format("openssl s_client -connect {}:{}{} </dev/null",
                  fault.shake->target.v6 ? "[" + fault.shake->target.address + "]" : fault.shake->target.address,
                  fault.spot->port->port, host.empty() ? " -noservername" : " -servername " + shell_quote(host))};
  for (std::string& command : data_plane_logs(*fault.spot, front, path)) commands.push_back(std::move(command));
  const std::string_view reason = reason_of(answer);
  if (reason == "tls-client-cert-required")
    return by_hand("give the clients a certificate of the CA that is asked for, or do not ask for one", std::move(commands));
  if (reason == "tls-version-mismatch") return by_hand("let the data plane speak TLS 1.2 and 1.3", std::move(commands));
  if (reason == "tls-cipher-key-mismatch")
    return by_hand("find out in the data plane's log what it misses: a certificate for the name, or a cipher that fits its key",
                   std::move(commands));
  return by_hand("find out in the data plane's log why it breaks off the handshake", std::move(commands));
}

void report(const TlsFault& fault, const Front& front, const Path& path, const Facts& facts, Verdicts& out) {
  const Spot at{*fault.spot, front, path, facts};
  const TlsAnswer& answer = fault.shake->tls();
  const bool refused_client = answer.client_certificate_required();
  const std::string asked = refused_client ? asks_for_client(at) : std::string();
  FindingBuilder finding = fail_handshake(fault, answer.served() ? "status.after" : "status.handshake", out);
  finding.reason(reason_of(answer))
      .says("{} {}{}{}{}", join_names(fault.places), happened(answer, fault.places.size() == 1),
            fault.hosts.empty() ? std::string() : " for " + join_names(fault.hosts),
            asked.empty() ? std::string() : fmt::format(", as {} asks for", asked), answers_beyond(fault.scope, path, facts))
      .fix(remedy(fault, front, path));
  if (!asked.empty()) {
    finding.severity(Severity::info).saw(at.tls.object, asked, facts.document(at.tls.object)->at_path(asked));
  } else if (refused_client && may_be_asked_elsewhere(at)) {
    finding.severity(Severity::warning);
  }
}

void run(const Facts& facts, const Path& path, Verdicts& out) {
  if (!facts.probes(ProbeKind::tls)) return;
  const std::shared_ptr<const Front> front = front_of(path, facts);
  const std::vector<TlsSpot> spots = tls_spots(*front, path, facts, true, out);
  std::vector<TlsFault> faults;
  for (const TlsSpot& spot : spots) {
    const Spot at{spot, *front, path, facts};
    const auto bad = [](const Shake& shake) { return is_failed(shake.tls()); };
    const bool any = std::any_of(spot.shakes.begin(), spot.shakes.end(), bad);
    const bool part = !std::all_of(spot.shakes.begin(), spot.shakes.end(), bad);
    const bool all_done =
        std::all_of(spot.shakes.begin(), spot.shakes.end(), [](const Shake& one) { return one.tls().served(); });
    if (!any && all_done && !spot.shakes.empty()) out.pass(spot.port->scope);
    for (const Shake& shake : spot.shakes) {
      if (!bad(shake) || is_held_back(at, shake, out)) continue;
      add_fault(spot, shake, happened(shake.tls(), true), part, faults);
    }
  }
  for (const TlsFault& fault : faults) report(fault, *front, path, facts, out);
}

}  // namespace

extern constinit const Check tls_handshake_failed{
    .code = "tls-handshake-failed",
    .title = "the TLS handshake fails at a published address",
    .severity = Severity::error,
    .layer = Layer::tls,
    .reads = {Kind::gateway_class, Kind::gateway, Kind::http_route, Kind::tls_route, Kind::ingress, Kind::service,
              Kind::endpoint_slice, Kind::pod, Kind::deployment, Kind::daemon_set, Kind::secret},
    .explains = {},
    .run = run,
};

}  // namespace gwdoctor

#include "checks/check.h"

#include <algorithm>

#include "checks/grace.h"
#include "checks/support/handshakes.h"
#include "checks/support/names.h"
#include "checks/support/nginx_certificates.h"

namespace gwdoctor {

namespace {

// A default certificate that nobody asked for. Where no Secret is named it is meant, as long as clients take it (failures/traps,
// 19).
bool is_default(const TlsSpot& spot, const TlsAnswer& answer) {
  if (!answer.served() || answer.chain.empty()) return false;
  const ServedCertificate& leaf = answer.chain.front();
  if (default_certificate_of(leaf).empty() || holder_of(leaf, spot) != nullptr) return false;
  return !spot.meant.empty() || !leaf.covers(spot.host->host) || answer.trust == Trust::untrusted;
}

bool has_no_rules(const TlsSpot& spot, const Path& path) {
  if (spot.host->ingress == no_index) return false;
  const Seen<Ingress>& ingress = path.ingresses[spot.host->ingress].ingress;
  return ingress.present() && ingress->rules.empty();
}

std::string_view reason_of(const TlsSpot& spot, const Path& path) {
  if (has_no_rules(spot, path)) return "ingress-default-backend-only-tls";
  return spot.meant.empty() && spot.host->ingress != no_index ? "tls-secretname-empty" : "tls-default-cert-served";
}

std::string expected(const TlsSpot& spot) {
  if (spot.meant.empty()) return fmt::format("and {} names no Secret there", spot.object.text());
  std::vector<std::string> secrets;
  for (const CertificateView* view : spot.meant) secrets.push_back(secret_of(*view).text());
  return fmt::format("expected that of {}", join_names(secrets));
}

Fix remedy(const TlsSpot& spot, const Path& path) {
  if (spot.meant.empty()) {
    return by_hand(
        "name a Secret with a certificate for the host, or give the controller a default certificate that clients trust",
        {fmt::format("kubectl edit {}", kubectl_object(spot.object))});
  }
  std::vector<std::string> commands = controller_logs(spot, path);
  if (commands.empty()) commands.push_back(fmt::format("kubectl describe {}", kubectl_object(spot.object)));
  return by_hand("find out in the controller's log why it does not load the Secret; a restart makes it read all of them anew",
                 std::move(commands));
}

void report(const TlsFault& fault, const Path& path, const Facts& facts, Verdicts& out) {
  const TlsSpot& spot = *fault.spot;
  const ServedCertificate& leaf = fault.shake->tls().chain.front();
  const std::string past = led_past(spot, facts);
  FindingBuilder finding = fail_handshake(fault, "status.chain[0].subject", out);
  finding.reason(reason_of(spot, path))
      .says("{} {} for {} with the default certificate of {} ({}), {}{}", join_names(fault.places),
            fault.places.size() == 1 ? "answers" : "answer", join_names(fault.hosts), default_certificate_of(leaf),
            leaf.common_name, expected(spot), past.empty() ? std::string() : fmt::format("; DNS leads clients to {}", past))
      .fix(remedy(spot, path));
  // What stands before it may take any certificate; and the controller may be about to serve another one (rulings, 7).
  if (!past.empty() || is_settling(spot, path, facts)) finding.severity(Severity::info);
}

// --default-ssl-certificate names a Secret that is no good, and the spot relies on it.
struct Override {
  const TlsSpot* spot = nullptr;
  NginxDefault by;
};

// The Ingress that decides for the host leads it to the default certificate.
bool relies_on_default(const TlsSpot& spot, const Path& path, const Facts& facts) {
  const std::shared_ptr<const IngressTable> table = nginx_table(spot, path, facts);
  if (table == nullptr) return false;
  const std::shared_ptr<const Ingress> decides = nginx_decider(*table, spot.host->host);
  return decides != nullptr && nginx_certificate(*decides, spot.host->host, facts).serves == NginxCertificate::Serves::by_default;
}

std::optional<Override> failed_override(const TlsSpot& spot, const Path& path, const Facts& facts, Verdicts& out) {
  if (!relies_on_default(spot, path, facts)) return std::nullopt;
  Override found{&spot, nginx_default(spot, path, facts, out)};
  if (found.by.is != NginxDefault::Is::unusable) return std::nullopt;
  // Another certificate is served: by what stands in front, or by a controller that has not lost its own yet.
  const bool refuted = std::any_of(spot.shakes.begin(), spot.shakes.end(), [](const Shake& shake) {
    const TlsAnswer& answer = shake.tls();
    return answer.served() && !answer.chain.empty() && default_certificate_of(answer.chain.front()).empty();
  });
  return refuted ? std::nullopt : std::optional(found);
}

// One finding for all hosts that rely on it.
void report_overrides(const std::vector<Override>& found, const Facts& facts, Verdicts& out) {
  if (found.empty()) return;
  const Override& first = found.front();
  Scope scope;
  std::vector<std::string> hosts;
  const TlsSpot* seen = nullptr;
  for (const Override& one : found) {
    scope |= one.spot->port->scope;
    if (std::find(hosts.begin(), hosts.end(), one.spot->host->host) == hosts.end()) hosts.push_back(one.spot->host->host);
    if (seen == nullptr && !one.spot->shakes.empty() && one.spot->shakes.front().tls().served()) seen = one.spot;
  }
  const Ref& workload = first.by.workload->meta.ref;
  FindingBuilder finding = out.fail(scope);
  finding.object(workload, first.by.path)
      .reason("tls-default-override-missing")
      .says("{}, the default certificate of {}, {}: it answers for {} with one that it made itself{}", first.by.name.text(),
            workload.text(), first.by.why, join_names(hosts),
            seen == nullptr ? "" : fmt::format("; seen at {}", seen->shakes.front().target.text(seen->port->port)))
      .saw(workload, first.by.path, first.by.workload.document->at_path(first.by.path))
      .affects(first.by.name)
      .fix(by_hand("make the Secret anew with a certificate for these hosts, or name a Secret for each of them in spec.tls",
                   {create_tls_secret(first.by.name, "chain.pem", "key.pem") +
                    (first.by.secret.present() ? std::string(recreate_it) : std::string())}));
  for (const Override& one : found) finding.affects(one.spot->object);
  if (seen == nullptr) return;
  finding.certainty(Certainty::observed)
      .saw(seen->shakes.front().ref(seen->port->port), "status.chain[0].subject",
           seen->shakes.front().answer.document().at_path("status.chain[0].subject"));
  if (!led_past(*seen, facts).empty()) finding.severity(Severity::info);
}

// The handshakes of a spot that were answered with a default certificate.
void judge_shakes(const TlsSpot& spot, const Path& path, const Facts& facts, std::vector<TlsFault>& faults, Verdicts& out) {
  const auto bad = [&](const Shake& shake) { return is_default(spot, shake.tls()); };
  const bool part = !std::all_of(spot.shakes.begin(), spot.shakes.end(), bad);
  const bool any = std::any_of(spot.shakes.begin(), spot.shakes.end(), bad);
  const bool seen = std::any_of(spot.shakes.begin(), spot.shakes.end(), [](const Shake& one) { return one.tls().served(); });
  if (!any && seen) out.pass(spot.port->scope);
  for (const Shake& shake : spot.shakes) {
    if (!bad(shake)) continue;
    if (is_settling(spot, path, facts))
      out.unknown(spot.port->scope, shake.answer.wish(), pending("the controller to serve the certificate"));
    add_fault(spot, shake, shake.tls().chain.front().common_name, part, faults);
  }
}

void run(const Facts& facts, const Path& path, Verdicts& out) {
  const std::shared_ptr<const Front> front = front_of(path, facts);
  const std::vector<TlsSpot> spots = tls_spots(*front, path, facts, false, out);
  std::vector<TlsFault> faults;
  std::vector<Override> overrides;
  for (const TlsSpot& spot : spots) {
    if (spot.port->passthrough) continue;
    if (std::optional<Override> found = failed_override(spot, path, facts, out)) {
      overrides.push_back(std::move(*found));
    } else {
      judge_shakes(spot, path, facts, faults, out);
    }
  }
  report_overrides(overrides, facts, out);
  for (const TlsFault& fault : faults) report(fault, path, facts, out);
}

}  // namespace

extern constinit const Check tls_served_default{
    .code = "tls-served-default",
    .title = "the controller's own default certificate is served",
    .severity = Severity::error,
    .layer = Layer::tls,
    .reads = {Kind::gateway_class, Kind::gateway, Kind::http_route, Kind::ingress, Kind::ingress_class, Kind::service,
              Kind::deployment, Kind::daemon_set, Kind::secret},
    .explains = {},
    .run = run,
};

}  // namespace gwdoctor

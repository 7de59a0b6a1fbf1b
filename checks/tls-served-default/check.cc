#include "checks/check.h"

#include <algorithm>

#include "checks/grace.h"
#include "checks/support/handshakes.h"
#include "checks/support/names.h"

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

void run(const Facts& facts, const Path& path, Verdicts& out) {
  if (!facts.probes(ProbeKind::tls)) return;
  const std::shared_ptr<const Front> front = front_of(path, facts);
  const std::vector<TlsSpot> spots = tls_spots(*front, path, facts, false, out);
  std::vector<TlsFault> faults;
  for (const TlsSpot& spot : spots) {
    if (spot.port->passthrough) continue;
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
  for (const TlsFault& fault : faults) report(fault, path, facts, out);
}

}  // namespace

extern constinit const Check tls_served_default{
    .code = "tls-served-default",
    .title = "the controller's own default certificate is served",
    .severity = Severity::error,
    .layer = Layer::tls,
    .reads = {Kind::gateway_class, Kind::gateway, Kind::http_route, Kind::ingress, Kind::service, Kind::deployment,
              Kind::daemon_set, Kind::secret},
    .explains = {},
    .run = run,
};

}  // namespace gwdoctor

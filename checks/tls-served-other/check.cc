#include "checks/check.h"

#include <algorithm>

#include "checks/grace.h"
#include "checks/support/handshakes.h"
#include "checks/support/names.h"
#include "checks/support/overruled.h"

namespace gwdoctor {

namespace {

enum class Served {
  as_meant,
  stale,       // an earlier one for the same names
  expired,     // whatever it is, it is over
  other_host,  // clients refuse it
  other,       // for this host, and nobody knows whose
};

struct Spot {
  const TlsSpot& tls;
  const Front& front;
  const Path& path;
  const Facts& facts;
};

std::vector<std::string> sorted(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  return names;
}

// The Secret of whose certificate the served one is an earlier issue.
const CertificateView* renewed_in(const ServedCertificate& leaf, const TlsSpot& spot) {
  for (const CertificateView* view : spot.meant) {
    if (!view->secret.present() || view->secret->chain.empty()) continue;
    const Certificate& now = view->secret->chain.front();
    const bool same = sorted(now.dns_names) == sorted(leaf.dns_names) || now.issuer == leaf.issuer;
    if (same && leaf.not_before < now.not_before) return view;
  }
  return nullptr;
}

bool has_certificate(const CertificateView* view) { return view->secret.present() && !view->secret->chain.empty(); }

Served judge(const Spot& at, const ServedCertificate& leaf) {
  if (holder_of(leaf, at.tls) != nullptr || !default_certificate_of(leaf).empty()) return Served::as_meant;
  const bool covers = leaf.covers(at.tls.host->host);
  const bool comparable = std::any_of(at.tls.meant.begin(), at.tls.meant.end(), has_certificate);
  // A Secret without a usable certificate is told of by other codes, and what is served in its stead follows from it.
  if (!at.tls.meant.empty() && !comparable) return Served::as_meant;
  if (!covers) return Served::other_host;
  if (at.tls.meant.empty()) return Served::as_meant;
  if (leaf.not_after < at.facts.now()) return Served::expired;
  return renewed_in(leaf, at.tls) != nullptr ? Served::stale : Served::other;
}

std::string found(const ServedCertificate& leaf) {
  if (!leaf.dns_names.empty())
    return fmt::format("one for {}, valid until {}", join_names(leaf.dns_names, "none", 3), format_time(leaf.not_after));
  return fmt::format("one without names ({}), valid until {}", leaf.subject, format_time(leaf.not_after));
}

std::string expected(const TlsSpot& spot) {
  std::vector<std::string> secrets;
  for (const CertificateView* view : spot.meant) secrets.push_back(secret_of(*view).text());
  if (secrets.empty()) return "expected one for that host";
  const auto first = std::find_if(spot.meant.begin(), spot.meant.end(), has_certificate);
  const Certificate& leaf = (*first)->secret->chain.front();
  return fmt::format("expected that of {}, valid from {}", join_names(secrets), format_time(leaf.not_before));
}

std::string_view kind_of_fault(Served served) {
  switch (served) {
    case Served::stale:
      return "an earlier certificate";
    case Served::expired:
      return "an expired certificate";
    default:
      return "another certificate";
  }
}

Fix remedy(const TlsSpot& spot, Served served, const Path& path) {
  std::vector<std::string> commands = controller_logs(spot, path);
  commands.push_back(fmt::format("kubectl get ingresses,gateways -A"));
  if (served == Served::stale || served == Served::expired)
    return by_hand(
        "find out in the controller's log why it did not take the new certificate; a restart makes it read the Secret anew",
        std::move(commands));
  return by_hand(
      "find out who answers there: another object that serves the host with a certificate of its own, or a load balancer "
      "that ends TLS in front",
      std::move(commands));
}

void report(const TlsFault& fault, Served served, const Path& path, const Facts& facts, Verdicts& out) {
  const TlsSpot& spot = *fault.spot;
  const TlsAnswer& answer = fault.shake->tls();
  const std::string past = led_past(spot, facts);
  FindingBuilder finding = fail_handshake(fault, "status.chain[0]", out);
  finding.reason(served == Served::stale || served == Served::expired ? "tls-served-stale" : "tls-served-other")
      .says("{} {} for {} with {}: {}, {}{}", join_names(fault.places), fault.places.size() == 1 ? "answers" : "answer",
            join_names(fault.hosts), kind_of_fault(served), found(answer.chain.front()), expected(spot),
            past.empty() ? std::string() : fmt::format("; DNS leads clients to {}", past))
      .fix(remedy(spot, served, path));
  for (const CertificateView* view : spot.meant) {
    if (has_certificate(view)) finding.saw(secret_of(*view), "data[\"tls.crt\"]", validity_of(view->secret->chain.front()));
  }
  if (!past.empty() || (served == Served::other && answer.trust == Trust::trusted)) {
    finding.severity(Severity::info);
  } else if (served == Served::stale || served == Served::other) {
    finding.severity(Severity::warning);
  }
}

// True where it is fine for TLS to end with another certificate (failures/traps, 22), or where that is not known.
bool is_excused(const Spot& at, const Shake& shake, Served served, Verdicts& out) {
  const TlsAnswer& answer = shake.tls();
  if (is_settling(at.tls, at.path, at.facts)) {
    out.unknown(at.tls.port->scope, shake.answer.wish(), pending("the controller to serve the certificate"));
    return true;
  }
  if (served != Served::stale && served != Served::other) return false;
  if (answer.trust != Trust::trusted) return false;
  if (ends_in_front(at.tls, at.front, at.path, at.facts)) return true;
  const Front::Unread* unread = at.front.unread_of(*at.tls.host, at.path);
  if (unread != nullptr) out.unknown(at.tls.port->scope, unread->wish, unread->why);
  return unread != nullptr;
}

// Without handshakes the Secret matters to an Ingress that is overruled alone, which tells of it itself.
bool is_blind(const TlsSpot& spot, const Facts& facts, Verdicts& out) {
  if (!facts.probes(ProbeKind::tls)) return false;
  bool blind = false;
  for (const CertificateView* view : spot.meant) {
    if (!view->secret.unknown()) continue;
    out.unknown(spot.port->scope, view->secret);
    blind = true;
  }
  return blind;
}

using Faults = std::vector<std::pair<Served, std::vector<TlsFault>>>;

// What the handshakes of a spot showed, apart from those with the `foretold` certificate of another Ingress.
void judge_shakes(const Spot& at, const Overruled* foretold, Faults& faults, Verdicts& out) {
  std::vector<std::pair<const Shake*, Served>> bad;
  std::size_t judged = 0;
  for (const Shake& shake : at.tls.shakes) {
    if (!shake.tls().served() || shake.tls().chain.empty()) continue;
    ++judged;
    if (foretold != nullptr && is_foretold(*foretold, shake.tls().chain.front())) continue;
    const Served served = judge(at, shake.tls().chain.front());
    if (served != Served::as_meant) bad.emplace_back(&shake, served);
  }
  if (judged != 0 && bad.empty() && foretold == nullptr) out.pass(at.tls.port->scope);
  for (const auto& [shake, served] : bad) {
    if (is_excused(at, *shake, served, out)) continue;
    auto& list =
        std::find_if(faults.begin(), faults.end(), [kind = served](const auto& one) { return one.first == kind; })->second;
    add_fault(at.tls, *shake, shake->tls().chain.front().fingerprint, bad.size() < judged, list);
  }
}

// Whether handshakes were made, and every one of them speaks against it.
bool is_refuted(const Overruled& fault) {
  bool any = false;
  for (const Shake& shake : fault.spot->shakes) {
    if (!shake.tls().served() || shake.tls().chain.empty()) continue;
    if (is_foretold(fault, shake.tls().chain.front())) return false;
    any = true;
  }
  return any;
}

void run(const Facts& facts, const Path& path, Verdicts& out) {
  const std::shared_ptr<const Front> front = front_of(path, facts);
  const std::vector<TlsSpot> spots = tls_spots(*front, path, facts, false, out);
  Faults faults{{Served::stale, {}}, {Served::expired, {}}, {Served::other_host, {}}, {Served::other, {}}};
  std::vector<Overruled> foretold;
  for (const TlsSpot& spot : spots) {
    if (spot.port->passthrough || is_blind(spot, facts, out)) continue;
    std::optional<Overruled> fault = overruled(spot, path, facts, out);
    if (fault && is_refuted(*fault)) fault.reset();
    judge_shakes({spot, *front, path, facts}, fault ? &*fault : nullptr, faults, out);
    if (fault) foretold.push_back(std::move(*fault));
  }
  report_overruled(foretold, facts, out);
  for (const auto& [served, list] : faults) {
    for (const TlsFault& fault : list) report(fault, served, path, facts, out);
  }
}

}  // namespace

extern constinit const Check tls_served_other{
    .code = "tls-served-other",
    .title = "another certificate is served than the Secret holds",
    .severity = Severity::error,
    .layer = Layer::tls,
    .reads = {Kind::gateway_class, Kind::gateway, Kind::http_route, Kind::ingress, Kind::ingress_class, Kind::service,
              Kind::deployment, Kind::daemon_set, Kind::secret},
    .explains = {"tls-served-default"},
    .run = run,
};

}  // namespace gwdoctor

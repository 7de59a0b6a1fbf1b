// GKE Ingress (kubernetes/ingress-gce v1.36, pkg/controller/translator: validateAndGetPaths; Google Cloud documentation, URL
// maps). Each Ingress has a load balancer of its own.

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "chain/dialects/annotations.h"
#include "chain/dialects/answers.h"
#include "chain/dialects/dialects.h"
#include "chain/dialects/order.h"
#include "chain/dialects/shape.h"
#include "chain/hostname.h"

namespace gwdoctor {

namespace {

using Match = IngressDialect::Match;
using Verdict = Match::Verdict;

std::vector<std::string> paths_of(const IngressEntry& entry) {
  const std::string path = entry.is_default() ? std::string() : entry.spec()->path;
  if (path.empty()) return {"/*"};
  if (type_of(entry) != IngressPath::Type::prefix) return {path};
  if (path == "/") return {"/*"};
  const std::string base = path.back() == '/' ? path.substr(0, path.size() - 1) : path;
  return {base, base + "/*"};
}

// What takes one path alone goes before whatever ends with /*.
bool is_exact(const IngressEntry& entry) { return paths_of(entry).back().back() != '*'; }

PathShape gke_shape(const IngressEntry& entry, const IngressTable&) {
  PathShape shape;
  if (entry.is_default()) return shape;
  shape.kind = PathShape::Kind::globs;
  shape.globs = paths_of(entry);
  return shape;
}

std::string balancer_of(const Ingress& ingress) { return name_of(ingress); }

// A URL map refuses "*" anywhere but after the last slash, and Exact and Prefix refuse it altogether.
bool is_refused(const IngressEntry& entry) {
  if (entry.is_default()) return false;
  const std::string& path = entry.spec()->path;
  const std::size_t star = path.find('*');
  if (star == std::string::npos) return false;
  if (type_of(entry) != IngressPath::Type::implementation_specific) return true;
  return star + 1 != path.size() || star == 0 || path[star - 1] != '/';
}

void compile_gke(IngressTable& table) {
  for (const IngressEntry& entry : all_entries(table)) {
    if (is_refused(entry)) {
      table.dropped.push_back({entry, "a URL map takes * only as the last element of an ImplementationSpecific path", {}});
      continue;
    }
    table.entries.push_back(entry);
    add_host(table, entry.host);
  }
  // The default last; exact hosts, longer wildcards, none; exact paths, then the longest.
  sort_by_key(table.entries, [](const IngressEntry& entry) {
    const auto length = [](const std::string& text) { return -static_cast<std::ptrdiff_t>(text.size()); };
    const HostRank host = host_rank(entry.host);
    const std::vector<std::string> paths = paths_of(entry);
    return std::tuple(entry.is_default(), host, host == HostRank::wildcard ? length(entry.host) : 0, !is_exact(entry),
                      length(paths.back()));
  });
}

// The host rule of the Ingress that takes the request: the exact one, the longest wildcard, the one without a host.
std::optional<std::string> host_rule(const Ingress& ingress, std::string_view host) {
  std::optional<std::string> best;
  for (const IngressRule& rule : ingress.rules) {
    const bool takes = rule.host.empty() || covers(rule.host, host);
    if (takes && (!best || compare_hosts(rule.host, *best) < 0)) best = rule.host;
  }
  return best;
}

bool serves_https(const Ingress& ingress) {
  return !ingress.tls.empty() || annotation(ingress, "networking.gke.io/", "managed-certificates").has_value() ||
         annotation(ingress, "ingress.gcp.kubernetes.io/", "pre-shared-cert").has_value() ||
         annotation(ingress, "networking.gke.io/", "certmap").has_value();
}

Match match_gke(const IngressEntry& entry, const Request& request, std::string_view path, const IngressTable& table) {
  const Ingress& ingress = *entry.ingress;
  if (!entry.is_default()) {
    const std::optional<std::string> rule = host_rule(ingress, request.host);
    if (!rule || *rule != entry.host) {
      if (rule && ingress_host_covers(entry.host, request.host)) {
        return {Verdict::no, fmt::format("requests for {} go to the rules of host {} alone", request.host, *rule), 0};
      }
      return {Verdict::no, host_failed(request.host, entry.host), 0};
    }
  }
  Match out = match_path(entry, path, table);
  out.met += 1;
  if (out.verdict != Verdict::yes) return out;
  if (request.tls && !serves_https(ingress))
    return {Verdict::no, "the Ingress has no certificate: its load balancer has no https", out.met};
  if (!request.tls && annotation_text(ingress, "kubernetes.io/", "ingress.allow-http") == "false") {
    return {Verdict::no, "annotation kubernetes.io/ingress.allow-http is false", out.met};
  }
  return out;
}

std::string gke_lost_by(const IngressEntry& loser, const IngressEntry& winner, const IngressTable&) {
  if (std::string why = lost_by_default(loser, winner); !why.empty()) return why;
  if (is_exact(winner) && !is_exact(loser)) return "a path with /* after an exact one";
  const std::size_t less = paths_of(loser).back().size();
  const std::size_t more = paths_of(winner).back().size();
  if (less < more) return fmt::format("shorter path ({} < {})", less, more);
  return lost_by_age(loser, winner);
}

void gke_apply(const IngressEntry& entry, const Request& request, std::string_view path, const IngressTable&, Outcome& out) {
  forward_to(entry, request, path, out);
  const std::string config = annotation_text(*entry.ingress, "networking.gke.io/", "v1beta1.FrontendConfig");
  if (!config.empty() && !request.tls)
    out.notes.push_back(fmt::format("FrontendConfig {} is not read: it may redirect to https", config));
  const bool plain = !entry.is_default() && type_of(entry) == IngressPath::Type::implementation_specific &&
                     entry.spec()->path.find('*') == std::string::npos && !entry.spec()->path.empty();
  if (plain) {
    out.notes.push_back(
        fmt::format("an ImplementationSpecific path without /* is exact to GKE: {} takes nothing below it", entry.spec()->path));
  }
}

void gke_nothing(const Request& request, std::string_view, const IngressTable& table, Outcome& out) {
  if (!request.tls || out.action != Action::not_found) return;
  const bool any =
      std::any_of(table.ingresses.begin(), table.ingresses.end(), [](const auto& one) { return serves_https(*one); });
  if (any || table.ingresses.empty()) return;
  out.action = Action::unreachable;
  out.status.reset();
  out.reason = "no Ingress of this class has a certificate: their load balancers have no https";
}

}  // namespace

IngressDialect gke_dialect() {
  IngressDialect dialect;
  dialect.id = "gke";
  dialect.name = "GKE";
  dialect.version = "ingress-gce v1.36";
  dialect.compile = compile_gke;
  dialect.match = match_gke;
  dialect.lost_by = gke_lost_by;
  dialect.apply = gke_apply;
  dialect.shape = gke_shape;
  dialect.balancer = balancer_of;
  dialect.nothing = gke_nothing;
  dialect.not_found = "answers 404 (\"response 404 (backend NotFound)\")";
  return dialect;
}

}  // namespace gwdoctor

// Traefik v3.7 for Ingress: pkg/provider/kubernetes/ingress/kubernetes.go (rules and routers), pkg/muxer/http/mux.go (the length
// of the rule is its priority), docs: routing-configuration/kubernetes/ingress, rules-and-priority, providers/kubernetes-ingress.

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "chain/dialects/annotations.h"
#include "chain/dialects/answers.h"
#include "chain/dialects/dialects.h"
#include "chain/dialects/order.h"
#include "chain/dialects/shape.h"
#include "chain/dialects/standard.h"
#include "chain/dialects/traefik.h"
#include "chain/hostname.h"

namespace gwdoctor {

namespace {

using Match = IngressDialect::Match;
using Verdict = Match::Verdict;

constexpr std::string_view router_prefix = "traefik.ingress.kubernetes.io/router.";

// The matcher of the path: pathmatcher holds for ImplementationSpecific alone.
std::string matcher_of(const IngressEntry& entry) {
  if (type_of(entry) == IngressPath::Type::exact) return "Path";
  const std::string given = annotation_text(*entry.ingress, router_prefix, "pathmatcher");
  if (type_of(entry) == IngressPath::Type::implementation_specific && !entry.is_default() && !given.empty()) return given;
  return "PathPrefix";
}

std::string host_rule(std::string_view host) {
  if (!is_wildcard(host)) return fmt::format("Host(`{}`)", host);
  std::string quoted;
  for (const char letter : host.substr(1)) quoted += letter == '.' ? "\\." : std::string(1, letter);
  return fmt::format("HostRegexp(`^[a-zA-Z0-9-]+{}$`)", quoted);
}

bool has_priority(const IngressEntry& entry) {
  return annotation_number(*entry.ingress, router_prefix, "priority").value_or(0) != 0;
}

PathShape traefik_shape(const IngressEntry& entry, const IngressTable&) {
  PathShape shape;
  if (entry.is_default() || entry.spec()->path.empty()) return shape;
  const std::string matcher = matcher_of(entry);
  shape.text = entry.spec()->path;
  // PathRegexp may begin anywhere.
  if (matcher == "PathRegexp" && !shape.text.starts_with('^')) shape.text = fmt::format(".*(?:{})", shape.text);
  shape.kind = matcher == "Path"         ? PathShape::Kind::exact
               : matcher == "PathRegexp" ? PathShape::Kind::regex
                                         : PathShape::Kind::characters;
  return shape;
}

void compile_traefik(IngressTable& table) {
  const IngressEntry* fallback = nullptr;
  std::vector<IngressEntry> entries = all_entries(table);
  for (IngressEntry& entry : entries) {
    if (entry.is_default() && !entry.ingress->rules.empty()) {
      table.dropped.push_back({entry, "Traefik takes the default backend of an Ingress without rules alone", {}});
    } else if (entry.is_default() && fallback != nullptr) {
      table.dropped.push_back({entry, fmt::format("Ingress {} has a default backend already", name_of(*fallback->ingress)),
                               fallback->ingress->meta.ref});
    } else if (!entry.is_default() && traefik_rule(entry).empty()) {
      table.dropped.push_back({entry, "it has neither a host nor a path: Traefik makes no router of it", {}});
    } else {
      if (entry.is_default()) fallback = &entry;
      table.entries.push_back(entry);
    }
  }
  for (const IngressEntry& entry : table.entries) add_host(table, entry.host);
  sort_by_key(table.entries, traefik_priority, std::greater<>());
}

// Whether the router is attached to the entry point that the request comes in by; those of the chart are called web and
// websecure.
std::string entry_point_failed(const Ingress& ingress, const Request& request) {
  if (!request.tls && annotation_text(ingress, router_prefix, "tls") == "true") return "router.tls keeps it to https";
  const std::vector<std::string> points = comma_separated(annotation_text(ingress, router_prefix, "entrypoints"));
  if (points.empty()) return {};
  const std::string_view wanted = request.tls ? "websecure" : "web";
  const bool usual =
      std::all_of(points.begin(), points.end(), [](const std::string& one) { return one == "web" || one == "websecure"; });
  if (!usual || std::find(points.begin(), points.end(), wanted) != points.end()) return {};
  return fmt::format("router.entrypoints is {}, not {}", fmt::join(points, ","), wanted);
}

Match match_traefik(const IngressEntry& entry, const Request& request, std::string_view path, const IngressTable& table) {
  Match out;
  const PathShape shape = traefik_shape(entry, table);
  if (shape.kind == PathShape::Kind::regex) {
    if (!ingress_host_covers(entry.host, request.host)) return {Verdict::no, host_failed(request.host, entry.host), 0};
    const PatternMatch found = match_pattern(entry.spec()->path, path, Anchors::anywhere, false);
    out = {found.verdict,
           found.verdict == Verdict::unknown ? found.why : fmt::format("path {} does not match {}", path, entry.spec()->path),
           found.verdict == Verdict::yes ? 2 : 1};
  } else {
    out = match_by_shape(entry, request, path, table);
  }
  if (out.verdict != Verdict::yes) return out;
  std::string failed = entry_point_failed(*entry.ingress, request);
  if (!failed.empty()) return {Verdict::no, std::move(failed), out.met};
  return out;
}

std::string traefik_lost_by(const IngressEntry& loser, const IngressEntry& winner, const IngressTable&) {
  if (std::string why = lost_by_default(loser, winner); !why.empty()) return why;
  const std::int64_t less = traefik_priority(loser);
  const std::int64_t more = traefik_priority(winner);
  if (less == more) return fmt::format("the same priority ({}) as Ingress {}", more, name_of(*winner.ingress));
  if (has_priority(loser) || has_priority(winner)) return fmt::format("lower priority ({} < {})", less, more);
  return fmt::format("shorter rule ({} < {} characters of {})", less, more, traefik_rule(winner));
}

void note_traefik(const IngressEntry& entry, const Request& request, std::string_view path, Outcome& out) {
  const Ingress& ingress = *entry.ingress;
  const PathShape::Kind kind = traefik_shape(entry, {}).kind;
  if (kind == PathShape::Kind::characters && !is_element_prefix(entry.spec()->path, path)) {
    out.notes.push_back(fmt::format("Traefik takes {} by its characters; with strictPrefixMatching it would not take {}",
                                    entry.spec()->path, path));
  }
  const bool tls_set = annotation_text(ingress, router_prefix, "tls") == "true";
  if (request.tls && !tls_set) {
    out.notes.push_back(
        "https is served where the entry point has TLS on (http.tls, as websecure of the chart has), else it needs "
        "router.tls: \"true\"; spec.tls only names the certificate");
  }
  if (!request.tls) out.notes.emplace_back(traefik_entry_point_note);
  out.notes.push_back("Traefik makes no router for a path whose Service or port does not exist");
}

void traefik_apply(const IngressEntry& entry, const Request& request, std::string_view path, const IngressTable& table,
                   Outcome& out) {
  for (const IngressEntry& other : table.entries) {
    const bool twin = (other.ingress != entry.ingress || other.rule != entry.rule || other.path != entry.path) &&
                      traefik_priority(other) == traefik_priority(entry) && !same_backend(other, entry);
    if (!twin || match_traefik(other, request, path, table).verdict != Verdict::yes) continue;
    out.action = Action::unknown;
    out.reason = fmt::format("{} and {} have the same priority ({}): which of them Traefik tries first is not laid down",
                             entry_words(entry), entry_words(other), traefik_priority(entry));
    return;
  }
  forward_to(entry, request, path, out);
  note_default_certificate(entry, request, table, out);
  note_traefik(entry, request, path, out);
}

}  // namespace

// The text of the rule, as Traefik writes it.
std::string traefik_rule(const IngressEntry& entry) {
  if (entry.is_default()) return "PathPrefix(`/`)";
  std::string rule = entry.host.empty() ? std::string() : host_rule(entry.host);
  if (entry.spec()->path.empty()) return rule;
  if (!rule.empty()) rule += " && ";
  return rule + fmt::format("{}(`{}`)", matcher_of(entry), entry.spec()->path);
}

std::int64_t traefik_priority(const IngressEntry& entry) {
  if (entry.is_default()) return std::numeric_limits<std::int32_t>::min();
  const std::int64_t given = annotation_number(*entry.ingress, router_prefix, "priority").value_or(0);
  return given != 0 ? given : static_cast<std::int64_t>(traefik_rule(entry).size());
}

std::string traefik_middlewares(const Ingress& ingress) { return annotation_text(ingress, router_prefix, "middlewares"); }

IngressDialect traefik_dialect() {
  IngressDialect dialect;
  dialect.id = "traefik";
  dialect.name = "Traefik";
  dialect.version = "v3.7";
  // sanitizePath of the entry point (on by default since v3.3.6) cleans the path; reserved characters stay escaped for routing.
  dialect.path.escapes = PathTreatment::Escapes::unreserved;
  dialect.path.dot_segments = true;
  dialect.path.merge_slashes = true;
  dialect.compile = compile_traefik;
  dialect.match = match_traefik;
  dialect.lost_by = traefik_lost_by;
  dialect.apply = traefik_apply;
  dialect.shape = traefik_shape;
  dialect.not_found = "answers 404 (\"404 page not found\")";
  return dialect;
}

}  // namespace gwdoctor

// Contour v1.33.8 for Ingress: internal/dag/ingress_processor.go (paths, virtual hosts), internal/sorter/sorter.go (the order of
// routes), internal/envoy/v3/route.go (matching), internal/envoy/v3/listener.go (path normalisation), internal/annotation.

#include <fmt/format.h>

#include <algorithm>

#include "chain/dialects/annotations.h"
#include "chain/dialects/answers.h"
#include "chain/dialects/dialects.h"
#include "chain/dialects/order.h"
#include "chain/dialects/shape.h"
#include "chain/hostname.h"
#include "kube/ascii.h"

namespace gwdoctor {

namespace {

using Kind = PathShape::Kind;
using Match = IngressDialect::Match;
using Verdict = Match::Verdict;

// A default backend is a rule for any host and path, and stands before the rules of its Ingress.
PathShape contour_shape(const IngressEntry& entry, const IngressTable&) {
  PathShape shape;
  shape.text = std::string(path_of(entry));
  const IngressPath::Type type = type_of(entry);
  if (type == IngressPath::Type::exact) {
    shape.kind = Kind::exact;
  } else if (type == IngressPath::Type::prefix) {
    shape.kind = shape.text == "/" ? Kind::characters : Kind::elements;
    if (shape.kind == Kind::elements) shape.text = std::string(without_end_slashes(shape.text));
  } else {
    // What looks like a regular expression is one, of the whole path; the rest is a prefix by characters.
    shape.kind = shape.text.find_first_of("^+*[]%") == std::string::npos ? Kind::characters : Kind::whole_regex;
  }
  return shape;
}

int kind_rank(const PathShape& shape) {
  if (shape.kind == Kind::exact) return 0;
  return shape.kind == Kind::whole_regex ? 1 : 2;
}

// Exact, then regular expressions, then prefixes; the longer first, then the greater text, then prefixes by elements.
bool goes_first(const IngressEntry& left, const IngressEntry& right, const IngressTable& table) {
  if (const int order = compare_hosts(left.host, right.host); order != 0) return order < 0;
  if (left.host != right.host) return left.host < right.host;
  const PathShape a = contour_shape(left, table);
  const PathShape b = contour_shape(right, table);
  if (kind_rank(a) != kind_rank(b)) return kind_rank(a) < kind_rank(b);
  if (kind_rank(a) != 0 && a.text.size() != b.text.size()) return a.text.size() > b.text.size();
  if (a.text != b.text) return a.text > b.text;
  return a.kind == Kind::elements && b.kind == Kind::characters;
}

bool same_route(const IngressEntry& left, const IngressEntry& right, const IngressTable& table) {
  const PathShape a = contour_shape(left, table);
  const PathShape b = contour_shape(right, table);
  return left.host == right.host && a.kind == b.kind && a.text == b.text;
}

// Routes are kept by their conditions: of one Ingress the last stays, of several whichever Contour's map gives last.
void drop_twins(IngressTable& table, std::vector<IngressEntry> entries) {
  for (std::size_t at = 0; at < entries.size(); ++at) {
    const auto later = std::find_if(
        entries.begin() + static_cast<std::ptrdiff_t>(at) + 1, entries.end(),
        [&](const IngressEntry& other) { return other.ingress == entries[at].ingress && same_route(entries[at], other, table); });
    if (later == entries.end()) {
      table.entries.push_back(entries[at]);
    } else {
      table.dropped.push_back({entries[at], "the same host and path come again in the same Ingress", later->ingress->meta.ref});
    }
  }
}

void compile_contour(IngressTable& table) {
  for (const std::shared_ptr<const Ingress>& ingress : table.ingresses) {
    IngressTable alone;
    alone.ingresses = {ingress};
    std::vector<IngressEntry> entries = all_entries(alone);
    std::stable_partition(entries.begin(), entries.end(), [](const IngressEntry& entry) { return entry.is_default(); });
    const auto served = std::stable_partition(entries.begin(), entries.end(),
                                              [](const IngressEntry& entry) { return !entry.backend().service.empty(); });
    for (auto at = served; at != entries.end(); ++at)
      table.dropped.push_back({*at, "Contour serves no backend but a Service", {}});
    entries.erase(served, entries.end());
    for (const IngressEntry& entry : entries) add_host(table, entry.host);
    drop_twins(table, std::move(entries));
  }
  std::stable_sort(table.entries.begin(), table.entries.end(),
                   [&](const IngressEntry& left, const IngressEntry& right) { return goes_first(left, right, table); });
}

bool forces_https(const Ingress& ingress) {
  return annotation_text(ingress, "ingress.kubernetes.io/", "force-ssl-redirect") == "true";
}

bool allows_http(const Ingress& ingress) {
  return annotation_text(ingress, "kubernetes.io/", "ingress.allow-http") != "false" || forces_https(ingress);
}

// Why Contour has no route for an entry; "" where it has. It makes none for a backend that does not exist.
std::string missing(const IngressEntry& entry, const IngressTable& table) {
  return table.facts.backend_problem ? table.facts.backend_problem(entry) : std::string();
}

// Some Ingress has that very host in spec.tls, with a Secret that can be read: only then there is a virtual host for TLS.
bool has_tls_host(const IngressTable& table, std::string_view host) {
  return std::any_of(table.ingresses.begin(), table.ingresses.end(), [&](const std::shared_ptr<const Ingress>& ingress) {
    return std::any_of(ingress->tls.begin(), ingress->tls.end(), [&](const IngressTls& tls) {
      if (tls.secret.empty() || std::find(tls.hosts.begin(), tls.hosts.end(), host) == tls.hosts.end()) return false;
      return !table.facts.secret_problem || table.facts.secret_problem(*ingress, tls).empty();
    });
  });
}

// A virtual host is there where it has a route; for TLS, where it has a certificate as well.
bool is_served(const std::string& host, bool tls, const IngressTable& table) {
  if (tls && (host.empty() || !has_tls_host(table, host))) return false;
  const auto goes_before = [](const IngressEntry& entry, const std::string& wanted) {
    const int order = compare_hosts(entry.host, wanted);
    return order != 0 ? order < 0 : entry.host < wanted;
  };
  for (auto at = std::lower_bound(table.entries.begin(), table.entries.end(), host, goes_before);
       at != table.entries.end() && at->host == host; ++at) {
    if ((tls || allows_http(*at->ingress)) && missing(*at, table).empty()) return true;
  }
  return false;
}

// The host as it is sent, its port cut: "H.example.".
std::string sent_host(const Request& request) {
  std::string name = request.authority_sent();
  const std::size_t colon = name.rfind(':');
  if (colon != std::string::npos && name.find(']', colon) == std::string::npos) name.resize(colon);
  return name;
}

// The virtual host that takes the request: the exact one, the longest wildcard (of any number of labels), "" for any.
std::optional<std::string> chosen_host(std::string_view host, bool tls, const IngressTable& table) {
  if (!host.empty() && is_served(std::string(host), tls, table)) return std::string(host);
  for (std::size_t dot = host.find('.'); dot != std::string_view::npos; dot = host.find('.', dot + 1)) {
    if (const std::string wildcard = "*" + std::string(host.substr(dot)); dot > 0 && is_served(wildcard, tls, table))
      return wildcard;
  }
  if (is_served({}, tls, table)) return std::string();
  return std::nullopt;
}

// The host that virtual hosts are compared with: a final dot makes another one.
std::string matched_host(const Request& request) { return lower_case(sent_host(request)); }

// The condition with which Contour keeps a wildcard to one label.
bool is_one_label(std::string_view host, std::string_view wildcard) {
  const std::size_t dot = host.find('.');
  if (dot == 0 || dot == std::string_view::npos || host.substr(dot) != wildcard.substr(1)) return false;
  const std::string_view label = host.substr(0, dot);
  return label.front() != '-' && label.back() != '-' &&
         label.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

std::string host_words(std::string_view host) { return host.empty() ? "any host" : "host " + std::string(host); }

Match match_contour(const IngressEntry& entry, const Request& request, std::string_view path, const IngressTable& table) {
  const std::optional<std::string> chosen = chosen_host(matched_host(request), request.tls, table);
  if (chosen != entry.host) {
    const bool covers = ingress_host_covers(entry.host, request.host);
    Match out{Verdict::no, {}, covers ? 1 : 0};
    out.failed = !covers ? host_failed(request.host, entry.host)
                 : request.tls && (entry.host.empty() || !has_tls_host(table, entry.host))
                     ? fmt::format("no spec.tls names {} with a Secret that can be read", host_words(entry.host))
                 : chosen ? fmt::format("requests for {} go to the rules of {} alone", request.host, host_words(*chosen))
                          : missing(entry, table);
    if (out.failed.empty()) out.failed = "annotation kubernetes.io/ingress.allow-http is false";
    return out;
  }
  if (is_wildcard(entry.host) && !is_one_label(sent_host(request), entry.host)) {
    return {Verdict::no,
            fmt::format("Contour takes one label of lower case, as it is sent, for the wildcard of {}, and {} has another",
                        entry.host, sent_host(request)),
            0};
  }
  Match out = match_path(entry, path, table);
  if (out.verdict == Verdict::no) return out;
  out.met += 1;
  if (!request.tls && !allows_http(*entry.ingress))
    return {Verdict::no, "annotation kubernetes.io/ingress.allow-http is false", out.met};
  if (const std::string why = missing(entry, table); !why.empty())
    return {Verdict::no, fmt::format("Contour has no route for a backend that does not exist: {}", why), out.met};
  return out;
}

std::string contour_lost_by(const IngressEntry& loser, const IngressEntry& winner, const IngressTable& table) {
  const PathShape a = contour_shape(loser, table);
  const PathShape b = contour_shape(winner, table);
  static constexpr std::string_view names[] = {"Exact", "a regular expression", "a prefix"};
  if (kind_rank(a) != kind_rank(b)) {
    return fmt::format("{} after {}", names[static_cast<std::size_t>(kind_rank(a))],
                       names[static_cast<std::size_t>(kind_rank(b))]);
  }
  if (a.text.size() < b.text.size()) return fmt::format("shorter path ({} < {})", a.text.size(), b.text.size());
  if (a.text != b.text) return fmt::format("path {} after {} by its text", a.text, b.text);
  if (a.kind != b.kind) return "a prefix by characters after one by path elements";
  return fmt::format("Ingress {} has the same host and path: which of the two Contour keeps is chance", name_of(*winner.ingress));
}

// Another Ingress with the same host and path, and another effect: Contour keeps whichever it comes to last.
const IngressEntry* twin_of(const IngressEntry& entry, const Request& request, const IngressTable& table) {
  for (const IngressEntry& other : table.entries) {
    if (other.ingress == entry.ingress || !same_route(other, entry, table) || !missing(other, table).empty()) continue;
    if (!request.tls && !allows_http(*other.ingress)) continue;
    const bool same_answer = request.tls || forces_https(*entry.ingress) == forces_https(*other.ingress);
    const bool redirected = !request.tls && forces_https(*entry.ingress);
    if (!same_answer || (!redirected && !same_backend(other, entry))) return &other;
  }
  return nullptr;
}

// To the Host as it was sent; of its port only ":80" is cut.
void force_https(const IngressEntry& entry, const Request& request, std::string_view path, Outcome& out) {
  std::string authority = request.authority_sent();
  if (authority.ends_with(":80")) authority.resize(authority.size() - 3);
  const std::string url = fmt::format("https://{}{}", authority, with_query(path, request));
  redirect_to_url(301, url, request, fmt::format("annotation force-ssl-redirect of Ingress {}", name_of(*entry.ingress)), out);
}

void contour_apply(const IngressEntry& entry, const Request& request, std::string_view path, const IngressTable& table,
                   Outcome& out) {
  if (const IngressEntry* other = twin_of(entry, request, table)) {
    out.action = Action::unknown;
    out.reason = fmt::format(
        "Ingresses {} and {} have the same host and path with different backends, and Contour keeps whichever it "
        "comes to last",
        name_of(*entry.ingress), name_of(*other->ingress));
    return;
  }
  if (!request.tls && forces_https(*entry.ingress)) return force_https(entry, request, path, out);
  forward_to(entry, request, path, out);
}

// Contour has a TLS server for the hosts of spec.tls alone, and one for each: what another host asks for on it is refused.
bool contour_intercept(const Request& request, std::string_view, const IngressTable& table, Outcome& out) {
  if (!request.tls) return false;
  const std::optional<std::string> chosen = chosen_host(request.sni, true, table);
  if (!chosen) {
    out.action = table.unread.empty() ? Action::unreachable : Action::unknown;
    out.reason = fmt::format(
        "no spec.tls of an Ingress names {} with a Secret that can be read and has a path for it: Contour has no TLS server for "
        "it, "
        "and the handshake fails",
        request.sni.empty() ? "the host of a client without SNI" : "host " + request.sni);
    return true;
  }
  if (matched_host(request) == request.sni) return false;
  out.action = Action::reject;
  out.status = 421;
  out.reason = fmt::format("the TLS connection is for {}, and Contour takes no other Host on it: {} is misdirected", request.sni,
                           matched_host(request));
  return true;
}

// A path that would take the request, were its backend there: whoever looks for the cause is led to it.
void contour_nothing(const Request& request, std::string_view path, const IngressTable& table, Outcome& out) {
  const std::optional<std::string> chosen = chosen_host(matched_host(request), request.tls, table);
  for (const IngressEntry& entry : table.entries) {
    if (chosen && compare_hosts(*chosen, entry.host) < 0) continue;
    const bool host = is_wildcard(entry.host) ? is_one_label(sent_host(request), entry.host)
                                              : entry.host.empty() || entry.host == matched_host(request);
    if (!host || (request.tls && !has_tls_host(table, entry.host)) || (!request.tls && !allows_http(*entry.ingress))) continue;
    const std::string why = missing(entry, table);
    if (why.empty() || match_path(entry, path, table).verdict != Verdict::yes) continue;
    name_entry(entry, out);
    out.backends = {backend_of(entry)};
    out.reason = fmt::format("{} would take the request, but Contour makes no route for it: {}", entry_words(entry), why);
    return;
  }
}

}  // namespace

IngressDialect contour_dialect() {
  IngressDialect dialect;
  dialect.id = "contour";
  dialect.name = "Contour";
  dialect.version = "v1.33.8";
  // merge_slashes is on unless disableMergeSlashes is set.
  dialect.path = envoy_treatment;
  dialect.path.envoy_corners = true;
  dialect.compile = compile_contour;
  dialect.match = match_contour;
  dialect.lost_by = contour_lost_by;
  dialect.apply = contour_apply;
  dialect.shape = contour_shape;
  dialect.host_first = true;
  dialect.intercept = contour_intercept;
  dialect.nothing = contour_nothing;
  return dialect;
}

}  // namespace gwdoctor

// Two controllers for HAProxy.
// haproxytech/kubernetes-ingress v3.1: pkg/route/route.go (maps of paths), pkg/controller (host_match, path_match),
// documentation. jcmoraisjr/haproxy-ingress v0.15: pkg/haproxy/types/maps.go (order and matching), docs: configuration keys
// (path-type, ssl-redirect, server-alias).

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "chain/dialects/annotations.h"
#include "chain/dialects/answers.h"
#include "chain/dialects/dialects.h"
#include "chain/dialects/order.h"
#include "chain/dialects/shape.h"
#include "chain/dialects/standard.h"
#include "chain/hostname.h"

namespace gwdoctor {

namespace {

constexpr std::string_view tech_prefix = "haproxy.org/";

// haproxytech: exact paths first, then the longest prefix; ImplementationSpecific by characters.
PathShape tech_shape(const IngressEntry& entry, const IngressTable&) {
  PathShape shape;
  if (entry.is_default()) return shape;
  shape.text = std::string(path_of(entry));
  if (type_of(entry) == IngressPath::Type::exact) {
    shape.kind = PathShape::Kind::exact;
  } else if (type_of(entry) == IngressPath::Type::prefix || shape.text == "/") {
    shape.kind = PathShape::Kind::elements;
  } else {
    shape.kind = PathShape::Kind::characters;
    shape.text = std::string(without_end_slashes(shape.text));
  }
  return shape;
}

bool exact_first(const IngressEntry& left, const IngressEntry& right) {
  if (left.is_default() != right.is_default()) return right.is_default();
  if (const int order = compare_hosts(left.host, right.host); order != 0) return order < 0;
  const bool exact = type_of(left) == IngressPath::Type::exact;
  if (exact != (type_of(right) == IngressPath::Type::exact)) return exact;
  return without_end_slashes(path_of(left)).size() > without_end_slashes(path_of(right)).size();
}

void compile_haproxy(IngressTable& table) {
  table.entries = all_entries(table);
  for (const std::shared_ptr<const Ingress>& ingress : table.ingresses) {
    for (const IngressRule& rule : ingress->rules) add_host(table, rule.host);
  }
  std::stable_sort(table.entries.begin(), table.entries.end(), exact_first);
}

std::string haproxy_lost_by(const IngressEntry& loser, const IngressEntry& winner, const IngressTable&) {
  if (std::string why = lost_by_default(loser, winner); !why.empty()) return why;
  if (std::string why = lost_by_host(loser, winner); !why.empty()) return why;
  if (std::string why = lost_by_type(loser, winner); !why.empty()) return why;
  if (std::string why = lost_by_length(loser, winner); !why.empty()) return why;
  return lost_by_age(loser, winner);
}

void tech_apply(const IngressEntry& entry, const Request& request, std::string_view path, const IngressTable& table,
                Outcome& out) {
  const Ingress& ingress = *entry.ingress;
  const std::int64_t status = annotation_number(ingress, tech_prefix, "ssl-redirect-code").value_or(302);
  const std::optional<bool> asked = annotation_flag(ingress, tech_prefix, "ssl-redirect");
  if (!request.tls && asked.value_or(false)) {
    redirect_to_https(status, request, fmt::format("annotation haproxy.org/ssl-redirect of Ingress {}", name_of(ingress)), out);
    return;
  }
  for (const IngressEntry& other : table.entries) {
    if (other.ingress == entry.ingress || other.host != entry.host || same_backend(other, entry)) continue;
    if (path_of(other) != path_of(entry) || type_of(other) != type_of(entry)) continue;
    out.notes.push_back(fmt::format("Ingress {} has the same host and path: which of the two HAProxy takes is not documented",
                                    name_of(*other.ingress)));
    break;
  }
  forward_to(entry, request, path, out);
  if (!request.tls && !asked && !ingress.tls.empty()) {
    out.notes.push_back("the Ingress has spec.tls: the controller redirects to https unless ssl-redirect is off");
  }
  for (const std::string_view key : {"path-rewrite", "request-redirect", "set-host", "allow-list", "whitelist", "auth-type"}) {
    const std::string value = annotation_text(ingress, tech_prefix, key);
    if (!value.empty())
      out.notes.push_back(fmt::format("annotation haproxy.org/{} {} changes or answers the request", key, value));
  }
  note_default_certificate(entry, request, table, out);
}

// jcmoraisjr: both prefixes of its annotations.
std::string key_of(const Ingress& ingress, std::string_view key) {
  std::optional<std::string> value = annotation(ingress, "haproxy-ingress.github.io/", key);
  return value ? *value : annotation_text(ingress, "ingress.kubernetes.io/", key);
}

// ImplementationSpecific goes by path-type, which is "begin" unless told otherwise: by characters, without case.
PathShape jcmoraisjr_shape(const IngressEntry& entry, const IngressTable&) {
  PathShape shape;
  if (entry.is_default()) return shape;
  shape.text = std::string(path_of(entry));
  std::string type = type_of(entry) == IngressPath::Type::exact    ? "exact"
                     : type_of(entry) == IngressPath::Type::prefix ? "prefix"
                                                                   : key_of(*entry.ingress, "path-type");
  if (type == "exact") {
    shape.kind = PathShape::Kind::exact;
  } else if (type == "prefix") {
    shape.kind = PathShape::Kind::elements;
  } else if (type == "regex") {
    shape.kind = PathShape::Kind::regex;
  } else {
    shape.kind = PathShape::Kind::characters;
    shape.folds_case = true;
  }
  return shape;
}

// Wildcard hosts are regular expressions, after all others; among the rest exact, then the longer path, then regular expressions.
void compile_jcmoraisjr(IngressTable& table) {
  std::set<std::tuple<std::string, std::string, PathShape::Kind>> taken;
  for (const IngressEntry& entry : all_entries(table)) {
    const PathShape shape = jcmoraisjr_shape(entry, table);
    if (!entry.is_default() && !taken.emplace(entry.host, shape.text, shape.kind).second) {
      table.dropped.push_back({entry, "the same host and path stand in an older Ingress, or before it in this one", {}});
      continue;
    }
    table.entries.push_back(entry);
    add_host(table, entry.host);
  }
  const auto rank = [&](const IngressEntry& entry) {
    const PathShape::Kind kind = jcmoraisjr_shape(entry, table).kind;
    return kind == PathShape::Kind::exact ? 0 : kind == PathShape::Kind::regex ? 2 : 1;
  };
  std::stable_sort(table.entries.begin(), table.entries.end(), [&](const IngressEntry& left, const IngressEntry& right) {
    if (left.is_default() != right.is_default()) return right.is_default();
    if (const int order = compare_hosts(left.host, right.host); order != 0) return order < 0;
    if (rank(left) != rank(right)) return rank(left) < rank(right);
    return path_of(left).size() > path_of(right).size();
  });
}

std::string jcmoraisjr_lost_by(const IngressEntry& loser, const IngressEntry& winner, const IngressTable& table) {
  const bool regex = jcmoraisjr_shape(loser, table).kind == PathShape::Kind::regex;
  if (regex && jcmoraisjr_shape(winner, table).kind != PathShape::Kind::regex && loser.host == winner.host) {
    return "a regular expression after the other paths";
  }
  return haproxy_lost_by(loser, winner, table);
}

void jcmoraisjr_apply(const IngressEntry& entry, const Request& request, std::string_view path, const IngressTable& table,
                      Outcome& out) {
  const Ingress& ingress = *entry.ingress;
  const std::string app_root = key_of(ingress, "app-root");
  if (path == "/" && app_root.starts_with('/')) {
    redirect(302, request.scheme, request.host, request.port, app_root, fmt::format("app-root of Ingress {}", name_of(ingress)),
             out);
    return;
  }
  const bool redirects = key_of(ingress, "ssl-redirect") != "false";
  if (!request.tls && redirects && !entry.host.empty() && !ingress.tls.empty() && tls_covers(ingress, request.host)) {
    redirect_to_https(302, request,
                      fmt::format("spec.tls of Ingress {} names {}, and ssl-redirect is on unless it is turned off",
                                  name_of(ingress), request.host),
                      out);
    return;
  }
  forward_to(entry, request, path, out);
  for (const std::string_view key : {"rewrite-target", "redirect-to", "whitelist-source-range", "allowlist-source-range",
                                     "auth-url", "server-alias", "server-alias-regex"}) {
    const std::string value = key_of(ingress, key);
    if (!value.empty()) out.notes.push_back(fmt::format("{} {} is not worked out here", key, value));
  }
  note_default_certificate(entry, request, table, out);
}

}  // namespace

IngressDialect haproxytech_dialect() {
  IngressDialect dialect;
  dialect.id = "haproxy";
  dialect.name = "HAProxy Kubernetes Ingress Controller";
  dialect.version = "v3.1";
  dialect.compile = compile_haproxy;
  dialect.match = match_by_shape;
  dialect.lost_by = haproxy_lost_by;
  dialect.apply = tech_apply;
  dialect.shape = tech_shape;
  dialect.host_first = true;
  return dialect;
}

IngressDialect haproxy_ingress_dialect() {
  IngressDialect dialect;
  dialect.id = "haproxy-ingress";
  dialect.name = "HAProxy Ingress";
  dialect.version = "v0.15";
  dialect.compile = compile_jcmoraisjr;
  dialect.match = match_by_shape;
  dialect.lost_by = jcmoraisjr_lost_by;
  dialect.apply = jcmoraisjr_apply;
  dialect.shape = jcmoraisjr_shape;
  return dialect;
}

}  // namespace gwdoctor

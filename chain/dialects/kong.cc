// Kong Ingress Controller 3.5 with Kong Gateway 3: internal/dataplane/translator/subtranslator/ingress.go (the paths of a route),
// kong router/transform.lua (get_priority: matched attributes, plain hosts, headers, regular expression, its priority, length),
// docs: konghq.com annotations.

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "chain/dialects/annotations.h"
#include "chain/dialects/answers.h"
#include "chain/dialects/dialects.h"
#include "chain/dialects/order.h"
#include "chain/dialects/shape.h"
#include "chain/dialects/standard.h"
#include "chain/hostname.h"

namespace gwdoctor {

namespace {

using Match = IngressDialect::Match;
using Verdict = Match::Verdict;

constexpr std::string_view kong_prefix = "konghq.com/";

std::string with_single_slashes(std::string_view path) {
  std::string out;
  for (const char letter : path) {
    if (letter != '/' || out.empty() || out.back() != '/') out += letter;
  }
  return out;
}

// The part of a path behind the mark of a regular expression; nothing for a plain path.
std::optional<std::string> regex_of(const IngressEntry& entry) {
  const std::string mark = annotation(*entry.ingress, kong_prefix, "regex-prefix").value_or("/~");
  const std::string path = with_single_slashes(path_of(entry));
  if (entry.is_default() || mark.empty() || !path.starts_with(mark)) return std::nullopt;
  return path.substr(mark.size());
}

PathShape kong_shape(const IngressEntry& entry, const IngressTable&) {
  PathShape shape;
  if (entry.is_default()) return shape;
  shape.text = with_single_slashes(path_of(entry));
  if (std::optional<std::string> regex = regex_of(entry)) {
    shape.kind = PathShape::Kind::regex;
    shape.text = std::move(*regex);
    if (type_of(entry) == IngressPath::Type::exact) shape.text += "$";
  } else if (type_of(entry) == IngressPath::Type::exact) {
    shape.kind = PathShape::Kind::exact;
  } else if (type_of(entry) == IngressPath::Type::prefix) {
    shape.kind = PathShape::Kind::elements;
  } else {
    shape.kind = PathShape::Kind::characters;
  }
  shape.conditions = annotation_text(*entry.ingress, kong_prefix, "methods");
  return shape;
}

// What Kong's priority is made of, the weightiest first.
struct KongPriority {
  int attributes = 0;
  bool plain_host = false;
  bool regex = false;
  std::int64_t regex_priority = 0;
  std::size_t length = 0;
  friend auto operator<=>(const KongPriority&, const KongPriority&) = default;
};

// Exact, and the path of a Prefix itself, are regular expressions to Kong ("~/api$"); what is below a Prefix is not.
KongPriority priority_of(const IngressEntry& entry, std::string_view path) {
  KongPriority out;
  const bool methods = !annotation_text(*entry.ingress, kong_prefix, "methods").empty();
  out.attributes = 1 + (entry.host.empty() ? 0 : 1) + (methods ? 1 : 0);
  out.plain_host = host_rank(entry.host) == HostRank::exact;
  const bool itself = type_of(entry) == IngressPath::Type::prefix && without_end_slashes(path_of(entry)) == path && path != "/";
  out.regex = regex_of(entry).has_value() || type_of(entry) == IngressPath::Type::exact || itself;
  if (out.regex) {
    out.regex_priority = annotation_number(*entry.ingress, kong_prefix, "regex-priority").value_or(0);
  } else {
    out.length = path_of(entry).size();
    if (type_of(entry) == IngressPath::Type::prefix && path_of(entry).back() != '/') ++out.length;
  }
  return out;
}

void compile_kong(IngressTable& table) {
  bool has_default = false;
  for (IngressEntry& entry : all_entries(table)) {
    if (entry.is_default() && std::exchange(has_default, true)) {
      table.dropped.push_back({entry, "an older Ingress has a default backend already", {}});
      continue;
    }
    table.entries.push_back(entry);
    add_host(table, entry.host);
  }
  // Right for all but the path of a Prefix itself, which goes_first_in_kong sees to.
  sort_by_key(
      table.entries, [](const IngressEntry& entry) { return std::pair(!entry.is_default(), priority_of(entry, {})); },
      std::greater<>());
}

Match match_kong(const IngressEntry& entry, const Request& request, std::string_view path, const IngressTable& table) {
  Match out = match_by_shape(entry, request, path, table);
  if (out.verdict != Verdict::yes) return out;
  const std::vector<std::string> methods = comma_separated(annotation_text(*entry.ingress, kong_prefix, "methods"));
  if (!methods.empty() && std::find(methods.begin(), methods.end(), request.method) == methods.end()) {
    return {Verdict::no, fmt::format("method {}, not {}", request.method, fmt::join(methods, " or ")), out.met};
  }
  return out;
}

bool goes_first_in_kong(const IngressEntry& left, const IngressEntry& right, std::string_view path) {
  if (left.is_default() != right.is_default()) return right.is_default();
  return priority_of(left, path) > priority_of(right, path);
}

std::string kong_lost_by(const IngressEntry& loser, const IngressEntry& winner, const IngressTable&) {
  if (std::string why = lost_by_default(loser, winner); !why.empty()) return why;
  if (std::string why = lost_by_host(loser, winner); !why.empty()) return why;
  const KongPriority less = priority_of(loser, {});
  const KongPriority more = priority_of(winner, {});
  if (less > more) return fmt::format("{} itself is a regular expression to Kong, which goes first", path_of(winner));
  if (less.attributes < more.attributes) return "fewer conditions";
  if (less.regex != more.regex && more.regex) return "a prefix after a regular expression (Exact is one to Kong)";
  if (less.regex_priority < more.regex_priority) {
    return fmt::format("lower konghq.com/regex-priority ({} < {})", less.regex_priority, more.regex_priority);
  }
  if (less.length < more.length) return fmt::format("shorter path ({} < {})", less.length, more.length);
  return fmt::format("the same priority as Ingress {}", name_of(*winner.ingress));
}

bool answers_plain_http(const Ingress& ingress, const Request& request, Outcome& out) {
  const std::vector<std::string> protocols = comma_separated(annotation_text(ingress, kong_prefix, "protocols"));
  const auto has = [&](std::string_view name) { return std::find(protocols.begin(), protocols.end(), name) != protocols.end(); };
  if (request.tls || protocols.empty() || has("http") || has("grpc") || !(has("https") || has("grpcs"))) return false;
  const std::int64_t status = annotation_number(ingress, kong_prefix, "https-redirect-status-code").value_or(426);
  const std::string reason = fmt::format("annotation konghq.com/protocols of Ingress {} is https alone", name_of(ingress));
  if (status == 426) {
    out.action = Action::respond;
    out.status = 426;
    out.reason = reason;
  } else {
    redirect_to_https(status, request, reason, out);
  }
  return true;
}

void strip_path(const IngressEntry& entry, const Request& request, std::string_view path, const IngressTable& table,
                Outcome& out) {
  if (entry.is_default() || !annotation_flag(*entry.ingress, kong_prefix, "strip-path").value_or(false)) return;
  const PathShape shape = kong_shape(entry, table);
  if (shape.kind == PathShape::Kind::regex) {
    const PatternMatch found = match_pattern(shape.text, path, Anchors::start, false);
    if (found.groups.empty()) return;
    path.remove_prefix(std::min(found.groups.front().size(), path.size()));
  } else {
    path.remove_prefix(std::min(without_end_slashes(shape.text).size(), path.size()));
  }
  const std::string rest = path.starts_with('/') ? std::string(path) : fmt::format("/{}", path);
  out.rewritten->path = with_query(rest, request);
}

void kong_apply(const IngressEntry& entry, const Request& request, std::string_view path, const IngressTable& table,
                Outcome& out) {
  for (const IngressEntry& other : table.entries) {
    if (&other == &entry || same_backend(other, entry) || other.is_default() != entry.is_default()) continue;
    if (priority_of(other, path) != priority_of(entry, path) || match_kong(other, request, path, table).verdict != Verdict::yes)
      continue;
    out.notes.push_back(
        fmt::format("{} has the same priority: which of the two goes first Kong does not lay down", entry_words(other)));
    break;
  }
  if (answers_plain_http(*entry.ingress, request, out)) return;
  forward_to(entry, request, path, out);
  strip_path(entry, request, path, table, out);
  for (const std::string_view key : {"rewrite", "path", "plugins", "host-header"}) {
    const std::string value = annotation_text(*entry.ingress, kong_prefix, key);
    if (!value.empty()) out.notes.push_back(fmt::format("konghq.com/{} {} changes the request further", key, value));
  }
  note_default_certificate(entry, request, table, out);
}

}  // namespace

IngressDialect kong_dialect() {
  IngressDialect dialect;
  dialect.id = "kong";
  dialect.name = "Kong";
  dialect.version = "KIC 3.5, Kong Gateway 3";
  // kong.tools.uri, normalize.
  dialect.path.escapes = PathTreatment::Escapes::unreserved;
  dialect.path.dot_segments = true;
  dialect.path.merge_slashes = true;
  dialect.compile = compile_kong;
  dialect.match = match_kong;
  dialect.lost_by = kong_lost_by;
  dialect.apply = kong_apply;
  dialect.shape = kong_shape;
  dialect.goes_first = goes_first_in_kong;
  dialect.not_found = "answers 404 (\"no Route matched with those values\")";
  return dialect;
}

}  // namespace gwdoctor

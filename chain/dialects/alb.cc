#include "chain/dialects/alb.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "chain/dialects/annotations.h"
#include "chain/dialects/answers.h"
#include "chain/dialects/dialects.h"
#include "chain/dialects/order.h"
#include "chain/dialects/shape.h"
#include "kube/ascii.h"
#include "kube/json.h"

namespace gwdoctor {

namespace {

using Match = IngressDialect::Match;
using Verdict = Match::Verdict;

std::int64_t group_order(const Ingress& ingress) { return annotation_number(ingress, alb_prefix, "group.order").value_or(0); }

// Exact, then Prefix by length, then ImplementationSpecific as written: within one rule (sortIngressPaths).
int type_rank(const IngressEntry& entry) {
  switch (type_of(entry)) {
    case IngressPath::Type::exact:
      return 0;
    case IngressPath::Type::prefix:
      return 1;
    case IngressPath::Type::implementation_specific:
      break;
  }
  return 2;
}

std::vector<std::string> patterns_of(const IngressEntry& entry) {
  const std::string& path = entry.spec()->path;
  if (path.empty()) return {};
  if (type_of(entry) != IngressPath::Type::prefix) return {path};
  if (path == "/") return {"/*"};
  const std::string base = path.back() == '/' ? path.substr(0, path.size() - 1) : path;
  return {base, base + "/*"};
}

PathShape alb_shape(const IngressEntry& entry, const IngressTable&) {
  PathShape shape;
  if (entry.is_default()) return shape;
  const AlbConditions conditions = alb_conditions(entry);
  shape.globs = patterns_of(entry);
  shape.globs.insert(shape.globs.end(), conditions.paths.begin(), conditions.paths.end());
  if (!shape.globs.empty()) shape.kind = PathShape::Kind::globs;
  shape.conditions = conditions.text;
  return shape;
}

// The group, its Ingresses by group.order and name, their rules as written, and the paths of a rule by type.
auto place_of(const IngressEntry& entry) {
  const Ingress& ingress = *entry.ingress;
  const int rank = entry.is_default() ? 0 : type_rank(entry);
  const auto length = rank == 1 ? -static_cast<std::ptrdiff_t>(entry.spec()->path.size()) : 0;
  return std::tuple(entry.is_default(), alb_group(ingress), group_order(ingress), name_of(ingress), entry.rule, rank, length);
}

void compile_alb(IngressTable& table) {
  for (const IngressEntry& entry : all_entries(table)) {
    const bool wild = !entry.is_default() && entry.spec()->path.find_first_of("*?") != std::string::npos;
    if (wild && type_of(entry) != IngressPath::Type::implementation_specific) {
      table.dropped.push_back(
          {entry, "a path of type Exact or Prefix with * or ? is refused: no load balancer is built for its group", {}});
      continue;
    }
    table.entries.push_back(entry);
    add_host(table, entry.host);
  }
  sort_by_key(table.entries, place_of);
}

bool host_met(const IngressEntry& entry, const AlbConditions& conditions, const Request& request) {
  if (entry.host.empty() && conditions.hosts.empty()) return true;
  const std::string host = lower_case(request.host);
  const auto takes = [&](const std::string& glob) { return match_glob(lower_case(glob), host); };
  return (!entry.host.empty() && takes(entry.host)) || std::any_of(conditions.hosts.begin(), conditions.hosts.end(), takes);
}

Match match_alb(const IngressEntry& entry, const Request& request, std::string_view path, const IngressTable& table) {
  Match out;
  if (!has_listener(*entry.ingress, request, out.failed)) return out;
  if (entry.is_default()) return {Verdict::yes, {}, 0};
  const AlbConditions conditions = alb_conditions(entry);
  if (!conditions.broken.empty()) return {Verdict::unknown, conditions.broken, 0};
  if (!host_met(entry, conditions, request)) {
    out = match_path(entry, path, table);
    return {Verdict::no, host_failed(request.host, entry.host.empty() ? conditions.hosts.front() : entry.host),
            out.verdict == Verdict::yes ? 1 : 0};
  }
  out = match_path(entry, path, table);
  out.met += 1;
  if (out.verdict == Verdict::no) return out;
  for (const Value& condition : conditions.others) {
    const Match one = match_condition(condition, request);
    if (one.verdict == Verdict::no) return {Verdict::no, one.failed, out.met};
    out.met += one.met;
    if (one.verdict == Verdict::unknown) {
      out.verdict = Verdict::unknown;
      out.failed = one.failed;
    }
  }
  return out;
}

std::string alb_lost_by(const IngressEntry& loser, const IngressEntry& winner, const IngressTable&) {
  if (std::string why = lost_by_default(loser, winner); !why.empty()) return why;
  const Ingress& ingress = *loser.ingress;
  if (loser.ingress != winner.ingress) {
    if (alb_group(ingress) != alb_group(*winner.ingress)) return fmt::format("another load balancer ({})", alb_group(ingress));
    if (group_order(ingress) != group_order(*winner.ingress)) {
      return fmt::format("later in group {} (group.order {} after {})", alb_group(ingress), group_order(ingress),
                         group_order(*winner.ingress));
    }
    return fmt::format("later in group {} by its name", alb_group(ingress));
  }
  if (loser.rule != winner.rule) return fmt::format("a later rule of the Ingress ({} after {})", loser.rule, winner.rule);
  if (type_rank(loser) != type_rank(winner))
    return fmt::format("{} after {}", type_name(type_of(loser)), type_name(type_of(winner)));
  if (std::string why = lost_by_length(loser, winner); !why.empty() && type_rank(loser) == 1) return why;
  return "a later path of the rule";
}

// ssl-redirect of one Ingress holds for every HTTP listener of its group, before any rule.
const Ingress* redirecting(const IngressTable& table, const Ingress& entry) {
  for (const std::shared_ptr<const Ingress>& ingress : table.ingresses) {
    if (alb_group(*ingress) == alb_group(entry) && annotation_number(*ingress, alb_prefix, "ssl-redirect")) return ingress.get();
  }
  return nullptr;
}

void alb_apply(const IngressEntry& entry, const Request& request, std::string_view path, const IngressTable& table,
               Outcome& out) {
  if (const Ingress* by = request.tls ? nullptr : redirecting(table, *entry.ingress)) {
    redirect(301, "https", request.host, annotation_number(*by, alb_prefix, "ssl-redirect").value_or(443),
             with_query(request.path, request), fmt::format("annotation ssl-redirect of Ingress {}", name_of(*by)), out);
    return;
  }
  if (names_action(entry)) {
    apply_action(entry, request, path, out);
  } else {
    forward_to(entry, request, path, out);
  }
  const std::string auth = annotation_text(*entry.ingress, alb_prefix, "auth-type");
  if (!auth.empty() && auth != "none" && request.tls)
    out.notes.push_back(fmt::format("{} asks the client to log in first", auth));
  if (!annotation_text(*entry.ingress, alb_prefix, "transforms." + entry.backend().service).empty()) {
    out.notes.push_back("annotation transforms rewrites host or path: what the target sees is not worked out here");
  }
}

void alb_nothing(const Request& request, std::string_view, const IngressTable& table, Outcome& out) {
  if (out.action != Action::not_found || table.ingresses.empty()) return;
  std::string failed;
  for (const std::shared_ptr<const Ingress>& ingress : table.ingresses) {
    if (!has_listener(*ingress, request, failed)) continue;
    if (const Ingress* by = request.tls ? nullptr : redirecting(table, *ingress)) {
      redirect(301, "https", request.host, annotation_number(*by, alb_prefix, "ssl-redirect").value_or(443),
               with_query(request.path, request), fmt::format("annotation ssl-redirect of Ingress {}", name_of(*by)), out);
      out.route = by->meta.ref;
    }
    return;
  }
  out.action = Action::unreachable;
  out.status.reset();
  out.reason = fmt::format("no load balancer of this class has a listener for it: {}", failed);
}

IngressDialect dialect_for(std::string_view id, std::string_view name) {
  IngressDialect dialect;
  dialect.id = id;
  dialect.name = name;
  dialect.version = "v3.0";
  dialect.compile = compile_alb;
  dialect.match = match_alb;
  dialect.lost_by = alb_lost_by;
  dialect.apply = alb_apply;
  dialect.shape = alb_shape;
  dialect.balancer = alb_group;
  dialect.nothing = alb_nothing;
  dialect.not_found = "answers 404 by the default action of its listener";
  return dialect;
}

}  // namespace

std::string alb_group(const Ingress& ingress) {
  std::string name = annotation_text(ingress, alb_prefix, "group.name");
  return name.empty() ? name_of(ingress) : name;
}

// listen-ports; without it HTTPS 443 where certificate-arn is given, else HTTP 80.
bool has_listener(const Ingress& ingress, const Request& request, std::string& failed) {
  const std::string text = annotation_text(ingress, alb_prefix, "listen-ports");
  const std::string_view wanted = request.tls ? "HTTPS" : "HTTP";
  if (text.empty()) {
    const bool https = !annotation_text(ingress, alb_prefix, "certificate-arn").empty();
    if (https == request.tls && request.port == (https ? 443 : 80)) return true;
    failed = fmt::format("Ingress {} has a listener for {} alone: annotation listen-ports names no other", name_of(ingress),
                         https ? "HTTPS 443" : "HTTP 80");
    return false;
  }
  const Result<Value> ports = parse_json(text);
  if (ports) {
    for (const Value& one : ports->items()) {
      if (one[wanted].integer() == request.port) return true;
    }
  }
  failed = fmt::format("annotation listen-ports of Ingress {} has no {} {}: {}", name_of(ingress), wanted, request.port, text);
  return false;
}

IngressDialect alb_dialect() { return dialect_for("aws-load-balancer-controller", "AWS Load Balancer Controller"); }
IngressDialect eks_auto_dialect() { return dialect_for("eks-auto-mode", "EKS Auto Mode"); }

}  // namespace gwdoctor

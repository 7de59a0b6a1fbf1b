#include "checks/check.h"

#include <algorithm>

#include "chain/dialects/nginx.h"
#include "chain/dialects/order.h"
#include "chain/request/path.h"
#include "checks/support/ingresses.h"

namespace gwdoctor {

namespace {

// Whether some other entry of the host takes this path.
bool taken_otherwise(const IngressEntry& own, std::string_view path, const IngressTable& table) {
  return std::any_of(table.entries.begin(), table.entries.end(), [&](const IngressEntry& entry) {
    const bool same_host = entry.host == own.host || entry.host.empty();
    const bool is_own = entry.ingress->meta.ref == own.ingress->meta.ref && entry.rule == own.rule && entry.path == own.path;
    return !is_own && same_host && match_path(entry, path, table).verdict != IngressDialect::Match::Verdict::no;
  });
}

std::optional<Fix> make_prefix(const IngressView& view, const IngressPath& spec) {
  return set_field(view.ref, view.ingress.document(), spec.field + ".pathType", Value("Prefix"),
                   "let the path take what lies below it as well");
}

// "/" and a path that ends in a slash are meant for a tree: as Exact they are one address, and nobody takes the rest.
bool looks_like_a_tree(const IngressPath& spec) {
  return spec.type == IngressPath::Type::exact && !spec.path.empty() && spec.path.back() == '/';
}

void judge_exact(const IngressView& view, const IngressEntry& entry, const IngressTable& table, const Scope& scope,
                 Verdicts& out) {
  const IngressPath& spec = *entry.spec();
  const std::string below = spec.path + "x";
  if (!looks_like_a_tree(spec) || taken_otherwise(entry, below, table)) return out.pass(scope);
  out.fail(scope)
      .object(view.ref, spec.field + ".pathType")
      .says("path {} is Exact: nothing below it is taken, and no other path of {} takes it", spec.path,
            entry.host.empty() ? "the Ingress" : entry.host)
      .saw(view.ingress, view.ref, spec.field)
      .fix(make_prefix(view, spec));
}

// nginx.tmpl: where one Ingress of a host asks for regular expressions, every path of that host is one.
void judge_regex(const IngressView& view, const IngressEntry& entry, const IngressTable& table, const Scope& scope,
                 Verdicts& out) {
  if (entry.spec()->type == IngressPath::Type::implementation_specific || asks_for_regex(*view.ingress, path_of(entry))) return;
  const auto asks_on_host = [&](const std::shared_ptr<const Ingress>& ingress) {
    return std::any_of(ingress->rules.begin(), ingress->rules.end(), [&](const IngressRule& rule) {
      return rule.host == entry.host && std::any_of(rule.paths.begin(), rule.paths.end(), [&](const IngressPath& path) {
               return asks_for_regex(*ingress, path.path.empty() ? std::string_view("/") : path.path);
             });
    });
  };
  const auto culprit = std::find_if(table.ingresses.begin(), table.ingresses.end(),
                                    [&](const auto& ingress) { return ingress->meta.ref != view.ref && asks_on_host(ingress); });
  if (culprit == table.ingresses.end()) return;
  out.fail(scope)
      .object(view.ref, entry.spec()->field + ".pathType")
      .reason("ingress-regex-applies-to-host")
      .says(
          "path {} of {} is matched as a case-insensitive regular expression, not as {}: {} asks for regular expressions on that "
          "host",
          path_of(entry), entry.host, type_name(entry.spec()->type), (*culprit)->meta.ref.text())
      .saw(view.ingress, view.ref, entry.spec()->field)
      .affects((*culprit)->meta.ref)
      .fix(by_hand("give one of the two a host of its own, or write the path so that it means the same as a regular expression"));
}

// A traced request that an Exact path would have taken as a prefix.
void judge_trace(const Facts& facts, const Path& path, Verdicts& out) {
  const Trace& trace = *path.trace;
  if (trace.outcome.action != Action::not_found) return;
  for (const Candidate& candidate : trace.candidates) {
    if (candidate.matched || !candidate.rule || !candidate.match || kind_of(candidate.route) != Kind::ingress) continue;
    const Seen<Ingress> ingress = facts.get<Ingress>(Kind::ingress, candidate.route.ns, candidate.route.name);
    if (!ingress.present() || *candidate.rule >= ingress->rules.size()) continue;
    const IngressRule& rule = ingress->rules[*candidate.rule];
    if (*candidate.match >= rule.paths.size() || rule.host != trace.request.host) continue;
    const IngressPath& spec = rule.paths[*candidate.match];
    if (spec.type != IngressPath::Type::exact || !is_element_prefix(spec.path, trace.request.path)) continue;
    out.fail(path.all())
        .object(candidate.route, spec.field + ".pathType")
        .severity(Severity::error)
        .impact(Impact::all)
        .says("path {} is Exact, and does not take {}", spec.path, trace.request.path)
        .saw(ingress, candidate.route, spec.field)
        .fix(set_field(candidate.route, ingress.document(), spec.field + ".pathType", Value("Prefix"),
                       "let the path take what lies below it as well"));
    return;
  }
}

void run(const Facts& facts, const Path& path, Verdicts& out) {
  if (path.trace != nullptr) return judge_trace(facts, path, out);
  for (const IngressView& view : path.ingresses) {
    const std::shared_ptr<const IngressTable> table = table_of(view, path, facts);
    if (table == nullptr || !table->dialect->known) continue;
    for (const IngressEntry& entry : table->entries) {
      if (!is_of(entry, view) || entry.is_default()) continue;
      const Scope scope = scope_of(view, *entry.spec(), path);
      if (!scope.any()) continue;
      // That another Ingress takes the rest may stand in what could not be read.
      if (looks_like_a_tree(*entry.spec()) && admit_unread(*table, scope, out)) continue;
      judge_exact(view, entry, *table, scope, out);
      if (table->dialect->id == "ingress-nginx" && is_regex_server(*table, entry.host))
        judge_regex(view, entry, *table, scope, out);
    }
  }
}

}  // namespace

extern constinit const Check ingress_path_type{
    .code = "ingress-path-type",
    .title = "a path of an Ingress matches less or more than people expect",
    .severity = Severity::warning,
    .layer = Layer::ingress,
    .reads = {Kind::ingress, Kind::ingress_class},
    .explains = {"route-request-unmatched"},
    .run = run,
};

}  // namespace gwdoctor

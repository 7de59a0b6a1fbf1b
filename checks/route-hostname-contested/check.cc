#include "checks/check.h"

#include <algorithm>
#include <map>
#include <set>

#include "checks/support/names.h"
#include "checks/support/routing.h"
#include "checks/support/streams.h"

namespace gwdoctor {

namespace {

struct Spot {
  std::size_t route;
  std::size_t entrance;
  const Path& path;
  const Facts& facts;
  const GatewayDialect& dialect;

  [[nodiscard]] const RouteView& view() const { return path.routes[route]; }
  [[nodiscard]] const std::string& host() const { return path.entrances[entrance].host; }
};

// Of two entries, the one that is tried first takes requests that the other would get.
struct Clash {
  TableEntry winner;
  TableEntry loser;
};

// "Everything else": it is written to give way to what others match.
bool is_fallback(const TableEntry& entry) {
  const RouteMatch& match = entry.match_spec();
  if (entry.route->kind == Kind::grpc_route) return !match.grpc && match.headers.empty();
  return (!match.path || (match.path->type == "PathPrefix" && match.path->value == "/")) && match.method.empty() &&
         match.headers.empty() && match.query.empty();
}

std::optional<Clash> clash_of(const TableEntry& mine, const TableEntry& theirs, const GatewayDialect& dialect) {
  if (mine.route->kind != theirs.route->kind || is_fallback(mine) != is_fallback(theirs)) return std::nullopt;
  const Kind kind = mine.route->kind;
  if (!subsumes(mine.match_spec(), theirs.match_spec(), kind) && !subsumes(theirs.match_spec(), mine.match_spec(), kind))
    return std::nullopt;
  return precedence(theirs, mine, dialect).first ? Clash{theirs, mine} : Clash{mine, theirs};
}

// A route of another namespace under the same hostname on the same listener, by its entries there.
struct Claim {
  std::shared_ptr<const Route> route;
  std::optional<Clash> clash;
};

std::vector<Claim> claims_of(const Spot& at, const std::vector<TableEntry>& mine, const Company& company) {
  std::map<Ref, Claim> out;
  const std::string& ns = at.view().ref.ns;
  for (const TableEntry& theirs : company.listener->entries) {
    if (theirs.hostname != at.host() || theirs.route->meta.ref.ns == ns || theirs.route->hostnames.empty()) continue;
    Claim& claim = out[theirs.route->meta.ref];
    claim.route = theirs.route;
    for (const TableEntry& own : mine) {
      if (claim.clash) break;
      if (own.route->meta.ref == at.view().ref) claim.clash = clash_of(own, theirs, at.dialect);
    }
  }
  std::vector<Claim> list;
  for (auto& [ref, claim] : out) list.push_back(std::move(claim));
  return list;
}

std::string hostname_field(const RouteView& view, const std::string& host) {
  const std::vector<std::string>& all = view.route->hostnames;
  const auto found = std::find(all.begin(), all.end(), host);
  return found == all.end() ? "spec.hostnames" : fmt::format("spec.hostnames[{}]", found - all.begin());
}

void add_facts(const Spot& at, const std::vector<const Claim*>& claims, FindingBuilder& finding) {
  finding.saw(at.view().route, at.view().ref, "spec.hostnames");
  for (const Claim* claim : claims) {
    const Ref& ref = claim->route->meta.ref;
    if (const std::shared_ptr<const Value> document = at.facts.document(ref))
      finding.saw(ref, "spec.hostnames", document->at_path("spec.hostnames"));
    finding.affects(ref);
  }
}

void contested(const Spot& at, const Claim& claim, Verdicts& out) {
  const Clash& clash = *claim.clash;
  const Entrance& entrance = at.path.entrances[at.entrance];
  const std::string example = example_of(clash.loser, entrance);
  FindingBuilder finding = out.fail(streams_of(at.entrance, at.path));
  finding.object(at.view().ref, hostname_field(at.view(), at.host()))
      .says("{} claims {} too, on {}: {} takes requests that {} matches{}; {}", claim.route->meta.ref.text(), at.host(),
            listener_text(entrance, at.path), rule_text(clash.winner), rule_text(clash.loser),
            example.empty() ? "" : ", such as " + example, lost_by(clash.loser, clash.winner, at.dialect))
      .fix(by_hand("agree on one namespace for the hostname, and let the listener take routes for it from there alone, or part "
                   "the paths",
                   {fmt::format("kubectl get {} -o yaml", kubectl_object(claim.route->meta.ref))}));
  if (!goes_by_age(at.dialect) || !is_settled(clash.winner, clash.loser, at.dialect)) finding.certainty(Certainty::likely);
  add_facts(at, {&claim}, finding);
}

void shared(const Spot& at, const std::vector<const Claim*>& claims, Verdicts& out) {
  const Entrance& entrance = at.path.entrances[at.entrance];
  std::vector<std::string> names;
  for (const Claim* claim : claims) names.push_back(claim->route->meta.ref.text());
  FindingBuilder finding = out.fail(streams_of(at.entrance, at.path));
  finding.object(at.view().ref, hostname_field(at.view(), at.host()))
      .severity(Severity::info)
      .says("{} on {} is shared with {} of another namespace, each with matches of its own", at.host(),
            listener_text(entrance, at.path), join_names(names))
      .fix(by_hand("nothing to do where that is meant", {fmt::format("kubectl get {} -A", info(at.view().route->kind).plural)}));
  add_facts(at, claims, finding);
}

void judge(const Spot& at, const Company& company, Verdicts& out) {
  const std::vector<Claim> claims = claims_of(at, own_entries(at.path.entrances[at.entrance], at.path), company);
  std::vector<const Claim*> apart;
  for (const Claim& claim : claims) {
    if (claim.clash) {
      contested(at, claim, out);
    } else {
      apart.push_back(&claim);
    }
  }
  if (!apart.empty()) shared(at, apart, out);
  if (claims.empty()) out.pass(streams_of(at.entrance, at.path));
}

// Teams that share one hostname with paths of their own do so on purpose (failures/traps, 15). Where their matches meet, the
// order of the Gateway API decides whose rule is served (HTTPRouteRule.matches), and neither team sees it. A route without
// hostnames claims none.
void run(const Facts& facts, const Path& path, Verdicts& out) {
  if (path.trace != nullptr) return;
  for (std::size_t route = 0; route < path.routes.size(); ++route) {
    const RouteView& view = path.routes[route];
    if (!view.route.present() || view.route->hostnames.empty()) continue;
    if (view.route->kind != Kind::http_route && view.route->kind != Kind::grpc_route) continue;
    for (const std::size_t index : attached_entrances(route, path)) {
      const Entrance& entrance = path.entrances[index];
      const Company company = company_of(entrance, path, facts);
      for (const Unread& unread : company.unread) out.unknown(streams_of(index, path), unread.wish, unread.why);
      if (company.listener == nullptr || !company.listener->usable) {
        if (company.alone) out.pass(streams_of(index, path));
        continue;
      }
      judge({route, index, path, facts, dialect_of(entrance, company, path)}, company, out);
    }
  }
}

}  // namespace

extern constinit const Check route_hostname_contested{
    .code = "route-hostname-contested",
    .title = "routes of several namespaces claim one hostname on one listener",
    .severity = Severity::warning,
    .layer = Layer::route,
    .reads = {Kind::http_route, Kind::grpc_route, Kind::tls_route, Kind::tcp_route, Kind::udp_route, Kind::gateway,
              Kind::gateway_class, Kind::listener_set, Kind::name_space},
    .explains = {},
    .run = run,
};

}  // namespace gwdoctor

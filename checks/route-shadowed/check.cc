#include "checks/check.h"

#include <algorithm>
#include <map>

#include "chain/hostname.h"
#include "checks/support/parents.h"
#include "checks/support/shadow.h"
#include "checks/support/streams.h"

namespace gwdoctor {

namespace {

// One entrance of a route, with all that stands on its listener under its hostname.
struct Way {
  std::size_t entrance = 0;
  Company company;
  Rivals rivals;
};

// A match of a rule of the route, and the way on which another entry takes its requests.
struct Loss {
  const Way* way = nullptr;
  TableEntry loser;
  TableEntry winner;
  bool whole_host = false;  // on every listener that serves the host
};

struct Spot {
  std::size_t route;
  const Path& path;
  const Facts& facts;

  [[nodiscard]] const RouteView& view() const { return path.routes[route]; }
  [[nodiscard]] const Entrance& entrance(const Way& way) const { return path.entrances[way.entrance]; }
};

Scope scope_of(const Spot& at, const Way& way, const TableEntry& entry) {
  const Entrance& entrance = at.entrance(way);
  return at.path.through([&](const Entrance& one, const Leg& leg) {
    return one.gateway == entrance.gateway && one.listener == entrance.listener && one.host == entrance.host &&
           one.route == at.route && leg.rule == entry.rule && leg.match == entry.match;
  });
}

// An older route that sends plain HTTP to HTTPS, beside a route that serves HTTPS and was attached to both: nothing is lost.
bool only_redirected(const Spot& at, const Loss& loss) {
  const std::vector<RouteFilter>& filters = loss.winner.rule_spec().filters;
  return at.entrance(*loss.way).scheme == "http" && std::any_of(filters.begin(), filters.end(), [](const RouteFilter& filter) {
           return filter.type == "RequestRedirect" && filter.scheme == "https";
         });
}

Fix remedy(const Spot& at, const Loss& loss, bool same_effect) {
  const TableEntry& loser = loss.loser;
  const bool own = loss.winner.route->meta.ref == loser.route->meta.ref;
  if (own && same_effect) {
    const RouteRule& rule = loser.rule_spec();
    const std::string field = rule.matches.size() == 1 ? rule.path : loser.match_spec().path_in_document;
    if (std::optional<Fix> fix = remove_field(at.view().ref, at.view().route.document(), field,
                                              fmt::format("remove {}, which an earlier rule repeats", field)))
      return *std::move(fix);
  }
  std::vector<std::string> commands{fmt::format("kubectl get {} -o yaml", kubectl_object(loss.winner.route->meta.ref))};
  if (!own) commands.push_back(fmt::format("kubectl get {} -o yaml", kubectl_object(at.view().ref)));
  return by_hand(own ? "give the two rules matches that tell their requests apart, or remove one of them"
                     : "give one of the two a hostname or a match of its own, or remove the rule that is not meant to serve",
                 std::move(commands));
}

void add_evidence(const Spot& at, const Loss& loss, FindingBuilder& finding) {
  const auto add = [&](const TableEntry& entry, const std::string& field) {
    if (const std::shared_ptr<const Value> document = at.facts.document(entry.route->meta.ref))
      finding.saw(entry.route->meta.ref, field, document->at_path(field));
  };
  const auto conditions = [](const TableEntry& entry) {
    return entry.match_spec().path_in_document.empty() ? entry.rule_spec().path : entry.match_spec().path_in_document;
  };
  add(loss.loser, conditions(loss.loser));
  add(loss.winner, conditions(loss.winner));
  if (precedence(loss.winner, loss.loser, loss.way->rivals.dialect()).by != Criterion::age) return;
  add(loss.loser, "metadata.creationTimestamp");
  add(loss.winner, "metadata.creationTimestamp");
}

void report(const Spot& at, const Loss& loss, const Scope& scope, const std::string& requests, Verdicts& out) {
  const GatewayDialect& dialect = loss.way->rivals.dialect();
  const bool same_effect = do_the_same(loss.winner, loss.loser, at.facts);
  const bool own = loss.winner.route->meta.ref == loss.loser.route->meta.ref;
  const Criterion by = precedence(loss.winner, loss.loser, dialect).by;
  const bool by_age = by == Criterion::age || by == Criterion::alphabet;
  const bool settled = is_settled(loss.winner, loss.loser, dialect);
  const std::string example = example_of(loss.loser, at.entrance(*loss.way));
  const std::string& place = loss.loser.match_spec().path_in_document;
  FindingBuilder finding = out.fail(scope);
  finding.object(at.view().ref, place.empty() ? loss.loser.rule_spec().path : place)
      .reason(own ? "" : "route-conflict-older-wins")
      .certainty(settled ? Certainty::proved : Certainty::likely)
      .says("{} gets no {}{}: {} takes them all{}; {}", rule_text(loss.loser), requests,
            loss.whole_host ? std::string() : " on " + listener_text(at.entrance(*loss.way), at.path), rule_text(loss.winner),
            example.empty() ? "" : ", as " + example, lost_by(loss.loser, loss.winner, dialect))
      .fix(remedy(at, loss, same_effect));
  add_evidence(at, loss, finding);
  if (!own) finding.affects(loss.winner.route->meta.ref);
  // Where ties are not broken by age, either of the two may be served.
  if (same_effect || !loss.whole_host || (by_age && !goes_by_age(dialect))) finding.severity(Severity::warning);
}

using Key = std::pair<std::size_t, std::size_t>;  // rule and match

// Judges one match of one rule on every way in.
void judge(const Spot& at, const Key& key, const std::string& requests, const std::vector<Way>& ways, Verdicts& out) {
  const std::shared_ptr<const Route> route = at.view().route.shared();
  std::vector<Loss> losses;
  std::map<std::string, std::pair<int, int>> hosts;  // ways lost, of ways
  for (const Way& way : ways) {
    const TableEntry entry{route, key.first, key.second, at.entrance(way).host};
    const TableEntry* winner = way.rivals.winner_over(entry);
    auto& [lost, all] = hosts[entry.hostname];
    ++all;
    if (winner == nullptr) {
      out.pass(scope_of(at, way, entry));
      continue;
    }
    ++lost;
    losses.push_back({&way, entry, *winner, false});
  }
  std::vector<bool> told(losses.size());
  for (Loss& loss : losses) loss.whole_host = hosts[loss.loser.hostname].first == hosts[loss.loser.hostname].second;
  for (std::size_t first = 0; first < losses.size(); ++first) {
    if (told[first]) continue;
    Scope scope = at.path.nothing();
    for (std::size_t other = first; other < losses.size(); ++other) {
      const TableEntry& winner = losses[other].winner;
      if (losses[other].whole_host != losses[first].whole_host || winner.route != losses[first].winner.route ||
          winner.rule != losses[first].winner.rule)
        continue;
      told[other] = true;
      scope |= scope_of(at, *losses[other].way, losses[other].loser);
    }
    if (!losses[first].whole_host && only_redirected(at, losses[first])) {
      out.pass(scope);
    } else {
      report(at, losses[first], scope, requests, out);
    }
  }
}

// GRPCRouteSpec.hostnames: of an HTTPRoute and a GRPCRoute that share a hostname on one listener, the older alone is accepted.
// The table leaves the other out, unless its controller takes both.
const Route* rival_of_other_kind(const Spot& at, const Way& way) {
  if (way.company.listener == nullptr) return nullptr;
  const Route& mine = *at.view().route;
  const Route* rival = nullptr;
  for (const TableEntry& entry : way.company.listener->entries) {
    if (entry.route->meta.ref == mine.meta.ref) return nullptr;
    const std::string& host = at.entrance(way).host;
    if (entry.route->kind != mine.kind && goes_before(*entry.route, mine) &&
        (covers(entry.hostname, host) || covers(host, entry.hostname)))
      rival = entry.route.get();
  }
  return rival;
}

bool judge_kinds(const Spot& at, const Way& way, Verdicts& out) {
  const Route* rival = rival_of_other_kind(at, way);
  if (rival == nullptr) return false;
  const Entrance& entrance = at.entrance(way);
  const bool refused = word_of(at.view(), at.view().parents[entrance.parent], at.path, "Accepted").word == Word::no;
  const bool named = !at.view().route->hostnames.empty();
  out.fail(streams_of(way.entrance, at.path))
      .object(at.view().ref, named ? "spec.hostnames" : "")
      .reason("route-grpc-http-hostname-conflict")
      .certainty(refused ? Certainty::proved : Certainty::likely)
      .says("{} and the older {} have {} in common on {}, which takes only one of an HTTPRoute and a GRPCRoute for it",
            at.view().ref.text(), rival->meta.ref.text(), entrance.host.empty() ? "every host" : entrance.host,
            listener_text(entrance, at.path))
      .saw(at.view().route, at.view().ref, "spec.hostnames")
      .affects(rival->meta.ref)
      .fix(by_hand("give the two hostnames of their own, or write the gRPC methods as paths of the HTTPRoute",
                   {fmt::format("kubectl get {} -o yaml", kubectl_object(rival->meta.ref))}));
  return true;
}

void judge_matches(const Spot& at, Verdicts& out) {
  std::vector<Way> ways;
  for (const std::size_t entrance : attached_entrances(at.route, at.path)) {
    Company company = company_of(at.path.entrances[entrance], at.path, at.facts);
    if (!company.known || (company.listener != nullptr && !company.listener->usable)) continue;
    Rivals rivals = rivals_of(at.path.entrances[entrance], company, at.path);
    Way way{entrance, std::move(company), std::move(rivals)};
    if (judge_kinds(at, way, out)) continue;
    for (const Unread& unread : way.company.unread) out.unknown(streams_of(entrance, at.path), unread.wish, unread.why);
    ways.push_back(std::move(way));
  }
  std::map<Key, std::string> matches;
  for (const Leg& leg : at.path.legs) {
    if (leg.route == at.route) matches.emplace(Key{leg.rule, leg.match}, leg.requests);
  }
  for (const auto& [key, requests] : matches) judge(at, key, requests, ways, out);
}

// TCP and UDP have nothing that tells one route's connections from another's; TLS has the server name.
const Route* older_stream(const Spot& at, const Entrance& entrance, const Company& company) {
  if (company.listener == nullptr) return nullptr;
  const Route& mine = *at.view().route;
  for (const std::shared_ptr<const Route>& other : company.listener->streams) {
    if (other->kind != mine.kind || !goes_before(*other, mine)) continue;
    if (mine.kind != Kind::tls_route) return other.get();
    const std::vector<std::string> hosts = intersect(company.listener->spec.hostname, other->hostnames).effective;
    if (std::find(hosts.begin(), hosts.end(), entrance.host) != hosts.end()) return other.get();
  }
  return nullptr;
}

void judge_streams(const Spot& at, Verdicts& out) {
  for (const std::size_t index : attached_entrances(at.route, at.path)) {
    const Entrance& entrance = at.path.entrances[index];
    const Company company = company_of(entrance, at.path, at.facts);
    const Scope scope = streams_of(index, at.path);
    const Route* rival = older_stream(at, entrance, company);
    if (rival == nullptr) {
      for (const Unread& unread : company.unread) out.unknown(scope, unread.wish, unread.why);
      if (company.known) out.pass(scope);
      continue;
    }
    const ParentView& parent = at.view().parents[entrance.parent];
    const Word accepted = word_of(at.view(), parent, at.path, "Accepted").word;
    FindingBuilder finding = out.fail(scope);
    finding.object(at.view().ref, parent.reference.path)
        .reason("route-l4-multiple-on-listener")
        .certainty(accepted == Word::no ? Certainty::proved : Certainty::likely)
        .says("{} and the older {} are both attached to {}, which can serve only one of them{}", at.view().ref.text(),
              rival->meta.ref.text(), listener_text(entrance, at.path), entrance.host.empty() ? "" : " for " + entrance.host)
        .saw(at.view().route, at.view().ref, parent.reference.path)
        .affects(rival->meta.ref)
        .fix(by_hand("give each of the two a listener of its own",
                     {fmt::format("kubectl get {} -A", info(at.view().route->kind).plural)}));
    if (accepted == Word::yes) finding.severity(Severity::warning);
  }
}

// Gateway API v1.6, HTTPRouteRule.matches and GRPCRouteRule.matches, the order in which matches are tried; "Conflicts" of the
// guidelines for the rest: the older route goes first. An entry that goes first and asks for no more than this one takes all of
// its requests.
void run(const Facts& facts, const Path& path, Verdicts& out) {
  if (path.trace != nullptr) return;
  for (std::size_t route = 0; route < path.routes.size(); ++route) {
    if (!path.routes[route].route.present()) continue;
    const Kind kind = path.routes[route].route->kind;
    const Spot at{route, path, facts};
    if (kind == Kind::http_route || kind == Kind::grpc_route) {
      judge_matches(at, out);
    } else {
      judge_streams(at, out);
    }
  }
}

}  // namespace

extern constinit const Check route_shadowed{
    .code = "route-shadowed",
    .title = "another route or rule takes all the requests that this one should get",
    .severity = Severity::error,
    .layer = Layer::route,
    .reads = {Kind::http_route, Kind::grpc_route, Kind::tls_route, Kind::tcp_route, Kind::udp_route, Kind::gateway,
              Kind::gateway_class, Kind::listener_set, Kind::name_space},
    .explains = {"route-not-accepted", "route-hostname-contested"},
    .run = run,
};

}  // namespace gwdoctor

// The router of Gateways against the oracle, and what must hold of it whatever the answer is.

#include <algorithm>

#include "chain/router/gateway_table.h"
#include "tests/router/generate.h"
#include "tests/router/minimise.h"
#include "tests/router/oracle.h"
#include "tests/router/suite.h"

namespace gwdoctor {

namespace {

using oracle::Verdict;

std::shared_ptr<const GatewayTable> table_of(const World& world) {
  Facts facts(*parse_time("2026-11-23T12:00:00Z"));
  for (int round = 0; round < 10; ++round) {
    std::shared_ptr<const GatewayTable> table = gateway_table("infra", "web", "a", facts);
    if (!answer_wanted(world, facts)) return table;
  }
  return nullptr;
}

Outcome outcome_of(const GatewayTable& table, const Request& request) {
  Question question;
  question.request = request;
  question.ns = "a";
  question.entry = EntryPoint{EntryPoint::Kind::gateway, "infra", "web"};
  return trace_gateway(question, table).outcome;
}

std::string name_of(const Ref& object) { return object.kind + " " + object.ns + "/" + object.name; }

Verdict verdict_of(const Outcome& outcome) {
  switch (outcome.action) {
    case Action::forward:
    case Action::redirect:
    case Action::respond:
      return {Verdict::Kind::serves,
              {name_of(outcome.listener_owner), outcome.listener, name_of(outcome.route), outcome.rule.value_or(99),
               outcome.match.value_or(99), outcome.hostname}};
    case Action::not_found:
      return {Verdict::Kind::not_found, {}};
    case Action::reject:
      return {outcome.status == 421 ? Verdict::Kind::misdirected : Verdict::Kind::no_connection, {}};
    case Action::unreachable:
      return {Verdict::Kind::no_connection, {}};
    case Action::unknown:
      break;
  }
  return {Verdict::Kind::unknown, {}};
}

oracle::Cluster cluster_of(const World& world) {
  oracle::Cluster out;
  out.gateway = decoded<Gateway>(world, {Kind::gateway}).front();
  out.sets = decoded<ListenerSet>(world, {Kind::listener_set});
  out.routes = decoded<Route>(world, {Kind::http_route, Kind::grpc_route});
  for (const Namespace& each : decoded<Namespace>(world, {Kind::name_space}))
    out.namespaces[each.meta.ref.name] = each.meta.labels;
  return out;
}

// A program may say that it cannot tell where the text leaves the answer to implementations.
bool allows(const std::vector<Verdict>& allowed, const Verdict& given) {
  if (given.kind == Verdict::Kind::unknown) return allowed.size() > 1;
  return std::find(allowed.begin(), allowed.end(), given) != allowed.end();
}

struct Compared {
  std::vector<Verdict> allowed;
  Verdict given;
  std::string reason;  // the router's
};

Compared compare(const World& world, const Request& request) {
  Compared out{oracle::Judge(cluster_of(world))(request), {Verdict::Kind::unknown, {}}, "no table"};
  if (const std::shared_ptr<const GatewayTable> table = table_of(world)) {
    const Outcome outcome = outcome_of(*table, request);
    out.given = verdict_of(outcome);
    out.reason = outcome.reason;
  }
  return out;
}

std::string text(const std::vector<Verdict>& verdicts) {
  std::string out;
  for (const Verdict& verdict : verdicts) out += (out.empty() ? "" : "\n           or ") + oracle::text(verdict);
  return out;
}

// The smallest world in which the two disagree in the same way.
void tell_disagreement(const World& world, const Ask& ask) {
  const Compared whole = compare(world, ask.request);
  const World small = minimised(world, [&](const World& trial) {
    const Compared part = compare(trial, ask.request);
    return !allows(part.allowed, part.given) && part.given.kind == whole.given.kind &&
           part.allowed.front().kind == whole.allowed.front().kind;
  });
  const Compared left = compare(small, ask.request);
  fmt::print("DISAGREEMENT\n{}request: {}\nthe spec: {}\nthe router: {} ({})\n", yaml_of(small), text_of(ask.request),
             text(left.allowed), oracle::text(left.given), left.reason);
}

// One world with its requests.
struct Round {
  World world;
  oracle::Judge judge;
  GatewayTable table;
  std::vector<Ask> asks;
  std::vector<Verdict> verdicts;  // of the router
};

void check_answers(Round& round, Tally& tally) {
  for (const Ask& ask : round.asks) {
    const std::vector<Verdict> allowed = round.judge(ask.request);
    round.verdicts.push_back(verdict_of(outcome_of(round.table, ask.request)));
    const Verdict& given = round.verdicts.back();
    if (tally.check("requests to a Gateway: the router says what the spec says", allows(allowed, given))) {
      tell_disagreement(round.world, ask);
    }
    tally.note(given.kind == Verdict::Kind::serves ? "requests to a Gateway were served"
                                                   : "requests to a Gateway ended in: " + oracle::text(given));
    if (allowed.size() > 1) tally.note("requests to a Gateway had several answers by the spec");
  }
}

bool same_where_it_counts(const Request& one, const Request& other) {
  return one.scheme == other.scheme && one.method == other.method && one.host == other.host && one.port == other.port &&
         one.path == other.path && one.query == other.query && one.sni == other.sni && one.tls == other.tls &&
         one.grpc == other.grpc;
}

void check_words(const Ask& ask, Tally& tally) {
  const Result<Request> read = parse_request(ask.words);
  if (tally.check("requests are read as they were meant", read && same_where_it_counts(*read, ask.request))) {
    fmt::print("READ OTHERWISE: {} as {}\n", text_of(ask.request), read ? text_of(*read) : read.error().message);
  }
}

void check_order(const Round& round, Dice& dice, Tally& tally) {
  World turned = round.world;
  dice.shuffle(turned.documents);
  const std::shared_ptr<const GatewayTable> table = table_of(turned);
  for (std::size_t at = 0; at < round.asks.size(); ++at) {
    const bool same = table && verdict_of(outcome_of(*table, round.asks[at].request)) == round.verdicts[at];
    if (tally.check("the order of the objects changes nothing", same)) {
      fmt::print("ORDER MATTERS\n{}request: {}\n", yaml_of(turned), text_of(round.asks[at].request));
    }
  }
}

// Not where HTTPRoutes and GRPCRoutes meet: a route that is gone lets one of the other kind attach (GRPCRouteSpec.hostnames).
void check_losers(const Round& round, Dice& dice, Tally& tally) {
  if (!decoded<Route>(round.world, {Kind::grpc_route}).empty()) return;
  const std::size_t at = dice.below(round.world.documents.size());
  const Value& gone = round.world.documents[at];
  if (gone["kind"].text() != "HTTPRoute") return;
  World rest = round.world;
  rest.documents.erase(rest.documents.begin() + static_cast<std::ptrdiff_t>(at));
  const std::shared_ptr<const GatewayTable> table = table_of(rest);
  for (std::size_t ask = 0; ask < round.asks.size(); ++ask) {
    const Verdict& before = round.verdicts[ask];
    if (before.kind == Verdict::Kind::unknown || before.pick.route == name_of_document(gone)) continue;
    const bool same = table && verdict_of(outcome_of(*table, round.asks[ask].request)) == before;
    if (tally.check("a route that loses may go", same)) {
      fmt::print("A LOSER MATTERS\n{}request: {}\nwithout: {}\n", yaml_of(round.world), text_of(round.asks[ask].request),
                 name_of_document(gone));
    }
  }
}

struct AnyMatch {
  Kind kind;
  std::string where;
  const RouteMatch* match;
};

std::vector<AnyMatch> matches_of(const oracle::Cluster& cluster) {
  std::vector<AnyMatch> out;
  for (const Route& route : cluster.routes) {
    for (const RouteRule& rule : route.rules) {
      for (const RouteMatch& match : rule.matches)
        out.push_back({route.kind, name_of(route.meta.ref) + " " + match.path_in_document, &match});
    }
  }
  return out;
}

void check_subsumes(const Round& round, Dice& dice, Tally& tally) {
  const std::vector<AnyMatch> all = matches_of(round.judge.cluster());
  for (int tried = 0; tried < 150 && !all.empty(); ++tried) {
    const AnyMatch& outer = dice.one_of(all);
    const AnyMatch& inner = dice.one_of(all);
    if (outer.kind != inner.kind || !subsumes(*outer.match, *inner.match, outer.kind)) continue;
    tally.note("pairs of matches of which one takes in the other");
    for (const Ask& ask : round.asks) {
      if (oracle::meets(*inner.match, inner.kind, ask.request) != oracle::Meets::yes) continue;
      const bool both = oracle::meets(*outer.match, outer.kind, ask.request) != oracle::Meets::no;
      if (tally.check("a match that takes in another takes its requests", both)) {
        fmt::print("NOT TAKEN IN\n{}outer: {}\ninner: {}\nrequest: {}\n", yaml_of(round.world), outer.where, inner.where,
                   text_of(ask.request));
      }
    }
  }
}

// Each match by itself, against every request.
void check_matches(const Round& round, Dice& dice, Tally& tally) {
  const std::vector<AnyMatch> all = matches_of(round.judge.cluster());
  for (const Ask& ask : round.asks) {
    const AnyMatch& any = dice.one_of(all);
    const oracle::Meets meets = oracle::meets(*any.match, any.kind, ask.request);
    const MatchResult result = match_request(*any.match, any.kind, ask.request, ask.request.path, round.table.dialect);
    const bool good = meets == oracle::Meets::differs || result.verdict == MatchResult::Verdict::unknown ||
                      (meets == oracle::Meets::yes) == (result.verdict == MatchResult::Verdict::yes);
    if (result.verdict == MatchResult::Verdict::unknown) tally.note("matches of which it is not known whether they match");
    if (tally.check("a match by itself matches as the spec says", good)) {
      fmt::print("MATCHES OTHERWISE\n{}match: {}\nrequest: {}\nthe router: {}\n", yaml_of(round.world), any.where,
                 text_of(ask.request), result.failed);
    }
  }
}

void check_examples(const Round& round, Dice& dice, Tally& tally) {
  for (const AnyMatch& any : matches_of(round.judge.cluster())) {
    const std::string hostname = dice.one_of(std::vector<std::string>{"", "*.x.test", "a.x.test"});
    const bool tls = dice.chance(50);
    const std::optional<Request> example =
        example_request(*any.match, any.kind, hostname, tls ? "https" : "http", tls ? 8443 : 80);
    if (!example) {
      tally.note("matches have no example");
      continue;
    }
    const bool host = hostname.empty()         ? !example->host.empty()
                      : hostname == "a.x.test" ? example->host == hostname
                                               : example->host.ends_with(".x.test");
    const bool good = host && oracle::meets(*any.match, any.kind, *example) != oracle::Meets::no && example->tls == tls &&
                      example->port == (tls ? 8443 : 80) && example->sni == (tls ? example->host : "");
    if (tally.check("the example of a match meets it", good)) {
      fmt::print("NO EXAMPLE\n{}match: {}\nexample: {}\n", yaml_of(round.world), any.where, text_of(*example));
    }
  }
}

}  // namespace

void run_gateway_suite(const SuiteSize& size, Tally& tally) {
  for (std::size_t at = 0; at < size.worlds; ++at) {
    Dice dice(size.seed * 1'000'003 + at);
    const World world = generate_gateway_world(dice);
    std::shared_ptr<const GatewayTable> table = table_of(world);
    if (tally.check("a Gateway has a table", table != nullptr)) fmt::print("NO TABLE\n{}", yaml_of(world));
    if (!table) continue;
    Round round{world, oracle::Judge(cluster_of(world)), std::move(*table), {}, {}};
    const GatewayTargets targets = gateway_targets(round.world);
    for (std::size_t left = size.requests; left > 0; --left) round.asks.push_back(generate_gateway_ask(targets, dice));
    check_answers(round, tally);
    for (const Ask& ask : round.asks) check_words(ask, tally);
    check_order(round, dice, tally);
    check_losers(round, dice, tally);
    check_matches(round, dice, tally);
    check_subsumes(round, dice, tally);
    check_examples(round, dice, tally);
  }
}

}  // namespace gwdoctor

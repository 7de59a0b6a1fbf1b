// The router of Ingresses, by the API alone, against the oracle.

#include <algorithm>

#include "chain/dialects/ingress_table.h"
#include "tests/router/generate.h"
#include "tests/router/ingress_oracle.h"
#include "tests/router/minimise.h"
#include "tests/router/suite.h"

namespace gwdoctor {

namespace {

using ingress_oracle::Verdict;

// The facts outlive the table.
struct Tabled {
  std::unique_ptr<Facts> facts;
  std::shared_ptr<const IngressTable> table;
};

Tabled table_of(const World& world) {
  Tabled out{std::make_unique<Facts>(*parse_time("2026-11-23T12:00:00Z")), nullptr};
  for (int round = 0; round < 10; ++round) {
    out.table = ingress_table("web", "a", *out.facts);
    if (!answer_wanted(world, *out.facts)) break;
  }
  return out;
}

Outcome outcome_of(const IngressTable& table, const Request& request) {
  Question question;
  question.request = request;
  question.ns = "a";
  question.entry = EntryPoint{EntryPoint::Kind::ingress, "", "web"};
  return trace_ingress(question, table).outcome;
}

Verdict verdict_of(const Outcome& outcome) {
  Verdict out;
  out.unknown = outcome.action == Action::unknown;
  if (outcome.action != Action::forward && outcome.action != Action::redirect && outcome.action != Action::respond) return out;
  if (outcome.route.name.empty()) return out;
  out.served = true;
  out.ingress = outcome.route.ns + "/" + outcome.route.name;
  out.rule = outcome.rule;
  out.path = outcome.match.value_or(0);
  return out;
}

bool allows(const std::vector<Verdict>& allowed, const Verdict& given) {
  if (given.unknown) return allowed.size() > 1;
  return std::find(allowed.begin(), allowed.end(), given) != allowed.end();
}

std::vector<Verdict> judge(const std::vector<Ingress>& ingresses, const Request& request) {
  return ingress_oracle::judge(ingresses, "web", request);
}

std::vector<Verdict> judge(const World& world, const Request& request) {
  return judge(decoded<Ingress>(world, {Kind::ingress}), request);
}

bool agrees(const World& world, const Request& request) {
  const Tabled tabled = table_of(world);
  return tabled.table && allows(judge(world, request), verdict_of(outcome_of(*tabled.table, request)));
}

void tell_disagreement(const World& world, const Ask& ask) {
  const World small = minimised(world, [&](const World& trial) { return !agrees(trial, ask.request); });
  const Tabled tabled = table_of(small);
  std::string allowed;
  for (const Verdict& verdict : judge(small, ask.request))
    allowed += (allowed.empty() ? "" : " or ") + ingress_oracle::text(verdict);
  const std::string given = tabled.table ? ingress_oracle::text(verdict_of(outcome_of(*tabled.table, ask.request))) : "no table";
  fmt::print("DISAGREEMENT\n{}request: {}\nthe API: {}\nthe router: {}\n", yaml_of(small), text_of(ask.request), allowed, given);
}

void check_entries(const World& world, const IngressTable& table, const std::vector<Ask>& asks, Dice& dice, Tally& tally) {
  const auto takes = [](const IngressEntry& entry, const Request& request) {
    return entry.is_default() ||
           (ingress_oracle::host_matches(entry.host, request.host) && ingress_oracle::path_matches(*entry.spec(), request.path));
  };
  for (const IngressEntry& entry : table.entries) {
    const std::optional<Request> example = example_request(entry, dice.chance(50));
    if (!example) continue;
    if (tally.check("the example of an Ingress path meets it", takes(entry, *example))) {
      fmt::print("NO EXAMPLE\n{}field: {} of {}\nexample: {}\n", yaml_of(world),
                 entry.is_default() ? "default" : entry.spec()->field, entry.ingress->meta.ref.text(), text_of(*example));
    }
  }
  for (std::size_t tried = 0; tried < 60 && table.entries.size() > 1; ++tried) {
    const std::size_t at = dice.below(table.entries.size() - 1);
    const IngressEntry& outer = table.entries[at];
    const IngressEntry& inner = table.entries[at + 1 + dice.below(table.entries.size() - at - 1)];
    if (!takes_all_of(outer, inner, table)) continue;
    tally.note("pairs of Ingress paths of which one takes all of the other");
    for (const Ask& ask : asks) {
      if (!takes(inner, ask.request)) continue;
      if (tally.check("an Ingress path that takes all of another takes its requests", takes(outer, ask.request))) {
        fmt::print("NOT ALL TAKEN\n{}outer: {}\ninner: {}\nrequest: {}\n", yaml_of(world), outer.ingress->meta.ref.text(),
                   inner.ingress->meta.ref.text(), text_of(ask.request));
      }
    }
  }
}

void check_world(const World& world, std::size_t requests, Dice& dice, Tally& tally) {
  const Tabled tabled = table_of(world);
  if (tally.check("an IngressClass has a table", tabled.table != nullptr)) fmt::print("NO TABLE\n{}", yaml_of(world));
  if (!tabled.table) return;
  World turned = world;
  dice.shuffle(turned.documents);
  const Tabled again = table_of(turned);
  const std::vector<Ingress> targets = decoded<Ingress>(world, {Kind::ingress});
  std::vector<Ask> asks;
  for (std::size_t left = requests; left > 0; --left) asks.push_back(generate_ingress_ask(targets, dice));
  for (const Ask& ask : asks) {
    const Verdict given = verdict_of(outcome_of(*tabled.table, ask.request));
    const std::vector<Verdict> allowed = judge(targets, ask.request);
    if (tally.check("requests to Ingresses: the router says what the API says", allows(allowed, given)))
      tell_disagreement(world, ask);
    if (allowed.size() > 1) tally.note("requests to Ingresses had several answers by the API");
    tally.note(given.served ? "requests to Ingresses were served"
                            : "requests to Ingresses ended in: " + ingress_oracle::text(given));
    const bool same = again.table && verdict_of(outcome_of(*again.table, ask.request)) == given;
    if (tally.check("the order of Ingresses changes nothing", same)) {
      fmt::print("ORDER MATTERS\n{}request: {}\n", yaml_of(turned), text_of(ask.request));
    }
  }
  check_entries(world, *tabled.table, asks, dice, tally);
}

}  // namespace

void run_ingress_suite(const SuiteSize& size, Tally& tally) {
  for (std::size_t at = 0; at < size.worlds / 2; ++at) {
    Dice dice(size.seed * 2'000'003 + at);
    check_world(generate_ingress_world(dice), size.requests / 4, dice, tally);
  }
}

}  // namespace gwdoctor

#include "checks/engine.h"

#include <algorithm>
#include <exception>

#include "chain/limits.h"

namespace gwdoctor {

namespace {

// One fault seen from several legs or parents is one finding with their streams together.
void merge_equal(std::vector<Finding>& findings) {
  std::vector<Finding> merged;
  for (Finding& finding : findings) {
    const auto twin = std::find_if(merged.begin(), merged.end(), [&](const Finding& other) {
      return other.check == finding.check && other.object == finding.object && other.path == finding.path &&
             other.message == finding.message && other.severity == finding.severity && other.impact == finding.impact;
    });
    if (twin == merged.end()) {
      merged.push_back(std::move(finding));
      continue;
    }
    twin->scope |= finding.scope;
    for (const Ref& object : finding.affects) {
      if (std::find(twin->affects.begin(), twin->affects.end(), object) == twin->affects.end()) twin->affects.push_back(object);
    }
  }
  findings = std::move(merged);
}

// Of a path that was cut off, each check saw a part only.
void admit_cut(const Path& path, Verdicts& verdicts) {
  if (std::max({path.entrances.size(), path.legs.size(), path.streams.size()}) < max_streams) return;
  const Why why{Why::Reason::error,
                fmt::format("it has {} ways from a host to a backend, or more: only the first were looked at", max_streams),
                std::nullopt};
  verdicts.unknown(path.all(), Wish{Wish::What::object, path.target_kind, path.target.ns, path.target.name, {}, {}}, why);
}

void run_checks(const Facts& facts, const Path& path, Verdicts& verdicts) {
  for (const Check* check : all_checks()) {
    verdicts.begin(*check);
    try {
      check->run(facts, path, verdicts);
    } catch (const std::exception& error) {
      // A check that fails is an unknown of its own, never a dead run (and never a pass).
      const Why why{Why::Reason::error, fmt::format("check {} could not be run: {}", check->code, error.what()), std::nullopt};
      verdicts.unknown(path.all(), Wish{Wish::What::object, path.target_kind, path.target.ns, path.target.name, {}, {}}, why);
    }
    admit_cut(path, verdicts);
  }
  merge_equal(verdicts.findings());
}

}  // namespace

bool fetch_wanted(Facts& facts, Source& source) {
  const std::vector<Wish> wishes = facts.take_wanted();
  if (wishes.empty()) return false;
  std::vector<Answer> answers = source.fill(wishes);
  for (std::size_t at = 0; at < wishes.size(); ++at) {
    Answer answer = at < answers.size() ? std::move(answers[at]) : Answer{};
    // An observation that still runs is asked for again in the next round; nothing is stored of it.
    if (answer.state == State::wanted && wishes[at].probe()) continue;
    if (answer.state == State::wanted) answer.state = State::unknown;
    facts.store(wishes[at], std::move(answer));
  }
  return true;
}

Examination examine(const Target& target, Facts& facts, Source* source, int max_rounds) {
  for (int round = 0;; ++round) {
    Examination now;
    now.rounds = round;
    now.path = build_path(target, facts);
    if (now.path.state == State::present) run_checks(facts, now.path, now.verdicts);
    if (source == nullptr || round >= max_rounds) {
      // One more pass, so that what was still wanted is reported as the unknown that it stays.
      const Why why{Why::Reason::error,
                    source == nullptr ? "not looked up" : "the path is too deep: gave up after too many rounds", std::nullopt};
      const std::vector<Wish> open = facts.take_wanted();
      if (open.empty()) return now;
      for (const Wish& wish : open) facts.store(wish, {State::unknown, {}, {}, why});
      if (round > max_rounds + 20) return now;
      continue;
    }
    if (!fetch_wanted(facts, *source)) return now;
  }
}

}  // namespace gwdoctor

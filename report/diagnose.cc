#include "report/diagnose.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "report/chain_links.h"
#include "report/changed.h"
#include "report/fold.h"
#include "report/impact.h"
#include "report/rank.h"
#include "report/trial.h"

namespace gwdoctor {

namespace {

constexpr std::string_view ignore_annotation = "gwdoctor.dev/ignore";

bool lists_code(std::string_view codes, std::string_view code) {
  while (!codes.empty()) {
    const std::size_t comma = std::min(codes.find(','), codes.size());
    std::string_view word = codes.substr(0, comma);
    while (!word.empty() && word.front() == ' ') word.remove_prefix(1);
    while (!word.empty() && word.back() == ' ') word.remove_suffix(1);
    if (word == code) return true;
    codes.remove_prefix(std::min(comma + 1, codes.size()));
  }
  return false;
}

bool suppressed(const Finding& finding, const Facts& facts, const DiagnoseOptions& options) {
  if (options.ignore.contains(finding.check->code)) return true;
  const auto document = facts.document(finding.object);
  if (document == nullptr) return false;
  const auto codes = (*document)["metadata"]["annotations"][ignore_annotation].string();
  return codes && lists_code(*codes, finding.check->code);
}

// Leaves out what the user does not want to hear of; what an annotation or flag suppresses is counted.
void choose(Examination& examined, const Facts& facts, const DiagnoseOptions& options, Diagnosis& out) {
  std::vector<Finding> kept;
  for (Finding& finding : examined.verdicts.findings()) {
    if (!options.select.empty() && !options.select.contains(finding.check->code)) continue;
    if (suppressed(finding, facts, options)) {
      out.suppressed.push_back({std::string(finding.check->code), finding.object});
    } else {
      kept.push_back(std::move(finding));
    }
  }
  examined.verdicts.findings() = std::move(kept);
}

bool collect_unknowns(const Examination& examined, const DiagnoseOptions& options, Diagnosis& out) {
  bool blind = false;
  std::map<Wish, Unknown> unknowns;
  for (const Blind& one : examined.verdicts.blinds()) {
    if (!options.select.empty() && !options.select.contains(one.check->code)) continue;
    // What is observed on the network is of no kind.
    const bool of_kind = !one.wish.probe() || one.wish.what == Wish::What::proxy;
    if (of_kind && options.accept_unknown.contains(one.wish.kind) && one.why.reason != Why::Reason::pending) {
      const std::string fact = one.wish.text();
      if (std::find(out.accepted_unknowns.begin(), out.accepted_unknowns.end(), fact) == out.accepted_unknowns.end()) {
        out.accepted_unknowns.push_back(fact);
      }
      continue;
    }
    blind = true;
    unknowns.emplace(one.wish, Unknown{one.wish.text(), one.why});
  }
  // Routes to a Service that could not be looked for may be the ones that do not reach it.
  for (const UpstreamView& upstream : examined.path.upstream) {
    if (upstream.state != State::unknown || options.accept_unknown.contains(upstream.kind)) continue;
    blind = true;
    unknowns.emplace(upstream.wish, Unknown{upstream.wish.text(), upstream.why});
  }
  for (auto& [wish, unknown] : unknowns) out.unknowns.push_back(std::move(unknown));
  return blind;
}

// The traffic that a finding hurts, in words: "all requests", or "some requests to /v2" where only part of it fails.
std::string broken_by(const Finding& finding, const Path& path) {
  if (finding.impact == Impact::none) return {};
  std::string words = path.describe(finding.scope);
  if (finding.impact == Impact::all || words.empty()) return words;
  if (words.starts_with("all ")) words.erase(0, 4);
  return words.starts_with("some ") || words.starts_with("about ") ? words : "some " + words;
}

Role role_of(const Finding& finding, bool folded) {
  if (folded) return Role::consequence;
  return finding.impact == Impact::none ? Role::risk : Role::cause;
}

// Everything that stands under a root, itself included.
Expected family(const std::vector<Finding>& findings, const std::vector<std::optional<std::size_t>>& folded, std::size_t root) {
  Expected out;
  for (std::size_t at = 0; at < findings.size(); ++at) {
    if (root_of(folded, at) == root) out.push_back(&findings[at]);
  }
  return out;
}

struct Ordered {
  std::size_t index = 0;
  Argued argued;
  Standing standing;
};

// A trial examines everything anew. Of hundreds of findings the fixes of the first are tried, not of all.
std::size_t trials_for(std::size_t findings) { return std::max<std::size_t>(5, 2000 / std::max<std::size_t>(findings, 1)); }

std::vector<Ordered> order_roots(const Target& target, const Facts& facts, Source& source, const Examination& examined,
                                 const std::vector<std::optional<std::size_t>>& folded, const DiagnoseOptions& options) {
  const std::vector<Finding>& findings = examined.verdicts.findings();
  std::vector<Ordered> roots;
  for (std::size_t at = 0; at < findings.size(); ++at) {
    if (folded[at]) continue;
    Ordered root;
    root.index = at;
    root.argued.finding = findings[at];
    root.argued.role = role_of(findings[at], false);
    const Expected expected = family(findings, folded, at);
    if (const auto document = facts.document(findings[at].object))
      root.argued.changed = last_change(*document, findings[at].path);
    root.argued.breaks = broken_by(findings[at], examined.path);
    root.standing.broken_streams = findings[at].impact == Impact::all ? findings[at].scope.count() : 0;
    root.standing.streams = examined.path.streams.size();
    root.standing.explained = expected.size() - 1;
    root.standing.now = facts.now();
    roots.push_back(std::move(root));
  }
  for (Ordered& root : roots) root.standing.argued = &root.argued;
  std::vector<std::size_t> places(roots.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  const auto earlier = [&](std::size_t left, std::size_t right) {
    const auto group = [&](const Ordered& root) {
      return root.argued.finding.check->advice                ? 3
             : root.argued.finding.severity == Severity::info ? 2
             : root.argued.role == Role::risk                 ? 1
                                                              : 0;
    };
    if (group(roots[left]) != group(roots[right])) return group(roots[left]) < group(roots[right]);
    return before(roots[left].standing, roots[right].standing);
  };
  std::stable_sort(places.begin(), places.end(), earlier);
  std::size_t trials = options.try_fixes ? trials_for(findings.size()) : 0;
  for (const std::size_t place : places) {
    Finding& finding = roots[place].argued.finding;
    if (!finding.fix || !finding.fix->patch || trials == 0) continue;
    --trials;
    roots[place].argued.trial = try_fix(target, facts, &source, examined, finding, family(findings, folded, roots[place].index));
  }
  std::stable_sort(places.begin(), places.end(), earlier);
  std::vector<Ordered> sorted;
  for (std::size_t place = 0; place < places.size(); ++place) {
    Ordered& root = roots[places[place]];
    const Standing* next = place + 1 < places.size() ? &roots[places[place + 1]].standing : nullptr;
    const std::string reason = rank_reason(root.standing, next);
    sorted.push_back(root);
    sorted.back().argued.rank_reason = reason;
  }
  return sorted;
}

void rank_all(std::vector<Ordered> roots, const Examination& examined, const std::vector<std::optional<std::size_t>>& folded,
              Diagnosis& out) {
  const std::vector<Finding>& findings = examined.verdicts.findings();
  std::map<std::size_t, int> rank_of;
  for (Ordered& root : roots) {
    root.argued.rank = static_cast<int>(out.findings.size()) + 1;
    rank_of[root.index] = root.argued.rank;
    out.findings.push_back(std::move(root.argued));
  }
  std::vector<std::size_t> rest;
  for (std::size_t at = 0; at < findings.size(); ++at) {
    if (folded[at]) rest.push_back(at);
  }
  std::stable_sort(rest.begin(), rest.end(), [&](std::size_t left, std::size_t right) {
    const auto key = [&](std::size_t at) {
      return std::make_tuple(rank_of.at(root_of(folded, at)), layer_order(findings[at].check->layer), findings[at].check->code,
                             findings[at].object.text(), findings[at].path, findings[at].message);
    };
    return key(left) < key(right);
  });
  for (const std::size_t at : rest) {
    Argued argued;
    argued.finding = findings[at];
    argued.role = Role::consequence;
    argued.rank = static_cast<int>(out.findings.size()) + 1;
    argued.explained_by = rank_of.at(root_of(folded, at));
    argued.breaks = broken_by(findings[at], examined.path);
    argued.rank_reason = fmt::format("explained by finding {}", *argued.explained_by);
    out.findings.push_back(std::move(argued));
  }
}

void prove_together(const Target& target, const Facts& facts, Source& source, Diagnosis& out) {
  std::vector<Patch> patches;
  Together together;
  for (const Argued& argued : out.findings) {
    if (argued.role != Role::cause || !argued.finding.fix || !argued.finding.fix->patch) continue;
    patches.push_back(*argued.finding.fix->patch);
    together.fixes.push_back(argued.rank);
  }
  if (patches.empty()) return;
  together.verdict = try_together(target, facts, &source, patches);
  out.together = std::move(together);
}

std::string count_of(std::size_t number, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", number, number == 1 ? one : many);
}

std::string summarize(const Diagnosis& out, const Path& path) {
  const auto causes = static_cast<std::size_t>(
      std::count_if(out.findings.begin(), out.findings.end(), [](const Argued& argued) { return argued.role == Role::cause; }));
  const std::string_view fail = path.trace != nullptr ? "fails" : "fail";
  const std::string more = causes > 1 ? fmt::format(" (and {})", count_of(causes - 1, "more cause", "more causes")) : "";
  const std::string& first = out.findings.empty() ? out.summary : out.findings.front().finding.message;
  switch (out.verdict) {
    case Verdict::healthy: {
      const std::string where = destination(path);
      return where.empty()
                 ? "nothing is wrong"
                 : fmt::format("{} {} {}", path.describe(path.all()), path.trace != nullptr ? "reaches" : "reach", where);
    }
    case Verdict::at_risk:
      return "all works now, but " + first;
    case Verdict::degraded:
      return fmt::format(
          "{} fail: {}{}",
          out.findings.empty() || out.findings.front().breaks.empty() ? "some requests" : out.findings.front().breaks, first,
          more);
    case Verdict::broken:
      return fmt::format("{} {}: {}{}", path.describe(path.all()).empty() ? "all requests" : path.describe(path.all()), fail,
                         first, more);
    case Verdict::unknown:
      break;
  }
  if (out.unknowns.empty()) return "not enough is known to tell";
  const std::string rest =
      out.unknowns.size() > 1 ? fmt::format(" (and {})", count_of(out.unknowns.size() - 1, "more fact", "more facts")) : "";
  const Unknown& missing = out.unknowns.front();
  if (missing.why.reason == Why::Reason::pending) return fmt::format("{}: {}{}", missing.fact, missing.why.message, rest);
  if (path.trace != nullptr && missing.why.message == path.trace->outcome.reason)
    return fmt::format("nothing wrong was found, but {}{}", missing.why.message, rest);
  return fmt::format("nothing wrong was found, but {} could not be read: {}{}", missing.fact, missing.why.message, rest);
}

}  // namespace

Diagnosed diagnose(const Target& target, Facts& facts, Source& source, const DiagnoseOptions& options) {
  Diagnosed result;
  Diagnosis& out = result.diagnosis;
  Examination examined = examine(target, facts, &source);
  result.target = examined.path.state == State::wanted ? State::unknown : examined.path.state;
  out.target = examined.path.target;
  out.taken_at = facts.now();
  if (result.target != State::present) {
    out.verdict = Verdict::unknown;
    const Wish wish{Wish::What::object, target.kind, target.ns, target.name, {}, {}};
    if (result.target == State::unknown) out.unknowns.push_back({wish.text(), examined.path.why});
    out.summary = summarize(out, examined.path);
    return result;
  }
  out.trace = examined.path.trace;
  choose(examined, facts, options, out);
  const bool blind = collect_unknowns(examined, options, out);
  const std::vector<std::optional<std::size_t>> folded = fold(examined.verdicts.findings());
  rank_all(order_roots(target, facts, source, examined, folded, options), examined, folded, out);
  out.verdict = judge(examined.verdicts.findings(), examined.path.streams.size(), blind);
  if (options.try_fixes) prove_together(target, facts, source, out);
  out.chain = chain_links(examined);
  out.http = http_seen(examined.path, facts);
  out.summary = summarize(out, examined.path);
  return result;
}

}  // namespace gwdoctor

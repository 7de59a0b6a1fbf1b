// Runs the cases of the checks: gwdoctor-cases [CODE…]. With UPDATE_GOLDEN=1 it writes the golden reports anew.

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "report/diagnose.h"
#include "report/text.h"
#include "tests/cases/case_file.h"

namespace gwdoctor {

namespace {

namespace fs = std::filesystem;

struct Tally {
  int passed = 0;
  int failed = 0;

  void check(bool good, const std::string& message) {
    ++(good ? passed : failed);
    if (!good) fmt::print("FAIL {}\n", message);
  }
};

struct CaseRun {
  Diagnosed diagnosed;
  std::map<std::string, std::uint32_t> lines;  // key of a finding → its line
  std::set<Kind> asked;                        // the kinds of object that the run asked for
};

std::string key_of(const Finding& finding) {
  return fmt::format("{} at {} {}: {}", finding.check->code, finding.object.text(), finding.path, finding.message);
}

std::string place_of(const Finding& finding) {
  return fmt::format("{} at {} {}", finding.check->code, finding.object.text(), finding.path);
}

// The line that a finding points to: that of its field, else of the nearest field above it that is written, else of `kind:`.
std::uint32_t line_of(const Finding& finding, const Facts& facts) {
  const auto document = facts.document(finding.object);
  if (document == nullptr) return 0;
  for (std::string path = finding.path; !path.empty();) {
    const Value& value = document->at_path(path);
    if (!value.is_null() && value.mark().line != 0) return value.mark().line;
    const std::size_t cut = path.find_last_of(".[");
    path = cut == std::string::npos ? std::string() : path.substr(0, cut);
  }
  return (*document)["kind"].mark().line;
}

CaseRun run(const CaseFile& file, ManifestSource& source) {
  Facts facts(file.now);
  facts.set_settings(file.settings());
  CaseRun outcome{diagnose(file.target, facts, source, {}), {}, {}};
  for (const Argued& argued : outcome.diagnosed.diagnosis.findings)
    outcome.lines[key_of(argued.finding)] = line_of(argued.finding, facts);
  for (const auto& [wish, answer] : facts.stored()) {
    if (!wish.probe()) outcome.asked.insert(wish.kind);
  }
  return outcome;
}

std::vector<std::string> keys(const Diagnosis& diagnosis) {
  std::vector<std::string> out;
  for (const Argued& argued : diagnosis.findings) out.push_back(fmt::format("{} {}", argued.rank, key_of(argued.finding)));
  return out;
}

void compare_markers(const CaseFile& file, const CaseRun& outcome, Tally& tally) {
  std::multimap<std::uint32_t, std::string> open = file.wants;
  for (const Argued& argued : outcome.diagnosed.diagnosis.findings) {
    const std::string code(argued.finding.check->code);
    const std::uint32_t line = outcome.lines.at(key_of(argued.finding));
    const auto [first, last] = open.equal_range(line);
    const auto match = std::find_if(first, last, [&](const auto& want) { return want.second == code; });
    if (match != last) {
      open.erase(match);
      tally.check(true, {});
    } else {
      const bool again = std::any_of(file.wants.begin(), file.wants.end(),
                                     [&](const auto& want) { return want.first == line && want.second == code; });
      tally.check(again || file.also.contains(code),
                  fmt::format("{}:{}: not wanted: {}", file.path, line, key_of(argued.finding)));
    }
  }
  for (const auto& [line, code] : open) tally.check(false, fmt::format("{}:{}: wanted, not found: {}", file.path, line, code));
  const Diagnosis& diagnosis = outcome.diagnosed.diagnosis;
  if (file.unknown) {
    tally.check(diagnosis.verdict == Verdict::unknown,
                fmt::format("{}: verdict {}, expected unknown", file.path, verdict_name(diagnosis.verdict)));
    tally.check(!diagnosis.unknowns.empty(), fmt::format("{}: no unknown is named", file.path));
  } else {
    std::string missing;
    for (const Unknown& unknown : diagnosis.unknowns) missing += " " + unknown.fact + " (" + unknown.why.message + ")";
    tally.check(diagnosis.verdict != Verdict::unknown,
                fmt::format("{}: the verdict is unknown, for want of:{}", file.path, missing));
  }
  if (file.wants.empty() && file.also.empty() && !file.unknown) {
    tally.check(diagnosis.verdict == Verdict::healthy,
                fmt::format("{}: verdict {}, expected healthy", file.path, verdict_name(diagnosis.verdict)));
  }
}

bool is_bad(Verdict verdict) { return verdict == Verdict::broken || verdict == Verdict::degraded; }

// What only a controller's word proves may appear in place of another finding on the same word: of the two, the facts
// that are left decide how exactly it can be read.
bool same_word(const Finding& finding, const Diagnosis& whole) {
  if (finding.certainty != Certainty::observed) return false;
  return std::any_of(whole.findings.begin(), whole.findings.end(), [&](const Argued& other) {
    return other.finding.certainty == Certainty::observed &&
           std::any_of(finding.evidence.begin(), finding.evidence.end(), [&](const Evidence& seen) {
             return std::any_of(other.finding.evidence.begin(), other.finding.evidence.end(), [&](const Evidence& before) {
               return before.object == seen.object && before.path.substr(0, before.path.find(".conditions")) ==
                                                          seen.path.substr(0, seen.path.find(".conditions"));
             });
           });
  });
}

void deny_each_kind(const CaseFile& file, const CaseRun& whole, Tally& tally) {
  std::set<std::string> known;
  for (const Argued& argued : whole.diagnosed.diagnosis.findings) known.insert(place_of(argued.finding));
  for (const KindInfo& kind : all_kinds()) {
    // What nobody asks for is not missed.
    if (!whole.asked.contains(kind.kind)) continue;
    ManifestSource source = file.source();
    source.deny({kind.kind, {}, {}});
    const CaseRun blind = run(file, source);
    const Diagnosis& diagnosis = blind.diagnosed.diagnosis;
    for (const Argued& argued : diagnosis.findings) {
      const bool expected = known.contains(place_of(argued.finding)) || same_word(argued.finding, whole.diagnosed.diagnosis);
      tally.check(expected, fmt::format("{}: without {}: new: {}", file.path, kind.name, key_of(argued.finding)));
    }
    const Verdict before = whole.diagnosed.diagnosis.verdict;
    const bool healed = (is_bad(before) || before == Verdict::unknown) &&
                        (diagnosis.verdict == Verdict::healthy || diagnosis.verdict == Verdict::at_risk);
    tally.check(!healed, fmt::format("{}: without {}: verdict {} became {}", file.path, kind.name, verdict_name(before),
                                     verdict_name(diagnosis.verdict)));
  }
}

void try_fixes(const CaseFile& file, const CaseRun& outcome, Tally& tally) {
  for (const Argued& argued : outcome.diagnosed.diagnosis.findings) {
    if (!argued.trial || argued.finding.check->code != file.check || !file.fix_expected) continue;
    tally.check(argued.trial->verified == true, fmt::format("{}: the fix does not mend it: {}: {}", file.path,
                                                            key_of(argued.finding), argued.finding.fix->summary));
  }
}

void reverse_order(const CaseFile& file, const CaseRun& outcome, Tally& tally) {
  ManifestSource source = file.source();
  source.reverse();
  const CaseRun turned = run(file, source);
  tally.check(keys(turned.diagnosed.diagnosis) == keys(outcome.diagnosed.diagnosis),
              fmt::format("{}: the order of the objects changes the findings", file.path));
  tally.check(turned.diagnosed.diagnosis.summary == outcome.diagnosed.diagnosis.summary,
              fmt::format("{}: the order of the objects changes the summary", file.path));
}

void collect_reads(const CaseFile& file, const Check& check, ReadLog& reads) {
  ManifestSource source = file.source();
  Facts facts(file.now);
  facts.set_settings(file.settings());
  const Examination examined = examine(file.target, facts, &source);
  if (examined.path.state != State::present) return;
  facts.reset_reads();
  Verdicts verdicts;
  verdicts.begin(check);
  check.run(facts, examined.path, verdicts);
  reads.insert(facts.reads().begin(), facts.reads().end());
}

void compare_golden(const CaseFile& file, const CaseRun& outcome, const fs::path& folder, Tally& tally) {
  const fs::path golden = folder / "text.golden";
  const std::string text = render_text(outcome.diagnosed.diagnosis, Style{false, true, 80, Detail::normal});
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    std::ofstream(golden) << text;
    return;
  }
  std::ifstream stream(golden);
  std::stringstream expected;
  expected << stream.rdbuf();
  tally.check(expected.str() == text, fmt::format("{}: the report of {} differs (UPDATE_GOLDEN=1 writes it anew):\n{}",
                                                  golden.string(), file.path, text));
}

std::string kind_names(const ReadLog& kinds) {
  std::string out;
  for (const Kind kind : kinds) out += (out.empty() ? "" : ", ") + std::string(info(kind).name);
  return out;
}

void run_check(const Check& check, const fs::path& root, Tally& tally) {
  const fs::path folder = root / "checks" / check.code;
  std::vector<std::string> files;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder / "cases", error)) {
    if (entry.path().extension() == ".yaml") files.push_back(fs::relative(entry.path(), root).string());
  }
  std::sort(files.begin(), files.end());
  tally.check(files.size() >= 3, fmt::format("{}: fewer than three cases", check.code));
  ReadLog reads;
  bool golden = false;
  for (const std::string& name : files) {
    try {
      const CaseFile file = read_case((root / name).string(), std::string(check.code));
      ManifestSource source = file.source();
      const CaseRun outcome = run(file, source);
      tally.check(outcome.diagnosed.target == State::present || file.unknown, name + ": the target is not there");
      compare_markers(file, outcome, tally);
      reverse_order(file, outcome, tally);
      deny_each_kind(file, outcome, tally);
      try_fixes(file, outcome, tally);
      collect_reads(file, check, reads);
      if (!golden && file.wants_code(check.code)) {
        golden = true;
        compare_golden(file, outcome, folder, tally);
      }
    } catch (const std::exception& problem) {
      tally.check(false, fmt::format("{}: {}", name, problem.what()));
    }
  }
  const ReadLog declared(check.reads.begin(), check.reads.end());
  tally.check(reads == declared, fmt::format("{}: reads {}, and its cases show that it reads {}", check.code,
                                             kind_names(declared), kind_names(reads)));
}

}  // namespace

}  // namespace gwdoctor

int main(int argc, char** argv) {
  using namespace gwdoctor;
  Tally tally;
  int run = 0;
  for (const Check* check : all_checks()) {
    const bool asked = argc == 1 || std::any_of(argv + 1, argv + argc, [&](const char* word) { return check->code == word; });
    if (!asked) continue;
    ++run;
    run_check(*check, GWDOCTOR_SOURCE_DIR, tally);
  }
  if (run == 0) tally.check(false, "no check of that code");
  fmt::print("cases of {} checks\n{} passed, {} failed\n", run, tally.passed, tally.failed);
  return tally.failed == 0 ? 0 : 1;
}

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <set>
#include <tuple>

#include "kube/ascii.h"
#include "report/text.h"
#include "report/text_parts.h"

namespace gwdoctor {

namespace {

constexpr std::size_t most_healthy = 40;  // lines of targets about which there is nothing to say

constexpr std::array worst_first = {Verdict::broken, Verdict::degraded, Verdict::unknown, Verdict::at_risk, Verdict::healthy};

std::size_t place_of(Verdict verdict) {
  return static_cast<std::size_t>(std::find(worst_first.begin(), worst_first.end(), verdict) - worst_first.begin());
}

std::vector<const Diagnosis*> by_verdict(const std::vector<Diagnosis>& diagnoses) {
  std::vector<const Diagnosis*> out;
  for (const Diagnosis& diagnosis : diagnoses) out.push_back(&diagnosis);
  std::stable_sort(out.begin(), out.end(), [](const Diagnosis* left, const Diagnosis* right) {
    return place_of(left->verdict) < place_of(right->verdict);
  });
  return out;
}

// The finding that a target's line names: its first cause, else its first risk.
const Argued* top_of(const Diagnosis& diagnosis) {
  const Sorted sorted = sort_findings(diagnosis);
  if (!sorted.causes.empty()) return sorted.causes.front();
  if (!sorted.risks.empty()) return sorted.risks.front();
  return nullptr;
}

class Table {
 public:
  Table(Lines& lines, const std::vector<const Diagnosis*>& diagnoses) : lines_(lines) {
    for (const Diagnosis* diagnosis : diagnoses) {
      name_width_ = std::max(name_width_, display_width(name_of(lines_, diagnosis->target)));
      if (const Argued* top = top_of(*diagnosis)) code_width_ = std::max(code_width_, code_of(lines_, top->finding).size());
    }
    name_width_ = std::min(name_width_, lines_.style().width / 2);
    const std::size_t used = verdict_width + name_width_ + 2 + code_width_ + 2;
    message_width_ = lines_.style().width > used + least_message ? lines_.style().width - used : 0;
  }

  void write(const Diagnosis& diagnosis) {
    const Ink lead = lines_.padded(tone_of(diagnosis.verdict), upper_case(verdict_name(diagnosis.verdict)), verdict_width) +
                     lines_.padded(Tone::plain, name_of(lines_, diagnosis.target), name_width_) + lines_.spaces(2);
    const Argued* top = top_of(diagnosis);
    if (top == nullptr) {
      const std::string missing = diagnosis.unknowns.empty() ? "" : count_of(diagnosis.unknowns.size(), "fact") + " missing";
      return lines_.line(lead + lines_.paint(Tone::dim, missing));
    }
    const std::string code = code_of(lines_, top->finding);
    if (message_width_ == 0) return lines_.paragraph(lead, lines_.spaces(verdict_width + 2), code);
    lines_.line(lead + lines_.padded(Tone::plain, code, code_width_ + 2) +
                lines_.paint(Tone::dim, cut(lines_.safe(top->finding.message), message_width_, lines_.ellipsis())));
  }

 private:
  static constexpr std::size_t verdict_width = 10;
  static constexpr std::size_t least_message = 24;

  Lines& lines_;
  std::size_t name_width_ = 0;
  std::size_t code_width_ = 0;
  std::size_t message_width_ = 0;
};

void write_table(Lines& lines, const std::vector<const Diagnosis*>& diagnoses) {
  Table table(lines, diagnoses);
  std::size_t healthy = 0;
  const std::size_t most = lines.style().detail == Detail::quiet ? 0 : lines.is_wide() ? diagnoses.size() : most_healthy;
  for (const Diagnosis* diagnosis : diagnoses) {
    if (diagnosis->verdict == Verdict::healthy && ++healthy > most) continue;
    table.write(*diagnosis);
  }
  if (healthy > most && most > 0) {
    lines.line(lines.paint(Tone::dim, fmt::format("and {} more that are healthy (-o wide lists them)", healthy - most)));
  }
}

// The same finding of several targets.
struct Group {
  const Argued* first = nullptr;
  std::vector<Ref> targets;
  bool verified = true;  // by every target that tried the fix
};

using Pick = std::vector<const Argued*> Sorted::*;

// Groups are ranked by how many targets they concern; among equals the order of the targets stays.
std::vector<Group> group(const std::vector<const Diagnosis*>& diagnoses, Pick pick) {
  using Key = std::tuple<std::string_view, std::string_view, Ref, std::string_view, std::string_view>;
  std::map<Key, std::size_t> known;
  std::vector<Group> groups;
  for (const Diagnosis* diagnosis : diagnoses) {
    const Sorted findings = sort_findings(*diagnosis);
    for (const Argued* argued : findings.*pick) {
      const Finding& finding = argued->finding;
      const std::string_view code = finding.check != nullptr ? finding.check->code : std::string_view();
      const Key key{code, finding.reason, finding.object, finding.path, finding.message};
      const auto [at, is_new] = known.try_emplace(key, groups.size());
      if (is_new) groups.push_back({argued, {}, true});
      Group& one = groups[at->second];
      one.targets.push_back(diagnosis->target);
      one.verified = one.verified && argued->trial && argued->trial->verified.value_or(false);
    }
  }
  std::stable_sort(groups.begin(), groups.end(),
                   [](const Group& left, const Group& right) { return left.targets.size() > right.targets.size(); });
  return groups;
}

void write_group(Lines& lines, const Group& group, std::size_t number) {
  const Finding& finding = group.first->finding;
  const Ink indent = lines.spaces(body_indent);
  lines.blank();
  const Ink lead = lines.paint(Tone::strong, fmt::format("{:>2}  ", number)) +
                   lines.paint(tone_of(finding.severity), severity_name(finding.severity)) + lines.spaces(2) +
                   lines.paint(Tone::strong, code_of(lines, finding)) + lines.spaces(2);
  const bool is_alone = group.targets.size() == 1;
  const std::string breaks = lines.safe(group.first->breaks, 160);
  const std::string concerns = "concerns " + count_of(group.targets.size(), "target");
  lines.paragraph(lead, indent, !is_alone ? concerns : breaks.empty() ? "" : "breaks " + breaks);
  write_place(lines, finding);
  lines.paragraph(indent, indent, lines.safe(finding.message));
  const Ink hang = lines.spaces(body_indent + label_width);
  const auto label = [&](std::string_view word) { return indent + lines.padded(Tone::dim, word, label_width); };
  if (group.targets.front() != finding.object || !is_alone) lines.paragraph(label("in"), hang, names_of(lines, group.targets, 4));
  if (!finding.fix) return;
  lines.paragraph(label("fix"), hang, lines.safe(finding.fix->summary) + (group.verified ? " (verified)" : ""));
  if (finding.fix->commands.empty()) return;
  lines.blank();
  write_commands(lines, finding.fix->commands, 1);
}

std::size_t write_groups(Lines& lines, const std::vector<Group>& groups, std::string_view one, std::string_view many,
                         std::size_t number) {
  if (groups.empty()) return number;
  lines.heading(groups.size() == 1 ? one : many);
  for (const Group& group : groups) write_group(lines, group, ++number);
  return number;
}

std::vector<Unknown> unknowns_of(const std::vector<const Diagnosis*>& diagnoses) {
  std::set<std::tuple<std::string, Why::Reason, std::string>> known;
  std::vector<Unknown> out;
  for (const Diagnosis* diagnosis : diagnoses) {
    for (const Unknown& unknown : diagnosis->unknowns) {
      if (known.emplace(unknown.fact, unknown.why.reason, unknown.why.message).second) out.push_back(unknown);
    }
  }
  return out;
}

void write_left_out(Lines& lines, const std::vector<const Diagnosis*>& diagnoses) {
  std::set<std::string> accepted;
  std::set<std::pair<std::string, Ref>> suppressed;
  for (const Diagnosis* diagnosis : diagnoses) {
    accepted.insert(diagnosis->accepted_unknowns.begin(), diagnosis->accepted_unknowns.end());
    for (const Suppressed& one : diagnosis->suppressed) suppressed.emplace(one.code, one.object);
  }
  if (accepted.empty() && suppressed.empty()) return;
  lines.blank();
  if (!accepted.empty()) {
    const std::string kinds =
        std::accumulate(accepted.begin(), accepted.end(), std::string(),
                        [](std::string all, const std::string& one) { return all.empty() ? one : std::move(all) + ", " + one; });
    lines.paragraph({}, lines.spaces(2), "Not looked at, and accepted by --accept-unknown: " + lines.safe(kinds));
  }
  if (!suppressed.empty()) lines.line(lines.paint(Tone::plain, count_of(suppressed.size(), "finding") + " suppressed"));
}

// "20 targets: 3 broken, 1 at-risk, 16 healthy".
void write_counts(Lines& lines, const std::vector<const Diagnosis*>& diagnoses) {
  Ink counts = lines.paint(Tone::strong, count_of(diagnoses.size(), "target"));
  std::string_view separator = ": ";
  for (const Verdict verdict : worst_first) {
    const auto number =
        std::count_if(diagnoses.begin(), diagnoses.end(), [&](const Diagnosis* one) { return one->verdict == verdict; });
    if (number == 0) continue;
    counts = counts + lines.paint(Tone::plain, separator) +
             lines.paint(tone_of(verdict), fmt::format("{} {}", number, verdict_name(verdict)));
    separator = ", ";
  }
  lines.blank();
  lines.line(counts);
}

}  // namespace

std::string render_text(const std::vector<Diagnosis>& diagnoses, const Style& style) {
  Lines lines(style);
  const std::vector<const Diagnosis*> sorted = by_verdict(diagnoses);
  write_table(lines, sorted);
  const std::vector<Group> causes = group(sorted, &Sorted::causes);
  std::size_t number = write_groups(lines, causes, "Cause", "Causes, those that concern most targets first", 0);
  if (style.detail != Detail::quiet) {
    number = write_groups(lines, group(sorted, &Sorted::risks), "Risk", "Risks", number);
    write_groups(lines, group(sorted, &Sorted::notes), "Note", "Notes", number);
    write_unknowns(lines, unknowns_of(sorted));
    write_left_out(lines, sorted);
  }
  write_counts(lines, sorted);
  return lines.take();
}

}  // namespace gwdoctor

#include <fmt/format.h>

#include <algorithm>

#include "report/text_parts.h"

namespace gwdoctor {

namespace {

constexpr std::size_t most_evidence = 6;
constexpr std::size_t most_consequences = 6;

// Writes the labelled lines of a finding; a label stands once, before the first of its lines.
class Labelled {
 public:
  explicit Labelled(Lines& lines) : lines_(lines) {}

  void add(std::string_view label, std::string_view text, Tone tone = Tone::plain) {
    const Ink hang = lines_.spaces(body_indent + label_width);
    const bool repeated = label == last_;
    last_ = label;
    const Ink lead = lines_.spaces(body_indent) + lines_.padded(Tone::dim, repeated ? "" : label, label_width);
    lines_.paragraph(lead, hang, text, tone);
  }

 private:
  Lines& lines_;
  std::string last_;
};

const Argued* by_rank(const Diagnosis& diagnosis, int rank) {
  const auto found = std::find_if(diagnosis.findings.begin(), diagnosis.findings.end(),
                                  [&](const Argued& argued) { return argued.rank == rank; });
  return found == diagnosis.findings.end() ? nullptr : &*found;
}

// The finding under which this one is folded, or nullptr. A chain of explanations is followed to its end; it cannot be
// longer than the list, unless it is a circle, and then nothing is folded.
const Argued* root_of(const Diagnosis& diagnosis, const Argued& argued) {
  const Argued* here = &argued;
  for (std::size_t step = 0; step <= diagnosis.findings.size(); ++step) {
    if (here->role != Role::consequence || !here->explained_by) return here == &argued ? nullptr : here;
    here = by_rank(diagnosis, *here->explained_by);
    if (here == nullptr) return nullptr;
  }
  return nullptr;
}

void write_evidence(const Lines& lines, Labelled& labelled, const Finding& finding) {
  const std::size_t shown = lines.is_wide() ? finding.evidence.size() : std::min(finding.evidence.size(), most_evidence);
  for (std::size_t at = 0; at < shown; ++at) {
    const Evidence& evidence = finding.evidence[at];
    std::string place = evidence.object == finding.object ? "" : name_of(lines, evidence.object);
    if (!evidence.path.empty()) place += (place.empty() ? "" : " ") + lines.safe(evidence.path, 120);
    if (evidence.value.is_null()) {
      labelled.add("saw", (place.empty() ? name_of(lines, evidence.object) : place) + " is not set");
      continue;
    }
    constexpr std::size_t value_columns = 120;
    const std::string value = brief(lines, evidence.value, value_columns);
    labelled.add("saw", place.empty() ? value : place + " = " + value);
  }
  if (shown < finding.evidence.size()) {
    labelled.add("saw", fmt::format("and {} more (-o wide shows all)", finding.evidence.size() - shown), Tone::dim);
  }
}

void write_changed(const Lines& lines, Labelled& labelled, const Diagnosis& diagnosis, const Argued& argued) {
  if (!argued.changed) return;
  const Seconds age = diagnosis.taken_at - argued.changed->time;
  const std::string time = format_time(argued.changed->time);
  std::string when = age.count() < 0 ? "at " + time : age.count() == 0 ? "just now" : format_duration(age) + " ago";
  if (lines.is_wide() && age.count() >= 0) when += " (" + time + ")";
  const std::string manager = lines.safe(argued.changed->manager, 80);
  labelled.add("changed", manager.empty() ? when : when + " by " + manager);
}

// "endpoints-none: Service a/b: no endpoints"; the object is not named twice.
std::string sentence_of(const Lines& lines, const Finding& finding) {
  const std::string message = lines.safe(finding.message, 200);
  const std::string object = name_of(lines, finding.object);
  const bool is_named = message.find(object) != std::string::npos;
  return code_of(lines, finding) + ": " + (is_named ? "" : object + ": ") + message;
}

void write_consequences(const Lines& lines, Labelled& labelled, const Diagnosis& diagnosis, const Argued& cause) {
  std::size_t left = 0;
  std::size_t shown = 0;
  for (const Argued& argued : diagnosis.findings) {
    if (&argued == &cause || root_of(diagnosis, argued) != &cause) continue;
    if (!lines.is_wide() && shown == most_consequences) {
      ++left;
      continue;
    }
    ++shown;
    labelled.add("explains", sentence_of(lines, argued.finding));
  }
  if (left > 0) labelled.add("explains", fmt::format("and {} more (-o wide shows all)", left), Tone::dim);
}

void write_fix(Lines& lines, Labelled& labelled, const Argued& argued) {
  const std::optional<Fix>& fix = argued.finding.fix;
  if (!fix) {
    const std::string code = lines.safe(argued.finding.check != nullptr ? argued.finding.check->code : std::string_view(), 80);
    if (!code.empty()) labelled.add("fix", "kubectl gwdoctor explain " + code + " tells what can be done", Tone::dim);
    return;
  }
  labelled.add("fix", lines.safe(fix->summary), Tone::strong);
  const bool verified = argued.trial && argued.trial->verified.value_or(false);
  labelled.add("fix", proof_of(argued), verified ? Tone::good : Tone::dim);
  if (fix->commands.empty()) return;
  lines.blank();
  write_commands(lines, fix->commands, fix->commands.size());
}

}  // namespace

Sorted sort_findings(const Diagnosis& diagnosis) {
  Sorted sorted;
  for (const Argued& argued : diagnosis.findings) {
    if (argued.role == Role::consequence && root_of(diagnosis, argued) != nullptr) continue;
    if (argued.role != Role::risk) {
      sorted.causes.push_back(&argued);
    } else if (argued.finding.severity == Severity::info) {
      sorted.notes.push_back(&argued);
    } else {
      sorted.risks.push_back(&argued);
    }
  }
  return sorted;
}

std::string code_of(const Lines& lines, const Finding& finding) {
  const std::string code(finding.check != nullptr ? finding.check->code : std::string_view());
  // Many modes are named like their code: once is enough.
  return lines.safe(finding.reason.empty() || finding.reason == code ? code : code + "/" + finding.reason, 100);
}

void write_place(Lines& lines, const Finding& finding) {
  const Ink indent = lines.spaces(body_indent);
  const std::string object = name_of(lines, finding.object);
  if (finding.path.empty()) return lines.paragraph(indent, indent, object);
  const std::string path = lines.safe(finding.path, 160);
  const bool fits = body_indent + display_width(object) + 2 + display_width(path) <= lines.style().width;
  if (fits) return lines.line(indent + lines.paint(Tone::plain, object) + lines.spaces(2) + lines.paint(Tone::plain, path));
  lines.paragraph(indent, indent, object);
  lines.paragraph(indent, indent, path);
}

std::string proof_of(const Argued& argued) {
  if (!argued.trial) return "not proven: it cannot be tried from here";
  if (!argued.trial->verified) return "not proven: facts are missing to tell";
  if (!*argued.trial->verified) return "not proven: something of this remains with it";
  if (argued.role == Role::risk) return "verified: with it the risk is gone";
  switch (argued.trial->restores) {
    case Restores::all:
      return "verified: with it all requests work";
    case Restores::some:
      return "verified: with it some of the requests work";
    case Restores::none:
      return "verified: it mends this, but no request works by it alone";
  }
  return "";
}

void write_commands(Lines& lines, const std::vector<std::string>& commands, std::size_t most) {
  const Charset charset = lines.style().utf8 ? Charset::utf8 : Charset::ascii;
  for (std::size_t at = 0; at < std::min(most, commands.size()); ++at) {
    const std::string& command = commands[at];
    // A command with a character left out would be another command.
    if (!is_safe_to_copy(command, charset)) {
      lines.paragraph(lines.spaces(body_indent), lines.spaces(body_indent),
                      "(a command with characters that this terminal cannot show safely: -o json holds it)", Tone::dim);
      continue;
    }
    // The end of a here-document stands at the start of its line.
    const bool is_long = command.find('\n') != std::string::npos;
    lines.raw(is_long ? command : std::string(body_indent, ' ') + command);
  }
}

void write_finding(Lines& lines, const Diagnosis& diagnosis, const Argued& argued) {
  const Finding& finding = argued.finding;
  lines.blank();
  std::string severity(severity_name(finding.severity));
  if (finding.certainty == Certainty::likely) severity += ", likely";
  const Ink lead = lines.paint(Tone::strong, fmt::format("{:>2}  ", argued.rank)) +
                   lines.paint(tone_of(finding.severity), severity) + lines.spaces(2) +
                   lines.paint(Tone::strong, code_of(lines, finding)) + lines.spaces(2);
  const std::string breaks = lines.safe(argued.breaks, 160);
  lines.paragraph(lead, lines.spaces(body_indent), breaks.empty() ? "" : "breaks " + breaks);
  write_place(lines, finding);
  lines.paragraph(lines.spaces(body_indent), lines.spaces(body_indent), lines.safe(finding.message));
  lines.blank();
  Labelled labelled(lines);
  write_evidence(lines, labelled, finding);
  write_changed(lines, labelled, diagnosis, argued);
  if (!finding.affects.empty()) labelled.add("affects", names_of(lines, finding.affects, 4));
  write_consequences(lines, labelled, diagnosis, argued);
  if (lines.is_wide() && !argued.rank_reason.empty()) labelled.add("ranked", lines.safe(argued.rank_reason));
  write_fix(lines, labelled, argued);
}

}  // namespace gwdoctor

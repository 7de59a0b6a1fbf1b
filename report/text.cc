#include "report/text.h"

#include <fmt/format.h>

#include <algorithm>

#include "kube/ascii.h"
#include "report/text_parts.h"

namespace gwdoctor {

namespace {

void write_answer(Lines& lines, const Diagnosis& diagnosis) {
  const std::string word = upper_case(verdict_name(diagnosis.verdict));
  const std::string target =
      diagnosis.trace != nullptr ? lines.safe(diagnosis.trace->request.text()) : name_of(lines, diagnosis.target);
  std::string answer = lines.safe(diagnosis.summary);
  if (answer.rfind(target, 0) != 0) answer = answer.empty() ? target : target + ": " + answer;
  const Ink lead =
      lines.paint(diagnosis.verdict == Verdict::healthy ? Tone::good : tone_of(diagnosis.verdict), word) + lines.spaces(2);
  lines.paragraph(lead, lines.spaces(lead.width), answer, Tone::strong);
}

void write_findings(Lines& lines, const Diagnosis& diagnosis, const std::vector<const Argued*>& findings,
                    std::string_view heading) {
  if (findings.empty()) return;
  lines.heading(heading);
  for (const Argued* argued : findings) write_finding(lines, diagnosis, *argued);
}

std::string ranks_of(const std::vector<int>& ranks) {
  std::string out;
  for (std::size_t at = 0; at < ranks.size(); ++at) {
    if (at > 0) out += at + 1 == ranks.size() ? " and " : ", ";
    out += std::to_string(ranks[at]);
  }
  return out;
}

std::string_view outcome_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::healthy:
      return "all requests work";
    case Verdict::at_risk:
      return "all requests work, with a risk left";
    case Verdict::degraded:
      return "some of the requests work";
    case Verdict::broken:
      return "no request works yet";
    case Verdict::unknown:
      return "nothing wrong is left, but facts are missing to tell whether all requests work";
  }
  return "";
}

// One fix alone says so itself.
void write_together(Lines& lines, const std::optional<Together>& together) {
  if (!together || together->fixes.size() < 2) return;
  lines.blank();
  const bool mends = together->verdict == Verdict::healthy || together->verdict == Verdict::at_risk;
  lines.paragraph(lines.paint(Tone::strong, "Together: "), lines.spaces(10),
                  fmt::format("with fixes {} {}", ranks_of(together->fixes), outcome_of(together->verdict)),
                  mends ? Tone::good : Tone::plain);
}

void write_left_out(Lines& lines, const Diagnosis& diagnosis) {
  if (diagnosis.accepted_unknowns.empty() && diagnosis.suppressed.empty()) return;
  lines.blank();
  if (!diagnosis.accepted_unknowns.empty()) {
    std::string kinds;
    for (const std::string& kind : diagnosis.accepted_unknowns) kinds += (kinds.empty() ? "" : ", ") + lines.safe(kind, 80);
    lines.paragraph({}, lines.spaces(2), "Not looked at, and accepted by --accept-unknown: " + kinds);
  }
  if (diagnosis.suppressed.empty()) return;
  std::string text = count_of(diagnosis.suppressed.size(), "finding") + " suppressed";
  std::string separator = ": ";
  for (const Suppressed& suppressed : diagnosis.suppressed) {
    text += separator + lines.safe(suppressed.code, 80) + " of " + name_of(lines, suppressed.object);
    separator = ", ";
  }
  lines.paragraph({}, lines.spaces(2), lines.safe(text));
}

std::string bytes_of(std::size_t bytes) {
  if (bytes < 1024) return count_of(bytes, "byte");
  const double kib = static_cast<double>(bytes) / 1024;
  return kib < 1024 ? fmt::format("{:.0f} KiB", kib) : fmt::format("{:.1f} MiB", kib / 1024);
}

void write_stats(Lines& lines, const Diagnosis& diagnosis) {
  const Stats& stats = diagnosis.stats;
  std::string text = "as of " + format_time(diagnosis.taken_at);
  if (stats.requests > 0) {
    text += fmt::format("; {} in {}, {}, {} ms", count_of(static_cast<std::size_t>(stats.requests), "request"),
                        count_of(static_cast<std::size_t>(std::max(stats.rounds, 0)), "round trip"), bytes_of(stats.bytes),
                        stats.milliseconds);
  }
  lines.blank();
  lines.paragraph({}, {}, text, Tone::dim);
}

}  // namespace

std::string render_text(const Diagnosis& diagnosis, const Style& style) {
  Lines lines(style);
  const Sorted sorted = sort_findings(diagnosis);
  write_answer(lines, diagnosis);
  if (diagnosis.trace != nullptr) write_trace(lines, *diagnosis.trace);
  if (diagnosis.sent) write_sent(lines, *diagnosis.sent);
  if (style.detail != Detail::quiet) write_chain(lines, diagnosis);
  if (style.detail != Detail::quiet) write_http(lines, diagnosis.http);
  write_findings(lines, diagnosis, sorted.causes, sorted.causes.size() == 1 ? "Cause" : "Causes, the first to fix first");
  if (style.detail == Detail::quiet) return lines.take();
  write_together(lines, diagnosis.together);
  write_findings(lines, diagnosis, sorted.risks, sorted.risks.size() == 1 ? "Risk" : "Risks");
  write_findings(lines, diagnosis, sorted.notes, sorted.notes.size() == 1 ? "Note" : "Notes");
  write_unknowns(lines, diagnosis.unknowns);
  write_left_out(lines, diagnosis);
  write_stats(lines, diagnosis);
  return lines.take();
}

std::string render_traces(const std::vector<Diagnosis>& diagnoses, const Style& style) {
  std::string out =
      fmt::format("{} take this request; which one it meets is for DNS to say (or name it: --gateway, --ingress-class).\n",
                  count_of(diagnoses.size(), "entrance"));
  for (const Diagnosis& diagnosis : diagnoses) {
    const Ref& entrance = diagnosis.trace->outcome.gateway;
    Lines lines(style);
    lines.blank();
    lines.line(lines.paint(Tone::strong, entrance.name.empty() ? "Ingresses without a class" : name_of(lines, entrance)));
    out += "\n" + lines.take() + render_text(diagnosis, style);
  }
  return out;
}

}  // namespace gwdoctor

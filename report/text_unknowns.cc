#include <fmt/format.h>

#include <algorithm>

#include "report/text_parts.h"

namespace gwdoctor {

namespace {

constexpr std::size_t most_unknowns = 12;

std::string resource_of(const Needs& needs) { return needs.group.empty() ? needs.resource : needs.resource + "." + needs.group; }

bool is_namespaced(const Needs& needs) {
  const std::optional<Kind> kind = kind_named(resource_of(needs));
  return !kind || info(*kind).namespaced;
}

std::string permission_of(const Needs& needs) {
  std::string out = needs.verb + " " + resource_of(needs);
  if (!needs.ns.empty()) return out + " in namespace " + needs.ns;
  return is_namespaced(needs) ? out + " in all namespaces" : out;
}

// -A also keeps kubectl from warning that a resource of the cluster has no namespace.
std::string question_of(const Needs& needs) {
  const std::string place = needs.ns.empty() ? "-A" : "-n " + shell_quote(needs.ns);
  return fmt::format("kubectl auth can-i {} {} {}", shell_quote(needs.verb), shell_quote(resource_of(needs)), place);
}

void write_unknown(Lines& lines, const Unknown& unknown) {
  const Ink mark = lines.spaces(2) + lines.paint(Tone::unknown, "?") + lines.spaces(1);
  const Ink indent = lines.spaces(body_indent);
  lines.paragraph(mark, indent, fmt::format("{}: {}", lines.safe(unknown.fact, 200), reason_name(unknown.why.reason)));
  const std::string message = lines.safe(unknown.why.message, 240);
  if (!message.empty()) lines.paragraph(indent, indent, message, Tone::dim);
  if (unknown.why.needs) lines.paragraph(indent, indent, "needs: " + lines.safe(permission_of(*unknown.why.needs), 200));
}

}  // namespace

void write_unknowns(Lines& lines, const std::vector<Unknown>& unknowns) {
  if (unknowns.empty()) return;
  lines.heading("Not known");
  const std::size_t shown = lines.is_wide() || unknowns.size() <= most_unknowns + 1 ? unknowns.size() : most_unknowns;
  std::vector<Needs> needs;
  for (std::size_t at = 0; at < unknowns.size(); ++at) {
    if (at < shown) write_unknown(lines, unknowns[at]);
    if (unknowns[at].why.needs) needs.push_back(*unknowns[at].why.needs);
  }
  if (shown < unknowns.size()) {
    lines.line(lines.spaces(body_indent) +
               lines.paint(Tone::dim, fmt::format("and {} more (-o wide shows all)", unknowns.size() - shown)));
  }
  if (needs.empty()) return;
  std::sort(needs.begin(), needs.end());
  needs.erase(std::unique(needs.begin(), needs.end()), needs.end());
  std::vector<std::string> questions;
  for (const Needs& need : needs) questions.push_back(question_of(need));
  lines.blank();
  lines.line(lines.spaces(2) + lines.paint(Tone::plain, "To check these permissions:"));
  lines.blank();
  write_commands(lines, questions, lines.is_wide() ? questions.size() : most_unknowns);
}

}  // namespace gwdoctor

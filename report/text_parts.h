#pragma once
// The parts of the text report, for the files that make it up.

#include <string>
#include <string_view>
#include <vector>

#include "report/diagnosis.h"
#include "report/lines.h"

namespace gwdoctor {

// "HTTPRoute payments/payments-api", harmless and of bounded length.
[[nodiscard]] std::string name_of(const Lines& lines, const Ref& object);
// The names, the first few of many: "Pod a/b, Pod a/c and 7 more".
[[nodiscard]] std::string names_of(const Lines& lines, const std::vector<Ref>& objects, std::size_t most);
// "1 route", "2 routes"; a noun that takes no plain s brings its own plural.
[[nodiscard]] std::string count_of(std::size_t number, std::string_view noun, std::string_view plural = {});
// A value as compact JSON, cut after about `columns`.
[[nodiscard]] std::string brief(const Lines& lines, const Value& value, std::size_t columns);

[[nodiscard]] Tone tone_of(Verdict verdict);
[[nodiscard]] Tone tone_of(Severity severity);

void write_chain(Lines& lines, const Diagnosis& diagnosis);
// What the requests of --probe http brought back.
void write_http(Lines& lines, const std::vector<HttpSeen>& seen);
// The way of a traced request, and the candidates that lost.
void write_trace(Lines& lines, const Trace& trace);
// What came of sending it.
void write_sent(Lines& lines, const Sent& sent);

// Which findings are printed as what. A consequence whose cause is not in the list is printed for itself.
struct Sorted {
  std::vector<const Argued*> causes;
  std::vector<const Argued*> risks;
  std::vector<const Argued*> notes;  // of severity info
};
[[nodiscard]] Sorted sort_findings(const Diagnosis& diagnosis);
// One finding in full, with what it explains.
void write_finding(Lines& lines, const Diagnosis& diagnosis, const Argued& argued);
// "service-port-not-found", "service-port-not-found/unnamed-port".
[[nodiscard]] std::string code_of(const Lines& lines, const Finding& finding);
// The line that names the object and the field.
void write_place(Lines& lines, const Finding& finding);
// What came of trying the fix, in a sentence.
[[nodiscard]] std::string proof_of(const Argued& argued);
// The commands to paste, on lines of their own.
void write_commands(Lines& lines, const std::vector<std::string>& commands, std::size_t most);

// What could not be looked at, why, and which permission it takes.
void write_unknowns(Lines& lines, const std::vector<Unknown>& unknowns);

inline constexpr std::size_t body_indent = 4;   // of a finding's lines below its number
inline constexpr std::size_t label_width = 10;  // of "saw", "fix", …

}  // namespace gwdoctor

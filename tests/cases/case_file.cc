#include "tests/cases/case_file.h"

#include <fmt/format.h>

#include <fstream>
#include <sstream>
#include <stdexcept>

#include "cmd/parse.h"
#include "cmd/question.h"
#include "report/tracing.h"

namespace gwdoctor {

namespace {

// Words between spaces; what stands between single quotes is one.
std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> out;
  bool open = false;
  bool quoted = false;
  for (const char letter : text) {
    const bool space = letter == ' ' || letter == '\t';
    if (letter == '\'') {
      quoted = !quoted;
      if (quoted && !open) out.emplace_back();
      open = true;
    } else if (space && !quoted) {
      open = false;
    } else {
      if (!open) out.emplace_back();
      open = true;
      out.back() += letter;
    }
  }
  return out;
}

std::vector<std::string> codes(std::string text) {
  for (char& letter : text) letter = letter == ',' ? ' ' : letter;
  return words(text);
}

[[noreturn]] void refuse(const std::string& path, std::uint32_t line, const std::string& what) {
  throw std::runtime_error(fmt::format("{}:{}: {}", path, line, what));
}

Kind command_kind(const std::string& command, const std::string& path, std::uint32_t line) {
  if (command == "route") return Kind::http_route;
  if (const std::optional<Kind> kind = kind_named(command)) return *kind;
  refuse(path, line, "unknown command " + command);
}

Target parse_run(const std::vector<std::string>& line_words, const std::string& path, std::uint32_t line) {
  if (line_words.size() < 2) refuse(path, line, "run: expected COMMAND NAME [-n NAMESPACE]");
  Target target{command_kind(line_words[0], path, line), "default", line_words[1]};
  const std::size_t slash = line_words[1].find('/');
  if (slash != std::string::npos) {
    target.kind = command_kind(line_words[1].substr(0, slash), path, line);
    target.name = line_words[1].substr(slash + 1);
  }
  for (std::size_t at = 2; at + 1 < line_words.size(); ++at) {
    if (line_words[at] == "-n") target.ns = line_words[at + 1];
  }
  return target;
}

void parse_deny(const std::vector<std::string>& line_words, CaseFile& file, std::uint32_t line) {
  if (line_words.size() < 2) refuse(file.path, line, "deny: expected VERBS KINDS [-n NAMESPACE]");
  std::string ns;
  if (line_words.size() == 4 && line_words[2] == "-n") ns = line_words[3];
  for (const std::string& word : codes(line_words[1])) {
    const std::optional<Kind> kind = kind_named(word);
    if (!kind) refuse(file.path, line, "deny: unknown kind " + word);
    file.denials.push_back({*kind, ns, codes(line_words[0])});
  }
}

// A request: the words of the command line. The first of its entrances is the target.
Target parse_trace(const CaseFile& file) {
  constexpr std::uint32_t line = 1;
  const Result<Options> options = parse_command_line(file.trace);
  if (!options) refuse(file.path, line, options.error().message);
  const Result<Question> question =
      question_of(options->trace, options->names.front(), options->connection.ns.value_or("default"));
  if (!question) refuse(file.path, line, question.error().message);
  ManifestSource source = file.source();
  Facts facts(file.now);
  return trace_targets(*question, facts, source).front();
}

bool parse_directive(std::string_view comment, CaseFile& file, bool& has_target, std::uint32_t line) {
  const std::size_t colon = comment.find(':');
  const std::string name(comment.substr(0, colon));
  const std::string value = colon == std::string_view::npos ? std::string() : std::string(comment.substr(colon + 1));
  if (comment == "unknown") {
    file.unknown = true;
  } else if (comment == "public") {
    file.public_view = true;
  } else if (name == "run" && value.starts_with(" trace ")) {
    file.trace = words(value);
    has_target = true;
  } else if (name == "run") {
    file.target = parse_run(words(value), file.path, line);
    has_target = true;
  } else if (name == "now") {
    const std::optional<Time> time = parse_time(words(value).empty() ? std::string() : words(value).front());
    if (!time) refuse(file.path, line, "now: expected an RFC 3339 time");
    file.now = *time;
  } else if (name == "deny") {
    parse_deny(words(value), file, line);
  } else if (name == "unserved") {
    for (const std::string& word : codes(value)) {
      const std::optional<Kind> kind = kind_named(word);
      if (!kind) refuse(file.path, line, "unserved: unknown kind " + word);
      file.unserved.insert(*kind);
    }
  } else if (name == "also") {
    for (const std::string& code : codes(value)) file.also.insert(code);
  } else if (name == "fix") {
    file.fix_expected = words(value) != std::vector<std::string>{"none"};
  } else {
    return false;
  }
  return true;
}

Target first_target(const CaseFile& file) {
  const ManifestSource source = file.source();
  for (const Kind kind : {Kind::http_route, Kind::grpc_route, Kind::tls_route, Kind::tcp_route, Kind::udp_route, Kind::ingress,
                          Kind::gateway, Kind::service}) {
    const std::vector<Ref> refs = source.refs(kind);
    if (!refs.empty()) return {kind, refs.front().ns, refs.front().name};
  }
  refuse(file.path, 1, "holds neither a route nor an Ingress, a Gateway or a Service");
}

}  // namespace

ManifestSource CaseFile::source() const {
  Result<ManifestSource> parsed = ManifestSource::parse({{path, text}}, now);
  if (!parsed) throw std::runtime_error(parsed.error().message);
  parsed->collect_all();
  for (const ManifestSource::Denial& denial : denials) parsed->deny(denial);
  for (const Kind kind : unserved) parsed->unserve(kind);
  return std::move(*parsed);
}

Settings CaseFile::settings() const {
  const ManifestSource held = source();
  Settings out;
  out.probes = held.recorded();
  out.dns_servers = held.recorded_servers();
  out.probe_path = held.recorded_path();
  out.public_view = public_view;
  return out;
}

bool CaseFile::wants_code(std::string_view code) const {
  for (const auto& [line, wanted] : wants) {
    if (wanted == code) return true;
  }
  return false;
}

CaseFile read_case(const std::string& path, const std::string& check) {
  CaseFile file;
  file.path = path;
  file.check = check;
  file.now = *parse_time("2026-11-23T12:00:00Z");
  std::ifstream stream(path);
  if (!stream) throw std::runtime_error("cannot open " + path);
  bool header = true;
  bool has_target = false;
  std::uint32_t number = 0;
  for (std::string line; std::getline(stream, line);) {
    ++number;
    file.text += line + "\n";
    const std::size_t want = line.find("# want ");
    if (want != std::string::npos) {
      for (const std::string& code : codes(line.substr(want + 7))) file.wants.emplace(number, code);
    }
    if (header && line.starts_with("# ")) {
      parse_directive(std::string_view(line).substr(2), file, has_target, number);
    } else if (!line.empty() && line.front() != '#') {
      header = false;
    }
  }
  if (!has_target) file.target = first_target(file);
  if (!file.trace.empty()) file.target = parse_trace(file);
  return file;
}

}  // namespace gwdoctor

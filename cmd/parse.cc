#include "cmd/parse.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>

#include "chain/nearest.h"
#include "checks/check.h"
#include "cmd/probe_flags.h"

namespace gwdoctor {

namespace {

const std::map<std::string, Command> commands{
    {"route", Command::route}, {"ingress", Command::ingress}, {"gateway", Command::gateway}, {"service", Command::service},
    {"trace", Command::trace}, {"scan", Command::scan},       {"explain", Command::explain}, {"version", Command::version}};
const std::map<std::string, Format> formats{
    {"text", Format::text}, {"wide", Format::wide}, {"json", Format::json}, {"yaml", Format::yaml}};
const std::map<std::string, FailOn> levels{
    {"error", FailOn::error}, {"warning", FailOn::warning}, {"unknown", FailOn::unknown}, {"never", FailOn::never}};

// What CLI11 fills; turned into Options afterwards, so that every word is checked in one place.
struct Raw {
  std::map<std::string, std::vector<std::string>> names;
  std::string output;
  std::string color;
  std::string fail_on;
  std::string expiry;
  std::vector<std::string> select;
  std::vector<std::string> ignore;
  std::vector<std::string> accept;
  ProbeWords probe;
  bool help = false;
  bool version = false;
};

template <class T>
std::string keys(const std::map<std::string, T>& table) {
  std::string out;
  for (const auto& [key, value] : table) out += (out.empty() ? "" : ", ") + key;
  return out;
}

tl::unexpected<Error> usage(const std::string& message) {
  return fail(ErrorKind::usage, message + "\nSee 'kubectl gwdoctor --help' for usage");
}

std::vector<std::string> split(const std::vector<std::string>& lists) {
  std::vector<std::string> out;
  for (const std::string& list : lists) {
    for (std::size_t at = 0; at <= list.size();) {
      const std::size_t comma = std::min(list.find(',', at), list.size());
      if (comma > at) out.push_back(list.substr(at, comma - at));
      at = comma + 1;
    }
  }
  return out;
}

void add_connection(CLI::App& app, ConnectionFlags& flags) {
  app.add_option("--kubeconfig", flags.kubeconfig);
  app.add_option("--context", flags.context);
  app.add_option("--cluster", flags.cluster);
  app.add_option("--user", flags.user);
  app.add_option("-n,--namespace", flags.ns);
  app.add_option("-s,--server", flags.server);
  app.add_option("--tls-server-name", flags.tls_server_name);
  app.add_flag("--insecure-skip-tls-verify", flags.insecure_skip_tls_verify);
  app.add_option("--certificate-authority", flags.certificate_authority);
  app.add_option("--client-certificate", flags.client_certificate);
  app.add_option("--client-key", flags.client_key);
  app.add_option("--token", flags.token);
  app.add_option("--username", flags.username);
  app.add_option("--password", flags.password);
  app.add_option("--as", flags.as);
  app.add_option("--as-group", flags.as_groups)->allow_extra_args(false);
  app.add_option("--as-uid", flags.as_uid);
  app.add_option("--request-timeout", flags.request_timeout);
  app.add_flag("--disable-compression", flags.disable_compression);
}

void add_own(CLI::App& app, Options& options, Raw& raw) {
  app.add_flag("-A,--all-namespaces", options.all_namespaces);
  app.add_option("--from", options.from);
  app.add_option("--capture", options.capture);
  app.add_option("-o,--output", raw.output);
  app.add_option("--color", raw.color);
  app.add_option("-v,--v", options.verbosity);
  app.add_flag("-q,--quiet", options.quiet);
  app.add_option("--fail-on", raw.fail_on);
  app.add_option("--expiry-warning", raw.expiry);
  app.add_option("--select", raw.select)->allow_extra_args(false);
  app.add_option("--ignore", raw.ignore)->allow_extra_args(false);
  app.add_option("--accept-unknown", raw.accept)->allow_extra_args(false);
  app.add_option("--probe", raw.probe.kinds)->allow_extra_args(false);
  app.add_option("--dns-server", raw.probe.dns_servers)->allow_extra_args(false);
  app.add_option("--probe-timeout", raw.probe.timeout);
  app.add_option("--ca-file", raw.probe.ca_file);
  app.add_flag("--public", raw.probe.public_view)->each([&raw](const std::string&) { raw.probe.public_given = true; });
  app.add_flag("-h,--help", raw.help);
  app.add_flag("--version", raw.version);
}

void add_trace(CLI::App& app, TraceFlags& flags) {
  app.add_option("-X,--request", flags.method);
  app.add_option("-H,--header", flags.headers)->allow_extra_args(false);
  app.add_option("--grpc", flags.grpc);
  app.add_option("--gateway", flags.gateway);
  app.add_option("--ingress-class", flags.ingress_class);
  app.add_option("--sni", flags.sni);
  app.add_option("--resolve", flags.resolve)->allow_extra_args(false);
  app.add_flag("--send", flags.send);
}

template <class T>
Result<void> choose(const std::string& word, const std::map<std::string, T>& table, std::string_view flag, T& into) {
  if (word.empty()) return {};
  const auto found = table.find(word);
  if (found == table.end()) return usage(fmt::format("error: invalid {} \"{}\", expected one of: {}", flag, word, keys(table)));
  into = found->second;
  return {};
}

Result<void> take_codes(const std::vector<std::string>& lists, std::string_view flag, std::set<std::string, std::less<>>& into) {
  for (const std::string& code : split(lists)) {
    if (find_check(code) == nullptr) {
      std::vector<std::string> all;
      for (const Check* check : all_checks()) all.emplace_back(check->code);
      const std::optional<std::string> meant = nearest(code, all);
      return usage(fmt::format("error: {} names the unknown code \"{}\"{}", flag, code,
                               meant ? fmt::format(", did you mean {}?", *meant) : ""));
    }
    into.insert(code);
  }
  return {};
}

Result<void> take_kinds(const std::vector<std::string>& lists, std::set<Kind>& into) {
  for (const std::string& word : split(lists)) {
    const std::optional<Kind> kind = kind_named(word);
    if (!kind) return usage(fmt::format("error: --accept-unknown names the unknown kind \"{}\"", word));
    into.insert(*kind);
  }
  return {};
}

Result<void> finish(const Raw& raw, Options& options) {
  const std::optional<ColorFlag> color = color_flag(raw.color.empty() ? "auto" : raw.color);
  if (!color) return usage(fmt::format("error: invalid --color \"{}\", expected one of: auto, always, never", raw.color));
  options.color = *color;
  if (!raw.expiry.empty()) {
    const std::optional<Seconds> span = parse_span(raw.expiry);
    if (!span)
      return usage(fmt::format("error: invalid --expiry-warning \"{}\", expected a duration such as 21d or 36h", raw.expiry));
    options.expiry_warning = *span;
    options.expiry_given = true;
  }
  Result<ProbeFlags> probe = read_probe_flags(raw.probe);
  if (!probe) return tl::unexpected(probe.error());
  options.probe = std::move(*probe);
  for (const Result<void>& step :
       {choose(raw.output, formats, "--output", options.format), choose(raw.fail_on, levels, "--fail-on", options.fail_on),
        take_codes(raw.select, "--select", options.select), take_codes(raw.ignore, "--ignore", options.ignore),
        take_kinds(raw.accept, options.accept_unknown)}) {
    if (!step) return step;
  }
  return {};
}

// The first word that is no flag, where it is no command: a plugin's user gets told the nearest.
std::string unknown_command(const std::vector<std::string>& words) {
  if (words.empty() || words.front().starts_with("-") || commands.contains(words.front())) return {};
  std::vector<std::string> all;
  for (const auto& [name, command] : commands) all.push_back(name);
  const std::optional<std::string> meant = nearest(words.front(), all);
  return fmt::format("error: unknown command \"{}\" for \"kubectl gwdoctor\"{}", words.front(),
                     meant ? fmt::format("\n\nDid you mean this?\n\t{}", *meant) : "");
}

std::string about(const CLI::ParseError& error) {
  std::string message = error.what();
  std::replace(message.begin(), message.end(), '\n', ' ');
  return "error: " + message;
}

// kubectl takes -n=payments for -n payments, CLI11 for the namespace "=payments".
std::vector<std::string> without_short_equals(std::vector<std::string> words) {
  for (std::string& word : words) {
    if (word == "--") break;
    const bool takes_value =
        word.size() > 2 && word[0] == '-' && std::string_view("nsovXH").find(word[1]) != std::string_view::npos;
    if (takes_value && word[2] == '=') word.erase(2, 1);
  }
  return words;
}

// CLI11 reads a list from its end.
std::vector<std::string> reversed(const std::vector<std::string>& words) { return {words.rbegin(), words.rend()}; }

Result<void> check_names(Options& options) {
  const std::size_t count = options.names.size();
  switch (options.command) {
    case Command::route:
    case Command::ingress:
    case Command::gateway:
    case Command::service:
      if (count == 1) return {};
      return usage(count == 0 ? "error: you must name the object to diagnose"
                              : fmt::format("error: expected one name, got {}", count));
    case Command::trace:
      if (count == 1) return {};
      return usage(count == 0 ? "error: you must give the URL to trace" : fmt::format("error: expected one URL, got {}", count));
    case Command::explain:
      return count <= 1 ? Result<void>() : usage("error: expected at most one code");
    default:
      return count == 0 ? Result<void>() : usage(fmt::format("error: unexpected argument \"{}\"", options.names.front()));
  }
}

}  // namespace

std::optional<Seconds> parse_span(std::string_view text) {
  const std::map<char, long> units{{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 604800}};
  long total = 0;
  for (std::size_t at = 0; at < text.size();) {
    long number = 0;
    std::size_t digits = 0;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9' && digits < 9; ++at, ++digits)
      number = number * 10 + (text[at] - '0');
    if (digits == 0 || at >= text.size()) return std::nullopt;
    const auto unit = units.find(text[at++]);
    if (unit == units.end()) return std::nullopt;
    total += number * unit->second;
  }
  return text.empty() ? std::nullopt : std::optional<Seconds>(Seconds(total));
}

Result<Options> parse_command_line(const std::vector<std::string>& words) {
  Options options;
  Raw raw;
  if (const std::string unknown = unknown_command(words); !unknown.empty() && words.front() != "help") return usage(unknown);
  const bool asks_help = !words.empty() && words.front() == "help";
  CLI::App app;
  // Before the subcommands, which inherit it: flags are taken before and after the name (CLI11 2.1).
  app.fallthrough();
  app.set_help_flag();
  add_connection(app, options.connection);
  add_own(app, options, raw);
  for (const auto& [name, command] : commands) {
    CLI::App* sub = app.add_subcommand(name);
    sub->set_help_flag();
    sub->add_option("NAME", raw.names[name]);
    if (command == Command::trace) add_trace(*sub, options.trace);
  }
  if (asks_help) {
    options.help_for = words.size() > 1 ? words[1] : "";
    return options;
  }
  try {
    app.parse(reversed(without_short_equals(words)));
  } catch (const CLI::ParseError& error) {
    return usage(about(error));
  }
  for (const CLI::App* sub : app.get_subcommands()) {
    options.command = commands.at(sub->get_name());
    options.names = raw.names.at(sub->get_name());
    options.help_for = sub->get_name();
  }
  if (raw.version && options.command == Command::help) options.command = Command::version;
  if (raw.help || options.command == Command::help) {
    options.command = Command::help;
    return options;
  }
  if (const Result<void> done = finish(raw, options); !done) return tl::unexpected(done.error());
  if (const Result<void> named = check_names(options); !named) return tl::unexpected(named.error());
  return options;
}

}  // namespace gwdoctor

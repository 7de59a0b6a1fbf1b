// What becomes of a traced request: its way through the rules, and why each other candidate lost.

#include <fmt/format.h>

#include <algorithm>

#include "kube/sensitive.h"
#include "report/text_parts.h"

namespace gwdoctor {

namespace {

constexpr std::size_t label_columns = 11;
constexpr std::size_t most_candidates = 8;

class Writer {
 public:
  Writer(Lines& lines, const Trace& trace) : lines_(lines), trace_(trace), outcome_(trace.outcome) {}

  void write() {
    lines_.blank();
    row("request", Tone::strong, trace_.request.text());
    for (const HeaderField& header : trace_.request.headers)
      row("", Tone::dim, header.name + ": " + shown_header(header.name, header.value));
    write_entrance();
    if (!outcome_.route.name.empty()) row("rule", Tone::plain, rule_words());
    if (!outcome_.filters.empty()) row("filters", Tone::plain, joined(outcome_.filters));
    write_answer();
    write_rewritten();
    write_backends();
    for (const TracedMirror& mirror : outcome_.mirrors) row("mirror", Tone::plain, name_of(lines_, mirror.object));
    for (const std::string& note : outcome_.notes) row("note", Tone::dim, note);
    write_candidates();
  }

 private:
  void row(std::string_view label, Tone tone, std::string_view text) {
    const Ink lead = lines_.spaces(2) + lines_.padded(Tone::dim, label, label_columns);
    lines_.paragraph(lead, lines_.spaces(2 + label_columns), lines_.safe(text), tone);
  }

  static std::string joined(const std::vector<std::string>& words) { return fmt::format("{}", fmt::join(words, ", ")); }

  void write_entrance() {
    if (outcome_.gateway.name.empty() && outcome_.route.name.empty()) return;
    const bool of_traefik = outcome_.route.kind == info(Kind::ingress_route).name;
    std::string text = !outcome_.gateway.name.empty() ? name_of(lines_, outcome_.gateway)
                       : of_traefik                   ? std::string("Traefik")
                                                      : std::string("Ingresses without a class");
    if (!outcome_.listener.empty()) text += ", listener " + outcome_.listener;
    if (!outcome_.hostname.empty()) text += ", host " + outcome_.hostname;
    row("entrance", Tone::plain, text);
  }

  std::string rule_words() const {
    std::string text = name_of(lines_, outcome_.route);
    if (!outcome_.field.empty()) text += " " + outcome_.field;
    if (!outcome_.matched.empty()) text += ": " + outcome_.matched;
    return text;
  }

  void write_answer() {
    if (outcome_.action == Action::forward) return;
    std::string text(action_name(outcome_.action));
    if (outcome_.status) text += fmt::format(" {}", *outcome_.status);
    if (!outcome_.status && outcome_.action == Action::respond) text += " 5xx";
    if (!outcome_.grpc_status.empty()) text += " " + outcome_.grpc_status;
    if (!outcome_.location.empty()) text += " to " + outcome_.location;
    if (!outcome_.reason.empty() && outcome_.location.empty()) text += ": " + outcome_.reason;
    const bool good = outcome_.action == Action::redirect || outcome_.action == Action::respond;
    row("answer",
        outcome_.action == Action::unknown ? Tone::unknown
        : good && outcome_.status < 400    ? Tone::plain
                                           : Tone::bad,
        text);
  }

  void write_rewritten() {
    if (!outcome_.rewritten || outcome_.backends.empty()) return;
    const Rewritten& sent = *outcome_.rewritten;
    const Request& request = trace_.request;
    const std::string path = request.path + (request.query.empty() ? "" : "?" + request.query);
    if (sent.host != request.host || sent.path != path)
      row("sent on", Tone::plain, fmt::format("{} {}, Host {}", request.method, sent.path, sent.host));
    for (const HeaderField& header : sent.headers) {
      const bool kept = std::find(request.headers.begin(), request.headers.end(), header) != request.headers.end();
      if (!kept) row("", Tone::dim, fmt::format("{}: {}", header.name, shown_header(header.name, header.value)));
    }
  }

  std::string backend_words(const TracedBackend& backend) const {
    std::string text = name_of(lines_, backend.object);
    if (backend.port) text += fmt::format(":{}", *backend.port);
    if (!backend.port && !backend.port_name.empty()) text += ":" + backend.port_name;
    if (outcome_.backends.size() > 1) text += fmt::format(", {:.3g} % of them", backend.share * 100);
    if (backend.ready_endpoints) text += fmt::format(", {} ready", count_of(*backend.ready_endpoints, "endpoint"));
    if (backend.problem.empty()) return text;
    text += ": " + backend.problem;
    return backend.failure_status ? fmt::format("{} ({})", text, *backend.failure_status) : text;
  }

  // "TLS to api.payments.example (BackendTLSPolicy payments/tls-to-api for port https; goes before payments/all, which is for the
  // whole Service)".
  void write_tls(const BackendTls& tls) {
    std::string text = fmt::format("TLS to {} ({} for {}", tls.hostname, name_of(lines_, tls.policy),
                                   tls.section.empty() ? "the whole Service" : "port " + tls.section);
    for (const BackendTls::Other& other : tls.others)
      text += fmt::format("; goes before {}/{}, which {}", other.policy.ns, other.policy.name, other.lost);
    text += tls.ca.empty() ? ")" : fmt::format("; trusts {})", tls.ca);
    row("", Tone::dim, text);
  }

  void write_backends() {
    std::string_view label = outcome_.backends.size() > 1 ? "backends" : "backend";
    for (const TracedBackend& backend : outcome_.backends) {
      const bool bad = !backend.problem.empty() || backend.ready_endpoints == std::size_t{0};
      row(label, bad && backend.share > 0 ? Tone::bad : Tone::plain, backend_words(backend));
      if (backend.tls) write_tls(*backend.tls);
      label = "";
    }
  }

  void write_candidates() {
    if (trace_.candidates.empty() || lines_.style().detail == Detail::quiet) return;
    const bool served = !outcome_.route.name.empty();
    lines_.heading(served ? "Why not another rule" : "The nearest rules, and what keeps them from taking it");
    std::size_t written = 0;
    for (const Candidate& candidate : trace_.candidates) {
      if (written++ == most_candidates && !lines_.is_wide()) {
        lines_.line(lines_.spaces(2) + lines_.paint(Tone::dim, fmt::format("and {} more (-o wide shows them)",
                                                                           trace_.candidates.size() - most_candidates)));
        return;
      }
      std::string text = name_of(lines_, candidate.route);
      if (candidate.rule) text += fmt::format(" rule {}", *candidate.rule);
      const bool ingress = candidate.route.kind == info(Kind::ingress).name;
      if (candidate.match) text += fmt::format(" {} {}", ingress ? "path" : "match", *candidate.match);
      lines_.paragraph(lines_.spaces(2) + lines_.paint(Tone::dim, candidate.matched ? "~ " : "- "), lines_.spaces(4),
                       lines_.safe(text + ": " + candidate.lost));
    }
  }

  Lines& lines_;
  const Trace& trace_;
  const Outcome& outcome_;
};

}  // namespace

void write_trace(Lines& lines, const Trace& trace) { Writer(lines, trace).write(); }

void write_sent(Lines& lines, const Sent& sent) {
  lines.heading("Sent");
  const auto row = [&](std::string_view label, Tone tone, const std::string& text) {
    if (text.empty()) return;
    lines.paragraph(lines.spaces(2) + lines.padded(Tone::dim, label, label_columns), lines.spaces(2 + label_columns),
                    lines.safe(text), tone);
  };
  row("to", Tone::plain, sent.address);
  if (sent.status) {
    row("answer", Tone::plain,
        fmt::format("{} {}{}, {} ms", sent.http_version, *sent.status, sent.location.empty() ? "" : " to " + sent.location,
                    sent.milliseconds));
  }
  row("no answer", Tone::bad, sent.error);
  if (sent.upgraded) {
    row("WebSocket", *sent.upgraded ? Tone::good : Tone::bad,
        *sent.upgraded ? std::string("opened") : "not opened: " + sent.not_upgraded);
  }
  row("spoken by", Tone::plain, sent.speaker);
  row("certificate", Tone::plain, sent.certificate);
  row("", Tone::bad, sent.certificate_problem);
  for (const std::string& difference : sent.differences) row("differs", Tone::bad, difference);
  if (sent.agrees == true) row("predicted", Tone::good, "yes");
  if (!sent.agrees && sent.error.empty()) row("predicted", Tone::unknown, "the answer does not tell");
}

}  // namespace gwdoctor

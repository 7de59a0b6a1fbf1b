#include "report/sent.h"

#include <fmt/format.h>

#include "chain/speaker.h"

namespace gwdoctor {

namespace {

std::string said(const ExchangeAnswer& answer) { return answer.answered() ? fmt::format("{}", answer.status) : answer.detail; }

void expect(bool fits, Sent& out, const std::string& difference) {
  if (!fits) out.differences.push_back(difference);
}

// A backend has the word: any answer agrees that the application wrote, and none that the data plane did.
void judge_forward(const Outcome& outcome, const ExchangeAnswer& answer, const Speaker& speaker, Sent& out) {
  if (outcome.status) {
    expect(answer.answered() && answer.status == *outcome.status, out,
           fmt::format("{} was predicted, and the answer is {}", *outcome.status, said(answer)));
    return;
  }
  if (!answer.answered()) {
    out.differences.push_back("a backend was to answer: " + answer.detail);
    return;
  }
  const bool by_application = speaker.id == "application";
  if (by_application || answer.status < 400) return;
  if (speaker.known()) {
    out.differences.push_back(fmt::format("a backend was to answer, and {} answered {} itself", speaker.name, answer.status));
    return;
  }
  out.agrees.reset();  // the application or the data plane: the answer does not tell
}

void judge_status(const Outcome& outcome, const ExchangeAnswer& answer, int usual, Sent& out) {
  const auto wanted = static_cast<int>(outcome.status.value_or(usual));
  expect(answer.answered() && answer.status == wanted, out,
         fmt::format("{} was predicted, and the answer is {}", wanted, said(answer)));
}

// GEP-1897 leaves it to the implementation which error a failed connection by an invalid BackendTLSPolicy is told by.
void judge_failure(const ExchangeAnswer& answer, Sent& out) {
  expect(answer.answered() && answer.status >= 500, out, fmt::format("a 5xx was predicted, and the answer is {}", said(answer)));
}

void judge(const Trace& trace, const ExchangeAnswer& answer, const Speaker& speaker, Sent& out) {
  const Outcome& outcome = trace.outcome;
  out.agrees = true;
  switch (outcome.action) {
    case Action::forward:
      judge_forward(outcome, answer, speaker, out);
      break;
    case Action::redirect:
      judge_status(outcome, answer, 302, out);
      expect(out.location == outcome.location, out,
             fmt::format("Location {} was predicted, and it is {}", outcome.location,
                         out.location.empty() ? "absent" : out.location));
      break;
    case Action::respond:
      if (outcome.status) {
        judge_status(outcome, answer, 500, out);
      } else {
        judge_failure(answer, out);
      }
      break;
    case Action::not_found:
      if (trace.request.grpc && answer.header("grpc-status") == "12") break;  // UNIMPLEMENTED
      judge_status(outcome, answer, 404, out);
      break;
    case Action::reject:
      if (answer.answered()) judge_status(outcome, answer, 400, out);
      break;
    case Action::unreachable:
      expect(!answer.answered(), out, fmt::format("nothing was to answer, and the answer is {}", said(answer)));
      break;
    case Action::unknown:
      out.agrees.reset();
      break;
  }
  if (!out.differences.empty()) out.agrees = false;
}

}  // namespace

Sent judge_answer(const Trace& trace, const ExchangeAnswer& answer, std::string_view controller) {
  Sent out;
  out.address = answer.address.empty() ? std::string() : fmt::format("{}:{}", answer.address, answer.port);
  out.http_version = answer.version;
  if (answer.answered()) {
    out.status = answer.status;
    out.location = answer.header("location");
  } else {
    out.error = answer.detail;
  }
  out.milliseconds = answer.phases.total.count();
  if (!answer.tls.chain.empty()) {
    out.certificate = answer.tls.chain.front().subject;
    if (!answer.tls.matches_name) {
      out.certificate_problem =
          fmt::format("it is not for {}", trace.request.sni.empty() ? trace.request.host : trace.request.sni);
    } else if (answer.tls.trust == Trust::untrusted) {
      out.certificate_problem = answer.tls.trust_error;
    }
  }
  const Speaker speaker = answer.answered() ? speaker_of(answer.status, answer.headers, answer.body, controller) : Speaker{};
  if (speaker.known()) out.speaker = speaker.means.empty() ? speaker.name : fmt::format("{}: {}", speaker.name, speaker.means);
  judge(trace, answer, speaker, out);
  return out;
}

}  // namespace gwdoctor

#include "report/http_seen.h"

#include <fmt/format.h>

namespace gwdoctor {

namespace {

std::string result_of(const Visit& visit) {
  switch (visit.end) {
    case Visit::End::answered:
    case Visit::End::no_answer:
      return std::string(result_name(visit.last().answer->result));
    case Visit::End::unknown:
      return "unknown";
    case Visit::End::elsewhere:
    case Visit::End::unreadable:
      return "redirected";
    case Visit::End::loop:
      return "redirect-loop";
    case Visit::End::endless:
      return "too-many-redirects";
  }
  return "unknown";
}

std::string detail_of(const Visit& visit) {
  switch (visit.end) {
    case Visit::End::answered:
      return {};
    case Visit::End::no_answer:
      return visit.last().answer->detail;
    case Visit::End::unknown:
      return visit.last().answer.why().message;
    case Visit::End::elsewhere:
      return visit.why.empty() ? "not followed" : "not followed: " + visit.why;
    case Visit::End::unreadable:
      return "which no client follows";
    case Visit::End::loop:
      return std::string("which was asked before") +
             (visit.sets_cookie() ? "; a cookie was set on the way, and is not kept" : "");
    case Visit::End::endless:
      return fmt::format("and on: more than {} redirects", most_redirects);
  }
  return {};
}

HttpSeen seen_by(const Visit& visit) {
  HttpSeen out;
  const Hop& last = visit.last();
  out.method = visit.method;
  out.url = visit.hops.front().url.text();
  out.address = last.target.text(last.url.port);
  out.result = result_of(visit);
  out.detail = detail_of(visit);
  out.speaker = visit.speaker.name;
  for (const Hop& hop : visit.hops) {
    if (!hop.answer.present() || !is_redirect(*hop.answer)) continue;
    const std::optional<HttpUrl> next = redirect_target(*hop.answer);
    out.redirects.push_back({hop.url.text(), hop.answer->status, next ? next->text() : hop.answer->header("location")});
  }
  if (!last.answer.present()) return out;
  out.status = last.answer->status;
  out.version = last.answer->version;
  out.milliseconds = last.answer->milliseconds;
  out.phases = last.answer->phases;
  out.observed_at = last.answer->observed.at;
  return out;
}

}  // namespace

std::vector<HttpSeen> http_seen(const Path& path, const Facts& facts) {
  std::vector<HttpSeen> out;
  const std::shared_ptr<const Visits> visits = visits_of(path, facts);
  for (const Visit& visit : visits->all) out.push_back(seen_by(visit));
  return out;
}

}  // namespace gwdoctor

#include "checks/support/loops_seen.h"

#include <algorithm>
#include <set>

#include "checks/support/handshakes.h"
#include "checks/support/names.h"

namespace gwdoctor {

namespace {

std::size_t beginning(const Visit& visit) { return visit.end == Visit::End::loop ? visit.back : 0; }

// The URLs of the circle, wherever it was entered.
std::set<std::string> circle_of(const Visit& visit) {
  std::set<std::string> out;
  for (std::size_t at = beginning(visit); at < visit.hops.size(); ++at) out.insert(visit.hops[at].url.text());
  return out;
}

// Who answers HTTPS with a redirect to that same URL takes the request for plain HTTP.
bool takes_it_for_plain(const Visit& visit) {
  return visit.end == Visit::End::loop && visit.back + 1 == visit.hops.size() && visit.last().url.tls();
}

std::string words_for(const Visit& visit) {
  if (visit.end == Visit::End::endless) {
    std::vector<std::string> urls;
    for (std::size_t at = 1; at < visit.hops.size(); ++at) urls.push_back(visit.hops[at].url.text());
    return fmt::format("{} is redirected more than {} times: to {}", visit.text(), most_redirects,
                       join_names(urls, "nowhere", 3));
  }
  const std::string entered =
      visit.back == 0 ? visit.text() : fmt::format("{} leads to {}, which", visit.text(), visit.hops[visit.back].url.text());
  if (visit.back + 1 == visit.hops.size()) return entered + " is redirected to itself";
  std::vector<std::string> urls;
  for (std::size_t at = visit.back + 1; at < visit.hops.size(); ++at) urls.push_back(visit.hops[at].url.text());
  return fmt::format("{} is redirected in a circle: to {}, and back to {}", entered, join_names(urls, "nowhere", 9), visit.next);
}

Fix remedy(const Visit& visit, const Visits& visits, const Path& path) {
  const Hop& first = visit.hops.front();
  std::vector<std::string> commands{
      fmt::format("curl -sIL --max-redirs {} {} {}", most_redirects, resolve_flag(first), shell_quote(first.url.text()))};
  if (!visit.host->object.name.empty())
    commands.push_back(fmt::format("kubectl get {} -o yaml", kubectl_object(visit.host->object)));
  TlsSpot spot;
  spot.host = visit.host;
  for (std::string& command : data_plane_logs(spot, *visits.front, path)) commands.push_back(std::move(command));
  if (takes_it_for_plain(visit))
    return by_hand(
        "let whoever redirects know that the client came by HTTPS: have it trust X-Forwarded-Proto of what ends TLS before "
        "it, or redirect there instead",
        std::move(commands));
  return by_hand(
      "find out who sends the redirects, the data plane by its rules and annotations or the application, and end the "
      "circle there",
      std::move(commands));
}

}  // namespace

std::vector<SeenLoop> loops_seen(const Visits& visits) {
  std::vector<SeenLoop> loops;
  for (const Visit& visit : visits.all) {
    if ((visit.end != Visit::End::loop && visit.end != Visit::End::endless) || visit.sets_cookie()) continue;
    const bool here = std::any_of(visit.hops.begin() + static_cast<std::ptrdiff_t>(beginning(visit)), visit.hops.end(),
                                  [](const Hop& hop) { return hop.here; });
    if (!here) continue;
    const auto same = std::find_if(loops.begin(), loops.end(), [&](const SeenLoop& one) {
      return one.visit->end == visit.end && visit.end == Visit::End::loop && circle_of(*one.visit) == circle_of(visit);
    });
    SeenLoop& loop = same == loops.end() ? loops.emplace_back() : *same;
    if (loop.visit == nullptr || visit.hops.size() < loop.visit->hops.size()) loop.visit = &visit;
    loop.scope |= visit.taken.scope;
    if (visit.ends) loop.scope |= visit.ends->scope;
  }
  return loops;
}

void add_evidence(const SeenLoop& loop, FindingBuilder& finding) {
  for (std::size_t at = 0; at < loop.visit->hops.size(); ++at) {
    const Hop& hop = loop.visit->hops[at];
    Value seen{Value::Object{}};
    seen.set("url", hop.url.text());
    seen.set("code", hop.answer->status);
    seen.set("location", hop.answer->header("location"));
    finding.saw(hop.ref(), "status", std::move(seen));
  }
}

void report_seen(const SeenLoop& loop, const Visits& visits, const Path& path, Verdicts& out) {
  const Visit& visit = *loop.visit;
  FindingBuilder finding = out.fail(loop.scope);
  finding.object(visit.host->object.name.empty() ? path.target : visit.host->object, visit.host->path)
      .reason(takes_it_for_plain(visit) ? "lb-tls-offload-redirect-loop" : "probe-redirect-loop")
      .certainty(Certainty::observed)
      .impact(path.trace == nullptr ? Impact::part : Impact::all)
      .says("{}", words_for(visit))
      .fix(remedy(visit, visits, path));
  add_evidence(loop, finding);
}

}  // namespace gwdoctor

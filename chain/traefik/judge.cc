#include "chain/traefik/judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "chain/dialects/traefik.h"

namespace gwdoctor {

namespace {

using Is = TraefikVerdict::Is;

// The entry points of the chart are called web, websecure, traefik and metrics; those of the quick start http and https.
bool is_plain(std::string_view name) { return name == "web" || name == "http"; }
bool is_secure(std::string_view name) { return name == "websecure" || name == "https"; }
bool is_own(std::string_view name) { return name == "traefik" || name == "metrics"; }

// Why the router is not attached to the entry point that the request comes in by. Without entryPoints it is at the default ones.
std::string entry_point_failed(const IngressRoute& owner, const Request& request, std::vector<std::string>& notes) {
  if (owner.has_tls && !request.tls) return "spec.tls keeps it to https";
  const std::vector<std::string>& points = owner.entry_points;
  if (points.empty()) return {};
  const bool named = std::any_of(points.begin(), points.end(),
                                 [&](const std::string& one) { return request.tls ? is_secure(one) : is_plain(one); });
  if (named) return {};
  std::string others;
  for (const std::string& one : points) {
    if (!is_plain(one) && !is_secure(one) && !is_own(one)) others += (others.empty() ? "" : ", ") + one;
  }
  if (others.empty())
    return fmt::format("spec.entryPoints is {}, not {}", fmt::join(points, ", "), request.tls ? "websecure" : "web");
  notes.push_back(
      fmt::format("the entry point {} is taken for the one that the request comes in by: its port is in Traefik's own "
                  "configuration",
                  others));
  return {};
}

void note_certificate(const IngressRoute& owner, const Request& request, std::vector<std::string>& notes) {
  if (!request.tls) return notes.emplace_back(traefik_entry_point_note), void();
  if (!owner.has_tls) {
    notes.emplace_back(
        "https is served where the entry point has TLS on (http.tls, as websecure of the chart has), else it needs spec.tls");
  } else if (!owner.cert_resolver.empty()) {
    notes.push_back(fmt::format("the certificate is Traefik's own affair: certResolver {}", owner.cert_resolver));
  } else if (owner.tls_secret.empty()) {
    notes.push_back(fmt::format(
        "spec.tls names no Secret: Traefik serves whichever of its certificates is for {}, else its default one", request.host));
  }
}

}  // namespace

std::string router_words(const TraefikRouter& router) { return fmt::format("{} {}", router.ref().text(), router.spec().path); }

JudgedRouter judge_router(const TraefikRouter& router, const Request& request, std::string_view path) {
  JudgedRouter out;
  out.router = &router;
  if (!router.rule.ok()) {
    out.verdict.is = Is::unknown;
    out.verdict.why = router.doubt;
    return out;
  }
  out.verdict = evaluate(router.rule.rule, request, path);
  if (!out.may_take()) return out;
  std::string failed = entry_point_failed(*router.owner, request, out.notes);
  if (failed.empty()) return out;
  out.verdict.is = Is::no;
  out.verdict.why = std::move(failed);
  return out;
}

bool is_for_host(const TraefikRouter& router, const Request& request) {
  const std::vector<std::string>& points = router.owner->entry_points;
  if (!points.empty() && std::all_of(points.begin(), points.end(), is_own)) return false;
  if (router.rule.ok()) return may_take_host(router.rule.rule, request);
  return router.rule.beyond || (!request.host.empty() && router.spec().match.find(request.host) != std::string::npos);
}

void settle_router(JudgedRouter& judged, const TraefikSettings& settings, const Facts& facts, std::vector<Unread>& unread) {
  const TraefikRouter& router = *judged.router;
  const IngressRoute::Route& spec = router.spec();
  judged.targets = traefik_targets(*router.owner, spec, settings, facts, unread);
  judged.passage = passage_of(spec.middlewares, router.ref().ns, settings, facts, unread);
  judged.fault = judged.targets.of_service || judged.passage.fault.empty() ? judged.targets.fault : judged.passage.fault;
  judged.doubt = !router.doubt.empty()           ? router.doubt
                 : !judged.targets.doubt.empty() ? judged.targets.doubt
                                                 : judged.passage.doubt;
}

void name_router(const JudgedRouter& judged, Outcome& out) {
  const TraefikRouter& router = *judged.router;
  out.route = router.ref();
  out.rule = router.route;
  out.field = router.spec().path;
  out.hostname = judged.verdict.host;
  out.matched = router.spec().match;
  for (const TraefikTargets::At& one : judged.targets.backends) out.backends.push_back(one.backend);
  for (const Ref& mirror : judged.targets.mirrors) out.mirrors.push_back({mirror, {}});
}

void serve(const JudgedRouter& judged, const Request& request, std::string_view path, Outcome& out) {
  name_router(judged, out);
  out.action = Action::forward;
  out.reason = fmt::format("{} takes the request", router_words(*judged.router));
  pass(judged.passage, request, path, out);
  if (out.action == Action::forward && !judged.targets.internal.empty()) {
    out.action = Action::respond;
    out.status = judged.targets.internal == "noop@internal" ? 418 : 200;
    out.reason = fmt::format("Traefik itself answers, with its service {}", judged.targets.internal);
    out.rewritten.reset();
  } else if (out.action == Action::forward && judged.targets.idle) {
    out.action = Action::respond;
    out.status = 503;
    out.reason = fmt::format("every backend of {} has the weight 0", router_words(*judged.router));
  }
  if (out.action != Action::forward) out.mirrors.clear();
  out.notes.insert(out.notes.end(), judged.notes.begin(), judged.notes.end());
  if (out.action == Action::forward) out.notes.insert(out.notes.end(), judged.targets.notes.begin(), judged.targets.notes.end());
  note_certificate(*judged.router->owner, request, out.notes);
}

}  // namespace gwdoctor

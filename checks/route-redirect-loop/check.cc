#include "checks/check.h"

#include <algorithm>
#include <map>
#include <set>

#include "checks/support/loops_seen.h"
#include "checks/support/names.h"
#include "checks/support/parents.h"
#include "checks/support/redirects.h"
#include "checks/support/routing.h"
#include "checks/support/streams.h"

namespace gwdoctor {

namespace {

struct Spot {
  std::size_t route;
  const Path& path;
  const Facts& facts;
  std::vector<SeenLoop>& seen;

  [[nodiscard]] const RouteView& view() const { return path.routes[route]; }
};

bool is_redirect(const RouteRule& rule) {
  return std::any_of(rule.filters.begin(), rule.filters.end(),
                     [](const RouteFilter& filter) { return filter.type == "RequestRedirect"; });
}

// Where one rule with one match leads, on one way in.
struct Loop {
  std::size_t entrance = 0;
  std::size_t rule = 0;
  std::size_t match = 0;
  std::string example;
  Chase chase;
};

// The listener for plain HTTP to which the redirect belongs, where there is exactly one, of the object that the parentRef names.
const Listener* http_listener(const ParentView& parent, const GatewayView& gateway, const std::set<std::size_t>& looping) {
  const Listener* found = nullptr;
  for (const AttachmentView& attachment : parent.attachments) {
    const Listener& listener = gateway.listeners[attachment.listener].spec;
    if (listener.protocol != "HTTP" || looping.contains(attachment.listener)) continue;
    if (attachment.state != Attachment::attached && attachment.state != Attachment::other_section) continue;
    if (found != nullptr) return nullptr;
    found = &listener;
  }
  return found;
}

Fix remedy(const Spot& at, const Loop& loop, const std::set<std::size_t>& looping) {
  const RouteView& view = at.view();
  const Entrance& entrance = at.path.entrances[loop.entrance];
  const ParentView& parent = view.parents[entrance.parent];
  const std::vector<RouteRule>& rules = view.route->rules;
  const std::vector<std::string> edit{fmt::format("kubectl edit {}", kubectl_object(view.ref))};
  const Listener* http = http_listener(parent, at.path.gateways[entrance.gateway], looping);
  if (loop.chase.ended_before) {
    return by_hand("redirect at the load balancer, which knows how the client came, or serve plain HTTP on a listener of its own",
                   edit);
  }
  if (http != nullptr && std::all_of(rules.begin(), rules.end(), is_redirect) && !parent.reference.port) {
    if (std::optional<Fix> fix = set_field(view.ref, view.route.document(), parent.reference.path + ".sectionName", http->name,
                                           fmt::format("attach the redirect to listener {} alone", http->name)))
      return *std::move(fix);
  }
  if (http != nullptr) {
    return by_hand(fmt::format("put the redirect into a route of its own, attached to listener {} alone", http->name), edit);
  }
  return by_hand("give the redirect another target than the requests that it takes, or a match that leaves its target out", edit);
}

std::string where_to(const Loop& loop) {
  const Chase& chase = loop.chase;
  if (!chase.again) return fmt::format("{} and on without end", join_names(chase.locations, "nowhere", 3));
  if (chase.ended_before)
    return fmt::format("{}, for which the load balancer in front ends TLS, so that it comes back as plain HTTP",
                       join_names(chase.locations));
  std::vector<std::string> locations = chase.locations;
  const bool itself = locations.size() < 2 || locations[locations.size() - 2] == locations.back();
  if (itself && locations.size() > 1) locations.pop_back();
  return fmt::format("{}, {}", join_names(locations), itself ? "which is redirected to itself" : "in a circle");
}

void report(const Spot& at, const Loop& loop, const std::set<std::size_t>& looping, Verdicts& out) {
  const RouteView& view = at.view();
  const RouteRule& rule = view.route->rules[loop.rule];
  const Entrance& entrance = at.path.entrances[loop.entrance];
  const auto filter = std::find_if(rule.filters.begin(), rule.filters.end(),
                                   [](const RouteFilter& one) { return one.type == "RequestRedirect"; });
  const Scope scope = at.path.through([&](const Entrance& one, const Leg& leg) {
    return one.route == at.route && one.gateway == entrance.gateway && one.listener == entrance.listener &&
           one.host == entrance.host && leg.rule == loop.rule && leg.match == loop.match;
  });
  FindingBuilder finding = out.fail(scope);
  finding.object(view.ref, filter->path)
      .reason(loop.chase.ended_before ? "lb-tls-offload-redirect-loop" : "route-redirect-loop")
      .certainty(loop.chase.likely ? Certainty::likely : Certainty::proved)
      .says("rule {} of {} redirects {} on {} to {}", loop.rule, view.ref.text(), loop.example, listener_text(entrance, at.path),
            where_to(loop))
      .saw(view.route, view.ref, filter->path)
      .saw(view.route, view.ref, view.parents[entrance.parent].reference.path)
      .affects(at.path.gateways[entrance.gateway].ref)
      .fix(remedy(at, loop, looping));
  for (const Ref& route : loop.chase.routes) {
    if (route != view.ref) finding.affects(route);
  }
  // What was seen of it is told here, and not a second time.
  for (SeenLoop& seen : at.seen) {
    if (!seen.scope.overlaps(scope)) continue;
    if (loop.chase.likely) finding.certainty(Certainty::observed);
    if (!seen.is_told) add_evidence(seen, finding);
    seen.is_told = true;
  }
}

// The chain of redirects of one match, by the rules of the path alone; where these make a circle, or others stand on the listener
// anyway, by all routes of the Gateway: another one may take a request on its way, or send it back.
std::optional<Loop> follow(const Spot& at, std::size_t entrance, std::size_t rule, std::size_t match, Verdicts& out) {
  const Entrance& way = at.path.entrances[entrance];
  const RouteView& view = at.view();
  const RouteRule& spec = view.route->rules[rule];
  const std::optional<Request> request = example_request(spec.matches[match], view.route->kind, way.host, way.scheme, way.port);
  if (!request) return std::nullopt;
  const Scope scope = streams_of(entrance, at.path);
  const Value& gateway = at.path.gateways[way.gateway].gateway.document();
  const Company company = company_of(way, at.path, at.facts);
  Loop loop{entrance, rule, match, request->text(), {}};
  if (company.alone) {
    const GatewayTable table = own_table(way.gateway, at.path);
    loop.chase = chase(*request, view.ref, rule, table, gateway);
    const bool others = std::any_of(loop.chase.listeners.begin(), loop.chase.listeners.end(), [&](std::size_t listener) {
      Entrance met = way;
      met.listener = listener;
      return !company_of(met, at.path, at.facts).alone;
    });
    if (!loop.chase.loops || !others) return loop.chase.loops ? std::optional(loop) : std::nullopt;
  }
  const Ref& ref = at.path.gateways[way.gateway].ref;
  const std::shared_ptr<const GatewayTable> table = gateway_table(ref.ns, ref.name, view.ref.ns, at.facts);
  if (table == nullptr) return std::nullopt;
  loop.chase = chase(*request, view.ref, rule, *table, gateway);
  if (!loop.chase.loops) return std::nullopt;
  const auto unread = std::find_if(table->unread.begin(), table->unread.end(), [](const Unread& one) {
    const Kind kind = one.wish.kind;
    return kind == Kind::http_route || kind == Kind::grpc_route || kind == Kind::gateway_class || kind == Kind::name_space;
  });
  if (unread == table->unread.end()) return loop;
  out.unknown(scope, unread->wish, unread->why);
  return std::nullopt;
}

void judge(const Spot& at, Verdicts& out) {
  const std::vector<RouteRule>& rules = at.view().route->rules;
  std::vector<Loop> loops;
  for (const std::size_t entrance : attached_entrances(at.route, at.path)) {
    const Entrance& way = at.path.entrances[entrance];
    if (way.scheme != "http" && way.scheme != "https") continue;
    if (word_of(at.view(), at.view().parents[way.parent], at.path, "Accepted").word == Word::no) continue;
    std::set<std::pair<std::size_t, std::size_t>> seen;
    for (const Leg& leg : at.path.legs) {
      if (leg.route != at.route || !is_redirect(rules[leg.rule]) || !seen.emplace(leg.rule, leg.match).second) continue;
      if (std::optional<Loop> loop = follow(at, entrance, leg.rule, leg.match, out)) loops.push_back(*std::move(loop));
    }
  }
  std::set<std::size_t> looping;
  for (const Loop& loop : loops) looping.insert(at.path.entrances[loop.entrance].listener);
  for (const Loop& loop : loops) report(at, loop, looping, out);
  if (loops.empty()) out.pass(at.view().scope);
}

// Gateway API v1.6, HTTPRequestRedirectFilter: what it leaves out is taken from the request, so that a redirect to https without
// another host or path leads back to where it came from on a listener that serves HTTPS.
void run(const Facts& facts, const Path& path, Verdicts& out) {
  const std::shared_ptr<const Visits> visits = visits_of(path, facts);
  std::vector<SeenLoop> seen = loops_seen(*visits);
  for (std::size_t route = 0; route < path.routes.size(); ++route) {
    const RouteView& view = path.routes[route];
    if (!view.route.present() || view.route->kind != Kind::http_route) continue;
    const bool redirects = std::any_of(view.route->rules.begin(), view.route->rules.end(), is_redirect);
    if (redirects) judge({route, path, facts, seen}, out);
  }
  for (const SeenLoop& loop : seen) {
    if (!loop.is_told) report_seen(loop, *visits, path, out);
  }
}

}  // namespace

extern constinit const Check route_redirect_loop{
    .code = "route-redirect-loop",
    .title = "a redirect leads back to itself",
    .severity = Severity::error,
    .layer = Layer::route,
    .reads = {Kind::http_route, Kind::grpc_route, Kind::tls_route, Kind::tcp_route, Kind::udp_route, Kind::gateway,
              Kind::gateway_class, Kind::listener_set, Kind::name_space, Kind::ingress, Kind::service, Kind::deployment,
              Kind::daemon_set},
    .explains = {},
    .run = run,
};

}  // namespace gwdoctor

#include "chain/traefik/routers.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "chain/listed.h"

namespace gwdoctor {

namespace {

constexpr std::string_view class_flag = "--providers.kubernetescrd.ingressClass";

// Why the whole object is left out, and what is not known about it (kubernetes.go: shouldProcessIngress).
std::string left_out(const IngressRoute& object, const TraefikSettings& settings, std::string& doubt) {
  const std::string& name = object.class_name;
  if (!settings.known) {
    if (!name.empty() && name != "traefik") {
      doubt = fmt::format("its class is {}, which a Traefik takes that has {}={} alone", name, class_flag, name);
    }
    return {};
  }
  if (!settings.reads_routes) return "Traefik runs without --providers.kubernetescrd: it reads no IngressRoutes";
  const std::string& wanted = settings.ingress_class;
  if (wanted != name && !(wanted.empty() && name == "traefik")) {
    return fmt::format("its class is {}, and Traefik has {}", name.empty() ? "none" : name,
                       wanted.empty() ? fmt::format("no {}", class_flag) : fmt::format("{}={}", class_flag, wanted));
  }
  const std::vector<std::string>& spaces = settings.namespaces;
  if (!spaces.empty() && std::find(spaces.begin(), spaces.end(), object.meta.ref.ns) == spaces.end())
    return fmt::format("Traefik watches other namespaces: {}", fmt::join(spaces, ", "));
  if (!settings.label_selector.empty() && !Selector::parse(settings.label_selector).matches(object.meta.labels))
    return fmt::format("its labels do not match the label selector of Traefik, {}", settings.label_selector);
  return {};
}

// A rule without `syntax` may be of v2: Traefik v2 has no such field, and v3 a default in its own configuration (migrate/v3).
ParsedTraefikRule parsed(const IngressRoute::Route& route, const TraefikSettings& settings, std::string& doubt) {
  const bool v2 = settings.version == 2 || (route.syntax.empty() && settings.known && settings.syntax_v2);
  if (v2 || route.syntax == "v2") return parse_traefik_rule(route.match, TraefikSyntax::v2);
  ParsedTraefikRule out = parse_traefik_rule(route.match, TraefikSyntax::v3);
  if (out.ok() || out.beyond || !route.syntax.empty()) return out;
  ParsedTraefikRule older = parse_traefik_rule(route.match, TraefikSyntax::v2);
  if (!older.ok()) return out;
  if (settings.version == 3 && settings.known) {
    out.fault += ", as in the syntax of Traefik v2";
    return out;
  }
  doubt = fmt::format(
      "its rule is in the syntax of Traefik v2 ({}): v3 makes no router of it unless syntax or "
      "core.defaultRuleSyntax says v2",
      out.fault);
  return older;
}

std::string fault_of(const TraefikRouter& router) {
  const IngressRoute::Route& spec = router.spec();
  if (!spec.kind.empty() && spec.kind != "Rule") return fmt::format("its kind is {}, expected Rule", spec.kind);
  if (spec.match.empty()) return "it has no rule";
  if (!router.rule.fault.empty()) return fmt::format("its rule cannot be read: {}", router.rule.fault);
  if (spec.services.empty()) return "it names no service";
  return {};
}

// Routers are named after namespace, object and rule: of two equal rules of one IngressRoute the later takes the place.
void drop_repeated(TraefikRouters& out) {
  std::map<std::tuple<std::string, std::string, std::string>, const TraefikRouter*> last;
  const auto key = [](const TraefikRouter& one) { return std::tuple(one.ref().ns, one.ref().name, one.spec().match); };
  for (const TraefikRouter& one : out.routers) last[key(one)] = &one;
  std::vector<TraefikRouter> kept;
  for (const TraefikRouter& one : out.routers) {
    const TraefikRouter* winner = last[key(one)];
    if (winner == &one) {
      kept.push_back(one);
    } else {
      out.dropped.push_back(
          {one, fmt::format("{} of the same IngressRoute has the same rule and takes its place", winner->spec().path)});
    }
  }
  out.routers = std::move(kept);
}

TraefikRouters read_routers(std::string_view ns, const Facts& facts) {
  TraefikRouters out;
  const Seen<Served> served = facts.served(Kind::ingress_route);
  if (served.absent()) return out;
  if (served.unknown()) {
    out.unread.push_back({served.wish(), served.why()});
    return out;
  }
  std::vector<Unread> unread;
  const Seen<List<IngressRoute>> list = list_all_or_own<IngressRoute>(Kind::ingress_route, ns, facts, unread);
  // A CRD that went away between the two questions.
  if (list.absent()) return out;
  std::vector<std::shared_ptr<const IngressRoute>> objects;
  if (list.present()) {
    for (const Known<IngressRoute>& known : *list) objects.push_back(known.object);
  }
  out = make_traefik_routers(objects, objects.empty() ? TraefikSettings{} : traefik_settings(facts));
  out.served = true;
  out.unread = std::move(unread);
  return out;
}

}  // namespace

CrossNamespace judge_namespace(std::string_view from, std::string_view to, std::string_view what,
                               const TraefikSettings& settings) {
  if (from == to || (settings.known && settings.cross_namespace)) return {};
  return {fmt::format("{} is of namespace {}, which Traefik allows with --providers.kubernetescrd.allowCrossNamespace alone",
                      what, to),
          settings.known};
}

TraefikRouters make_traefik_routers(const std::vector<std::shared_ptr<const IngressRoute>>& objects,
                                    const TraefikSettings& settings) {
  TraefikRouters out;
  out.served = true;
  out.settings = settings;
  out.objects = objects.size();
  for (const std::shared_ptr<const IngressRoute>& object : objects) {
    std::string doubt;
    const std::string object_fault = left_out(*object, settings, doubt);
    for (std::size_t at = 0; at < object->routes.size(); ++at) {
      TraefikRouter router{object, at, {}, 0, doubt};
      const IngressRoute::Route& spec = object->routes[at];
      std::string of_rule;
      router.rule = parsed(spec, settings, of_rule);
      if (router.doubt.empty()) router.doubt = std::move(of_rule);
      if (router.rule.beyond) router.doubt = "its rule is longer or deeper than is evaluated here";
      router.priority = spec.priority != 0 ? spec.priority : default_priority(spec.match, router.rule);
      const std::string fault = object_fault.empty() ? fault_of(router) : object_fault;
      if (fault.empty()) {
        out.routers.push_back(std::move(router));
      } else {
        out.dropped.push_back({std::move(router), fault});
      }
    }
  }
  drop_repeated(out);
  std::stable_sort(out.routers.begin(), out.routers.end(),
                   [](const TraefikRouter& left, const TraefikRouter& right) { return left.priority > right.priority; });
  return out;
}

std::shared_ptr<const TraefikRouters> traefik_routers(std::string_view ns, const Facts& facts) {
  return facts.memo<TraefikRouters>(fmt::format("traefik-routers {}", ns), [&] { return read_routers(ns, facts); });
}

}  // namespace gwdoctor

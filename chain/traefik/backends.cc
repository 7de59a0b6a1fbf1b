#include "chain/traefik/backends.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "chain/backend_problem.h"
#include "chain/traefik/routers.h"

namespace gwdoctor {

namespace {

// TraefikServices within TraefikServices: deeper ones come from nobody, or from a circle.
constexpr int deepest = 8;
constexpr std::size_t most_backends = 256;

class Walker {
 public:
  Walker(const TraefikSettings& settings, const Facts& facts, std::vector<Unread>& unread)
      : settings_(settings), facts_(facts), unread_(unread) {}

  void weighted(const std::vector<TraefikBackend>& list, const Ref& from, double share, int depth) {
    std::int64_t total = 0;
    for (const TraefikBackend& one : list) total += weight_of(one);
    for (const TraefikBackend& one : list) {
      const double part = total == 0 ? 0 : share * static_cast<double>(weight_of(one)) / static_cast<double>(total);
      follow(one, from, weight_of(one), part, depth);
    }
  }

  TraefikTargets take() {
    const auto none = [](const TraefikTargets::At& one) { return one.backend.share <= 0; };
    out_.idle = !out_.backends.empty() && std::all_of(out_.backends.begin(), out_.backends.end(), none);
    // Of weights at several depths only the shares can be compared.
    if (nested_) {
      for (TraefikTargets::At& one : out_.backends) one.backend.weight = std::llround(one.backend.share * 1000);
    }
    return std::move(out_);
  }

 private:
  static std::int64_t weight_of(const TraefikBackend& one) { return std::max<std::int64_t>(one.weight.value_or(1), 0); }

  void fault(std::string why) {
    if (out_.fault.empty()) out_.fault = std::move(why);
  }
  void doubt(std::string why) {
    if (out_.doubt.empty()) out_.doubt = std::move(why);
  }

  bool admitted(const TraefikBackend& one, const Ref& from) {
    CrossNamespace judged = judge_namespace(from.ns, one.ns, fmt::format("{} {}/{}", one.kind, one.ns, one.name), settings_);
    if (judged.why.empty()) return true;
    judged.sure ? fault(std::move(judged.why)) : doubt(std::move(judged.why));
    return !judged.sure;
  }

  void follow(const TraefikBackend& one, const Ref& from, std::int64_t weight, double share, int depth) {
    if (const std::size_t at = one.name.find('@'); at != std::string::npos) return elsewhere(one, one.name.substr(at + 1));
    if (!admitted(one, from)) return;
    if (one.kind == "Service") return service(one, from, weight, share);
    if (one.kind != "TraefikService")
      return fault(fmt::format("{} is of kind {}, expected Service or TraefikService", one.path, one.kind));
    nested_ = nested_ || depth > 0;
    traefik_service(one, weight, share, depth + 1);
  }

  // name@provider: what another provider of Traefik's configures.
  void elsewhere(const TraefikBackend& one, const std::string& provider) {
    if (provider == "internal") {
      out_.internal = one.name;
    } else if (provider == "kubernetescrd" && settings_.known && !settings_.cross_namespace) {
      fault(fmt::format("{} is named by its provider, which Traefik refuses without allowCrossNamespace", one.name));
    } else {
      doubt(fmt::format("{} is configured outside of what is read here", one.name));
    }
  }

  void service(const TraefikBackend& one, const Ref& from, std::int64_t weight, double share) {
    if (out_.backends.size() >= most_backends) return doubt("it has more backends than are followed");
    TraefikTargets::At at;
    at.backend.object = ref(Kind::service, one.ns, one.name);
    at.backend.port = one.port;
    at.backend.port_name = one.port_name;
    at.backend.weight = weight;
    at.backend.share = share;
    at.from = from;
    at.path = one.path;
    const Seen<Service> seen = facts_.service(one.ns, one.name);
    if (seen.unknown()) unread_.push_back({seen.wish(), seen.why()});
    std::string problem = service_problem(seen, at.backend.object, one.port, one.port_name);
    if (problem.empty() && seen.present()) problem = of_present(*seen, one, at.backend.object);
    out_.of_service = out_.of_service || (out_.fault.empty() && !problem.empty());
    if (!problem.empty()) fault(std::move(problem));
    if (one.pass_host == false)
      note(fmt::format("passHostHeader is false: {} gets the address of its endpoint as Host", at.backend.object.text()));
    if (one.native_lb == true) note(fmt::format("nativeLB: requests go to the address of {}", at.backend.object.text()));
    if (one.scheme == "https") note(fmt::format("Traefik speaks https to {}", at.backend.object.text()));
    out_.backends.push_back(std::move(at));
  }

  std::string of_present(const Service& found, const TraefikBackend& one, const Ref& name) {
    if (!one.port && one.port_name.empty()) return fmt::format("{} names no port of {}", one.path, name.text());
    if (!found.is_external_name() || settings_.external_names) return {};
    if (settings_.known)
      return fmt::format("{} is of type ExternalName, and Traefik has no allowExternalNameServices", name.text());
    note(fmt::format("{} is of type ExternalName: Traefik makes no router of it without allowExternalNameServices", name.text()));
    return {};
  }

  void traefik_service(const TraefikBackend& one, std::int64_t weight, double share, int depth) {
    const Ref name = ref(Kind::traefik_service, one.ns, one.name);
    if (depth > deepest) return doubt(fmt::format("{} lies too deep, or in a circle", name.text()));
    const Seen<TraefikService> seen = facts_.get<TraefikService>(Kind::traefik_service, one.ns, one.name);
    if (seen.absent()) return fault(fmt::format("{} does not exist", name.text()));
    if (!seen.present()) {
      unread_.push_back({seen.wish(), seen.why()});
      return doubt(fmt::format("{} could not be read", name.text()));
    }
    if (seen->type == "weighted") {
      nested_ = true;
      return weighted(seen->weighted, name, share, depth);
    }
    if (seen->type != "mirroring" || !seen->mirrored) {
      return doubt(seen->type.empty() ? fmt::format("{} has not exactly one type", name.text())
                                      : fmt::format("{} is of type {}, which is not followed here", name.text(), seen->type));
    }
    follow(*seen->mirrored, name, weight, share, depth);
    for (const TraefikBackend& mirror : seen->mirrors) {
      if (!admitted(mirror, name)) continue;
      const bool plain = mirror.kind == "Service";
      Ref to = ref(plain ? Kind::service : Kind::traefik_service, mirror.ns, mirror.name);
      if (plain && facts_.service(mirror.ns, mirror.name).absent()) fault(fmt::format("{} (a mirror) does not exist", to.text()));
      out_.mirrors.push_back(std::move(to));
    }
  }

  void note(std::string text) {
    if (std::find(out_.notes.begin(), out_.notes.end(), text) == out_.notes.end()) out_.notes.push_back(std::move(text));
  }

  const TraefikSettings& settings_;
  const Facts& facts_;
  std::vector<Unread>& unread_;
  TraefikTargets out_;
  bool nested_ = false;
};

}  // namespace

TraefikTargets traefik_targets(const IngressRoute& owner, const IngressRoute::Route& route, const TraefikSettings& settings,
                               const Facts& facts, std::vector<Unread>& unread) {
  Walker walker(settings, facts, unread);
  walker.weighted(route.services, owner.meta.ref, 1, 0);
  return walker.take();
}

}  // namespace gwdoctor

// Which Middlewares a router passes.

#include <fmt/format.h>

#include <algorithm>

#include "chain/dialects/annotations.h"
#include "chain/regex.h"
#include "chain/traefik/middlewares.h"
#include "chain/traefik/routers.h"
#include "kube/ascii.h"

namespace gwdoctor {

namespace {

constexpr std::size_t deepest = 8;
constexpr std::size_t most_stops = 64;
constexpr std::string_view own_provider = "@kubernetescrd";

// pkg/provider: Normalize, of which references by provider are made: letters and digits, joined by single dashes.
std::string normal(std::string_view text) {
  std::string out;
  bool gap = false;
  for (const char letter : text) {
    const bool kept = is_alphanumeric(letter);
    if (kept && gap && !out.empty()) out += '-';
    gap = !kept;
    if (kept) out += letter;
  }
  return out;
}

std::string pattern_fault(const Middleware& object) {
  std::vector<std::string> patterns;
  if (object.type == "stripPrefixRegex") patterns = object.prefixes;
  if (object.type == "replacePathRegex" || object.type == "redirectRegex") patterns = {object.regex};
  for (const std::string& pattern : patterns) {
    if (const std::optional<RegexFault> wrong = regex_fault(pattern))
      return fmt::format("its regular expression: {}", wrong->why);
  }
  return {};
}

// Why Traefik does not make it.
std::string fault_of(const Middleware& object) {
  if (object.type.empty()) return "it has not exactly one type";
  if (object.type == "addPrefix" && object.prefix.empty()) return "its prefix is empty";
  if (object.type == "redirectScheme" && object.scheme.empty()) return "it names no scheme";
  return pattern_fault(object);
}

class Collector {
 public:
  Collector(const TraefikSettings& settings, const Facts& facts, std::vector<Unread>& unread)
      : settings_(settings), facts_(facts), unread_(unread) {}

  void follow(const std::vector<TraefikRef>& references, std::string_view own) {
    for (const TraefikRef& one : references) {
      const bool provider = one.name.find('@') != std::string::npos;
      if (provider && one.name.ends_with(own_provider) && settings_.known && !settings_.cross_namespace) {
        fault(fmt::format("Middleware {} is named by its provider, which Traefik refuses without allowCrossNamespace", one.name));
      } else if (provider) {
        by_provider(one.name, own);
      } else {
        CrossNamespace judged = judge_namespace(own, one.ns, fmt::format("Middleware {}/{}", one.ns, one.name), settings_);
        if (!judged.why.empty()) judged.sure ? fault(std::move(judged.why)) : doubt(std::move(judged.why));
        by_name(one.ns, one.name);
      }
    }
  }

  void by_provider(const std::string& name, std::string_view own) {
    if (!name.ends_with(own_provider)) {
      out_.stops.push_back({nullptr, name});
      return;
    }
    const std::string wanted = name.substr(0, name.size() - own_provider.size());
    const Seen<List<Middleware>> all = facts_.list<Middleware>(Kind::middleware, "");
    if (all.present()) {
      for (const Known<Middleware>& one : *all) {
        if (normal(fmt::format("{}-{}", one->meta.ref.ns, one->meta.ref.name)) == wanted) return add(one.object);
      }
      return fault(fmt::format("no Middleware answers to {}", name));
    }
    if (all.absent()) return fault(fmt::format("no Middleware answers to {}", name));
    const std::string start = normal(own) + "-";
    if (wanted.starts_with(start)) return by_name(own, wanted.substr(start.size()));
    unread_.push_back({all.wish(), all.why()});
    doubt(fmt::format("the Middleware {} could not be read", name));
  }

  TraefikPassage take() { return std::move(out_); }

 private:
  void fault(std::string why) {
    if (out_.fault.empty()) out_.fault = std::move(why);
  }
  void doubt(std::string why) {
    if (out_.doubt.empty()) out_.doubt = std::move(why);
  }

  void by_name(std::string_view ns, std::string_view name) {
    const Seen<Middleware> seen = facts_.get<Middleware>(Kind::middleware, ns, name);
    if (seen.present()) return add(seen.shared());
    const Ref named = ref(Kind::middleware, ns, name);
    if (seen.absent()) return fault(fmt::format("{} does not exist", named.text()));
    unread_.push_back({seen.wish(), seen.why()});
    doubt(fmt::format("{} could not be read", named.text()));
  }

  void add(const std::shared_ptr<const Middleware>& object) {
    const Ref& name = object->meta.ref;
    if (std::string why = fault_of(*object); !why.empty()) return fault(fmt::format("{} is wrong: {}", name.text(), why));
    if (object->type != "chain") {
      if (out_.stops.size() >= most_stops) return doubt("it passes more Middlewares than are followed");
      out_.stops.push_back({object, name.text()});
      return;
    }
    if (std::find(within_.begin(), within_.end(), name) != within_.end())
      return fault(fmt::format("{} is a chain that leads back to itself", name.text()));
    if (within_.size() >= deepest) return doubt("its chains lie too deep to be followed");
    within_.push_back(name);
    follow(object->chain, name.ns);
    within_.pop_back();
  }

  const TraefikSettings& settings_;
  const Facts& facts_;
  std::vector<Unread>& unread_;
  TraefikPassage out_;
  std::vector<Ref> within_;
};

}  // namespace

TraefikPassage passage_of(const std::vector<TraefikRef>& references, std::string_view own, const TraefikSettings& settings,
                          const Facts& facts, std::vector<Unread>& unread) {
  Collector collector(settings, facts, unread);
  collector.follow(references, own);
  return collector.take();
}

TraefikPassage passage_of(std::string_view annotation, std::string_view own, const TraefikSettings& settings, const Facts& facts,
                          std::vector<Unread>& unread) {
  Collector collector(settings, facts, unread);
  // Without a provider a name is looked for among those of the Ingresses, which have none.
  for (const std::string& name : comma_separated(annotation))
    collector.by_provider(name.find('@') == std::string::npos ? name + "@kubernetes" : name, own);
  return collector.take();
}

}  // namespace gwdoctor

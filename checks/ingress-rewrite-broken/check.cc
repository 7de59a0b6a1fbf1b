#include "checks/check.h"

#include <algorithm>

#include "chain/dialects/order.h"
#include "checks/support/ingresses.h"

namespace gwdoctor {

namespace {

constexpr std::string_view rewrite_target = "nginx.ingress.kubernetes.io/rewrite-target";

// Groups that capture: "(" that is neither escaped, nor in a class, nor the start of "(?:".
int capture_groups(std::string_view pattern) {
  int groups = 0;
  bool in_class = false;
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    if (pattern[at] == '\\') {
      ++at;
    } else if (in_class) {
      in_class = pattern[at] != ']';
    } else if (pattern[at] == '[') {
      in_class = true;
    } else if (pattern[at] == '(') {
      const bool silent =
          pattern.substr(at + 1, 1) == "?" && pattern.substr(at + 1, 3) != "?P<" && pattern.substr(at + 1, 2) != "?<";
      groups += silent ? 0 : 1;
    }
  }
  return groups;
}

// The greatest N of $N in the target; 0 where it names none. $uri and the like are variables of nginx, and hold the path.
int named_group(std::string_view target) {
  int greatest = 0;
  for (std::size_t at = 0; at + 1 < target.size(); ++at) {
    if (target[at] == '$' && target[at + 1] >= '1' && target[at + 1] <= '9') greatest = std::max(greatest, target[at + 1] - '0');
  }
  return greatest;
}

bool is_plain(std::string_view path) { return path.find_first_of("()[]{}*+?^$|\\") == std::string_view::npos; }

// The path as ingress-nginx's guide writes it: what stands below it becomes the second group.
std::optional<Fix> keep_the_rest(const IngressView& view, const IngressPath& spec) {
  if (!is_plain(spec.path)) return std::nullopt;
  std::string path = spec.path;
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  if (path == "/") path.clear();
  const std::string annotations = fmt::format("metadata.annotations[\"{}\"]", rewrite_target);
  return set_fields(
      view.ref, view.ingress.document(),
      {{spec.field + ".path", path + "(/|$)(.*)"}, {spec.field + ".pathType", "ImplementationSpecific"}, {annotations, "/$2"}},
      "pass on what stands below the path");
}

void judge(const IngressView& view, const IngressPath& spec, const std::string& target, const Scope& scope, Verdicts& out) {
  const int groups = capture_groups(spec.path);
  const int wanted = named_group(target);
  const std::string annotation = fmt::format("metadata.annotations[\"{}\"]", rewrite_target);
  if (wanted > groups) {
    out.fail(scope)
        .object(view.ref, spec.field + ".path")
        .says("rewrite-target {} names group {}, and path {} has {}: it is empty for every request", target, wanted,
              spec.path.empty() ? "/" : spec.path, groups == 0 ? "none" : std::to_string(groups))
        .saw(view.ingress, view.ref, spec.field)
        .saw(view.ingress, view.ref, annotation)
        .fix(keep_the_rest(view, spec));
    return;
  }
  const bool variable = target.find('$') != std::string::npos;
  const bool takes_many = spec.type != IngressPath::Type::exact;
  if (wanted > 0 || variable || !takes_many || target.find("://") != std::string::npos) return out.pass(scope);
  if (groups == 0 && (spec.path == target || (spec.path == "/" && target == "/"))) return out.pass(scope);
  out.fail(scope)
      .object(view.ref, spec.field + ".path")
      .reason("ingress-rewrite-drops-path")
      .severity(Severity::warning)
      .certainty(Certainty::likely)
      .says("every request below path {} is rewritten to {}: rewrite-target names none of its groups",
            spec.path.empty() ? "/" : spec.path, target)
      .saw(view.ingress, view.ref, spec.field)
      .saw(view.ingress, view.ref, annotation)
      .fix(keep_the_rest(view, spec));
}

void run(const Facts&, const Path& path, Verdicts& out) {
  for (const IngressView& view : path.ingresses) {
    if (!view.ingress.present() || view.controller == no_index) continue;
    const Controller* known = path.controllers[view.controller].known;
    const std::string* target = label(view.ingress->meta.annotations, rewrite_target);
    if (known == nullptr || known->id != "ingress-nginx" || target == nullptr || target->empty()) continue;
    for (const IngressRule& rule : view.ingress->rules) {
      for (const IngressPath& spec : rule.paths) {
        const Scope scope = scope_of(view, spec, path);
        if (scope.any()) judge(view, spec, *target, scope, out);
      }
    }
  }
}

}  // namespace

extern constinit const Check ingress_rewrite_broken{
    .code = "ingress-rewrite-broken",
    .title = "rewrite-target and the capture groups of a path do not go together",
    .severity = Severity::error,
    .layer = Layer::ingress,
    .reads = {Kind::ingress},
    .run = run,
};

}  // namespace gwdoctor

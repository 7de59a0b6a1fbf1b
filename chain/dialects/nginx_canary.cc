// Canary releases: docs/user-guide/nginx-configuration/annotations.md (Canary); controller.go, mergeAlternativeBackends;
// lua/balancer.lua, route_to_alternative_balancer. A canary belongs to the upstream, which is a Service and port of the primary
// Ingress, and of several the first is used.

#include <fmt/format.h>

#include <algorithm>

#include "chain/dialects/annotations.h"
#include "chain/dialects/answers.h"
#include "chain/dialects/nginx.h"
#include "chain/dialects/order.h"
#include "chain/dialects/shape.h"
#include "kube/ascii.h"

namespace gwdoctor {

namespace {

using Verdict = IngressDialect::Match::Verdict;

struct Canary {
  std::shared_ptr<const Ingress> ingress;
  IngressEntry entry;      // the path of the canary that was merged
  bool same_path = false;  // it names the host and path of the entry in question
};

bool same_location(const IngressEntry& canary, const IngressEntry& primary) {
  if (canary.is_default()) return primary.host.empty();
  const bool exact = type_of(canary) == IngressPath::Type::exact;
  return canary.host == ruled_host(primary) && path_of(canary) == path_of(primary) && !primary.is_default() &&
         exact == (type_of(primary) == IngressPath::Type::exact);
}

std::vector<IngressEntry> entries_of(const std::shared_ptr<const Ingress>& ingress) {
  IngressTable alone;
  alone.ingresses = {ingress};
  std::vector<IngressEntry> entries = all_entries(alone);
  // The default backend is merged first.
  std::stable_partition(entries.begin(), entries.end(), [](const IngressEntry& entry) { return entry.is_default(); });
  return entries;
}

// The first canary that was merged into the upstream of the entry.
std::optional<Canary> canary_of(const IngressEntry& entry, const IngressTable& table) {
  std::optional<Canary> first;
  for (const std::shared_ptr<const Ingress>& ingress : table.canaries) {
    for (const IngressEntry& path : entries_of(ingress)) {
      // A canary on the Service of the primary is not merged.
      if (path.backend().service.empty() || same_backend(path, entry)) continue;
      const bool here = same_location(path, entry);
      const bool merged = here || std::any_of(table.entries.begin(), table.entries.end(), [&](const IngressEntry& primary) {
                            return same_backend(primary, entry) && same_location(path, primary);
                          });
      if (!merged) continue;
      if (!first) {
        first = Canary{ingress, path, here};
      } else if (first->ingress == ingress && here) {
        first->same_path = true;
      }
    }
    if (first) break;
  }
  return first;
}

struct Decision {
  enum class To { primary, canary, weighted, unknown };
  To to = To::weighted;
  std::string why;
};

std::optional<Decision> by_header(const Ingress& canary, const Request& request) {
  const std::string name = annotation_text(canary, nginx_prefix, "canary-by-header");
  if (name.empty()) return std::nullopt;
  const std::optional<std::string> value = header_value(request, name);
  if (!value) return std::nullopt;
  const std::string wanted = annotation_text(canary, nginx_prefix, "canary-by-header-value");
  if (!wanted.empty()) {
    if (*value == wanted) return Decision{Decision::To::canary, fmt::format("header {} is {}", name, wanted)};
    return std::nullopt;
  }
  const std::string pattern = annotation_text(canary, nginx_prefix, "canary-by-header-pattern");
  if (!pattern.empty()) {
    const PatternMatch found = match_pattern(pattern, *value, Anchors::anywhere, false);
    if (found.verdict == Verdict::unknown) return Decision{Decision::To::unknown, found.why};
    if (found.verdict == Verdict::yes) return Decision{Decision::To::canary, fmt::format("header {} matches {}", name, pattern)};
    return std::nullopt;
  }
  if (*value == "always") return Decision{Decision::To::canary, fmt::format("header {} is always", name)};
  if (*value == "never") return Decision{Decision::To::primary, fmt::format("header {} is never", name)};
  return std::nullopt;
}

std::optional<std::string> cookie_value(const Request& request, std::string_view name) {
  for (const HeaderField& header : request.headers) {
    if (lower_case(header.name) != "cookie") continue;
    std::string_view rest = header.value;
    while (!rest.empty()) {
      while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
      const std::size_t end = std::min(rest.find(';'), rest.size());
      const std::string_view pair = rest.substr(0, end);
      const std::size_t equals = pair.find('=');
      if (equals != std::string_view::npos && pair.substr(0, equals) == name) return std::string(pair.substr(equals + 1));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return std::nullopt;
}

std::optional<Decision> by_cookie(const Ingress& canary, const Request& request) {
  const std::string name = annotation_text(canary, nginx_prefix, "canary-by-cookie");
  if (name.empty()) return std::nullopt;
  const std::optional<std::string> value = cookie_value(request, name);
  if (value && *value == "always") return Decision{Decision::To::canary, fmt::format("cookie {} is always", name)};
  if (value && *value == "never") return Decision{Decision::To::primary, fmt::format("cookie {} is never", name)};
  return std::nullopt;
}

Decision decide(const Ingress& canary, const Request& request) {
  if (const std::optional<Decision> decision = by_header(canary, request)) return *decision;
  if (const std::optional<Decision> decision = by_cookie(canary, request)) return *decision;
  return {};
}

// canary-weight of canary-weight-total, which is 100 unless it is greater.
void share_by_weight(const Canary& canary, TracedBackend backend, Outcome& out) {
  const std::int64_t given = annotation_number(*canary.ingress, nginx_prefix, "canary-weight-total").value_or(100);
  const std::int64_t total = std::max<std::int64_t>(given, 100);
  const std::int64_t weight =
      std::clamp<std::int64_t>(annotation_number(*canary.ingress, nginx_prefix, "canary-weight").value_or(0), 0, total);
  TracedBackend& primary = out.backends.front();
  primary.weight = total - weight;
  primary.share = static_cast<double>(total - weight) / static_cast<double>(total);
  backend.weight = weight;
  backend.share = static_cast<double>(weight) / static_cast<double>(total);
  if (weight == 0) {
    out.notes.push_back(
        fmt::format("the canary Ingress {} has weight 0: this request does not get to it", name_of(*canary.ingress)));
    return;
  }
  out.backends.push_back(std::move(backend));
  out.notes.push_back(fmt::format("the canary Ingress {} gets {} of {} requests", name_of(*canary.ingress), weight, total));
}

}  // namespace

void apply_canary(const IngressEntry& entry, const Request& request, const IngressTable& table, Outcome& out) {
  const std::optional<Canary> canary = canary_of(entry, table);
  if (!canary || out.action != Action::forward) return;
  const std::string name = name_of(*canary->ingress);
  if (!canary->same_path) {
    out.notes.push_back(
        fmt::format("the canary Ingress {} is for another path of the same Service: ingress-nginx ties canaries to the "
                    "Service and port, so that it holds here as well",
                    name));
  }
  const Decision decision = decide(*canary->ingress, request);
  switch (decision.to) {
    case Decision::To::unknown:
      out.action = Action::unknown;
      out.reason = fmt::format("whether the canary Ingress {} takes the request is not known: {}", name, decision.why);
      return;
    case Decision::To::primary:
      out.notes.push_back(fmt::format("{}: the canary Ingress {} does not get the request", decision.why, name));
      return;
    case Decision::To::canary:
      out.backends = {backend_of(canary->entry)};
      out.reason = fmt::format("{}, and the canary Ingress {} takes the request ({})", out.reason, name, decision.why);
      return;
    case Decision::To::weighted:
      share_by_weight(*canary, backend_of(canary->entry), out);
      return;
  }
}

}  // namespace gwdoctor

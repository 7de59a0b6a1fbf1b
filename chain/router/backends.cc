#include <fmt/format.h>

#include "chain/router/rule_parts.h"

namespace gwdoctor {

Ref ref_of(const ObjectRef& object) {
  if (const std::optional<Kind> kind = kind_of(object.group, object.kind)) return ref(*kind, object.ns, object.name);
  return {object.group, object.kind, object.ns, object.name, {}};
}

std::string backend_text(const ObjectRef& object, const std::optional<std::int64_t>& port) {
  return ref_of(object).text() + (port ? fmt::format(":{}", *port) : std::string());
}

std::int64_t add_backends(const RouteRule& rule, Outcome& out) {
  std::int64_t total = 0;
  for (const BackendRef& backend : rule.backends) total += backend.weight;
  for (const BackendRef& backend : rule.backends) {
    if (backend.weight <= 0) continue;
    TracedBackend traced;
    traced.object = ref_of(backend);
    traced.port = backend.port;
    traced.weight = backend.weight;
    traced.share = static_cast<double>(backend.weight) / static_cast<double>(total);
    out.backends.push_back(std::move(traced));
  }
  return total;
}

void add_rule_notes(const RouteRule& rule, Outcome& out) {
  const auto timeout = [&](const std::string& value, std::string_view what) {
    if (value.empty()) return;
    out.notes.push_back(value == "0s" ? fmt::format("no timeout for the {} (0s)", what)
                                      : fmt::format("the {} may take {}", what, value));
  };
  timeout(rule.timeouts.request, "whole request");
  timeout(rule.timeouts.backend_request, "answer of the backend");
  if (rule.retry) {
    std::string codes;
    for (const std::int64_t code : rule.retry->codes) codes += fmt::format("{}{}", codes.empty() ? " on " : ", ", code);
    const std::string attempts =
        rule.retry->attempts ? fmt::format("up to {} times", *rule.retry->attempts) : "as often as the implementation does";
    out.notes.push_back(fmt::format("failed requests are tried again {}{}{}", attempts, codes,
                                    rule.retry->backoff.empty() ? "" : ", after " + rule.retry->backoff));
  }
  if (rule.persistence) {
    const std::string& name = rule.persistence->session_name;
    out.notes.push_back(fmt::format("a session keeps its backend, by {}{}",
                                    rule.persistence->type.empty() ? "Cookie" : rule.persistence->type,
                                    name.empty() ? "" : " " + name));
  }
}

}  // namespace gwdoctor

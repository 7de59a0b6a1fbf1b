#include <algorithm>

#include "chain/router/match.h"
#include "chain/router/rule_parts.h"
#include "kube/ascii.h"

namespace gwdoctor {

namespace {

constexpr std::int64_t preflight_status = 200;

struct Origin {
  std::string_view scheme;
  std::string_view host;
  std::string_view port;
};

Origin parts_of(std::string_view text) {
  Origin out;
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos) return {{}, text, {}};
  out.scheme = text.substr(0, colon);
  text.remove_prefix(colon + 3);
  const std::size_t port = text.rfind(':');
  // The colons of an IPv6 address stand in brackets.
  if (port == std::string_view::npos || text.find(']', port) != std::string_view::npos) {
    out.host = text;
    out.port = out.scheme == "https" ? "443" : "80";
    return out;
  }
  out.host = text.substr(0, port);
  out.port = text.substr(port + 1);
  return out;
}

// One wildcard matches greedily; several are tried from the left.
bool host_matches(std::string_view pattern, std::string_view host) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) return same_ascii(pattern, host);
  const std::string_view before = pattern.substr(0, star);
  if (host.size() < before.size() || !same_ascii(before, host.substr(0, before.size()))) return false;
  const std::string_view after = pattern.substr(star + 1);
  if (after.find('*') == std::string_view::npos) {
    return host.size() >= before.size() + after.size() && same_ascii(after, host.substr(host.size() - after.size()));
  }
  for (std::size_t at = before.size(); at <= host.size(); ++at) {
    if (host_matches(after, host.substr(at))) return true;
  }
  return false;
}

std::string join(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

bool has_star(const std::vector<std::string>& words) { return std::find(words.begin(), words.end(), "*") != words.end(); }

// A list of the answer to a preflight: what is configured; for "*" with credentials, what was asked for.
void add_allowed(std::string_view name, const std::vector<std::string>& allowed, const std::optional<std::string>& asked,
                 bool credentials, Outcome& out) {
  if (allowed.empty() || !asked) return;
  out.response_headers.push_back({std::string(name), has_star(allowed) && credentials ? *asked : join(allowed)});
}

}  // namespace

bool origin_allowed(const std::vector<std::string>& allowed, std::string_view origin) {
  const Origin asked = parts_of(origin);
  return std::any_of(allowed.begin(), allowed.end(), [&](const std::string& one) {
    if (one == "*") return true;
    const Origin wanted = parts_of(one);
    return same_ascii(wanted.scheme, asked.scheme) && wanted.port == asked.port && host_matches(wanted.host, asked.host);
  });
}

bool apply_cors(const CorsRules& rules, const Request& request, Outcome& out) {
  const std::optional<std::string> origin = header_value(request, "origin");
  if (!origin) return false;
  const std::optional<std::string> method = header_value(request, "access-control-request-method");
  const bool preflight = request.method == "OPTIONS" && method.has_value();
  const bool allowed = origin_allowed(rules.origins, *origin);
  if (allowed) {
    const bool any = has_star(rules.origins) && !rules.credentials;
    out.response_headers.push_back({"Access-Control-Allow-Origin", any ? "*" : *origin});
    if (rules.credentials) out.response_headers.push_back({"Access-Control-Allow-Credentials", "true"});
    if (!preflight && !rules.exposed.empty())
      out.response_headers.push_back({"Access-Control-Expose-Headers", join(rules.exposed)});
  }
  if (!preflight) {
    if (!allowed)
      out.notes.push_back("the Origin " + *origin + " is not among those that CORS allows: a browser withholds the answer");
    return false;
  }
  out.action = Action::respond;
  out.status = preflight_status;
  if (!allowed) {
    out.reason = "a CORS preflight of the Origin " + *origin + ", which is not allowed: answered without CORS headers";
    out.notes.push_back("some data planes answer a preflight that is not allowed with 403");
    return true;
  }
  add_allowed("Access-Control-Allow-Methods", rules.methods, method, rules.credentials, out);
  add_allowed("Access-Control-Allow-Headers", rules.headers, header_value(request, "access-control-request-headers"),
              rules.credentials, out);
  out.response_headers.push_back({"Access-Control-Max-Age", std::to_string(rules.max_age)});
  out.reason = "a CORS preflight, answered by the data plane";
  out.notes.push_back("data planes answer a preflight with 200 or 204");
  return true;
}

}  // namespace gwdoctor

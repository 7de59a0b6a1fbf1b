#include "chain/router/redirect.h"

#include <fmt/format.h>

#include "chain/router/filters.h"

namespace gwdoctor {

namespace {

std::int64_t own_port(std::string_view scheme) { return scheme == "https" ? 443 : scheme == "http" ? 80 : 0; }

std::string_view without_final_slashes(std::string_view path) {
  while (path.ends_with('/')) path.remove_suffix(1);
  return path;
}

}  // namespace

// HTTPPathModifier.replacePrefixMatch, with its table of trailing slashes.
std::string replace_prefix(std::string_view path, std::string_view matched_prefix, std::string_view replacement) {
  const std::string_view prefix = without_final_slashes(matched_prefix);
  if (!path.starts_with(prefix)) return std::string(path);
  const std::string_view rest = path.substr(prefix.size());
  // The rest begins with the slash that the replacement may end with.
  std::string out(rest.empty() ? replacement : without_final_slashes(replacement));
  out += rest;
  return out.empty() ? "/" : out;
}

std::string changed_path(const PathChange& change, std::string_view path, std::string_view matched_prefix) {
  if (!change.whole) return replace_prefix(path, matched_prefix, change.value);
  return change.value.empty() ? "/" : change.value;
}

RedirectTarget redirect_target(const RouteFilter& filter, const Request& request, std::string_view host, std::string_view path,
                               std::string_view matched_prefix, std::int64_t listener_port, bool listener_tls) {
  RedirectTarget target;
  const bool named = filter.scheme && !filter.scheme->empty();
  target.scheme = named ? *filter.scheme : listener_tls ? "https" : "http";
  target.host = filter.hostname && !filter.hostname->empty() ? *filter.hostname : std::string(host);
  target.port = filter.port ? *filter.port : named && own_port(target.scheme) != 0 ? own_port(target.scheme) : listener_port;
  target.path = filter.path_change ? changed_path(*filter.path_change, path, matched_prefix) : std::string(path);
  if (!request.query.empty()) target.path += "?" + request.query;
  return target;
}

std::string location_of(const RedirectTarget& target) {
  const bool address = target.host.find(':') != std::string::npos;
  const std::string port = target.port == own_port(target.scheme) ? std::string() : fmt::format(":{}", target.port);
  return fmt::format("{}://{}{}{}{}{}", target.scheme, address ? "[" : "", target.host, address ? "]" : "", port, target.path);
}

}  // namespace gwdoctor

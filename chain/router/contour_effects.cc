// Rewrites and redirects of Contour 1.33.

#include <fmt/format.h>

#include "chain/request/request.h"
#include "chain/router/contour.h"
#include "chain/router/redirect.h"
#include "kube/objects/route.h"

namespace gwdoctor {

namespace {

struct WrittenHost {
  std::string name;
  std::string port;  // as written, without the colon
};

WrittenHost split(const std::string& authority) {
  const std::size_t colon = authority.rfind(':');
  if (colon == std::string::npos || authority.find(']', colon) != std::string::npos) return {authority, {}};
  return {authority.substr(0, colon), authority.substr(colon + 1)};
}

std::string_view own_port(std::string_view scheme) { return scheme == "https" ? "443" : "80"; }

bool is_port(const std::string& text) {
  return !text.empty() && text.size() <= 5 && text.find_first_not_of("0123456789") == std::string::npos;
}

}  // namespace

std::string contour_replaced_prefix(std::string_view path, std::string_view prefix, std::string_view replacement) {
  if (prefix.empty() || !path.starts_with('/')) return std::string(path);
  if (replacement.empty() || replacement == "/") {
    // The prefix as it is written, with all slashes after it, becomes one slash.
    if (!path.starts_with(prefix)) return std::string(path);
    std::string_view rest = path.substr(prefix.size());
    while (rest.starts_with('/')) rest.remove_prefix(1);
    return "/" + std::string(rest);
  }
  // Of "/" nothing is taken away but its one slash: what follows is joined to the replacement.
  if (prefix == "/") return std::string(replacement) + std::string(path.substr(1));
  while (prefix.ends_with('/')) prefix.remove_suffix(1);
  if (!path.starts_with(prefix)) return std::string(path);
  return std::string(replacement) + std::string(path.substr(prefix.size()));
}

WrittenRedirect contour_redirect(const RouteFilter& filter, const Request& request, std::string_view path,
                                 std::string_view prefix) {
  const std::string came_by = request.tls ? "https" : "http";
  const std::string scheme = filter.scheme && !filter.scheme->empty() ? *filter.scheme : came_by;
  WrittenHost host = split(request.authority_sent());
  if (filter.hostname && !filter.hostname->empty()) {
    host = {*filter.hostname, {}};
  } else if (scheme != came_by && host.port == own_port(came_by)) {
    host.port.clear();
  }
  if (filter.port) host.port = std::to_string(*filter.port);
  WrittenRedirect out;
  out.host = host.name;
  if (is_port(host.port)) out.port = std::stol(host.port);
  if (!filter.path_change) {
    out.path = std::string(path);
  } else if (filter.path_change->whole) {
    out.path = changed_path(*filter.path_change, path, prefix);
  } else {
    out.path = contour_replaced_prefix(path, prefix, filter.path_change->value);
  }
  if (!request.query.empty()) out.path += "?" + request.query;
  out.location = fmt::format("{}://{}{}{}{}", scheme, host.name, host.port.empty() ? "" : ":", host.port, out.path);
  return out;
}

}  // namespace gwdoctor

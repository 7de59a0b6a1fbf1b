// Hostnames of Contour 1.33: which of them a listener serves a route under.

#include <algorithm>

#include "chain/hostname.h"
#include "chain/router/contour.h"

namespace gwdoctor {

namespace {

bool lies_under(std::string_view host, std::string_view wildcard) {
  return is_wildcard(wildcard) && host != wildcard && host.size() > wildcard.size() - 1 && host.ends_with(wildcard.substr(1));
}

bool belongs_to_another(const std::string& host, std::string_view listener, const std::vector<std::string>& others) {
  return std::any_of(others.begin(), others.end(), [&](const std::string& other) {
    return host == other || (lies_under(host, other) && other.size() > listener.size());
  });
}

}  // namespace

std::vector<std::string> contour_hostnames(std::string_view listener, const std::vector<std::string>& route,
                                           const std::vector<std::string>& others) {
  if (route.empty()) return {std::string(listener)};
  std::vector<std::string> out;
  const auto add = [&](std::string_view host) {
    if (std::find(out.begin(), out.end(), host) == out.end()) out.emplace_back(host);
  };
  for (const std::string& host : route) {
    if (host == listener) {
      add(host);
    } else if (listener.empty() || is_wildcard(listener)) {
      const bool common = listener.empty() || lies_under(host, listener);
      if (common && !belongs_to_another(host, listener, others)) add(host);
    } else if (lies_under(listener, host)) {
      add(listener);
    }
  }
  return out;
}

}  // namespace gwdoctor

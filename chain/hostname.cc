#include "chain/hostname.h"

#include <algorithm>

#include "kube/ascii.h"

namespace gwdoctor {

namespace {

std::string folded(std::string_view host) {
  if (host.size() > 1 && host.back() == '.') host.remove_suffix(1);
  return lower_case(host);
}

// The part that a wildcard fixes, with its dot: ".example.com".
std::string_view suffix_of(std::string_view wildcard) { return wildcard.substr(1); }

bool folded_covers(std::string_view pattern, std::string_view host) {
  if (pattern.empty()) return true;
  if (!is_wildcard(pattern)) return pattern == host;
  // A wildcard below this one ("*.b.example.com") passes the same test: "*" stands for its labels.
  const std::string_view suffix = suffix_of(pattern);
  return host.size() > suffix.size() && host.front() != '.' && host.ends_with(suffix);
}

void add_once(std::vector<std::string>& hosts, std::string host) {
  if (std::find(hosts.begin(), hosts.end(), host) == hosts.end()) hosts.push_back(std::move(host));
}

}  // namespace

bool is_wildcard(std::string_view host) { return host.size() > 2 && host.starts_with("*."); }

bool covers(std::string_view pattern, std::string_view host) { return folded_covers(folded(pattern), folded(host)); }

bool more_specific(std::string_view left, std::string_view right) {
  const auto rank = [](std::string_view host) { return host.empty() ? 0 : is_wildcard(host) ? 1 : 2; };
  if (rank(left) != rank(right)) return rank(left) > rank(right);
  return folded(left).size() > folded(right).size();
}

Intersection intersect(std::string_view listener_hostname, const std::vector<std::string>& route_hostnames) {
  const std::string listener = folded(listener_hostname);
  if (route_hostnames.empty()) return {{listener}, {}};
  Intersection common;
  for (const std::string& hostname : route_hostnames) {
    std::string host = folded(hostname);
    if (folded_covers(listener, host)) {
      add_once(common.effective, std::move(host));
    } else if (folded_covers(host, listener)) {
      add_once(common.effective, listener);
    } else {
      add_once(common.left_out, std::move(host));
    }
  }
  return common;
}

bool ingress_host_covers(std::string_view pattern, std::string_view host) {
  const std::string wanted = folded(pattern);
  const std::string asked = folded(host);
  if (wanted.empty() || wanted == asked) return true;
  if (!is_wildcard(wanted) || is_wildcard(asked)) return false;
  const std::size_t dot = asked.find('.');
  return dot != std::string::npos && dot > 0 && std::string_view(asked).substr(dot) == suffix_of(wanted);
}

}  // namespace gwdoctor

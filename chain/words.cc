#include "chain/words.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <vector>

#include "chain/path.h"

namespace gwdoctor {

namespace {

std::string conditions_of(const RouteMatch& match) {
  std::string out;
  for (const ValueMatch& header : match.headers)
    out += fmt::format("{}header {}: {}", out.empty() ? " with " : ", ", header.name, header.value);
  for (const ValueMatch& query : match.query)
    out += fmt::format("{}query {}={}", out.empty() ? " with " : ", ", query.name, query.value);
  return out;
}

std::string join(const std::set<std::string>& words) {
  std::string out;
  std::size_t at = 0;
  for (const std::string& word : words) {
    if (at == 4 && words.size() > 5) return out + fmt::format(" and {} more", words.size() - at);
    out += (at == 0 ? "" : at + 1 == words.size() ? " and " : ", ") + word;
    ++at;
  }
  return out;
}

}  // namespace

std::string requests_of(Kind kind, const RouteMatch& match) {
  if (kind == Kind::grpc_route) {
    const std::string call =
        match.grpc ? match.grpc->name + (match.grpc->value.empty() ? "" : "/" + match.grpc->value) : std::string();
    return (call.empty() ? std::string("calls") : "calls of " + call) + conditions_of(match);
  }
  if (kind != Kind::http_route) return "connections";
  std::string out = match.method.empty() ? "requests" : match.method + " requests";
  if (match.path) {
    out += match.path->type == "Exact" ? " to exactly " : match.path->type == "RegularExpression" ? " to paths like " : " to ";
    out += match.path->value;
  }
  return out + conditions_of(match);
}

std::string requests_of(const IngressRule& rule, const IngressPath& path) {
  const std::string where = path.path.empty() ? "/" : path.path;
  return "requests to " + rule.host + where;
}

std::string Path::describe(const Scope& scope) const {
  const std::size_t count = scope.count();
  if (count == 0) return {};
  const std::string word = target_kind == Kind::service || target_kind == Kind::tcp_route || target_kind == Kind::udp_route ||
                                   target_kind == Kind::tls_route
                               ? "connections"
                               : "requests";
  if (count == streams.size()) return trace != nullptr ? "this request" : "all " + word;

  // Whole entrances: everything that comes in by some hosts or schemes.
  std::map<std::size_t, std::size_t> by_entrance;
  std::map<std::size_t, std::size_t> by_leg;
  std::map<std::size_t, std::size_t> of_entrance;
  std::map<std::size_t, std::size_t> of_leg;
  for (std::size_t at = 0; at < streams.size(); ++at) {
    ++of_entrance[streams[at].entrance];
    ++of_leg[streams[at].leg];
    if (!scope.has(at)) continue;
    ++by_entrance[streams[at].entrance];
    ++by_leg[streams[at].leg];
  }
  const auto whole = [](const auto& part, const auto& total) {
    for (const auto& [key, number] : part) {
      if (total.at(key) != number) return false;
    }
    return true;
  };
  if (whole(by_leg, of_leg)) {
    std::map<std::string, std::pair<std::int64_t, std::int64_t>> weights;
    std::set<std::string> words;
    for (const auto& [index, number] : by_leg) {
      const Leg& leg = legs[index];
      auto& [share, total] = weights[leg.requests + "\n" + std::to_string(leg.rule) + "." + std::to_string(leg.match) + "." +
                                     std::to_string(leg.route)];
      share += leg.weight;
      total = leg.total_weight;
    }
    for (const auto& [key, weight] : weights) {
      const std::string requests = key.substr(0, key.find('\n'));
      const auto [share, total] = weight;
      if (share >= total || total == 0) {
        words.insert(requests);
      } else {
        words.insert(
            fmt::format("about {} % of {} (weight {} of {})", (share * 100 + total / 2) / total, requests, share, total));
      }
    }
    return join(words);
  }
  std::set<std::string> words;
  for (const auto& [index, number] : by_entrance) {
    const Entrance& entrance = entrances[index];
    const std::string scheme = entrance.scheme == "https" ? "HTTPS " : entrance.scheme == "http" ? "plain HTTP " : "";
    std::string text = scheme + word + (entrance.host.empty() ? "" : " for " + entrance.host);
    if (of_entrance.at(index) != number) text = "some " + text;
    words.insert(text);
  }
  return join(words);
}

}  // namespace gwdoctor

#include "checks/support/streams.h"

#include <set>
#include <string_view>
#include <tuple>

#include "checks/support/routing.h"

namespace gwdoctor {

namespace {

bool same_way(const Entrance& left, const Entrance& right) {
  return left.route == right.route && left.gateway == right.gateway && left.listener == right.listener && left.host == right.host;
}

}  // namespace

std::vector<std::size_t> attached_entrances(std::size_t route, const Path& path) {
  // A path that was cut off has entrances without streams: nothing could be said of them.
  std::vector<bool> used(path.entrances.size());
  for (const Stream& stream : path.streams) used[stream.entrance] = true;
  std::vector<std::size_t> out;
  std::set<std::tuple<std::size_t, std::size_t, std::string_view>> seen;
  for (std::size_t at = 0; at < path.entrances.size(); ++at) {
    const Entrance& entrance = path.entrances[at];
    if (entrance.route != route || !used[at] || !is_attached(entrance, path)) continue;
    if (seen.emplace(entrance.gateway, entrance.listener, entrance.host).second) out.push_back(at);
  }
  return out;
}

Scope streams_of(std::size_t entrance, const Path& path) {
  const Entrance& wanted = path.entrances[entrance];
  return path.through([&](const Entrance& one, const Leg&) { return same_way(one, wanted); });
}

bool goes_before(const Route& left, const Route& right) {
  const auto age = [](const Route& route) { return route.meta.created.value_or(Time::max()); };
  const Time one = age(left);
  const Time other = age(right);
  const Ref& first = left.meta.ref;
  const Ref& second = right.meta.ref;
  return std::tie(one, first.ns, first.name) < std::tie(other, second.ns, second.name);
}

}  // namespace gwdoctor

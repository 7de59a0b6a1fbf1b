#include "cmd/targets.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "checks/engine.h"
#include "cmd/near_names.h"

namespace gwdoctor {

namespace {

constexpr std::array route_kinds{Kind::http_route, Kind::grpc_route, Kind::tls_route,
                                 Kind::tcp_route,  Kind::udp_route,  Kind::ingress};

struct Name {
  std::vector<Kind> kinds;
  std::string name;
};

Result<Name> parse_name(const Options& options) {
  Name out;
  const std::string& word = options.names.front();
  switch (options.command) {
    case Command::ingress:
      out.kinds = {Kind::ingress};
      break;
    case Command::gateway:
      out.kinds = {Kind::gateway};
      break;
    case Command::service:
      out.kinds = {Kind::service};
      break;
    default:
      out.kinds.assign(route_kinds.begin(), route_kinds.end());
  }
  const std::size_t slash = word.find('/');
  out.name = slash == std::string::npos ? word : word.substr(slash + 1);
  if (out.name.empty() || out.name.find('/') != std::string::npos) {
    return fail(ErrorKind::usage, fmt::format("error: \"{}\" is no name, expected NAME or TYPE/NAME", word));
  }
  if (slash == std::string::npos) return out;
  const std::optional<Kind> kind = kind_named(word.substr(0, slash));
  if (!kind || std::find(out.kinds.begin(), out.kinds.end(), *kind) == out.kinds.end()) {
    std::string allowed;
    for (const Kind one : out.kinds) allowed += (allowed.empty() ? "" : ", ") + std::string(info(one).singular);
    return fail(ErrorKind::usage, fmt::format("error: the type \"{}\" cannot be diagnosed here, expected one of: {}",
                                              word.substr(0, slash), allowed));
  }
  out.kinds = {*kind};
  return out;
}

// Any of the kinds, without its struct: whether it is there.
State state_of(const Facts& facts, Kind kind, const std::string& ns, const std::string& name, Why& why) {
  const auto read = [&](const auto& seen) {
    why = seen.why();
    return seen.present() ? State::present : seen.absent() ? State::absent : State::unknown;
  };
  if (is_route(kind)) return read(facts.get<Route>(kind, ns, name));
  if (kind == Kind::ingress) return read(facts.get<Ingress>(kind, ns, name));
  if (kind == Kind::gateway) return read(facts.get<Gateway>(kind, ns, name));
  return read(facts.get<Service>(kind, ns, name));
}

void collect(const Facts& facts, Kind kind, const std::string& ns, const std::string& name, std::vector<std::string>& names,
             std::set<std::string>& elsewhere) {
  const auto gather = [&](const auto& here, const auto& anywhere) {
    if (here.present()) {
      for (const auto& one : *here) names.push_back(one->meta.ref.name);
    }
    if (anywhere.present()) {
      for (const auto& one : *anywhere) elsewhere.insert(one->meta.ref.ns);
    }
  };
  if (is_route(kind)) gather(facts.list<Route>(kind, ns), facts.anywhere<Route>(kind, name));
  if (kind == Kind::ingress) gather(facts.list<Ingress>(kind, ns), facts.anywhere<Ingress>(kind, name));
  if (kind == Kind::gateway) gather(facts.list<Gateway>(kind, ns), facts.anywhere<Gateway>(kind, name));
  if (kind == Kind::service) gather(facts.list<Service>(kind, ns), facts.anywhere<Service>(kind, name));
}

Error not_found(const Name& wanted, const std::string& ns, Facts& facts, Source& source) {
  std::vector<std::string> names;
  std::set<std::string> elsewhere;
  for (const Kind kind : wanted.kinds) collect(facts, kind, ns, wanted.name, names, elsewhere);
  fetch_wanted(facts, source);
  names.clear();
  elsewhere.clear();
  for (const Kind kind : wanted.kinds) collect(facts, kind, ns, wanted.name, names, elsewhere);
  const std::string what = wanted.kinds.size() > 1 ? std::string("route or Ingress") : resource_name(wanted.kinds.front());
  std::string message =
      fmt::format("Error from server (NotFound): {} \"{}\" not found in namespace \"{}\"", what, wanted.name, ns);
  for (const std::string& other : elsewhere) message += fmt::format("\nit exists in namespace {}: add -n {}", other, other);
  return {ErrorKind::input, message + near_names(wanted.name, std::move(names))};
}

}  // namespace

Result<std::vector<Target>> find_targets(const Options& options, const std::string& ns, Facts& facts, Source& source) {
  const Result<Name> wanted = parse_name(options);
  if (!wanted) return tl::unexpected(wanted.error());
  Why why;
  for (const Kind kind : wanted->kinds) (void)state_of(facts, kind, ns, wanted->name, why);
  fetch_wanted(facts, source);
  std::vector<Target> present;
  std::vector<Target> unread;
  bool proved = false;
  bool blind = false;
  for (const Kind kind : wanted->kinds) {
    const State state = state_of(facts, kind, ns, wanted->name, why);
    if (state == State::present) present.push_back({kind, ns, wanted->name});
    if (state == State::unknown) unread.push_back({kind, ns, wanted->name});
    proved = proved || state == State::absent;
    // That a dump lacks a kind altogether says nothing where it holds other kinds of route.
    blind = blind || (state == State::unknown && why.reason != Why::Reason::not_collected);
  }
  if (!present.empty()) return present;
  if (!unread.empty() && (blind || !proved)) return std::vector<Target>{unread.front()};
  return tl::unexpected(not_found(*wanted, ns, facts, source));
}

}  // namespace gwdoctor

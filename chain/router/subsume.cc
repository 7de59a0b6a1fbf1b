#include <algorithm>

#include "chain/request/path.h"
#include "chain/router/match.h"
#include "chain/router/regex.h"
#include "kube/ascii.h"

namespace gwdoctor {

namespace {

constexpr std::string_view regular = "RegularExpression";

// Every text that `inner` takes is taken by the regular expression, however it is anchored.
bool regex_takes(std::string_view pattern, std::string_view inner_type, std::string_view inner) {
  if (inner_type == regular) return pattern == inner;
  return regex_matches(pattern, inner, RegexAnchors::whole_path).verdict == RegexAnswer::Verdict::yes;
}

bool path_subsumes(const RouteMatch& outer, const RouteMatch& inner) {
  const std::string_view outer_type = path_type(outer);
  const std::string_view inner_type = path_type(inner);
  if (outer_type == regular) {
    if (takes_every_path(path_value(outer))) return true;
    return inner_type != "PathPrefix" && regex_takes(path_value(outer), inner_type, path_value(inner));
  }
  if (outer_type == "Exact") return inner_type == "Exact" && path_value(outer) == path_value(inner);
  if (outer_type != "PathPrefix") return false;
  if (path_value(outer) == "/") return true;
  return inner_type != regular && is_element_prefix(path_value(outer), path_value(inner));
}

template <class Same>
bool values_subsume(const std::vector<ValueMatch>& outer, const std::vector<std::size_t>& outer_counted,
                    const std::vector<ValueMatch>& inner, const std::vector<std::size_t>& inner_counted, Same&& same) {
  return std::all_of(outer_counted.begin(), outer_counted.end(), [&](std::size_t wanted) {
    return std::any_of(inner_counted.begin(), inner_counted.end(), [&](std::size_t given) {
      if (!same(outer[wanted].name, inner[given].name)) return false;
      if (outer[wanted].type == regular) return regex_takes(outer[wanted].value, inner[given].type, inner[given].value);
      return inner[given].type != regular && outer[wanted].value == inner[given].value;
    });
  });
}

bool call_subsumes(const RouteMatch& outer, const RouteMatch& inner) {
  if (!outer.grpc) return true;
  const auto part = [&](const std::string& wanted, const std::string& given) {
    if (wanted.empty()) return true;
    if (!inner.grpc || given.empty()) return false;
    if (outer.grpc->type == regular) return regex_takes(wanted, inner.grpc->type, given);
    return inner.grpc->type != regular && wanted == given;
  };
  return part(outer.grpc->name, inner.grpc ? inner.grpc->name : std::string()) &&
         part(outer.grpc->value, inner.grpc ? inner.grpc->value : std::string());
}

}  // namespace

bool subsumes(const RouteMatch& outer, const RouteMatch& inner, Kind route_kind) {
  if (route_kind != Kind::http_route && route_kind != Kind::grpc_route) return true;
  if (!values_subsume(outer.headers, counted_headers(outer.headers), inner.headers, counted_headers(inner.headers), same_ascii))
    return false;
  if (route_kind == Kind::grpc_route) return call_subsumes(outer, inner);
  const auto same_name = [](const std::string& left, const std::string& right) { return left == right; };
  return (outer.method.empty() || outer.method == inner.method) && path_subsumes(outer, inner) &&
         values_subsume(outer.query, counted_query(outer.query), inner.query, counted_query(inner.query), same_name);
}

}  // namespace gwdoctor

#include "chain/router/match.h"

#include <fmt/format.h>

#include <algorithm>

#include "chain/hostname.h"
#include "chain/request/path.h"
#include "chain/router/regex.h"
#include "kube/ascii.h"

namespace gwdoctor {

namespace {

using Verdict = MatchResult::Verdict;

template <class Same>
std::vector<std::size_t> firsts(const std::vector<ValueMatch>& all, Same&& same) {
  std::vector<std::size_t> out;
  for (std::size_t at = 0; at < all.size(); ++at) {
    if (std::none_of(out.begin(), out.end(), [&](std::size_t earlier) { return same(all[earlier].name, all[at].name); }))
      out.push_back(at);
  }
  return out;
}

// A regular expression of an implementation whose way of anchoring is not known is judged both ways: where they differ, it cannot
// be.
Verdict regex_verdict(std::string_view pattern, std::string_view text, const GatewayDialect& dialect) {
  const auto verdict = [](const RegexAnswer& answer) {
    return answer.verdict == RegexAnswer::Verdict::broken ? Verdict::unknown
           : answer.verdict == RegexAnswer::Verdict::yes  ? Verdict::yes
                                                          : Verdict::no;
  };
  if (dialect.regex_known) return verdict(regex_matches(pattern, text, dialect.regex_anchors));
  const Verdict whole = verdict(regex_matches(pattern, text, RegexAnchors::whole_path));
  if (whole != Verdict::no) return whole;
  return verdict(regex_matches(pattern, text, RegexAnchors::anywhere)) == Verdict::no ? Verdict::no : Verdict::unknown;
}

Verdict value_verdict(const ValueMatch& wanted, const std::optional<std::string>& value, const GatewayDialect& dialect) {
  if (!value) return Verdict::no;
  if (wanted.type == "RegularExpression") return regex_verdict(wanted.value, *value, dialect);
  return wanted.value == *value ? Verdict::yes : Verdict::no;
}

Verdict path_verdict(const RouteMatch& match, std::string_view path, const GatewayDialect& dialect) {
  const std::string_view type = path_type(match);
  const std::string_view value = path_value(match);
  if (type == "Exact") return path == value ? Verdict::yes : Verdict::no;
  if (type == "RegularExpression") return regex_verdict(value, path, dialect);
  if (type == "PathPrefix") return is_element_prefix(value, path) ? Verdict::yes : Verdict::no;
  return Verdict::unknown;
}

// Adds up the conditions: the first that fails is told, and one that cannot be judged only where none fails.
class Tally {
 public:
  void add(Verdict verdict, MatchCheck::Part part, std::size_t index = 0) {
    if (verdict == Verdict::yes) {
      ++check_.met;
    } else if (check_.verdict == Verdict::yes || (check_.verdict == Verdict::unknown && verdict == Verdict::no)) {
      check_.verdict = verdict;
      check_.part = part;
      check_.index = index;
    }
  }
  [[nodiscard]] const MatchCheck& result() const { return check_; }

 private:
  MatchCheck check_;
};

Verdict header_verdict(const ValueMatch& wanted, const Request& request, const GatewayDialect& dialect) {
  if (dialect.header_lines == HeaderLines::joined || same_ascii(wanted.name, "host"))
    return value_verdict(wanted, header_value(request, wanted.name), dialect);
  Verdict best = Verdict::no;
  for (const HeaderField& line : request.headers) {
    if (!same_ascii(line.name, wanted.name)) continue;
    const Verdict verdict = value_verdict(wanted, line.value, dialect);
    if (verdict == Verdict::yes) return verdict;
    if (verdict == Verdict::unknown) best = verdict;
  }
  return best;
}

void add_values(const RouteMatch& match, const std::vector<ValueMatch>& query, const Request& request,
                const GatewayDialect& dialect, Tally& tally) {
  for (const std::size_t at : counted_headers(match.headers)) {
    const ValueMatch& wanted = match.headers[at];
    tally.add(header_verdict(wanted, request, dialect), MatchCheck::Part::header, at);
  }
  for (const std::size_t at : counted_query(query)) {
    const ValueMatch& wanted = query[at];
    tally.add(value_verdict(wanted, query_text(request, wanted.name, dialect), dialect), MatchCheck::Part::query, at);
  }
}

Verdict call_verdict(const std::string& type, const std::string& wanted, std::string_view value, const GatewayDialect& dialect) {
  if (type == "RegularExpression") return regex_verdict(wanted, value, dialect);
  return wanted == value ? Verdict::yes : Verdict::no;
}

MatchCheck check_conditions(const RouteMatch& match, const std::vector<ValueMatch>& query, Kind route_kind,
                            const Request& request, std::string_view path, const GatewayDialect& dialect) {
  Tally tally;
  if (route_kind == Kind::grpc_route) {
    tally.add(request.grpc ? Verdict::yes : Verdict::no, MatchCheck::Part::grpc_call);
    if (match.grpc) {
      const Call call = call_of(path);
      const auto add = [&](const std::string& wanted, std::string_view value, MatchCheck::Part part) {
        if (!wanted.empty()) tally.add(call_verdict(match.grpc->type, wanted, value, dialect), part);
      };
      add(match.grpc->name, call.service, MatchCheck::Part::service);
      add(match.grpc->value, call.method, MatchCheck::Part::rpc);
    }
  } else {
    tally.add(path_verdict(match, path, dialect), MatchCheck::Part::path);
    if (!match.method.empty()) tally.add(match.method == request.method ? Verdict::yes : Verdict::no, MatchCheck::Part::method);
  }
  add_values(match, query, request, dialect, tally);
  return tally.result();
}

}  // namespace

std::vector<std::size_t> counted_headers(const std::vector<ValueMatch>& headers) { return firsts(headers, same_ascii); }

std::vector<std::size_t> counted_query(const std::vector<ValueMatch>& query) {
  return firsts(query, [](const std::string& left, const std::string& right) { return left == right; });
}

std::size_t count_headers(const RouteMatch& match) {
  return match.headers.size() < 2 ? match.headers.size() : counted_headers(match.headers).size();
}

std::size_t count_query(const RouteMatch& match) {
  return match.query.size() < 2 ? match.query.size() : counted_query(match.query).size();
}

std::string_view path_type(const RouteMatch& match) {
  return match.path && !match.path->type.empty() ? std::string_view(match.path->type) : std::string_view("PathPrefix");
}

std::string_view path_value(const RouteMatch& match) {
  return match.path && !match.path->value.empty() ? std::string_view(match.path->value) : std::string_view("/");
}

Call call_of(std::string_view path) {
  if (path.starts_with('/')) path.remove_prefix(1);
  const std::size_t slash = path.find('/');
  if (slash == std::string_view::npos) return {path, {}};
  return {path.substr(0, slash), path.substr(slash + 1)};
}

std::string named_host(const Request& request) {
  std::string name = request.authority_sent();
  const std::size_t colon = name.rfind(':');
  if (colon != std::string::npos && name.find(']', colon) == std::string::npos) name.resize(colon);
  return lower_case(name);
}

bool host_covered(std::string_view pattern, std::string_view host) {
  if (pattern.empty() || pattern == host) return true;
  if (!is_wildcard(pattern)) return false;
  const std::string_view suffix = pattern.substr(1);
  return host.size() > suffix.size() && host.front() != '.' && host.ends_with(suffix);
}

const std::vector<ValueMatch>& query_conditions(const TableEntry& entry, const GatewayDialect& dialect) {
  static const std::vector<ValueMatch> none;
  return dialect.redirects_ignore_query && is_redirect_rule(entry.rule_spec()) ? none : entry.match_spec().query;
}

bool is_redirect_rule(const RouteRule& rule) {
  return std::any_of(rule.filters.begin(), rule.filters.end(),
                     [](const RouteFilter& filter) { return filter.type == "RequestRedirect"; });
}

std::optional<std::string> query_text(const Request& request, std::string_view name, const GatewayDialect& dialect) {
  if (dialect.query_text == QueryText::decoded) return query_value(request, name);
  const std::string_view query = request.query;
  for (std::size_t at = 0; at < query.size();) {
    const std::string_view pair = query.substr(at, query.find('&', at) - at);
    at += pair.size() + 1;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    if (pair.substr(0, equals) == name) return std::string(pair.substr(std::min(equals + 1, pair.size())));
  }
  return std::nullopt;
}

MatchCheck check_entry(const TableEntry& entry, const Request& request, std::string_view path, const GatewayDialect& dialect) {
  return check_conditions(entry.match_spec(), query_conditions(entry, dialect), entry.route->kind, request, path, dialect);
}

MatchCheck check_match(const RouteMatch& match, Kind route_kind, const Request& request, std::string_view path,
                       const GatewayDialect& dialect) {
  return check_conditions(match, match.query, route_kind, request, path, dialect);
}

MatchResult match_request(const RouteMatch& match, Kind route_kind, const Request& request, std::string_view path,
                          const GatewayDialect& dialect) {
  const MatchCheck check = check_match(match, route_kind, request, path, dialect);
  MatchResult out;
  out.verdict = check.verdict;
  out.met = check.met;
  if (check.verdict != MatchResult::Verdict::yes) out.failed = words_for(check, match, request, path, dialect);
  return out;
}

}  // namespace gwdoctor

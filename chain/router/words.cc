#include <fmt/format.h>

#include "chain/router/match.h"
#include "chain/router/regex.h"

namespace gwdoctor {

namespace {

using Verdict = MatchResult::Verdict;

// Why a regular expression cannot be judged.
std::string unsure(std::string_view what, std::string_view pattern, const GatewayDialect& dialect) {
  const RegexAnswer answer = regex_matches(pattern, {}, RegexAnchors::anywhere);
  if (answer.verdict == RegexAnswer::Verdict::broken)
    return fmt::format("the regular expression {} of the {} cannot be judged by RE2's rules: {}", pattern, what, answer.error);
  return fmt::format("the regular expression {} takes a part of the {}, and whether {} wants the whole of it is not known",
                     pattern, what, dialect.name.empty() ? "this implementation" : dialect.name);
}

std::string path_words(const MatchCheck& check, const RouteMatch& match, std::string_view path, const GatewayDialect& dialect) {
  const std::string_view type = path_type(match);
  const std::string_view value = path_value(match);
  if (check.verdict == Verdict::unknown) {
    if (type == "RegularExpression") return unsure("path", value, dialect);
    return fmt::format("the path match is of type {}, which the Gateway API does not define", type);
  }
  if (type == "Exact") return fmt::format("path {} is not {}", path, value);
  if (type == "RegularExpression") return fmt::format("path {} does not match {}", path, value);
  return fmt::format("path {} is not below {}", path, value);
}

std::string value_words(const MatchCheck& check, const ValueMatch& wanted, std::string_view what,
                        const std::optional<std::string>& found, const GatewayDialect& dialect) {
  if (check.verdict == Verdict::unknown) return unsure(fmt::format("{} {}", what, wanted.name), wanted.value, dialect);
  const bool regex = wanted.type == "RegularExpression";
  if (!found) return fmt::format("no {} {}, {}{}", what, wanted.name, regex ? "wanted one like " : "wanted ", wanted.value);
  return fmt::format("{} {} is {}, {}{}", what, wanted.name, *found, regex ? "not like " : "not ", wanted.value);
}

std::string call_words(const MatchCheck& check, const ValueMatch& wanted, std::string_view path, const GatewayDialect& dialect) {
  const bool service = check.part == MatchCheck::Part::service;
  const std::string& pattern = service ? wanted.name : wanted.value;
  const std::string_view what = service ? "gRPC service" : "gRPC method";
  if (check.verdict == Verdict::unknown) return unsure(what, pattern, dialect);
  const Call call = call_of(path);
  const std::string_view like = wanted.type == "RegularExpression" ? "like " : "";
  return fmt::format("{} {}, not {}{}", what, service ? call.service : call.method, like, pattern);
}

}  // namespace

std::string words_for(const MatchCheck& check, const RouteMatch& match, const Request& request, std::string_view path,
                      const GatewayDialect& dialect) {
  switch (check.part) {
    case MatchCheck::Part::none:
      return {};
    case MatchCheck::Part::grpc_call:
      return "the request is no gRPC call";
    case MatchCheck::Part::path:
      return path_words(check, match, path, dialect);
    case MatchCheck::Part::method:
      return fmt::format("method {}, not {}", request.method, match.method);
    case MatchCheck::Part::service:
    case MatchCheck::Part::rpc:
      return call_words(check, *match.grpc, path, dialect);
    case MatchCheck::Part::header: {
      const ValueMatch& wanted = match.headers[check.index];
      return value_words(check, wanted, "header", header_value(request, wanted.name), dialect);
    }
    case MatchCheck::Part::query: {
      const ValueMatch& wanted = match.query[check.index];
      return value_words(check, wanted, "query parameter", query_text(request, wanted.name, dialect), dialect);
    }
  }
  return {};
}

std::string_view action_name(Action action) {
  switch (action) {
    case Action::forward:
      return "forward";
    case Action::redirect:
      return "redirect";
    case Action::respond:
      return "respond";
    case Action::not_found:
      return "not-found";
    case Action::reject:
      return "reject";
    case Action::unreachable:
      return "unreachable";
    case Action::unknown:
      return "unknown";
  }
  return "unknown";
}

}  // namespace gwdoctor

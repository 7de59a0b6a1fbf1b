#include "checks/support/rule_faults.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <map>

#include "chain/regex.h"
#include "kube/objects/fields.h"

namespace gwdoctor {

namespace {

constexpr std::size_t every = static_cast<std::size_t>(-1);

using Faults = std::vector<RuleFault>;

RuleFault fault(RuleFault::What what, std::string path, std::string says) {
  RuleFault out;
  out.what = what;
  out.path = std::move(path);
  out.says = std::move(says);
  return out;
}

// Gateway API v1.6: each of these once in a list of filters.
bool stands_once(Kind kind, std::string_view type) {
  if (type == "RequestHeaderModifier" || type == "ResponseHeaderModifier") return true;
  return kind == Kind::http_route && (type == "RequestRedirect" || type == "URLRewrite" || type == "CORS");
}

const RouteFilter* find_filter(const std::vector<RouteFilter>& filters, std::string_view type) {
  const auto found = std::find_if(filters.begin(), filters.end(), [&](const RouteFilter& one) { return one.type == type; });
  return found == filters.end() ? nullptr : &*found;
}

void repeated(const std::vector<RouteFilter>& filters, Kind kind, std::size_t backend, const Value& document, Faults& out) {
  std::map<std::string_view, const RouteFilter*> firsts;
  for (const RouteFilter& filter : filters) {
    if (!stands_once(kind, filter.type)) continue;
    const auto [first, fresh] = firsts.emplace(filter.type, &filter);
    if (fresh) continue;
    RuleFault one = fault(RuleFault::What::filters, filter.path,
                          fmt::format("the filter {} stands there twice, and the API allows it once", filter.type));
    one.backend = backend;
    one.twice = document.at_path(first->second->path) == document.at_path(filter.path);
    out.push_back(std::move(one));
  }
}

void excluding(const std::vector<RouteFilter>& filters, std::size_t backend, Faults& out) {
  const RouteFilter* redirect = find_filter(filters, "RequestRedirect");
  const RouteFilter* rewrite = find_filter(filters, "URLRewrite");
  if (redirect == nullptr || rewrite == nullptr) return;
  RuleFault one = fault(RuleFault::What::filters, std::max(redirect, rewrite)->path,
                        "the filters RequestRedirect and URLRewrite exclude each other, and both stand there");
  one.backend = backend;
  out.push_back(std::move(one));
}

// HTTPPathModifier.replacePrefixMatch: exactly one match, by PathPrefix.
void prefix_replaced(const std::vector<RouteFilter>& filters, const RouteRule& rule, std::size_t backend, Faults& out) {
  for (const RouteFilter& filter : filters) {
    if (filter.type != "RequestRedirect" && filter.type != "URLRewrite") continue;
    if (!filter.path_change || filter.path_change->whole) continue;
    const std::string& type = rule.matches.front().path->type;
    if (rule.matches.size() == 1 && type == "PathPrefix") continue;
    const std::string found =
        rule.matches.size() == 1 ? fmt::format("its match is {}", type) : fmt::format("it has {} matches", rule.matches.size());
    const std::string field = filter.path + (filter.type == "URLRewrite" ? ".urlRewrite" : ".requestRedirect") + ".path";
    RuleFault one = fault(RuleFault::What::filters, field,
                          fmt::format("ReplacePrefixMatch needs a rule with exactly one match, by PathPrefix, and {}", found));
    one.backend = backend;
    out.push_back(std::move(one));
  }
}

void filters_of(const Route& route, const RouteRule& rule, const Value& document, Faults& out) {
  const auto look = [&](const std::vector<RouteFilter>& filters, std::size_t backend) {
    repeated(filters, route.kind, backend, document, out);
    if (route.kind != Kind::http_route) return;
    excluding(filters, backend, out);
    prefix_replaced(filters, rule, backend, out);
  };
  look(rule.filters, every);
  for (std::size_t at = 0; at < rule.backends.size(); ++at) look(rule.backends[at].filters, at);
  const RouteFilter* redirect = find_filter(rule.filters, "RequestRedirect");
  if (route.kind != Kind::http_route || redirect == nullptr || rule.backends.empty()) return;
  out.push_back(fault(RuleFault::What::filters, rule.path + ".backendRefs",
                      "a rule that redirects (RequestRedirect) has no use for backends, and it names some"));
}

bool is_path_character(char letter) {
  constexpr std::string_view marks = "-/._~!$&'()*+,;=:@";
  return std::isalnum(static_cast<unsigned char>(letter)) != 0 || marks.find(letter) != std::string_view::npos;
}

bool is_escape(std::string_view text) {
  return text.size() >= 3 && text[0] == '%' && std::isxdigit(static_cast<unsigned char>(text[1])) != 0 &&
         std::isxdigit(static_cast<unsigned char>(text[2])) != 0;
}

// The same path as clients send it; "" where that is not plain.
std::string plain_path(std::string_view value) {
  constexpr std::size_t longest = 1024;  // that the CRD admits
  if (value.size() > longest) return {};
  std::string out = value.starts_with('/') ? std::string(value) : fmt::format("/{}", value);
  for (const std::string_view part : {"/./", "//"}) {
    for (std::size_t at = out.find(part); at != std::string::npos; at = out.find(part)) out.replace(at, part.size(), "/");
  }
  if (out.ends_with("/.")) out.pop_back();
  return path_value_fault(out).empty() ? out : std::string();
}

void path_of(const RouteMatch& match, std::size_t index, Faults& out) {
  if (!match.path || match.path->type == "RegularExpression") return;
  const std::string why = path_value_fault(match.path->value);
  if (why.empty()) return;
  RuleFault one = fault(RuleFault::What::path, match.path_in_document + ".path.value",
                        fmt::format("the path {} {}", match.path->value.empty() ? "\"\"" : match.path->value, why));
  one.match = index;
  one.better = plain_path(match.path->value);
  out.push_back(std::move(one));
}

void expression(const std::string& pattern, const std::string& path, std::size_t match, Faults& out) {
  const std::optional<RegexFault> why = regex_fault(pattern);
  if (!why) return;
  RuleFault one =
      fault(RuleFault::What::regex, path, fmt::format("the regular expression {} cannot be compiled: {}", pattern, why->why));
  one.match = match;
  one.re2_only = why->re2_only;
  out.push_back(std::move(one));
}

void expressions_of(const RouteMatch& match, std::size_t index, Faults& out) {
  const std::string& at = match.path_in_document;
  const auto each = [&](const std::vector<ValueMatch>& values, std::string_view field) {
    for (std::size_t item = 0; item < values.size(); ++item) {
      if (values[item].type == "RegularExpression")
        expression(values[item].value, fmt::format("{}.{}[{}].value", at, field, item), index, out);
    }
  };
  if (match.path && match.path->type == "RegularExpression") expression(match.path->value, at + ".path.value", index, out);
  if (match.grpc && match.grpc->type == "RegularExpression") {
    expression(match.grpc->name, at + ".method.service", index, out);
    expression(match.grpc->value, at + ".method.method", index, out);
  }
  each(match.headers, "headers");
  each(match.query, "queryParams");
}

// HTTPHeaderMatch.name, HTTPQueryParamMatch.name: of equal names the first alone counts. Names of headers are equal in any case;
// the lists are keyed by name, so that the API server refuses the very same one twice.
void names_of_list(const std::vector<ValueMatch>& values, const std::string& at, std::string_view field, std::size_t match,
                   Faults& out) {
  const bool header = field == "headers";
  std::map<std::string, std::string> firsts;
  for (std::size_t item = 0; item < values.size(); ++item) {
    const std::string& name = values[item].name;
    const auto [first, fresh] = firsts.emplace(header ? lower_case(name) : name, name);
    if (fresh) continue;
    const bool same = first->second == name;
    RuleFault one = fault(same ? RuleFault::What::match : RuleFault::What::header, fmt::format("{}.{}[{}]", at, field, item),
                          fmt::format("the {} {} is asked for twice in one match, and {}", header ? "header" : "query parameter",
                                      name, same ? "the API allows each name once" : "only the first condition counts"));
    one.match = match;
    one.harmless = !same;
    out.push_back(std::move(one));
  }
}

// GRPCMethodMatch: a service or a method, and in an Exact one no slash.
void call_of(const RouteMatch& match, std::size_t index, Faults& out) {
  if (!match.grpc) return;
  const std::string at = match.path_in_document + ".method";
  const auto add = [&](const std::string& path, std::string says) {
    out.push_back(fault(RuleFault::What::match, path, std::move(says)));
    out.back().match = index;
  };
  if (match.grpc->name.empty() && match.grpc->value.empty())
    add(at, "a method match needs a service or a method, and names neither");
  if (match.grpc->type == "RegularExpression") return;
  if (match.grpc->name.find('/') != std::string::npos)
    add(at + ".service", fmt::format("the service {} holds a slash, which no name of a gRPC service has", match.grpc->name));
  if (match.grpc->value.find('/') != std::string::npos)
    add(at + ".method", fmt::format("the method {} holds a slash, which no name of a gRPC method has", match.grpc->value));
}

}  // namespace

std::string path_value_fault(std::string_view value) {
  if (!value.starts_with('/')) return "does not begin with a slash";
  constexpr std::array<std::string_view, 6> forbidden{"//", "/./", "/../", "%2f", "%2F", "#"};
  for (const std::string_view part : forbidden) {
    if (value.find(part) != std::string_view::npos) return fmt::format("holds {}, which the API forbids", part);
  }
  if (value.ends_with("/..") || value.ends_with("/.")) return "ends with a dot segment, which the API forbids";
  if (value.find('?') != std::string_view::npos) return "holds a query, which is no part of a path";
  for (std::size_t at = 0; at < value.size(); ++at) {
    if (is_path_character(value[at])) continue;
    if (!is_escape(value.substr(at))) return "holds a character that no path has unescaped";
    at += 2;
  }
  return {};
}

std::vector<RuleFault> rule_faults(const Route& route, std::size_t rule, const Value& document) {
  Faults out;
  if (route.kind != Kind::http_route && route.kind != Kind::grpc_route) return out;
  const RouteRule& spec = route.rules[rule];
  for (std::size_t index = 0; index < spec.matches.size(); ++index) {
    const RouteMatch& match = spec.matches[index];
    path_of(match, index, out);
    expressions_of(match, index, out);
    call_of(match, index, out);
    names_of_list(match.headers, match.path_in_document, "headers", index, out);
    names_of_list(match.query, match.path_in_document, "queryParams", index, out);
  }
  filters_of(route, spec, document, out);
  return out;
}

}  // namespace gwdoctor

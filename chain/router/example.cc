#include <fmt/format.h>

#include "chain/hostname.h"
#include "chain/router/match.h"
#include "chain/router/regex.h"
#include "kube/ascii.h"

namespace gwdoctor {

namespace {

// A host that the hostname covers. ".invalid" is never anybody's (RFC 2606, 2).
std::string example_host(std::string_view hostname) {
  if (hostname.empty()) return "any.invalid";
  return is_wildcard(hostname) ? "any" + std::string(hostname.substr(1)) : std::string(hostname);
}

// What may stand raw in a query (RFC 3986, 3.4), "&", "=" and "+" apart, which separate.
std::string query_encoded(std::string_view text) {
  std::string out;
  for (const char letter : text) {
    const bool plain = std::isalnum(static_cast<unsigned char>(letter)) != 0 ||
                       std::string_view("-._~!$'()*,;:@/?").find(letter) != std::string_view::npos;
    out += plain ? std::string(1, letter) : fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(letter)));
  }
  return out;
}

std::optional<std::string> example_value(const ValueMatch& match) {
  if (match.type != "RegularExpression") return match.value;
  std::string text = plain_text_of(match.value);
  if (text.empty()) return std::nullopt;
  return text;
}

std::optional<std::string> example_path(const RouteMatch& match) {
  if (path_type(match) != "RegularExpression") return std::string(path_value(match));
  if (takes_every_path(path_value(match))) return "/";
  std::string text = plain_text_of(path_value(match));
  if (!text.starts_with('/')) return std::nullopt;
  return text;
}

std::optional<std::string> example_call(const RouteMatch& match) {
  std::string service = "any.Service";
  std::string method = "Call";
  if (match.grpc && !match.grpc->name.empty()) {
    const auto made = example_value({{}, match.grpc->type, match.grpc->name});
    if (!made) return std::nullopt;
    service = *made;
  }
  if (match.grpc && !match.grpc->value.empty()) {
    const auto made = example_value({{}, match.grpc->type, match.grpc->value});
    if (!made) return std::nullopt;
    method = *made;
  }
  return "/" + service + "/" + method;
}

bool add_conditions(const RouteMatch& match, Request& request) {
  for (const std::size_t at : counted_headers(match.headers)) {
    const auto value = example_value(match.headers[at]);
    if (!value) return false;
    if (same_ascii(match.headers[at].name, "host")) {
      if (*value != request.host) return false;
      continue;
    }
    request.headers.push_back({match.headers[at].name, *value});
  }
  for (const std::size_t at : counted_query(match.query)) {
    const auto value = example_value(match.query[at]);
    if (!value) return false;
    request.query += (request.query.empty() ? "" : "&") + query_encoded(match.query[at].name) + "=" + query_encoded(*value);
  }
  return true;
}

}  // namespace

std::optional<Request> example_request(const RouteMatch& match, Kind route_kind, std::string_view hostname,
                                       std::string_view scheme, std::int64_t port) {
  Request request;
  request.scheme = std::string(scheme);
  request.port = port;
  request.host = example_host(hostname);
  request.tls = scheme == "https" || scheme == "tls";
  if (request.tls) request.sni = request.host;
  if (route_kind != Kind::http_route && route_kind != Kind::grpc_route) return request;
  request.grpc = route_kind == Kind::grpc_route;
  request.method = request.grpc ? "POST" : match.method.empty() ? "GET" : match.method;
  const std::optional<std::string> path = request.grpc ? example_call(match) : example_path(match);
  if (!path || !add_conditions(match, request)) return std::nullopt;
  request.path = *path;
  return request;
}

}  // namespace gwdoctor

#include "chain/request/request.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "chain/nearest.h"
#include "chain/request/header.h"
#include "chain/request/refusal.h"
#include "chain/request/resolve.h"
#include "chain/request/url.h"
#include "kube/ascii.h"

namespace gwdoctor {

namespace {

struct Scheme {
  std::string_view name;
  std::string_view on_the_wire;
  std::int64_t port = 0;  // 0: it has none of its own
  bool tls = false;
  bool grpc = false;
  bool websocket = false;
};
constexpr std::array<Scheme, 9> schemes{{
    {"http", "http", 80},
    {"https", "https", 443, true},
    {"grpc", "http", 80, false, true},
    {"grpcs", "https", 443, true, true},
    {"ws", "http", 80, false, false, true},
    {"wss", "https", 443, true, false, true},
    {"tls", "tls", 443, true},
    {"tcp", "tcp", 0},
    {"udp", "udp", 0},
}};

const Scheme* find_scheme(std::string_view name) {
  const auto found = std::find_if(schemes.begin(), schemes.end(), [&](const Scheme& scheme) { return scheme.name == name; });
  return found == schemes.end() ? nullptr : &*found;
}

Result<Scheme> scheme_of(const UrlParts& url) {
  if (url.scheme.empty()) return *find_scheme(url.port.value_or(443) == 443 ? "https" : "http");
  if (const Scheme* scheme = find_scheme(url.scheme)) return *scheme;
  std::vector<std::string> names;
  std::string list;
  for (const Scheme& scheme : schemes) {
    names.emplace_back(scheme.name);
    list.append(list.empty() ? "" : ", ").append(scheme.name);
  }
  const std::optional<std::string> meant = nearest(url.scheme.substr(0, 32), names);
  return refuse(fmt::format("unknown scheme {} in the URL, {}", quoted(url.scheme),
                            meant ? fmt::format("did you mean {}?", *meant) : "expected one of: " + list));
}

// "pkg.Service/Method" with or without a slash before it (gRPC over HTTP/2, Path).
bool is_grpc_method(std::string_view text) {
  const auto is_identifier = [](std::string_view part, bool dots) {
    return !part.empty() && part.front() != '.' && part.back() != '.' &&
           std::all_of(part.begin(), part.end(), [&](char c) { return is_alphanumeric(c) || c == '_' || (dots && c == '.'); });
  };
  if (text.starts_with('/')) text.remove_prefix(1);
  const std::size_t slash = text.find('/');
  return slash != std::string_view::npos && is_identifier(text.substr(0, slash), true) &&
         is_identifier(text.substr(slash + 1), false);
}

std::string with_slash(std::string_view path) { return path.starts_with('/') ? std::string(path) : "/" + std::string(path); }

// The host as the URL has it, in ASCII, and its port where that is not the scheme's own (RFC 9110, 7.2).
std::string written_authority(const UrlParts& url, const std::string& host) {
  const bool ascii = std::all_of(url.host.begin(), url.host.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  const std::string name = ascii ? url.host : host;
  const Scheme* scheme = find_scheme(url.scheme);
  const bool usual = !url.port || (scheme != nullptr && scheme->port == *url.port);
  return usual ? name : fmt::format("{}:{}", name, *url.port);
}

// Host, address and SNI.
Result<void> take_host(const RequestWords& words, const UrlParts& url, const GivenHeaders& headers, Request& request) {
  Result<std::string> name = normal_host(url.host);
  if (!name) return refuse("the URL: " + name.error().message);
  Result<std::optional<std::string>> address = resolved(words.resolve, *name, request.port);
  if (!address) return tl::unexpected(address.error());
  const bool numeric = is_address(*name);
  request.address = *address ? *address : numeric ? std::optional<std::string>(*name) : std::nullopt;
  // As curl does, SNI follows the URL and not the Host header.
  if (request.tls && !numeric) request.sni = *name;
  if (!words.sni.empty()) {
    if (!request.tls) return refuse(fmt::format("--sni is for TLS, which {}:// does not speak", request.scheme));
    Result<std::string> sni = normal_host(words.sni);
    if (!sni) return refuse("--sni: " + sni.error().message);
    if (is_address(*sni)) return refuse("--sni is an address, expected a host name (RFC 6066, 3)");
    request.sni = std::move(*sni);
  }
  request.host = headers.host.value_or(numeric && !request.is_http() ? std::string() : *name);
  request.authority = headers.host ? headers.authority : written_authority(url, *name);
  return {};
}

Result<void> check_streams(const RequestWords& words, const UrlParts& url, const Request& request) {
  const auto refuse_part = [&](std::string_view part) {
    return refuse(fmt::format("{} means nothing over {}://, which carries no HTTP", part, request.scheme));
  };
  if (!url.path.empty() && url.path != "/") return refuse_part("a path");
  if (!url.query.empty()) return refuse_part("a query");
  if (!words.method.empty()) return refuse_part("a method");
  if (!words.headers.empty()) return refuse_part("a header");
  if (!words.grpc.empty()) return refuse_part("--grpc");
  return {};
}

Result<void> take_grpc(const RequestWords& words, const UrlParts& url, Request& request) {
  if (const Result<void> clean = check_word("--grpc", words.grpc); !clean) return clean;
  const bool has_path = !url.path.empty() && url.path != "/";
  const std::string method = words.grpc.empty() ? url.path : with_slash(words.grpc);
  if (!is_grpc_method(method)) {
    if (words.grpc.empty() && !has_path) return refuse("a gRPC call needs a method, expected --grpc package.Service/Method");
    return refuse(fmt::format("invalid gRPC method {}, expected package.Service/Method",
                              quoted(words.grpc.empty() ? url.path : words.grpc)));
  }
  if (has_path && url.path != method)
    return refuse(fmt::format("the URL has the path {} and --grpc asks for {}", quoted(url.path), quoted(method)));
  if (!url.query.empty()) return refuse("the URL has a query, which a gRPC call has not");
  request.path = method;
  return {};
}

Result<void> take_method(const RequestWords& words, Request& request) {
  if (const Result<void> clean = check_word("the method", words.method); !clean) return clean;
  const std::string_view own = request.grpc ? "POST" : "GET";
  if (!words.method.empty() && !is_token(words.method))
    return refuse(fmt::format("invalid method {}, expected one such as GET", quoted(words.method)));
  if ((request.grpc || request.websocket) && !words.method.empty() && words.method != own)
    return refuse(fmt::format("the method is {}, and {} is {}", quoted(words.method),
                              request.grpc ? "a gRPC call" : "a WebSocket handshake", own));
  request.method = words.method.empty() ? std::string(own) : words.method;
  return {};
}

void take_headers(GivenHeaders headers, Request& request) {
  std::vector<HeaderField> own;
  if (request.grpc) own = {{"content-type", "application/grpc"}, {"te", "trailers"}};
  if (request.websocket) own = {{"Connection", "Upgrade"}, {"Upgrade", "websocket"}};
  std::erase_if(own, [&](const HeaderField& field) { return headers.decide(field.name); });
  request.headers = std::move(headers.sent);
  request.headers.insert(request.headers.end(), own.begin(), own.end());
}

Result<Request> finish_http(const RequestWords& words, const UrlParts& url, GivenHeaders headers, Request request) {
  request.path = url.path.empty() ? "/" : url.path;
  request.query = url.query;
  request.grpc = request.grpc || !words.grpc.empty();
  if (request.grpc && request.websocket) return refuse("--grpc is given with a WebSocket URL, expected grpc:// or https://");
  if (request.grpc) {
    if (const Result<void> taken = take_grpc(words, url, request); !taken) return tl::unexpected(taken.error());
  }
  if (const Result<void> taken = take_method(words, request); !taken) return tl::unexpected(taken.error());
  take_headers(std::move(headers), request);
  return request;
}

}  // namespace

Result<Request> parse_request(const RequestWords& words) {
  const Result<UrlParts> url = split_url(words.url);
  if (!url) return tl::unexpected(url.error());
  const Result<Scheme> scheme = scheme_of(*url);
  if (!scheme) return tl::unexpected(scheme.error());
  Request request;
  request.scheme = scheme->on_the_wire;
  request.tls = scheme->tls;
  request.grpc = scheme->grpc;
  request.websocket = scheme->websocket;
  request.path = "/";
  if (!url->port && scheme->port == 0)
    return refuse(fmt::format("the URL has no port, expected one: {0}://HOST:PORT", scheme->name));
  request.port = url->port.value_or(scheme->port);

  if (!request.is_http()) {
    if (const Result<void> streams = check_streams(words, *url, request); !streams) return tl::unexpected(streams.error());
  }
  Result<GivenHeaders> headers = parse_headers(words.headers);
  if (!headers) return tl::unexpected(headers.error());
  if (const Result<void> taken = take_host(words, *url, *headers, request); !taken) return tl::unexpected(taken.error());
  if (!request.is_http()) return request;
  return finish_http(words, *url, std::move(*headers), std::move(request));
}

std::string Request::authority_sent() const {
  if (!authority.empty()) return authority;
  const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  const Scheme* own = find_scheme(scheme);
  return own != nullptr && own->port == port ? name : fmt::format("{}:{}", name, port);
}

std::string Request::text() const {
  const std::string name = host.empty() ? address.value_or("") : host;
  const Scheme* own = find_scheme(scheme);
  std::string out = method.empty() ? "" : method + " ";
  out += scheme + "://" + (name.find(':') == std::string::npos ? name : "[" + name + "]");
  if (own == nullptr || own->port != port) out += ":" + std::to_string(port);
  if (!is_http()) return out;
  out += path;
  return query.empty() ? out : out + "?" + query;
}

}  // namespace gwdoctor

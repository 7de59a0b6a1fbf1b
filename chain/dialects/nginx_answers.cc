// What ingress-nginx answers itself and what it changes on the way: docs/user-guide/nginx-configuration/annotations.md,
// internal/ingress/annotations/{redirect,rewrite}, rootfs/etc/nginx/template/nginx.tmpl, lua/lua_ingress.lua.

#include <fmt/format.h>

#include <algorithm>

#include "chain/dialects/annotations.h"
#include "chain/dialects/answers.h"
#include "chain/dialects/nginx.h"
#include "chain/dialects/order.h"
#include "chain/dialects/shape.h"

namespace gwdoctor {

namespace {

using Verdict = IngressDialect::Match::Verdict;

std::string text_of(const Ingress& ingress, std::string_view key) { return annotation_text(ingress, nginx_prefix, key); }
bool is_on(const Ingress& ingress, std::string_view key, bool otherwise) {
  return annotation_flag(ingress, nginx_prefix, key).value_or(otherwise);
}

// The Ingresses whose annotations hold for some location of a server, in the order of the locations.
std::vector<std::shared_ptr<const Ingress>> ingresses_of_server(const IngressTable& table, std::string_view host) {
  std::vector<std::shared_ptr<const Ingress>> out;
  for (const IngressEntry& entry : table.entries) {
    if (entry.host == host) out.push_back(entry.ingress);
  }
  if (!host.empty()) {
    if (std::shared_ptr<const Ingress> creator = nginx_creator(table, host)) out.push_back(std::move(creator));
  }
  return out;
}

bool redirect_to_www(const Request& request, const IngressTable& table, Outcome& out) {
  if (request.host.empty() || std::binary_search(table.hosts.begin(), table.hosts.end(), request.host)) return false;
  const std::string other = request.host.starts_with("www.") ? request.host.substr(4) : "www." + request.host;
  if (!std::binary_search(table.hosts.begin(), table.hosts.end(), other)) return false;
  for (const std::shared_ptr<const Ingress>& ingress : ingresses_of_server(table, other)) {
    if (!is_on(*ingress, "from-to-www-redirect", false)) continue;
    out.route = ingress->meta.ref;
    redirect(308, request.scheme, other, 0, with_query(request.path, request),
             fmt::format("annotation from-to-www-redirect of Ingress {}", name_of(*ingress)), out);
    return true;
  }
  return false;
}

// nginx.tmpl writes it beside the locations: it holds for / of the whole host, and before any redirect to https.
bool redirect_to_app_root(const Request& request, std::string_view path, const IngressTable& table, Outcome& out) {
  if (path != "/") return false;
  for (const std::shared_ptr<const Ingress>& ingress : ingresses_of_server(table, nginx_server(table, request.host))) {
    const std::string root = text_of(*ingress, "app-root");
    if (!root.starts_with('/')) continue;
    out.route = ingress->meta.ref;
    redirect(302, request.scheme, request.host, request.port, root,
             fmt::format("annotation app-root of Ingress {}", name_of(*ingress)), out);
    return true;
  }
  return false;
}

// Variables that stand in for parts of the request.
std::string filled_in(std::string text, const Request& request, std::string_view path) {
  const std::string arguments = request.query.empty() ? std::string() : "?";
  const std::pair<std::string_view, std::string> variables[] = {
      {"$request_uri", with_query(request.path, request)},
      {"$is_args", arguments},
      {"$args", request.query},
      {"$http_host", request.host + port_suffix(request.scheme, request.port)},
      {"$host", request.host},
      {"$scheme", request.scheme},
      {"$uri", std::string(path)}};
  for (const auto& [name, value] : variables) {
    for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + value.size())) {
      text.replace(at, name.size(), value);
    }
  }
  return text;
}

bool redirect_by_annotation(const Ingress& ingress, const Request& request, std::string_view path, Outcome& out) {
  const auto code = [&](std::string_view key, std::int64_t otherwise) {
    const std::int64_t number = annotation_number(ingress, nginx_prefix, key).value_or(otherwise);
    return number < 300 || number > 308 ? otherwise : number;
  };
  const std::string temporal = text_of(ingress, "temporal-redirect");
  const std::string permanent = text_of(ingress, "permanent-redirect");
  if (temporal.empty() && permanent.empty()) return false;
  const std::string url = filled_in(temporal.empty() ? permanent : temporal, request, path);
  const std::string_view key = temporal.empty() ? "permanent-redirect" : "temporal-redirect";
  const std::int64_t status = temporal.empty() ? code("permanent-redirect-code", 301) : code("temporal-redirect-code", 302);
  redirect_to_url(status, url, request, fmt::format("annotation {} of Ingress {}", key, name_of(ingress)), out);
  if (url.find('$') != std::string::npos) out.notes.push_back("the Location has nginx variables that are not filled in here");
  return true;
}

// A server has a certificate as soon as one of its Ingresses has any spec.tls, the default certificate where no entry fits
// (controller.go, createServers).
bool has_certificate(const IngressTable& table, std::string_view host) {
  return std::any_of(table.ingresses.begin(), table.ingresses.end(), [&](const std::shared_ptr<const Ingress>& ingress) {
    return !is_canary(*ingress) && !ingress->tls.empty() &&
           std::any_of(ingress->rules.begin(), ingress->rules.end(), [&](const IngressRule& rule) { return rule.host == host; });
  });
}

bool redirect_to_tls(const Ingress& ingress, std::string_view location, std::string_view server, std::string_view ruled,
                     const Request& request, const IngressTable& table, Outcome& out) {
  // no-tls-redirect-locations of the ConfigMap, by default this one.
  if (request.tls || location.starts_with("/.well-known/acme-challenge")) return false;
  if (is_on(ingress, "force-ssl-redirect", false)) {
    redirect_to_https(308, request, fmt::format("annotation force-ssl-redirect of Ingress {}", name_of(ingress)), out);
    return true;
  }
  if (!is_on(ingress, "ssl-redirect", true) || server.empty() || !has_certificate(table, ruled)) return false;
  if (server != ruled) {
    out.notes.push_back(fmt::format("{} is an alias: ingress-nginx redirects it to https where the certificate of {} covers it",
                                    request.host, ruled));
    return false;
  }
  redirect_to_https(
      308, request,
      fmt::format("host {} has spec.tls, and ssl-redirect is on unless the annotation of Ingress {} or the ConfigMap "
                  "turns it off",
                  server, name_of(ingress)),
      out);
  return true;
}

std::string with_groups(std::string_view target, const std::vector<std::string>& groups) {
  std::string out;
  for (std::size_t at = 0; at < target.size(); ++at) {
    const bool is_group = target[at] == '$' && at + 1 < target.size() && target[at + 1] >= '0' && target[at + 1] <= '9';
    if (!is_group) {
      out += target[at];
      continue;
    }
    const auto index = static_cast<std::size_t>(target[++at] - '0');
    if (index < groups.size()) out += groups[index];
  }
  return out;
}

// Whether the target puts in a group that the path has.
bool takes_group(std::string_view target, std::size_t groups) {
  for (std::size_t at = target.find('$'); at != std::string_view::npos && at + 1 < target.size(); at = target.find('$', at + 1)) {
    const char digit = target[at + 1];
    if (digit >= '0' && digit <= '9' && static_cast<std::size_t>(digit - '0') < groups) return true;
  }
  return false;
}

// buildProxyPass: rewrite "(?i)PATH" TARGET break; the expression may begin anywhere in the path.
void rewrite(const IngressEntry& entry, const Request& request, std::string_view path, Outcome& out) {
  const std::string target = text_of(*entry.ingress, "rewrite-target");
  if (target.empty() || target == path_of(entry)) return;
  const PatternMatch found = match_pattern(path_of(entry), path, Anchors::anywhere, true);
  if (found.verdict == Verdict::unknown) {
    out.notes.push_back(fmt::format("the path that the backend sees is not known: {}", found.why));
    out.rewritten.reset();
    return;
  }
  if (found.verdict == Verdict::no) return;
  const std::string after = filled_in(with_groups(target, found.groups), request, path);
  if (after.starts_with("http://") || after.starts_with("https://")) {
    redirect_to_url(302, after, request, fmt::format("annotation rewrite-target of Ingress {} is a URL", name_of(*entry.ingress)),
                    out);
    return;
  }
  out.rewritten->path = with_query(after, request);
  const std::string prefix = text_of(*entry.ingress, "x-forwarded-prefix");
  if (!prefix.empty()) out.rewritten->headers.push_back({"X-Forwarded-Prefix", with_groups(prefix, found.groups)});
  if (!takes_group(target, found.groups.size()) && path != path_of(entry) && with_query(after, request) != request.path) {
    out.notes.push_back(fmt::format("rewrite-target {} of Ingress {} takes no group of the path: every path below {} becomes {}",
                                    target, name_of(*entry.ingress), path_of(entry), after));
  }
}

void note_annotations(const Ingress& ingress, const Request& request, Outcome& out) {
  struct Note {
    std::string_view key;
    std::string_view words;
  };
  static constexpr Note notes[] = {
      {"auth-url", "is asked first, and its 401 or 403 is answered instead"},
      {"auth-type", "asks for a user and password first"},
      {"auth-tls-secret", "asks for a client certificate"},
      {"whitelist-source-range", "lets in only these addresses, others get 403"},
      {"allowlist-source-range", "lets in only these addresses, others get 403"},
      {"denylist-source-range", "answers these addresses with 403"},
      {"default-backend", "serves while the Service has no ready endpoint"},
      {"custom-http-errors", "sends these answers of the backend to the default backend"},
      {"limit-rps", "limits the requests of one address a second, others get 503"},
      {"mirror-target", "gets a copy of the request"},
  };
  for (const Note& note : notes) {
    const std::string value = text_of(ingress, note.key);
    if (!value.empty())
      out.notes.push_back(fmt::format("annotation {} of Ingress {}: {} {}", note.key, name_of(ingress), value, note.words));
  }
  for (const std::string_view key : {"configuration-snippet", "server-snippet"}) {
    if (!text_of(ingress, key).empty()) {
      out.notes.push_back(fmt::format(
          "annotation {} of Ingress {} puts configuration of its own in: what it does is not predicted", key, name_of(ingress)));
    }
  }
  const std::string protocol = text_of(ingress, "backend-protocol");
  if (!protocol.empty() && protocol != "HTTP")
    out.notes.push_back(fmt::format("the backend is spoken to in {} (backend-protocol)", protocol));
  if (request.grpc && protocol != "GRPC" && protocol != "GRPCS") {
    out.notes.push_back(
        "a gRPC call needs the annotation backend-protocol: GRPC; without it nginx speaks HTTP/1.1 to the backend");
  }
  if (request.tls && is_on(ingress, "ssl-passthrough", false)) {
    out.notes.push_back(
        "annotation ssl-passthrough: where the controller allows it, TLS goes through to the backend and no path is looked at");
  }
}

}  // namespace

bool nginx_intercept(const Request& request, std::string_view path, const IngressTable& table, Outcome& out) {
  return redirect_to_www(request, table, out) || redirect_to_app_root(request, path, table, out);
}

void nginx_apply(const IngressEntry& entry, const Request& request, std::string_view path, const IngressTable& table,
                 Outcome& out) {
  const Ingress& ingress = *entry.ingress;
  if (adds_slash(entry, path, table)) {
    redirect(301, request.scheme, request.host, 0, with_query(std::string(path) + "/", request),
             fmt::format("nginx adds the slash of {}: no location is for the path without it", path_of(entry)), out);
    return;
  }
  // The catch-all server's default backend is left without redirects and rewrites (createServers).
  const bool catch_all = entry.is_default() && entry.host.empty();
  if (!catch_all) {
    if (redirect_by_annotation(ingress, request, path, out)) return;
    if (redirect_to_tls(ingress, path_of(entry), entry.host, ruled_host(entry), request, table, out)) return;
  }
  // nginx passes the path on as it came unless it is rewritten.
  forward_to(entry, request, request.path, out);
  if (!catch_all) rewrite(entry, request, path, out);
  if (out.action != Action::forward) return;
  const std::string vhost = text_of(ingress, "upstream-vhost");
  if (!vhost.empty() && out.rewritten) out.rewritten->host = vhost;
  note_annotations(ingress, request, out);
  if (request.tls && !entry.host.empty() && !has_certificate(table, ruled_host(entry))) {
    out.notes.push_back(
        fmt::format("no Ingress of host {} has spec.tls: ingress-nginx serves it with its default certificate", entry.host));
  }
  apply_canary(entry, request, table, out);
}

void nginx_nothing(const Request& request, std::string_view path, const IngressTable& table, Outcome& out) {
  const std::string server = nginx_server(table, request.host);
  if (server.empty()) return;
  const std::shared_ptr<const Ingress> creator = nginx_creator(table, server);
  if (creator == nullptr) return;
  if (redirect_by_annotation(*creator, request, path, out) ||
      redirect_to_tls(*creator, "/", server, server, request, table, out)) {
    out.route = creator->meta.ref;
    return;
  }
  out.hostname = server;
}

}  // namespace gwdoctor

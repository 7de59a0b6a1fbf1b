#include "chain/dialects/answers.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "chain/dialects/order.h"
#include "chain/hostname.h"

namespace gwdoctor {

namespace {

std::int64_t own_port(std::string_view scheme) { return scheme == "https" ? 443 : 80; }

// host, port and path of "https://host:port/path"; false where it is no such URL.
bool take_apart(std::string_view url, RedirectTarget& target) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return false;
  target.scheme = std::string(url.substr(0, scheme));
  url.remove_prefix(scheme + 3);
  const std::size_t slash = std::min(url.find_first_of("/?#"), url.size());
  std::string_view authority = url.substr(0, slash);
  target.path = slash == url.size() ? "/" : std::string(url.substr(slash));
  target.port = own_port(target.scheme);
  const std::size_t colon = authority.rfind(':');
  if (colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos) {
    std::int64_t port = 0;
    const std::string_view digits = authority.substr(colon + 1);
    if (std::from_chars(digits.data(), digits.data() + digits.size(), port).ec == std::errc()) target.port = port;
    authority = authority.substr(0, colon);
  }
  target.host = std::string(authority);
  return true;
}

}  // namespace

std::string entry_words(const IngressEntry& entry) {
  if (entry.is_default()) return fmt::format("the default backend of Ingress {}", name_of(*entry.ingress));
  return fmt::format("path {} ({}) of Ingress {}", path_of(entry), type_name(type_of(entry)), name_of(*entry.ingress));
}

void name_entry(const IngressEntry& entry, Outcome& out) {
  out.route = entry.ingress->meta.ref;
  out.hostname = entry.host;
  if (entry.is_default()) {
    out.field = "spec.defaultBackend";
  } else {
    out.rule = entry.rule;
    out.match = entry.path;
    out.field = entry.spec()->field;
  }
}

void keep_nearest(std::vector<Candidate>& candidates) {
  // An Ingress with a hundred rules for other hosts says little by each of them.
  constexpr std::size_t most = 20;
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& left, const Candidate& right) { return left.nearness > right.nearness; });
  if (candidates.size() > most) candidates.resize(most);
}

TracedBackend backend_of(const IngressEntry& entry) {
  const IngressBackend& backend = entry.backend();
  TracedBackend out;
  if (backend.service.empty()) {
    out.object = Ref{backend.resource_group, backend.resource_kind, entry.ingress->meta.ref.ns, backend.resource_name, {}};
  } else {
    out.object = ref(Kind::service, entry.ingress->meta.ref.ns, backend.service);
  }
  out.port = backend.port;
  out.port_name = backend.port_name;
  return out;
}

std::string with_query(std::string_view path, const Request& request) {
  return request.query.empty() ? std::string(path) : fmt::format("{}?{}", path, request.query);
}

void forward_to(const IngressEntry& entry, const Request& request, std::string_view path, Outcome& out) {
  out.action = Action::forward;
  out.backends = {backend_of(entry)};
  out.rewritten = Rewritten{request.host, with_query(path, request), request.headers};
  if (out.reason.empty()) out.reason = fmt::format("{} takes the request", entry_words(entry));
}

std::string port_suffix(std::string_view scheme, std::int64_t port) {
  return port == 0 || port == own_port(scheme) ? std::string() : fmt::format(":{}", port);
}

void redirect(std::int64_t status, std::string_view scheme, std::string_view host, std::int64_t port,
              std::string_view path_and_query, std::string reason, Outcome& out) {
  out.action = Action::redirect;
  out.status = status;
  out.reason = std::move(reason);
  out.redirect =
      RedirectTarget{std::string(scheme), std::string(host), port == 0 ? own_port(scheme) : port, std::string(path_and_query)};
  out.location = fmt::format("{}://{}{}{}", scheme, host, port_suffix(scheme, port), path_and_query);
  out.backends.clear();
  out.rewritten.reset();
}

void redirect_to_url(std::int64_t status, std::string_view url, const Request& request, std::string reason, Outcome& out) {
  RedirectTarget target;
  if (!take_apart(url, target)) {
    redirect(status, request.scheme, request.host, request.port, url, std::move(reason), out);
    out.location = std::string(url);
    return;
  }
  redirect(status, target.scheme, target.host, target.port, target.path, std::move(reason), out);
  out.location = std::string(url);
}

void redirect_to_https(std::int64_t status, const Request& request, std::string reason, Outcome& out) {
  redirect(status, "https", request.host, 443, with_query(request.path, request), std::move(reason), out);
}

bool tls_covers(const Ingress& ingress, std::string_view host) {
  return std::any_of(ingress.tls.begin(), ingress.tls.end(), [&](const IngressTls& tls) {
    return tls.hosts.empty() || std::any_of(tls.hosts.begin(), tls.hosts.end(),
                                            [&](const std::string& name) { return ingress_host_covers(name, host); });
  });
}

}  // namespace gwdoctor

#include "chain/request/location.h"

#include <fmt/format.h>

#include <algorithm>

#include "chain/request/path.h"
#include "chain/request/request.h"
#include "chain/request/url.h"
#include "kube/objects/fields.h"

namespace gwdoctor {

namespace {

constexpr std::size_t longest_reference = 8U * 1024;

std::int64_t usual_port(std::string_view scheme) { return scheme == "https" ? 443 : 80; }

// RFC 3986, 3.1; "" where the reference has none.
std::string_view scheme_of(std::string_view reference) {
  const std::size_t colon = reference.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon > reference.find_first_of("/?#")) return {};
  const std::string_view scheme = reference.substr(0, colon);
  return is_scheme(scheme) ? scheme : std::string_view();
}

std::string authority_of(const HttpUrl& url) {
  const std::string host = url.host.find(':') == std::string::npos ? url.host : "[" + url.host + "]";
  return url.port == usual_port(url.scheme) ? host : fmt::format("{}:{}", host, url.port);
}

std::string without_dot_segments(std::string_view path) {
  PathTreatment treatment;
  treatment.dot_segments = true;
  return treat(path, treatment).path;
}

// RFC 3986, 5.2.2: of a reference without scheme and authority.
std::string path_of(const HttpUrl& base, std::string_view reference) {
  const std::size_t mark = std::min(base.path.find('?'), base.path.size());
  const std::string base_path = base.path.substr(0, mark);
  const std::size_t query = std::min(reference.find('?'), reference.size());
  const std::string_view path = reference.substr(0, query);
  if (path.empty()) return reference.empty() ? base.path : base_path + std::string(reference);
  // 5.2.3: after the last slash of the base.
  const std::string whole =
      path.front() == '/' ? std::string(path) : base_path.substr(0, base_path.rfind('/') + 1) + std::string(path);
  return without_dot_segments(whole) + std::string(reference.substr(query));
}

std::optional<HttpUrl> parsed(const std::string& text) {
  const Result<UrlParts> parts = split_url(text);
  if (!parts || (parts->scheme != "http" && parts->scheme != "https")) return std::nullopt;
  const bool bracketed = parts->host.size() > 2 && parts->host.front() == '[' && parts->host.back() == ']';
  const Result<std::string> host =
      bracketed ? Result<std::string>(lower_case(parts->host.substr(1, parts->host.size() - 2))) : normal_host(parts->host);
  if (!host || host->empty() || (bracketed && !is_address(*host))) return std::nullopt;
  const std::int64_t port = parts->port.value_or(usual_port(parts->scheme));
  if (port < 1 || port > 65535) return std::nullopt;
  HttpUrl out{parts->scheme, *host, port, parts->path.empty() ? "/" : without_dot_segments(parts->path)};
  if (!parts->query.empty()) out.path += "?" + parts->query;
  return out;
}

}  // namespace

std::string HttpUrl::text() const { return fmt::format("{}://{}{}", scheme, authority_of(*this), path); }

HttpUrl url_of(const HttpQuestion& question) {
  return {question.tls ? "https" : "http", question.host.empty() ? question.address : question.host, question.port,
          question.path};
}

std::optional<HttpUrl> resolve_reference(const HttpUrl& base, std::string_view reference) {
  if (reference.size() > longest_reference) return std::nullopt;
  reference = reference.substr(0, reference.find('#'));
  if (const std::string_view scheme = scheme_of(reference); !scheme.empty()) {
    const std::string_view rest = reference.substr(scheme.size() + 1);
    return rest.starts_with("//") ? parsed(lower_case(scheme) + ":" + std::string(rest)) : std::nullopt;
  }
  if (reference.starts_with("//")) return parsed(base.scheme + ":" + std::string(reference));
  return parsed(base.scheme + "://" + authority_of(base) + path_of(base, reference));
}

bool is_redirect(const HttpAnswer& answer) {
  const bool leads =
      answer.status == 301 || answer.status == 302 || answer.status == 303 || answer.status == 307 || answer.status == 308;
  return answer.result == HttpResult::answered && leads && !answer.header("location").empty();
}

std::optional<HttpUrl> redirect_target(const HttpAnswer& answer) {
  return is_redirect(answer) ? resolve_reference(url_of(answer.question), answer.header("location")) : std::nullopt;
}

}  // namespace gwdoctor

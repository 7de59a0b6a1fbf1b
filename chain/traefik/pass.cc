// What Middlewares make of a request.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "chain/dialects/answers.h"
#include "chain/dialects/shape.h"
#include "chain/traefik/middlewares.h"
#include "chain/traefik/template.h"
#include "kube/ascii.h"

namespace gwdoctor {

namespace {

// Types that may answer in place of the backend, by what is not known here.
constexpr std::array<std::pair<std::string_view, std::string_view>, 11> may_answer{{
    {"basicAuth", "answers 401 without a user and password that it knows"},
    {"digestAuth", "answers 401 without a user and password that it knows"},
    {"forwardAuth", "asks another server first, whose answer it passes on unless that is a 2xx"},
    {"rateLimit", "answers 429 to clients that ask too often"},
    {"inFlightReq", "answers 429 while too many requests are under way"},
    {"circuitBreaker", "answers 503 while the backend does badly"},
    {"buffering", "answers 413 to a body that is too large"},
    {"errors", "puts a page of its own in place of errors of the backend"},
    {"plugin", "is a plugin: what it does is not known here"},
    {"ipAllowList", "answers 403 to clients from elsewhere"},
    {"ipWhiteList", "answers 403 to clients from elsewhere"},
}};

std::string with_slash(std::string path) { return path.empty() || path.front() == '/' ? path : "/" + path; }

class Passing {
 public:
  Passing(const Request& request, std::string_view path, Outcome& out)
      : request_(request), path_(path), host_(request.host), out_(out) {
    headers_ = request.headers;
  }

  // False where the request goes no further.
  bool through(const TraefikPassage::Stop& stop) {
    if (stop.object == nullptr) {
      out_.filters.push_back(stop.name);
      out_.notes.push_back(
          fmt::format("{} is configured outside of Kubernetes: it may redirect, rewrite or refuse the request", stop.name));
      return true;
    }
    const Middleware& object = *stop.object;
    out_.filters.push_back(fmt::format("{} ({})", stop.name, object.type));
    name_ = stop.name;
    for (const auto& [type, what] : may_answer) {
      if (object.type == type) out_.notes.push_back(fmt::format("{} {}", name_, of_ranges(object, what)));
    }
    if (object.type == "stripPrefix") strip(object);
    if (object.type == "stripPrefixRegex") strip_regex(object);
    if (object.type == "addPrefix") path_ = with_slash(object.prefix + path_);
    if (object.type == "replacePath") replace(object.to_path);
    if (object.type == "replacePathRegex") replace_regex(object);
    if (object.type == "headers") change_headers(object);
    if (object.type == "redirectScheme") return !redirect_scheme(object);
    if (object.type == "redirectRegex") return !redirect_regex(object);
    return true;
  }

  void finish() {
    // What is left of an empty path is sent as "/" (net/url: RequestURI).
    out_.rewritten = Rewritten{host_, with_query(path_.empty() ? "/" : path_, request_), headers_};
  }

 private:
  static std::string of_ranges(const Middleware& object, std::string_view what) {
    if (object.source_ranges.empty()) return std::string(what);
    return fmt::format("{} than {}", what, fmt::join(object.source_ranges, ", "));
  }

  void set_header(const std::string& name, const std::string& value) {
    std::erase_if(headers_, [&](const HeaderField& one) { return same_ascii(one.name, name); });
    if (!value.empty()) headers_.push_back({name, value});
  }

  void strip(const Middleware& object) {
    for (const std::string& prefix : object.prefixes) {
      if (!path_.starts_with(prefix)) continue;
      path_ = with_slash(path_.substr(prefix.size()));
      headers_.push_back({"X-Forwarded-Prefix", prefix});
      return;
    }
    out_.notes.push_back(
        fmt::format("{} strips nothing: the path {} begins with none of {}", name_, path_, fmt::join(object.prefixes, ", ")));
  }

  void strip_regex(const Middleware& object) {
    for (const std::string& pattern : object.prefixes) {
      const PatternMatch found = match_pattern(pattern, path_, Anchors::anywhere, false);
      const std::string prefix = found.groups.empty() ? std::string() : found.groups.front();
      if (prefix.empty() || !path_.starts_with(prefix)) continue;
      path_ = with_slash(path_.substr(prefix.size()));
      headers_.push_back({"X-Forwarded-Prefix", prefix});
      return;
    }
  }

  void replace(const std::string& with) {
    headers_.push_back({"X-Replaced-Path", path_});
    path_ = with;
  }

  void replace_regex(const Middleware& object) {
    const bool takes =
        match_pattern(object.regex, path_, Anchors::anywhere, false).verdict == IngressDialect::Match::Verdict::yes;
    const std::optional<std::string> made = replace_all(object.regex, path_, object.replacement);
    if (takes && made && !object.replacement.empty()) replace(*made);
  }

  void change_headers(const Middleware& object) {
    for (const HeaderField& one : object.request_headers) {
      if (same_ascii(one.name, "Host") && !one.value.empty()) {
        host_ = one.value;
      } else {
        set_header(one.name, one.value);
      }
    }
    for (const HeaderField& one : object.response_headers) {
      if (one.value.empty()) {
        out_.response_headers_removed.push_back(one.name);
      } else {
        out_.response_headers.push_back(one);
      }
    }
  }

  // pkg/middlewares/redirect: a method that may have a body keeps it.
  std::int64_t status_of(const Middleware& object) const {
    const bool get = request_.method == "GET";
    return object.permanent ? (get ? 301 : 308) : (get ? 302 : 307);
  }

  // The URL as these Middlewares see it.
  std::string url() const {
    return fmt::format("{}://{}{}{}", request_.scheme, host_, port_suffix(request_.scheme, request_.port),
                       with_query(path_.empty() ? "/" : path_, request_));
  }

  bool redirect_scheme(const Middleware& object) {
    const bool usual = (object.scheme == "http" && object.port == "80") || (object.scheme == "https" && object.port == "443");
    const std::string port = object.port.empty() || usual ? std::string() : ":" + object.port;
    const std::string target =
        fmt::format("{}://{}{}{}", object.scheme, host_, port, with_query(path_.empty() ? "/" : path_, request_));
    if (target == url()) return false;
    redirect_to_url(status_of(object), target, request_, fmt::format("{} redirects to {}", name_, object.scheme), out_);
    return true;
  }

  bool redirect_regex(const Middleware& object) {
    const std::string before = url();
    if (match_pattern(object.regex, before, Anchors::anywhere, false).verdict != IngressDialect::Match::Verdict::yes)
      return false;
    const std::optional<std::string> target = replace_all(object.regex, before, object.replacement);
    if (!target || *target == before) return false;
    redirect_to_url(status_of(object), *target, request_, fmt::format("{} redirects by {}", name_, object.regex), out_);
    return true;
  }

  const Request& request_;
  std::string path_;
  std::string host_;
  std::vector<HeaderField> headers_;
  std::string name_;
  Outcome& out_;
};

}  // namespace

void pass(const TraefikPassage& passage, const Request& request, std::string_view path, Outcome& out) {
  Passing passing(request, path, out);
  for (const TraefikPassage::Stop& stop : passage.stops) {
    if (!passing.through(stop)) return;
  }
  passing.finish();
}

}  // namespace gwdoctor

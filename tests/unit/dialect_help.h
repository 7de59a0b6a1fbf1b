#pragma once
// Ingresses and requests for the tables of the dialect tests.

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "chain/dialects/ingress_table.h"
#include "chain/hostname.h"

namespace dialect_test {

using namespace gwdoctor;

inline IngressPath path(std::string text, IngressPath::Type type, std::string service) {
  IngressPath out;
  out.path = std::move(text);
  out.type = type;
  out.backend.service = std::move(service);
  out.backend.port = 80;
  return out;
}
inline IngressPath exact(std::string text, std::string service) {
  return path(std::move(text), IngressPath::Type::exact, std::move(service));
}
inline IngressPath prefix(std::string text, std::string service) {
  return path(std::move(text), IngressPath::Type::prefix, std::move(service));
}
inline IngressPath specific(std::string text, std::string service) {
  return path(std::move(text), IngressPath::Type::implementation_specific, std::move(service));
}

// An Ingress under construction: shop/NAME, created `age` seconds after the first of all.
class Made {
 public:
  explicit Made(const std::string& name, int age = 0, const std::string& ns = "shop") {
    ingress_.meta.ref = ref(Kind::ingress, ns, name);
    ingress_.meta.created = Time(std::chrono::seconds(1'700'000'000 + age));
  }
  Made& rule(const std::string& host, std::vector<IngressPath> paths) {
    IngressRule out;
    out.host = host;
    out.paths = std::move(paths);
    const std::string field = "spec.rules[" + std::to_string(ingress_.rules.size()) + "]";
    out.field = field;
    for (std::size_t at = 0; at < out.paths.size(); ++at) out.paths[at].field = field + ".http.paths[" + std::to_string(at) + "]";
    ingress_.rules.push_back(std::move(out));
    return *this;
  }
  Made& note(const std::string& key, const std::string& value) {
    ingress_.meta.annotations.emplace_back(key, value);
    return *this;
  }
  Made& nginx(const std::string& key, const std::string& value) { return note("nginx.ingress.kubernetes.io/" + key, value); }
  Made& tls(std::vector<std::string> hosts, const std::string& secret = "cert") {
    IngressTls out;
    out.hosts = std::move(hosts);
    out.secret = secret;
    ingress_.tls.push_back(std::move(out));
    return *this;
  }
  Made& default_backend(const std::string& service) {
    IngressBackend out;
    out.service = service;
    out.port = 80;
    ingress_.default_backend = out;
    return *this;
  }
  Made& address(const std::string& ip) {
    ingress_.addresses.push_back({ip, {}});
    return *this;
  }
  [[nodiscard]] std::shared_ptr<const Ingress> done() const { return std::make_shared<const Ingress>(ingress_); }
  operator std::shared_ptr<const Ingress>() const { return done(); }

 private:
  Ingress ingress_;
};

// "http://shop.example/api?x=1".
inline Request request(const std::string& url, std::vector<HeaderField> headers = {}) {
  Request out;
  const std::size_t scheme = url.find("://");
  out.scheme = url.substr(0, scheme);
  out.tls = out.scheme == "https";
  out.port = out.tls ? 443 : 80;
  out.method = "GET";
  const std::string rest = url.substr(scheme + 3);
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  out.host = rest.substr(0, slash);
  const std::string target = slash == rest.size() ? "/" : rest.substr(slash);
  const std::size_t mark = std::min(target.find('?'), target.size());
  out.path = target.substr(0, mark);
  if (mark < target.size()) out.query = target.substr(mark + 1);
  out.headers = std::move(headers);
  if (out.tls) out.sni = out.host;
  return out;
}

inline IngressTable table(std::string_view id, std::vector<std::shared_ptr<const Ingress>> ingresses) {
  return make_ingress_table(std::move(ingresses), "web", ingress_dialect(id));
}
inline Trace trace(const IngressTable& of, Request sent) {
  Question question;
  question.request = std::move(sent);
  return trace_ingress(question, of);
}
inline Trace trace(const IngressTable& of, const std::string& url) { return trace(of, request(url)); }

// The Service that serves, "404", "308 https://…", or what else became of it.
inline std::string served(const Trace& trace) {
  const Outcome& out = trace.outcome;
  switch (out.action) {
    case Action::forward:
      return out.backends.front().object.name;
    case Action::redirect:
      return std::to_string(*out.status) + " " + out.location;
    case Action::not_found:
      return "404";
    case Action::respond:
      return std::to_string(*out.status);
    case Action::reject:
      return "rejected";
    case Action::unreachable:
      return "unreachable";
    case Action::unknown:
      return "unknown";
  }
  return {};
}
inline std::string served(const IngressTable& of, const std::string& url) { return served(trace(of, url)); }

inline bool has_note(const Trace& trace, std::string_view part) {
  for (const std::string& note : trace.outcome.notes) {
    if (note.find(part) != std::string::npos) return true;
  }
  return false;
}
// Why the Ingress shop/NAME lost; "" where it is no candidate.
inline std::string lost(const Trace& trace, const std::string& name) {
  for (const Candidate& candidate : trace.candidates) {
    if (candidate.route.name == name) return candidate.lost;
  }
  return {};
}

// /api against /api/v2, of one type, both under shop.example: who serves each path.
using Serves = std::vector<std::pair<std::string, std::string>>;
inline Serves serves_api(std::string_view id, IngressPath::Type type, const std::string& end,
                         const std::vector<std::string>& paths) {
  const IngressTable of =
      table(id, {Made("web")
                     .rule("shop.example", {path("/api" + end, type, "api"), path("/api/v2" + end, type, "v2")})
                     .tls({"shop.example"}, "")});
  Serves out;
  for (const std::string& one : paths) out.emplace_back(one, served(of, "http://shop.example" + one));
  return out;
}

}  // namespace dialect_test

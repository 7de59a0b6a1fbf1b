#include "checks/support/redirects.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "kube/objects/fields.h"

namespace gwdoctor {

namespace {

std::int64_t usual_port(std::string_view scheme) { return scheme == "https" ? 443 : 80; }

std::string_view protocol_of(std::string_view scheme) { return scheme == "https" ? "HTTPS" : "HTTP"; }

bool has_listener(const GatewayTable& table, std::string_view protocol, std::int64_t port) {
  return std::any_of(table.listeners.begin(), table.listeners.end(), [&](const TableListener& listener) {
    return listener.spec.protocol == protocol && listener.spec.port == port;
  });
}

// Headers that a proxy in front sets by how a request came: they change with the scheme.
bool tells_of_scheme(const std::string& name) {
  const std::string lower = lower_case(name);
  constexpr std::array<std::string_view, 5> parts{"forwarded", "proto", "scheme", "https", "ssl"};
  return std::any_of(parts.begin(), parts.end(), [&](std::string_view part) { return lower.find(part) != std::string::npos; });
}

bool lists_port(std::string_view list, std::int64_t port) {
  if (list.empty() || list == "*") return true;
  const std::string text = "," + std::string(list) + ",";
  return text.find(fmt::format(",{},", port)) != std::string::npos || (port == 443 && text.find(",https,") != std::string::npos);
}

// The annotations with which people have the load balancer of the Gateway's Service end TLS. They stand at the Gateway for those
// controllers that hand them on (GatewaySpec.infrastructure.annotations).
bool tls_ends_before(const Value& gateway, std::int64_t port) {
  struct Row {
    std::string_view certificate;
    std::string_view ports;
  };
  constexpr std::array<Row, 3> rows{{
      {"service.beta.kubernetes.io/aws-load-balancer-ssl-cert", "service.beta.kubernetes.io/aws-load-balancer-ssl-ports"},
      {"service.beta.kubernetes.io/do-loadbalancer-certificate-id", "service.beta.kubernetes.io/do-loadbalancer-tls-ports"},
      {"service.beta.kubernetes.io/oci-load-balancer-tls-secret", "service.beta.kubernetes.io/oci-load-balancer-ssl-ports"},
  }};
  for (const Value* annotations : {&gateway["spec"]["infrastructure"]["annotations"], &gateway["metadata"]["annotations"]}) {
    for (const Row& row : rows) {
      if (!(*annotations)[row.certificate].text().empty() && lists_port((*annotations)[row.ports].text(), port)) return true;
    }
  }
  return false;
}

std::string key_of(const Request& request) {
  std::string key =
      fmt::format("{} {} {} {} {} {}", request.method, request.scheme, request.host, request.port, request.path, request.query);
  for (const HeaderField& header : request.headers) key += fmt::format("\n{}: {}", header.name, header.value);
  return key;
}

class Chasing {
 public:
  Chasing(const GatewayTable& table, const Value& gateway) : table_(table), gateway_(gateway) {}

  Chase run(Request request, const Ref& route, std::size_t rule) {
    std::set<std::string> met;
    const std::string start = request.host;
    for (std::size_t hop = 0; hop < most_hops; ++hop) {
      if (!met.insert(key_of(request)).second) {
        out_.loops = out_.again = true;
        return std::move(out_);
      }
      Question question;
      question.request = request;
      const Outcome outcome = trace_gateway(question, table_).outcome;
      if (outcome.action != Action::redirect || !outcome.redirect || sets_cookie(outcome)) return std::move(out_);
      if (hop == 0 && (outcome.route != route || outcome.rule != rule)) return std::move(out_);
      note(outcome);
      request = next(std::move(request), outcome);
      out_.likely = out_.likely || request.host != start;
    }
    out_.loops = true;
    return std::move(out_);
  }

 private:
  // The next request is another one then, which a match by cookie may tell.
  static bool sets_cookie(const Outcome& outcome) {
    return std::any_of(outcome.response_headers.begin(), outcome.response_headers.end(),
                       [](const HeaderField& header) { return lower_case(header.name) == "set-cookie"; });
  }

  void note(const Outcome& outcome) {
    out_.locations.push_back(outcome.location);
    if (std::find(out_.routes.begin(), out_.routes.end(), outcome.route) == out_.routes.end())
      out_.routes.push_back(outcome.route);
    for (std::size_t at = 0; at < table_.listeners.size(); ++at) {
      const TableListener& listener = table_.listeners[at];
      if (listener.spec.name == outcome.listener && listener.owner == outcome.listener_owner) out_.listeners.push_back(at);
    }
  }

  Request next(Request request, const Outcome& outcome) {
    const RedirectTarget& target = *outcome.redirect;
    request.scheme = target.scheme;
    request.host = lower_case(target.host);
    request.authority.clear();
    request.port = target.port;
    const std::string path = target.path.substr(0, target.path.find('#'));
    const std::size_t query = path.find('?');
    request.path = path.substr(0, query);
    request.query = query == std::string::npos ? std::string() : path.substr(query + 1);
    // RFC 9110, 15.4: user agents make a GET of it after 303, and of a POST after 301 and 302.
    const std::int64_t status = outcome.status.value_or(302);
    if (status == 303 || ((status == 301 || status == 302) && request.method == "POST")) request.method = "GET";
    std::erase_if(request.headers, [](const HeaderField& header) { return tells_of_scheme(header.name); });
    enter(request);
    request.tls = request.scheme == "https";
    request.sni = request.tls ? request.host : std::string();
    return request;
  }

  // The listener that a request to this port arrives at, where none has the port itself.
  void enter(Request& request) {
    if (has_listener(table_, protocol_of(request.scheme), request.port)) return;
    if (request.scheme == "https" && has_listener(table_, "HTTP", request.port) && tls_ends_before(gateway_, request.port)) {
      request.scheme = "http";
      out_.likely = out_.ended_before = true;
      return;
    }
    if (request.port != usual_port(request.scheme)) return;
    // A Service in front maps the usual port to that of the only listener there is (443 to 8443).
    std::set<std::int64_t> ports;
    for (const TableListener& listener : table_.listeners) {
      if (listener.spec.protocol == protocol_of(request.scheme)) ports.insert(listener.spec.port);
    }
    if (ports.size() != 1) return;
    request.port = *ports.begin();
    out_.likely = true;
  }

  const GatewayTable& table_;
  const Value& gateway_;
  Chase out_;
};

}  // namespace

Chase chase(const Request& request, const Ref& route, std::size_t rule, const GatewayTable& table, const Value& gateway) {
  return Chasing(table, gateway).run(request, route, rule);
}

}  // namespace gwdoctor

#include "chain/speaker.h"

#include <fmt/format.h>

#include <algorithm>

#include "kube/few.h"

namespace gwdoctor {

namespace {

// A data plane, and the controllers that use it: `own` is meant where none of them is expected.
struct Plane {
  std::string_view name;
  std::string_view own;
  Few<std::string_view, 8> controllers;
};
constexpr Plane nginx{"nginx", "", {"ingress-nginx", "nginx-inc", "nginx-gateway-fabric"}};
constexpr Plane ingress_nginx{"ingress-nginx", "ingress-nginx", {"ingress-nginx"}};
constexpr Plane traefik{"Traefik", "traefik", {"traefik"}};
constexpr Plane go_server{"Traefik or another server written in Go", "", {"traefik"}};
constexpr Plane alb{
    "AWS Application Load Balancer", "aws-load-balancer-controller", {"aws-load-balancer-controller", "eks-auto-mode"}};
constexpr Plane envoy{"Envoy", "", {"istio", "envoy-gateway", "contour", "cilium", "kgateway"}};
constexpr Plane istio{"Istio's Envoy", "istio", {"istio"}};
constexpr Plane cilium{"Cilium's Envoy", "cilium", {"cilium"}};
constexpr Plane kong{"Kong", "kong", {"kong"}};
constexpr Plane haproxy{"HAProxy", "", {"haproxy", "haproxy-ingress"}};
constexpr Plane agic{"Azure Application Gateway", "agic", {"agic"}};
constexpr Plane gke{"Google Cloud load balancer", "gke", {"gke"}};

enum class Body { any, empty, is, starts, has };

struct Signature {
  int status = 0;           // 0 is any
  std::string_view header;  // its lower-case name; "" for none
  std::string_view value;   // that its value begins with
  Body how = Body::any;
  std::string_view body;
  const Plane* plane = nullptr;
  bool certain = false;
  std::string_view means;
};

// The first that fits counts. Bodies are compared whole where a page could quote them. Where a page is certain, the words are in
// the source of the project or in the vendor's documentation; where it is likely, they were seen in reports, or others write them
// too.
constexpr Signature signatures[] = {
    // Application Load Balancer: aws-load-balancer-controller, pkg/ingress/enhanced_backend_builder.go; the user guide for 460 …
    // 464.
    {503, "server", "awselb/", Body::is, "Backend service does not exist", &alb, true,
     "the Ingress names a Service that does not exist"},
    {503, "server", "awselb/", Body::is, "Backend action does not exist", &alb, true,
     "the Ingress names an action that no annotation defines"},
    {404, "server", "awselb/", Body::any, "", &alb, true, "no rule of the listener takes this host and path"},
    {403, "server", "awselb/", Body::any, "", &alb, true,
     "the load balancer or its web application firewall refused the request"},
    {460, "server", "awselb/", Body::any, "", &alb, true, "the client closed the connection before the answer"},
    {463, "server", "awselb/", Body::any, "", &alb, true, "the X-Forwarded-For header has too many addresses or a malformed one"},
    {464, "server", "awselb/", Body::any, "", &alb, true, "the request's protocol version is not the target group's"},
    {502, "server", "awselb/", Body::any, "", &alb, true,
     "a target refused the connection or answered with something that is no HTTP"},
    {503, "server", "awselb/", Body::any, "", &alb, true, "no target is registered"},
    {504, "server", "awselb/", Body::any, "", &alb, true, "a target did not answer in time"},
    {0, "server", "awselb/", Body::any, "", &alb, true, ""},
    {460, "", "", Body::empty, "", &alb, false, "the client closed the connection before the answer"},
    {463, "", "", Body::any, "", &alb, false, "the X-Forwarded-For header has too many addresses or a malformed one"},
    {464, "", "", Body::any, "", &alb, false, "the request's protocol version is not the target group's"},

    // Azure Application Gateway: its name stands where nginx has its own.
    {502, "", "", Body::has, "Microsoft-Azure-Application-Gateway", &agic, true, "no member of the backend pool is healthy"},
    {403, "", "", Body::has, "Microsoft-Azure-Application-Gateway", &agic, true,
     "the web application firewall refused the request"},
    {404, "", "", Body::has, "Microsoft-Azure-Application-Gateway", &agic, true, "no rule takes this host and path"},
    {504, "", "", Body::has, "Microsoft-Azure-Application-Gateway", &agic, true, "the backend did not answer in time"},
    {0, "", "", Body::has, "<center>Microsoft-Azure-Application-Gateway", &agic, true, ""},

    // Google Cloud.
    {404, "via", "1.1 google", Body::is, "default backend - 404", &gke, true, "no rule takes this host and path"},
    {404, "", "", Body::starts, "response 404 (backend NotFound)", &gke, true, "no rule takes this host and path"},
    {502, "", "", Body::has, "Error: Server Error", &gke, false, "no backend is healthy, or it closed the connection"},

    {404, "", "", Body::is, "default backend - 404", &ingress_nginx, false, "no rule takes this host and path"},

    // Envoy: source/common (router, rbac, http). A local answer bears no x-envoy-upstream-service-time.
    {503, "", "", Body::is, "no healthy upstream", &envoy, true, "the backend has no endpoint that is ready"},
    {503, "", "", Body::starts, "upstream connect error or disconnect/reset before headers", &envoy, true,
     "the connection to an endpoint failed, or broke before it answered"},
    {504, "", "", Body::is, "upstream request timeout", &envoy, true, "an endpoint did not answer in time"},
    {408, "", "", Body::is, "stream timeout", &envoy, true, "the request did not end in time"},
    {403, "server", "istio-envoy", Body::is, "RBAC: access denied", &istio, true, "an AuthorizationPolicy refused the request"},
    {403, "", "", Body::is, "RBAC: access denied", &envoy, true, "an authorization policy refused the request"},
    {403, "server", "envoy", Body::is, "Access denied", &cilium, false, "a network policy for HTTP refused the request"},
    {404, "server", "istio-envoy", Body::empty, "", &istio, false, "no route takes this host and path"},
    {500, "server", "istio-envoy", Body::empty, "", &istio, false, "the rule that takes the request has no valid backend"},
    {503, "server", "istio-envoy", Body::empty, "", &istio, false, "the rule's backend is not known to the proxy"},
    {404, "server", "envoy", Body::empty, "", &envoy, false, "no route takes this host and path"},
    {421, "server", "envoy", Body::empty, "", &envoy, false, "the connection was opened for another host name"},
    {500, "server", "envoy", Body::empty, "", &envoy, false, "the rule that takes the request has no valid backend"},
    {503, "server", "envoy", Body::empty, "", &envoy, false, "the rule's backend is not known to the proxy, or has no endpoint"},

    // Kong: kong/router, kong/runloop/balancer.
    {404, "", "", Body::has, "no Route matched with those values", &kong, true, "no route takes this host and path"},
    {503, "", "", Body::has, "failure to get a peer from the ring-balancer", &kong, true,
     "the backend has no endpoint that is ready"},
    {0, "x-kong-response-latency", "", Body::any, "", &kong, true, ""},

    // HAProxy: the error files that are compiled in (src/http_htx.c).
    {503, "", "", Body::has, "No server is available to handle this request.", &haproxy, true,
     "the backend has no server that is up"},
    {502, "", "", Body::has, "The server returned an invalid or incomplete response.", &haproxy, true,
     "a server closed the connection or answered with something that is no HTTP"},
    {504, "", "", Body::has, "The server didn't respond in time.", &haproxy, true, "a server did not answer in time"},

    // Traefik: pkg/server/service/loadbalancer; the others are those of Go's net/http.
    {503, "", "", Body::is, "no available server", &traefik, true, "the backend has no endpoint that is ready"},
    {404, "", "", Body::is, "404 page not found", &go_server, false, "no router takes this host and path"},
    {400, "", "", Body::is, "Client sent an HTTP request to an HTTPS server.", &go_server, true,
     "plain HTTP was sent to a TLS port"},
};

// nginx: src/http/ngx_http_special_response.c; 494 … 497 are sent as 400.
struct NginxPage {
  int status = 0;
  std::string_view title;
  std::string_view means;
};
constexpr NginxPage nginx_pages[] = {
    {400, "The plain HTTP request was sent to HTTPS port", "plain HTTP was sent to a TLS port"},
    {400, "No required SSL certificate was sent", "a client certificate is required and none was sent"},
    {400, "The SSL certificate error", "the client certificate is not accepted"},
    {400, "Request Header Or Cookie Too Large", "the request's headers are larger than the proxy takes"},
    {403, "403 Forbidden", "the proxy refused the request: a range of addresses, or an authorization that failed"},
    {404, "404 Not Found", "no rule takes this host and path"},
    {413, "413 Request Entity Too Large", "the request's body is larger than the proxy takes"},
    {421, "421 Misdirected Request", "the connection was opened for another host name"},
    {429, "429 Too Many Requests", "a limit of requests was reached"},
    {500, "500 Internal Server Error", "the rule that takes the request has no valid backend, or the proxy failed"},
    {502, "502 Bad Gateway", "an endpoint refused or reset the connection"},
    {503, "503 Service Temporarily Unavailable",
     "the Service has no endpoint that is ready, or an annotation of the Ingress is refused"},
    {504, "504 Gateway Time-out", "an endpoint did not answer in time"},
};

std::string_view value_of(const std::vector<HeaderField>& headers, std::string_view name) {
  const auto found = std::find_if(headers.begin(), headers.end(), [&](const HeaderField& field) { return field.name == name; });
  return found == headers.end() ? std::string_view() : std::string_view(found->value);
}

bool has_header(const std::vector<HeaderField>& headers, std::string_view name) {
  return std::any_of(headers.begin(), headers.end(), [&](const HeaderField& field) { return field.name == name; });
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view space = " \t\r\n";
  const std::size_t first = text.find_first_not_of(space);
  return first == std::string_view::npos ? std::string_view() : text.substr(first, text.find_last_not_of(space) - first + 1);
}

bool fits(const Signature& signature, int status, const std::vector<HeaderField>& headers, std::string_view body) {
  if (signature.status != 0 && signature.status != status) return false;
  if (!signature.header.empty() &&
      (!has_header(headers, signature.header) || !value_of(headers, signature.header).starts_with(signature.value)))
    return false;
  switch (signature.how) {
    case Body::empty:
      return body.empty();
    case Body::is:
      return body == signature.body;
    case Body::starts:
      return body.starts_with(signature.body);
    case Body::has:
      return body.find(signature.body) != std::string_view::npos;
    default:
      return true;
  }
}

std::string sign_of(const Signature& signature, int status, std::string_view value) {
  if (!signature.body.empty()) return fmt::format("body \"{}\"", signature.body);
  if (!signature.header.empty() && !signature.value.empty())
    return fmt::format("header {}: {}{}", signature.header, signature.value,
                       signature.how == Body::empty            ? ", no body"
                       : value.size() > signature.value.size() ? "…"
                                                               : "");
  return signature.header.empty() ? fmt::format("status {}", status) : fmt::format("header {}", signature.header);
}

Speaker speaker(const Plane& plane, std::string_view expected, bool certain, std::string sign, std::string_view means) {
  const bool is_expected = std::find(plane.controllers.begin(), plane.controllers.end(), expected) != plane.controllers.end();
  return {std::string(is_expected ? expected : plane.own), std::string(plane.name), certain ? "certain" : "likely",
          std::move(sign), std::string(means)};
}

Speaker application(bool certain, std::string sign) {
  return {"application", "the application", certain ? "certain" : "likely", std::move(sign), {}};
}

// nginx signs its pages; ingress-nginx without its version, which an nginx in a pod shows as it comes.
Speaker nginx_speaker(int status, std::string_view body, std::string_view expected) {
  constexpr std::string_view signature = "<center>nginx";
  const std::size_t at = body.find(signature);
  if (at == std::string_view::npos) return {};
  const bool with_version = body.substr(at + signature.size()).starts_with('/');
  if (with_version && expected == "ingress-nginx") return application(false, "an error page of nginx that names its version");
  for (const NginxPage& page : nginx_pages) {
    if (page.status == status && body.find(page.title) != std::string_view::npos)
      return speaker(nginx, expected, false, fmt::format("nginx's page \"{}\"", page.title), page.means);
  }
  return speaker(nginx, expected, false, "an error page of nginx", {});
}

}  // namespace

Speaker speaker_of(int status, const std::vector<HeaderField>& headers, std::string_view body, std::string_view expected) {
  // What a proxy adds to an answer that it got from behind.
  for (const std::string_view passed : {"x-envoy-upstream-service-time", "x-kong-upstream-latency"}) {
    if (has_header(headers, passed)) return application(true, fmt::format("header {}", passed));
  }
  const std::string_view page = trimmed(body);
  for (const Signature& signature : signatures) {
    if (!fits(signature, status, headers, page)) continue;
    return speaker(*signature.plane, expected, signature.certain, sign_of(signature, status, value_of(headers, signature.header)),
                   signature.means);
  }
  if (status >= 400) {
    if (Speaker found = nginx_speaker(status, page, expected); found.known()) return found;
  }
  if (has_header(headers, "x-powered-by")) return application(false, "header x-powered-by");
  return {};
}

}  // namespace gwdoctor

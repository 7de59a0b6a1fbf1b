#include "chain/speaker.h"

#include <doctest/doctest.h>

using namespace gwdoctor;

namespace {

using Headers = std::vector<HeaderField>;

const Headers none;
const Headers awselb{{"server", "awselb/2.0"}};
const Headers by_envoy{{"server", "envoy"}};
const Headers by_istio{{"server", "istio-envoy"}};

std::string nginx_page(const std::string& title, const std::string& product = "nginx") {
  return "<html>\r\n<head><title>" + title + "</title></head>\r\n<body>\r\n<center><h1>" + title +
         "</h1></center>\r\n<hr><center>" + product + "</center>\r\n</body>\r\n</html>\r\n";
}
std::string haproxy_page(const std::string& title, const std::string& text) {
  return "<html><body><h1>" + title + "</h1>\n" + text + "\n</body></html>\n";
}

}  // namespace

TEST_CASE("each proxy is recognised by its own error pages, and what it says is put in words") {
  struct Row {
    int status;
    Headers headers;
    std::string body;
    std::string id;
    std::string name;
    std::string certainty;
    std::string means;
  };
  const std::string no_rule = "no rule takes this host and path";
  const std::string lb = "AWS Application Load Balancer";
  const std::string aws = "aws-load-balancer-controller";
  for (const Row& row : {
           Row{404, none, "default backend - 404", "ingress-nginx", "ingress-nginx", "likely", no_rule},
           Row{503, none, nginx_page("503 Service Temporarily Unavailable"), "", "nginx", "likely", "no endpoint that is ready"},
           Row{502, none, nginx_page("502 Bad Gateway"), "", "nginx", "likely", "refused or reset"},
           Row{504, none, nginx_page("504 Gateway Time-out"), "", "nginx", "likely", "did not answer in time"},
           Row{404, none, nginx_page("404 Not Found"), "", "nginx", "likely", no_rule},
           Row{403, none, nginx_page("403 Forbidden"), "", "nginx", "likely", "refused the request"},
           Row{413, none, nginx_page("413 Request Entity Too Large"), "", "nginx", "likely", "larger than the proxy takes"},
           Row{400, none, nginx_page("400 The plain HTTP request was sent to HTTPS port"), "", "nginx", "likely", "plain HTTP"},
           Row{400, none, nginx_page("400 No required SSL certificate was sent"), "", "nginx", "likely", "none was sent"},
           Row{400, none, nginx_page("400 The SSL certificate error"), "", "nginx", "likely", "not accepted"},
           Row{400, none, nginx_page("400 Request Header Or Cookie Too Large"), "", "nginx", "likely", "headers are larger"},
           Row{421, none, nginx_page("421 Misdirected Request"), "", "nginx", "likely", "another host name"},
           Row{429, none, nginx_page("429 Too Many Requests"), "", "nginx", "likely", "limit of requests"},
           Row{500, none, nginx_page("500 Internal Server Error"), "", "nginx", "likely", "no valid backend"},
           Row{503, none, "no available server\n", "traefik", "Traefik", "certain", "no endpoint that is ready"},
           Row{404, none, "404 page not found\n", "", "Traefik or another server written in Go", "likely", "no router"},
           Row{400, none, "Client sent an HTTP request to an HTTPS server.\n", "", "Traefik or another server written in Go",
               "certain", "plain HTTP"},
           Row{503, awselb, "Backend service does not exist", aws, lb, "certain", "a Service that does not exist"},
           Row{503, awselb, "Backend action does not exist", aws, lb, "certain", "an action that no annotation defines"},
           Row{404, awselb, "", aws, lb, "certain", "no rule of the listener"},
           Row{403, awselb, "", aws, lb, "certain", "refused the request"},
           Row{502, awselb, nginx_page("502 Bad Gateway", "awselb/2.0"), aws, lb, "certain", "a target refused"},
           Row{503, awselb, nginx_page("503 Service Temporarily Unavailable", "awselb/2.0"), aws, lb, "certain", "no target"},
           Row{504, awselb, "", aws, lb, "certain", "did not answer in time"},
           Row{301, awselb, "", aws, lb, "certain", ""},
           Row{460, awselb, "", aws, lb, "certain", "the client closed"},
           Row{463, none, "", aws, lb, "likely", "X-Forwarded-For"},
           Row{464, none, "", aws, lb, "likely", "protocol version"},
           Row{503, none, "no healthy upstream", "", "Envoy", "certain", "no endpoint that is ready"},
           Row{503, none, "upstream connect error or disconnect/reset before headers. reset reason: connection timeout", "",
               "Envoy", "certain", "failed, or broke"},
           Row{504, none, "upstream request timeout", "", "Envoy", "certain", "did not answer in time"},
           Row{408, none, "stream timeout", "", "Envoy", "certain", "did not end in time"},
           Row{403, none, "RBAC: access denied", "", "Envoy", "certain", "authorization policy"},
           Row{403, by_istio, "RBAC: access denied", "istio", "Istio's Envoy", "certain", "AuthorizationPolicy"},
           Row{403, by_envoy, "Access denied\r\n", "cilium", "Cilium's Envoy", "likely", "network policy"},
           Row{404, by_envoy, "", "", "Envoy", "likely", "no route"},
           Row{421, by_envoy, "", "", "Envoy", "likely", "another host"},
           Row{500, by_envoy, "", "", "Envoy", "likely", "no valid backend"},
           Row{503, by_envoy, "", "", "Envoy", "likely", "not known to the proxy"},
           Row{404, by_istio, "", "istio", "Istio's Envoy", "likely", "no route"},
           Row{500, by_istio, "", "istio", "Istio's Envoy", "likely", "no valid backend"},
           Row{503, by_istio, "", "istio", "Istio's Envoy", "likely", "not known to the proxy"},
           Row{404, none, "{\n  \"message\":\"no Route matched with those values\"\n}", "kong", "Kong", "certain", "no route"},
           Row{503, none, "{\"message\":\"failure to get a peer from the ring-balancer\"}", "kong", "Kong", "certain",
               "no endpoint"},
           Row{401, Headers{{"x-kong-response-latency", "1"}}, "{}", "kong", "Kong", "certain", ""},
           Row{503, none, haproxy_page("503 Service Unavailable", "No server is available to handle this request."), "",
               "HAProxy", "certain", "no server that is up"},
           Row{502, none, haproxy_page("502 Bad Gateway", "The server returned an invalid or incomplete response."), "",
               "HAProxy", "certain", "no HTTP"},
           Row{504, none, haproxy_page("504 Gateway Time-out", "The server didn't respond in time."), "", "HAProxy", "certain",
               "did not answer in time"},
           Row{502, none, nginx_page("502 Bad Gateway", "Microsoft-Azure-Application-Gateway/v2"), "agic",
               "Azure Application Gateway", "certain", "backend pool"},
           Row{403, none, nginx_page("403 Forbidden", "Microsoft-Azure-Application-Gateway/v2"), "agic",
               "Azure Application Gateway", "certain", "firewall"},
           Row{404, none, nginx_page("404 Not Found", "Microsoft-Azure-Application-Gateway/v2"), "agic",
               "Azure Application Gateway", "certain", no_rule},
           Row{504, none, nginx_page("504 Gateway Time-out", "Microsoft-Azure-Application-Gateway/v2"), "agic",
               "Azure Application Gateway", "certain", "in time"},
           Row{400, none, nginx_page("400 Bad Request", "Microsoft-Azure-Application-Gateway/v2"), "agic",
               "Azure Application Gateway", "certain", ""},
           Row{404, Headers{{"via", "1.1 google"}}, "default backend - 404", "gke", "Google Cloud load balancer", "certain",
               no_rule},
           Row{404, none, "response 404 (backend NotFound), service rules for [ /x ] non-existent", "gke",
               "Google Cloud load balancer", "certain", no_rule},
           Row{502, none, "<html><h1>Error: Server Error</h1><h2>The server encountered a temporary error</h2></html>", "gke",
               "Google Cloud load balancer", "likely", "no backend is healthy"},
       }) {
    CAPTURE(row.status);
    CAPTURE(row.body);
    const Speaker speaker = speaker_of(row.status, row.headers, row.body);
    CHECK(speaker.id == row.id);
    CHECK(speaker.name == row.name);
    CHECK(speaker.certainty == row.certainty);
    CHECK(speaker.means.find(row.means) != std::string::npos);
    CHECK(speaker.means.empty() == row.means.empty());
    CHECK_FALSE(speaker.sign.empty());
  }
}

TEST_CASE("the controller that is expected decides between those with the same data plane") {
  CHECK(speaker_of(503, none, "no healthy upstream", "contour").id == "contour");
  CHECK(speaker_of(404, by_envoy, "", "envoy-gateway").id == "envoy-gateway");
  CHECK(speaker_of(502, none, nginx_page("502 Bad Gateway"), "nginx-inc").id == "nginx-inc");
  CHECK(speaker_of(404, none, "404 page not found\n", "traefik").id == "traefik");
  CHECK(speaker_of(404, awselb, "", "eks-auto-mode").id == "eks-auto-mode");
  CHECK(speaker_of(503, none, haproxy_page("503", "No server is available to handle this request."), "haproxy-ingress").id ==
        "haproxy-ingress");
  CHECK(speaker_of(503, none, "no healthy upstream", "traefik").id.empty());
  CHECK_FALSE(speaker_of(404, none, "not here", "traefik").known());
}

TEST_CASE("what came from behind the proxy is the application's") {
  const Speaker envoy = speaker_of(503, {{"server", "envoy"}, {"x-envoy-upstream-service-time", "3"}}, "no healthy upstream");
  CHECK(envoy.id == "application");
  CHECK(envoy.certainty == "certain");
  CHECK(speaker_of(404, {{"x-kong-upstream-latency", "3"}}, "").id == "application");
  CHECK(speaker_of(404, {{"x-powered-by", "Express"}}, "<pre>Cannot GET /</pre>").certainty == "likely");
  // ingress-nginx hides its version: a page that has one comes from an nginx in a pod.
  CHECK(speaker_of(404, none, nginx_page("404 Not Found", "nginx/1.25.3"), "ingress-nginx").id == "application");
  CHECK(speaker_of(404, none, nginx_page("404 Not Found", "nginx/1.25.3"), "nginx-gateway-fabric").id == "nginx-gateway-fabric");
}

TEST_CASE("nobody is recognised by what anybody could have written") {
  struct Row {
    int status;
    Headers headers;
    std::string body;
  };
  for (const Row& row :
       {Row{404, none, ""}, Row{500, none, ""}, Row{200, by_envoy, "hello"}, Row{404, by_envoy, "{\"error\":\"no such cart\"}"},
        Row{200, none, "no healthy upstream"}, Row{503, none, "the log says no healthy upstream today"},
        Row{404, none, "our docs explain default backend - 404"}, Row{200, none, nginx_page("Welcome to nginx!")},
        Row{0, none, ""}}) {
    CAPTURE(row.body);
    const Speaker speaker = speaker_of(row.status, row.headers, row.body);
    CHECK_FALSE(speaker.known());
    CHECK(speaker.id.empty());
    CHECK(speaker.certainty.empty());
  }
}

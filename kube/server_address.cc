#include "kube/server_address.h"

#include <curl/curl.h>

#include <memory>

#include "kube/clean.h"
#include "kube/proxy.h"

namespace gwdoctor {

namespace {

using Url = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

std::string part(const Url& url, CURLUPart what, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url.get(), what, &text, flags) != CURLUE_OK || text == nullptr) return {};
  std::string out = text;
  curl_free(text);
  return out;
}

std::string without_brackets(const std::string& host) {
  return host.starts_with('[') && host.ends_with(']') ? host.substr(1, host.size() - 2) : host;
}

tl::unexpected<Error> bad_server(const std::string& server, const std::string& why) {
  // What stands before an @ may be a password.
  return fail(ErrorKind::input, "server \"" + proxy_for_people(server) + "\": " + why);
}

}  // namespace

Result<ServerAddress> ServerAddress::of(const Connection& connection, const Environment& environment) {
  const Url url(curl_url(), &curl_url_cleanup);
  if (curl_url_set(url.get(), CURLUPART_URL, connection.server.c_str(), CURLU_DEFAULT_SCHEME) != CURLUE_OK) {
    return bad_server(connection.server, "expected a URL such as https://HOST:PORT");
  }
  const std::string scheme = part(url, CURLUPART_SCHEME);
  const std::string host = part(url, CURLUPART_HOST);
  const std::string port = part(url, CURLUPART_PORT, CURLU_DEFAULT_PORT);
  std::string prefix = part(url, CURLUPART_PATH);
  while (prefix.ends_with('/')) prefix.pop_back();
  if (scheme != "https" && scheme != "http") return bad_server(connection.server, "expected http:// or https://");
  if (host.empty()) return bad_server(connection.server, "expected a host");

  ServerAddress endpoint;
  endpoint.tls = scheme == "https";
  endpoint.shown = host + ":" + port;
  endpoint.tls_name = without_brackets(host);
  std::string named = host;
  if (endpoint.tls && !connection.tls_server_name.empty() && connection.tls_server_name != endpoint.tls_name) {
    const std::string& name = connection.tls_server_name;
    if (name.find_first_of("/@?#% \t\r\n") != std::string::npos) {
      return fail(ErrorKind::input, "tls-server-name \"" + clean_line(name, 120) + "\": expected a host name");
    }
    endpoint.tls_name = without_brackets(name);
    named = name.find(':') != std::string::npos && !name.starts_with('[') ? "[" + name + "]" : name;
    endpoint.connect_to.append(named).append(":").append(port).append(":").append(host).append(":").append(port);
    endpoint.host_header = port == "443" ? host : endpoint.shown;
  }
  endpoint.shown_base.append(scheme).append("://").append(endpoint.shown).append(prefix);
  endpoint.base.append(scheme).append("://").append(named).append(":").append(port).append(prefix);
  if (connection.proxy_url && !connection.proxy_url->empty()) {
    Result<std::string> proxy = proxy_of_kubeconfig(*connection.proxy_url);
    if (!proxy) return tl::unexpected(proxy.error());
    endpoint.proxy = std::move(*proxy);
  } else {
    endpoint.proxy = proxy_from_environment(endpoint.tls, without_brackets(host), port, environment);
  }
  return endpoint;
}

}  // namespace gwdoctor

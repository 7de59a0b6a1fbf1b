#include <doctest/doctest.h>
#include <openssl/x509_vfy.h>

#include <cerrno>

#include "kube/credentials.h"
#include "kube/curl_error.h"
#include "kube/curl_transfer.h"
#include "kube/curl_transport.h"
#include "kube/http_log.h"
#include "kube/proxy.h"
#include "kube/retry.h"
#include "kube/server_address.h"
#include "tests/unit/fake_transport.h"

using namespace gwdoctor;
using std::chrono::milliseconds;

namespace {

Connection connection_to(const std::string& server) {
  Connection connection;
  connection.server = server;
  connection.credentials = fixed_credentials({});
  return connection;
}

HttpResponse retry_reply(int status, const std::string& after) {
  HttpResponse response = reply(status, "");
  if (!after.empty()) response.headers.emplace_back("retry-after", after);
  return response;
}

Failure failure(CURLcode code, std::string detail = "") {
  Failure made;
  made.code = code;
  made.detail = std::move(detail);
  made.server = "10.0.0.1:6443";
  made.tls_name = "10.0.0.1";
  made.request = "GET /api/v1/pods";
  made.limit = milliseconds(30000);
  made.connect_limit = milliseconds(10000);
  return made;
}

struct Recorder {
  std::vector<std::string> lines;
  std::vector<std::string> warnings;
  [[nodiscard]] std::string all() const {
    std::string out;
    for (const std::string& line : lines) out += line + "\n";
    return out;
  }
};

}  // namespace

TEST_CASE("429 and 5xx are asked again only where the server says when") {
  const RetryPolicy policy;
  CHECK(wait_before_retry(retry_reply(429, "1"), 0, milliseconds(0), policy) == milliseconds(1000));
  CHECK(wait_before_retry(retry_reply(503, "2"), 2, milliseconds(0), policy) == milliseconds(2000));
  CHECK_FALSE(wait_before_retry(retry_reply(503, ""), 0, milliseconds(0), policy));
  CHECK_FALSE(wait_before_retry(retry_reply(404, "1"), 0, milliseconds(0), policy));
  CHECK_FALSE(wait_before_retry(retry_reply(429, "soon"), 0, milliseconds(0), policy));
  CHECK(wait_before_retry(retry_reply(429, "0"), 0, milliseconds(0), policy) > milliseconds(0));
}

TEST_CASE("retries end by number and by time") {
  const RetryPolicy policy;
  CHECK_FALSE(wait_before_retry(retry_reply(429, "1"), 3, milliseconds(0), policy));
  CHECK_FALSE(wait_before_retry(retry_reply(429, "16"), 0, milliseconds(0), policy));
  CHECK_FALSE(wait_before_retry(retry_reply(429, "99999999999999999999"), 0, milliseconds(0), policy));
  CHECK_FALSE(wait_before_retry(retry_reply(429, "2"), 0, milliseconds(14000), policy));
  CHECK(wait_before_retry(retry_reply(429, "Wed, 21 Oct 2015 07:28:00 GMT"), 0, milliseconds(0), policy));
}

TEST_CASE("the environment's proxy is taken by Go's rules") {
  Environment environment;
  environment.variables = {{"HTTPS_PROXY", "proxy.corp:3128"},
                           {"NO_PROXY", "example.org, .inner.example,10.1.0.0/16,192.0.2.7,api.x:6443"}};
  const auto proxy = [&](std::string_view host, std::string_view port = "443") {
    return proxy_from_environment(true, host, port, environment);
  };
  CHECK(proxy("api.corp") == "http://proxy.corp:3128");
  CHECK(proxy("example.org") == "");
  CHECK(proxy("api.EXAMPLE.org") == "");
  CHECK(proxy("notexample.org") == "http://proxy.corp:3128");
  CHECK(proxy("a.inner.example") == "");
  CHECK(proxy("inner.example") == "http://proxy.corp:3128");
  CHECK(proxy("10.1.255.1") == "");
  CHECK(proxy("10.2.0.1") == "http://proxy.corp:3128");
  CHECK(proxy("192.0.2.7") == "");
  CHECK(proxy("api.x", "6443") == "");
  CHECK(proxy("api.x", "443") == "http://proxy.corp:3128");
  CHECK(proxy("localhost") == "");
  CHECK(proxy("127.0.0.1") == "");
  CHECK(proxy("::1") == "");
  CHECK(proxy_from_environment(false, "api.corp", "80", environment) == "");
  environment.variables["NO_PROXY"] = "*";
  CHECK(proxy("api.corp") == "");
  environment.variables = {{"https_proxy", "socks5://p:1080"}};
  CHECK(proxy("api.corp") == "socks5h://p:1080");
}

TEST_CASE("a proxy-url has a known scheme, and its password is not repeated") {
  CHECK(proxy_of_kubeconfig("http://p:1") == "http://p:1");
  CHECK(proxy_of_kubeconfig("socks5://p:1") == "socks5h://p:1");
  const Result<std::string> wrong = proxy_of_kubeconfig("ftp://me:hunter2@p:1");
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().kind == ErrorKind::input);
  CHECK(wrong.error().message.find("hunter2") == std::string::npos);
}

TEST_CASE("a server's address is taken apart with its prefix") {
  const Environment none;
  const Result<ServerAddress> plain = ServerAddress::of(connection_to("https://api.example:6443/k8s/c-1/"), none);
  REQUIRE(plain);
  CHECK(plain->base == "https://api.example:6443/k8s/c-1");
  CHECK(plain->shown == "api.example:6443");
  CHECK(plain->tls_name == "api.example");
  CHECK(plain->connect_to.empty());
  const Result<ServerAddress> six = ServerAddress::of(connection_to("https://[2001:db8::1]"), none);
  REQUIRE(six);
  CHECK(six->base == "https://[2001:db8::1]:443");
  CHECK(six->tls_name == "2001:db8::1");
  CHECK_FALSE(ServerAddress::of(connection_to("http://localhost:8080"), none)->tls);
  CHECK_FALSE(ServerAddress::of(connection_to("ftp://api"), none));
  CHECK_FALSE(ServerAddress::of(connection_to("https://"), none));
  CHECK(ServerAddress::of(connection_to("https://me:hunter2@a b"), none).error().message.find("hunter2") == std::string::npos);
}

TEST_CASE("tls-server-name changes the name in the URL and keeps the address and the Host") {
  Connection connection = connection_to("https://10.0.0.1:6443");
  connection.tls_server_name = "kubernetes";
  const Result<ServerAddress> endpoint = ServerAddress::of(connection, {});
  REQUIRE(endpoint);
  CHECK(endpoint->base == "https://kubernetes:6443");
  CHECK(endpoint->shown_base == "https://10.0.0.1:6443");
  CHECK(endpoint->connect_to == "kubernetes:6443:10.0.0.1:6443");
  CHECK(endpoint->host_header == "10.0.0.1:6443");
  CHECK(endpoint->shown == "10.0.0.1:6443");
  connection.tls_server_name = "a/b";
  CHECK_FALSE(ServerAddress::of(connection, {}));
}

TEST_CASE("failures to connect are told in kubectl's words") {
  Failure refused = failure(CURLE_COULDNT_CONNECT);
  refused.os_errno = ECONNREFUSED;
  CHECK(error_of(refused).message ==
        "The connection to the server 10.0.0.1:6443 was refused - did you specify the right host or port?");
  CHECK(error_of(refused).kind == ErrorKind::unreachable);
  refused.os_errno = EHOSTUNREACH;
  CHECK(error_of(refused).message.starts_with("Unable to connect to the server: connect to 10.0.0.1:6443: "));
  CHECK(error_of(failure(CURLE_COULDNT_RESOLVE_HOST)).message ==
        "Unable to connect to the server: lookup 10.0.0.1: no such host");
  CHECK(error_of(failure(CURLE_OPERATION_TIMEDOUT)).message ==
        "Unable to connect to the server: no connection to 10.0.0.1:6443 within 10 s");
  Failure late = failure(CURLE_OPERATION_TIMEDOUT);
  late.connected = late.request_sent = true;
  CHECK(error_of(late).kind == ErrorKind::timeout);
  CHECK(error_of(late).message == "the API server did not answer GET /api/v1/pods within 30 s");
}

TEST_CASE("a certificate that does not verify is told with its reason") {
  Failure unknown = failure(CURLE_PEER_FAILED_VERIFICATION);
  unknown.verify_result = X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY;
  CHECK(error_of(unknown).message.find("certificate signed by unknown authority") != std::string::npos);
  unknown.verify_result = X509_V_ERR_CERT_HAS_EXPIRED;
  CHECK(error_of(unknown).message ==
        "Unable to connect to the server: tls: failed to verify certificate: certificate has expired");
  const Failure name =
      failure(CURLE_PEER_FAILED_VERIFICATION, "SSL: no alternative certificate subject name matches target host name 'x'");
  CHECK(error_of(name).message.find("not valid for 10.0.0.1") != std::string::npos);
}

TEST_CASE("a refused client certificate is a matter of credentials, and is not tried again") {
  const Failure refused =
      failure(CURLE_RECV_ERROR, "OpenSSL SSL_read: error:0A00045C:SSL routines::tlsv13 alert certificate required, errno 0");
  CHECK(error_of(refused).kind == ErrorKind::unauthorized);
  CHECK(error_of(refused).message == "the server refused the client certificate: tlsv13 alert certificate required");
  CHECK_FALSE(is_connection_lost(refused));
}

TEST_CASE("what was broken off may be sent again, what grew too large may not") {
  CHECK(is_connection_lost(failure(CURLE_PARTIAL_FILE)));
  CHECK(is_connection_lost(failure(CURLE_HTTP2)));
  CHECK(is_http2_failure(failure(CURLE_HTTP2_STREAM)));
  CHECK_FALSE(is_connection_lost(failure(CURLE_COULDNT_CONNECT)));
  CHECK_FALSE(is_connection_lost(failure(CURLE_OPERATION_TIMEDOUT)));
  Failure large = failure(CURLE_WRITE_ERROR);
  large.too_large = true;
  large.size_limit = std::size_t{256} << 20U;
  CHECK_FALSE(is_connection_lost(large));
  CHECK(error_of(large).kind == ErrorKind::server);
  CHECK(error_of(large).message.find("256 MiB") != std::string::npos);
}

TEST_CASE("level 7 shows headers with the Authorization masked and impersonation kept") {
  Recorder recorder;
  HttpLog log(7, [&](std::string_view line) { recorder.lines.emplace_back(line); }, {});
  log.hide({"sekret-token"});
  log.request("GET", "https://a/api?x=sekret-token", {"Authorization: Bearer sekret-token", "Impersonate-User: jane"}, "");
  CHECK(recorder.all() ==
        "GET https://a/api?x=<masked>\nRequest Headers:\n    Authorization: Bearer <masked>\n    Impersonate-User: jane\n");
}

TEST_CASE("level 6 shows a line a request, and lower levels nothing") {
  Recorder recorder;
  const auto line = [&](std::string_view text) { recorder.lines.emplace_back(text); };
  HttpLog(6, line, {}).response("GET", "https://a/api", reply(200, "{}"), milliseconds(12));
  HttpLog(5, line, {}).response("GET", "https://a/api", reply(200, "{}"), milliseconds(12));
  CHECK(recorder.all() == "GET https://a/api 200 OK in 12 milliseconds\n");
}

TEST_CASE("bodies are cut, redacted, and never shown for Secrets") {
  Recorder recorder;
  HttpLog log(8, [&](std::string_view line) { recorder.lines.emplace_back(line); }, {});
  log.hide({"sekret-token"});
  log.response("GET", "https://a/api/v1/namespaces/p/secrets/s", reply(200, R"({"data":{"k":"c2VrcmV0"}})"), milliseconds(1));
  log.response("GET", "https://a/api/v1/secrets?limit=500", reply(200, R"({"data":{"k":"c2VrcmV0"}})"), milliseconds(1));
  log.response("GET", "https://a/other", reply(200, R"({"kind":"SecretList","items":[{"data":{"k":"c2VrcmV0"}}]})"),
               milliseconds(1));
  log.response("GET", "https://a/x", reply(500, "you sent sekret-token " + std::string(5000, 'x'), "text/plain"),
               milliseconds(1));
  CHECK(recorder.all().find("c2VrcmV0") == std::string::npos);
  CHECK(recorder.all().find("sekret-token") == std::string::npos);
  CHECK(recorder.lines.back().size() < 1100);
}

TEST_CASE("each warning of the API server is shown once") {
  Recorder recorder;
  HttpLog log(0, {}, [&](std::string_view text) { recorder.warnings.emplace_back(text); });
  HttpResponse response = reply(200, "{}");
  response.headers = {
      {"warning", R"(299 - "v1beta1 is \"deprecated\"")"}, {"warning", "199 - \"no\""}, {"warning", "299 broken"}};
  log.warnings(response);
  log.warnings(response);
  CHECK(recorder.warnings == std::vector<std::string>{R"(v1beta1 is "deprecated")"});
}

TEST_CASE("basic authorization is base64 of user and password") {
  CHECK(basic_authorization("Aladdin", "open sesame") == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
}

TEST_CASE("credentials that would break a header are refused before anything is sent") {
  Connection connection = connection_to("https://127.0.0.1:1");
  Credentials credentials;
  credentials.token = "a\r\nX-Evil: 1";
  connection.credentials = fixed_credentials(credentials);
  Result<std::unique_ptr<Transport>> transport = make_curl_transport(connection, {}, {});
  REQUIRE(transport);
  const auto answers = (*transport)->send({HttpRequest{}, HttpRequest{}});
  REQUIRE(answers.size() == 2);
  CHECK(answers[0].error().kind == ErrorKind::unauthorized);
  connection.impersonate.user = "a\nb";
  CHECK_FALSE(make_curl_transport(connection, {}, {}));
}

TEST_CASE("a port where nobody listens is told at once, for each request") {
  // Port 1 of loopback: reserved, and nobody serves tcpmux.
  Result<std::unique_ptr<Transport>> transport = make_curl_transport(connection_to("https://127.0.0.1:1"), {}, {});
  REQUIRE(transport);
  const auto answers =
      (*transport)->send({HttpRequest{"GET", "/api", "application/json", ""}, HttpRequest{"GET", "/apis", "*/*", ""}});
  for (const auto& answer : answers) {
    REQUIRE_FALSE(answer);
    CHECK(answer.error().kind == ErrorKind::unreachable);
    CHECK(answer.error().message.find("127.0.0.1:1 was refused") != std::string::npos);
  }
}

TEST_CASE("an interrupt ends a batch before it is sent") {
  const std::atomic<bool> interrupted{true};
  TransportOptions options;
  options.cancelled = &interrupted;
  Result<std::unique_ptr<Transport>> transport = make_curl_transport(connection_to("https://127.0.0.1:1"), options, {});
  REQUIRE(transport);
  CHECK((*transport)->send({HttpRequest{}})[0].error().message == "interrupted");
}

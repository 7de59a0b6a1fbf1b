// gRPC over an exchange: frames of HTTP/2, trailers.

#include <doctest/doctest.h>

#include "kube/objects/decode.h"
#include "kube/observation.h"
#include "net/grpc_health.h"
#include "net/observer.h"
#include "tests/unit/exchange_help.h"

using namespace gwdoctor;
using namespace gwdoctor::test;
using std::chrono::milliseconds;

namespace {

// RFC 9113, 4.1.
std::string frame(char type, char flags, char stream, const std::string& content) {
  std::string out{static_cast<char>(content.size() >> 16U), static_cast<char>(content.size() >> 8U),
                  static_cast<char>(content.size())};
  return out + type + flags + std::string(3, '\0') + stream + content;
}
// A literal header field without indexing (RFC 7541, 6.2.2).
std::string literal(const std::string& name, const std::string& value) {
  return std::string(1, '\0') + static_cast<char>(name.size()) + name + static_cast<char>(value.size()) + value;
}

// A gRPC server of one answer: SETTINGS, then headers, message and trailers on stream 1.
Handler grpc_server(const std::string& message, const std::string& status, std::string* request,
                    const std::string& sent = grpc_health_request("shop")) {
  return [=](const Peer& peer) {
    std::string got;
    while (got.find(sent) == std::string::npos) {
      const std::string more = peer.read();
      if (more.empty()) return;
      if (got.empty()) peer.write(frame(4, 0, 0, ""));
      got += more;
    }
    *request = got;
    peer.write(frame(4, 1, 0, "") + frame(1, 4, 1, "\x88" + literal("content-type", "application/grpc")) +
               frame(0, 0, 1, message) + frame(1, 5, 1, literal("grpc-status", status) + literal("grpc-message", "not%20here")));
    while (!peer.read().empty()) {
    }
  };
}

}  // namespace

TEST_CASE("a gRPC health check goes over HTTP/2, with prior knowledge or under TLS, and its trailers are read") {
  const Issued issued = certificate_for("shop.example");
  for (const bool tls : {false, true}) {
    CAPTURE(tls);
    std::string request;
    const std::string serving("\0\0\0\0\2\x08\x01", 7);
    const Handler plain = grpc_server(serving, "0", &request);
    const Server server(tls ? under_tls(issued, plain, nullptr, {.alpn = "h2"}) : plain);
    ExchangeQuestion question = grpc_health_question("shop");
    question.address = "127.0.0.1";
    question.port = server.port();
    question.tls = tls;
    question.sni = tls ? "shop.example" : "";
    question.host = "shop.example";
    const ExchangeAnswer answer = ask(question);
    CHECK(answer.detail.empty());
    CHECK(answer.status == 200);
    CHECK(answer.version == "HTTP/2");
    CHECK(answer.body == serving);
    CHECK(answer.trailers == std::vector<HeaderField>{{"grpc-status", "0"}, {"grpc-message", "not%20here"}});
    CHECK(answer.tls.alpn == (tls ? "h2" : ""));
    CHECK(request.starts_with("PRI * HTTP/2.0\r\n"));
    const GrpcHealth health = grpc_health_of(answer);
    CHECK(health.is_grpc);
    CHECK(health.grpc_status == 0);
    CHECK(health.serving == GrpcServing::serving);
  }
}

TEST_CASE("the observer asks for the health of a gRPC server, and keeps what it says instead of its bytes") {
  const Issued issued = certificate_for("shop.example");
  std::string request;
  const Handler plain = grpc_server(std::string("\0\0\0\0\2\x08\x02", 7), "0", &request, frame(0, 1, 1, grpc_health_request("")));
  const Server server(under_tls(issued, plain, nullptr, {.alpn = "h2"}));
  HttpQuestion question;
  question.address = "127.0.0.1";
  question.port = server.port();
  question.tls = true;
  question.host = "shop.example";
  question.grpc_health = "";
  const std::vector<Answer> answers =
      NetObserver(ObserverOptions{{milliseconds(3000)}, {}, "/dev/null"}).fill({wish_of(question)});
  REQUIRE(answers[0].documents.size() == 1);
  const auto answer = decode<HttpAnswer>(answers[0].documents[0], Kind::pod);
  CHECK(answer.result == HttpResult::answered);
  CHECK(answer.version == "HTTP/2");
  CHECK(answer.body.empty());
  REQUIRE(answer.grpc.has_value());
  CHECK(answer.grpc->grpc_status == 0);
  CHECK(answer.grpc->serving == GrpcServing::not_serving);
  CHECK(answer.grpc->grpc_message == "not here");
}

TEST_CASE("an HTTP/1.1 server does not pass for one of HTTP/2") {
  const Server server(answers("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"));
  ExchangeQuestion question = to(server.port());
  question.protocol = "h2";
  question.timeout = milliseconds(2000);
  const ExchangeAnswer answer = ask(question);
  CHECK_FALSE(answer.answered());
  CHECK((answer.result == HttpResult::closed || answer.result == HttpResult::reset));
  CHECK(has(answer.detail, "it may not speak HTTP/2 without TLS"));
}

// The opening handshake of a WebSocket, and servers that answer it in one way or another.
#include "net/websocket.h"

#include <doctest/doctest.h>

#include <set>

#include "kube/x509.h"
#include "tests/unit/exchange_help.h"

using namespace gwdoctor;
using namespace gwdoctor::test;
using std::chrono::milliseconds;

namespace {

constexpr std::string_view sample_key = "dGhlIHNhbXBsZSBub25jZQ==";  // RFC 6455, 1.3
constexpr std::string_view sample_accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

ExchangeQuestion handshake(std::int64_t port = 80, bool tls = false) {
  ExchangeQuestion question = to(port, tls);
  question.headers = {{"Connection", "Upgrade"}, {"Upgrade", "websocket"}};
  ask_for_websocket(question);
  return question;
}

ExchangeAnswer answer_with(int status, std::vector<HeaderField> headers) {
  ExchangeAnswer answer;
  answer.result = HttpResult::answered;
  answer.status = status;
  answer.headers = std::move(headers);
  return answer;
}

std::string field(const std::string& request, const std::string& name) {
  const std::size_t at = request.find("\r\n" + name + ": ");
  if (at == std::string::npos) return {};
  const std::size_t from = at + name.size() + 4;
  return request.substr(from, request.find("\r\n", from) - from);
}

// Answers the key and then holds the connection open, as a server that has nothing to say yet.
Handler websocket_server(std::string* request) {
  return [=](const Peer& peer) {
    *request = peer.read_request();
    peer.write(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Accept: " +
        websocket_accept(field(*request, "Sec-WebSocket-Key")) + "\r\n\r\n");
    while (!peer.read().empty()) {
    }
  };
}

}  // namespace

TEST_CASE("the answer to the key of RFC 6455 is the one of RFC 6455") { CHECK(websocket_accept(sample_key) == sample_accept); }

TEST_CASE("a key is 16 random bytes") {
  std::set<std::string> keys;
  for (int count = 0; count < 20; ++count) {
    const std::string key = websocket_key();
    keys.insert(key);
    REQUIRE(decode_base64(key).has_value());
    CHECK(decode_base64(key)->size() == 16);
    CHECK(key.size() == 24);
  }
  CHECK(keys.size() == 20);
}

TEST_CASE("a handshake goes over HTTP/1.1 with key and version, unless they are given") {
  ExchangeQuestion question = handshake();
  CHECK(question.protocol == "http/1.1");
  REQUIRE(question.headers.size() == 4);
  CHECK(question.headers[2] == HeaderField{"Sec-WebSocket-Version", "13"});
  CHECK(question.headers[3].name == "Sec-WebSocket-Key");
  question.headers = {{"sec-websocket-key", std::string(sample_key)}, {"sec-websocket-version", "8"}};
  ask_for_websocket(question);
  CHECK(question.headers.size() == 2);
}

TEST_CASE("a WebSocket is opened and left at once, under TLS as well") {
  const Issued issued = certificate_for("shop.example");
  for (const bool tls : {false, true}) {
    CAPTURE(tls);
    std::string request;
    const Server server(tls ? under_tls(issued, websocket_server(&request)) : websocket_server(&request));
    const ExchangeQuestion question = handshake(server.port(), tls);
    const auto start = std::chrono::steady_clock::now();
    const ExchangeAnswer answer = ask(question);
    CHECK(std::chrono::steady_clock::now() - start < milliseconds(2500));
    CHECK(answer.status == 101);
    CHECK(websocket_complaint(question, answer).empty());
    CHECK(request.starts_with("GET / HTTP/1.1\r\nHost: shop.example\r\n"));
    CHECK(field(request, "Upgrade") == "websocket");
    CHECK(field(request, "Connection") == "Upgrade");
    CHECK(field(request, "Sec-WebSocket-Version") == "13");
    CHECK(answer.tls.alpn == (tls ? "http/1.1" : ""));
  }
}

TEST_CASE("a server that sends frames right behind its answer is left all the same") {
  const Server server([](const Peer& peer) {
    const std::string request = peer.read_request();
    peer.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
               websocket_accept(field(request, "Sec-WebSocket-Key")) + "\r\n\r\n\x81\x05hello");
    while (peer.write(std::string(4096, '\x81'))) {
    }
  });
  const ExchangeQuestion question = handshake(server.port());
  const auto start = std::chrono::steady_clock::now();
  const ExchangeAnswer answer = ask(question);
  CHECK(std::chrono::steady_clock::now() - start < milliseconds(2500));
  CHECK(answer.answered());
  CHECK(websocket_complaint(question, answer).empty());
}

TEST_CASE("what opens no WebSocket is told in words") {
  ExchangeQuestion question = to(80);
  question.headers = {{"Sec-WebSocket-Key", std::string(sample_key)}, {"Sec-WebSocket-Protocol", "chat, mqtt"}};
  const HeaderField upgrade{"upgrade", "websocket"};
  const HeaderField connection{"connection", "upgrade"};
  const HeaderField accept{"sec-websocket-accept", std::string(sample_accept)};
  struct Row {
    int status;
    std::vector<HeaderField> headers;
    std::string says;
  };
  for (const Row& row :
       {Row{101,
            {upgrade, connection, {"sec-websocket-accept", "AAAA"}},
            "Sec-WebSocket-Accept is AAAA, expected s3pPLMBiTxaQ9kYGzzhZRbK+xOo="},
        Row{101, {upgrade, connection}, "has no Sec-WebSocket-Accept, expected s3pPLMBiTxaQ9kYGzzhZRbK+xOo="},
        Row{101, {{"upgrade", "h2c"}, connection, accept}, "upgraded to \"h2c\", not to websocket"},
        Row{101, {upgrade, accept}, "no Connection: Upgrade"},
        Row{101,
            {upgrade, connection, accept, {"sec-websocket-protocol", "soap"}},
            "the subprotocol \"soap\", which was not asked for"},
        Row{101,
            {upgrade, connection, accept, {"sec-websocket-extensions", "permessage-deflate; x=1"}},
            "the extension \"permessage-deflate; x=1\""},
        Row{200, {}, "the answer is 200, not 101: the request was served as plain HTTP"},
        Row{400, {}, "the answer is 400, not 101: the server refuses the handshake"},
        Row{400, {{"sec-websocket-version", "8, 7"}}, "speaks WebSocket version 8, 7, and 13 was asked for"},
        Row{426, {{"sec-websocket-version", "7"}}, "the answer is 426, not 101: the server speaks WebSocket version 7"},
        Row{426, {}, "an upgrade of another kind"}, Row{401, {}, "wants to know who asks"},
        Row{302, {{"location", "https://a.example/"}}, "do not follow a redirect"}, Row{502, {}, "the answer is 502, not 101"}}) {
    CAPTURE(row.says);
    const std::string complaint = websocket_complaint(question, answer_with(row.status, row.headers));
    CHECK(has(complaint, row.says));
    CHECK(complaint.find('\n') == std::string::npos);
  }
  CHECK(
      websocket_complaint(question, answer_with(101, {upgrade, connection, accept, {"sec-websocket-protocol", "mqtt"}})).empty());
  ExchangeAnswer none;
  none.detail = "203.0.113.10:80 refuses connections";
  CHECK(websocket_complaint(question, none) == none.detail);
}

#include "net/exchange.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <mutex>
#include <thread>

#include "tests/unit/exchange_help.h"
#include "tests/unit/temporary.h"

using namespace gwdoctor;
using namespace gwdoctor::test;
using std::chrono::milliseconds;

TEST_CASE("an answer comes with its status, headers, body and how long each part took") {
  std::string request;
  ExchangeAnswer answer;
  std::int64_t port = 0;
  {
    const Server server(
        answers("HTTP/1.1 404 Not Found\r\nServer: nginx\r\nX-A:  1 \r\nx-a: 2\r\nSet-Cookie: s=1\r\n"
                "Content-Length: 5\r\n\r\nno \x1b!",
                &request));
    port = server.port();
    ExchangeQuestion question = to(port);
    question.path = "/a//../b%2Fc\\";
    question.query = "x=1&y={}";
    question.headers = {{"X-Empty", ""}, {"Accept", "text/plain"}, {"Host", "other.example"}};
    answer = ask(question);
  }
  CHECK(answer.answered());
  CHECK(answer.detail.empty());
  CHECK(answer.status == 404);
  CHECK(answer.version == "HTTP/1.1");
  CHECK(answer.headers == std::vector<HeaderField>{{"server", "nginx"}, {"x-a", "1"}, {"x-a", "2"}, {"content-length", "5"}});
  CHECK(answer.header("x-a") == "1");
  CHECK(answer.header("x-b").empty());
  CHECK(answer.body == "no \x1b!");
  CHECK_FALSE(answer.body_cut);
  CHECK(answer.address == "127.0.0.1");
  CHECK(answer.port == port);
  CHECK(answer.phases.connect.has_value());
  CHECK(answer.phases.first_byte.has_value());
  CHECK_FALSE(answer.phases.tls.has_value());
  CHECK(answer.tls.handshake == Handshake::none);
  CHECK(request.starts_with("GET /a//../b%2Fc\\?x=1&y={} HTTP/1.1\r\nHost: shop.example\r\n"));
  CHECK(has(request, "X-Empty:\r\n"));
  CHECK(has(request, "Accept: text/plain\r\n"));
  CHECK(has(request, "User-Agent: kubectl-gwdoctor\r\n"));
  CHECK_FALSE(has(request, "other.example"));
}

TEST_CASE("a POST without a body says so, and a method is sent as it is") {
  std::string request;
  {
    const Server server(answers(ok, &request));
    ExchangeQuestion question = to(server.port());
    question.method = "POST";
    CHECK(ask(question).answered());
  }
  CHECK(request.starts_with("POST / HTTP/1.1\r\n"));
  CHECK(has(request, "Content-Length: 0\r\n"));
  CHECK_FALSE(has(request, "Content-Type"));
  {
    const Server server(answers("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", &request));
    ExchangeQuestion question = to(server.port());
    question.method = "HEAD";
    const ExchangeAnswer answer = ask(question);
    CHECK(answer.answered());
    CHECK(answer.body.empty());
    CHECK(answer.detail.empty());
  }
  CHECK(request.starts_with("HEAD / HTTP/1.1\r\n"));
}

TEST_CASE("a redirect is reported and not followed, and a proxy of the environment is not used") {
  int requests = 0;
  setenv("http_proxy", "http://192.0.2.1:3128", 1);
  {
    const Server server([&](const Peer& peer) {
      ++requests;
      peer.read_request();
      peer.write("HTTP/1.1 301 Moved Permanently\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n");
    });
    const ExchangeAnswer answer = ask(to(server.port()));
    CHECK(answer.status == 301);
    CHECK(answer.header("location") == "/b");
  }
  unsetenv("http_proxy");
  CHECK(requests == 1);
}

TEST_CASE("where nobody listens the connection is refused") {
  std::int64_t port = 0;
  {
    port = Server([](const Peer&) {}).port();
  }
  const ExchangeAnswer answer = ask(to(port));
  CHECK(answer.result == HttpResult::refused);
  CHECK(answer.detail == "127.0.0.1:" + std::to_string(port) + " refuses connections");
  CHECK(answer.status == 0);
  CHECK(answer.address.empty());
  CHECK_FALSE(answer.phases.connect.has_value());
}

TEST_CASE("a server that keeps silent ends as a timeout, with or without TLS") {
  for (const bool tls : {false, true}) {
    const Server server([](const Peer& peer) { peer.read_until("never"); });
    ExchangeQuestion question = to(server.port(), tls);
    question.timeout = milliseconds(200);
    const ExchangeAnswer answer = ask(question);
    CHECK(answer.result == HttpResult::timeout);
    CHECK(has(answer.detail, tls ? "did not finish the TLS handshake in time" : "did not answer within 200 ms"));
    CHECK(answer.tls.handshake == (tls ? Handshake::timeout : Handshake::none));
    CHECK(answer.address == "127.0.0.1");
    CHECK(answer.phases.connect.has_value());
    CHECK_FALSE(answer.phases.first_byte.has_value());
    CHECK(answer.phases.total >= milliseconds(190));
  }
}

TEST_CASE("what the batch's time does not suffice for ends as a timeout") {
  const Server server([](const Peer& peer) { peer.read_until("never"); });
  const std::vector<ExchangeQuestion> questions(20, to(server.port()));
  const auto began = std::chrono::steady_clock::now();
  const std::vector<ExchangeAnswer> answers = exchange_all(questions, milliseconds(200));
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(2));
  REQUIRE(answers.size() == 20);
  for (const ExchangeAnswer& answer : answers) CHECK(answer.result == HttpResult::timeout);
  CHECK(has(answers.back().detail, "before this one was sent"));
  const std::atomic<bool> cancelled = true;
  CHECK(exchange_all({to(server.port())}, plenty, &cancelled).front().result == HttpResult::timeout);
}

TEST_CASE("a connection that ends without an answer is closed or reset") {
  const Issued issued = certificate_for("shop.example");
  const Handler closes = [](const Peer& peer) { peer.read_request(); };
  const Handler resets = [](const Peer& peer) {
    peer.read_request();
    peer.reset();
  };
  {
    const Server server(closes);
    const ExchangeAnswer answer = ask(to(server.port()));
    CHECK(answer.result == HttpResult::closed);
    CHECK(has(answer.detail, "closed the connection without an answer"));
  }
  {
    const Server server(resets);
    CHECK(ask(to(server.port())).result == HttpResult::reset);
  }
  {
    const Server server(under_tls(issued, resets));
    const ExchangeAnswer answer = ask(to(server.port(), true));
    CHECK(answer.result == HttpResult::reset);
    CHECK(answer.tls.handshake == Handshake::done);
    CHECK(has(answer.detail, "reset the connection instead of answering"));
  }
  {
    const Server server(answers("SSH-2.0-OpenSSH_9.2\r\n"));
    const ExchangeAnswer answer = ask(to(server.port()));
    CHECK(answer.result == HttpResult::error);
    CHECK(has(answer.detail, "something that is no HTTP"));
  }
}

TEST_CASE("an endless body and endless headers are cut") {
  {
    const Server server([](const Peer& peer) {
      peer.read_request();
      peer.write("HTTP/1.1 200 OK\r\n\r\n");
      while (peer.write(std::string(4096, 'x'))) {
      }
    });
    const ExchangeAnswer answer = ask(to(server.port()));
    CHECK(answer.answered());
    CHECK(answer.detail.empty());
    CHECK(answer.body.size() == max_exchange_body);
    CHECK(answer.body_cut);
  }
  {
    const Server server([](const Peer& peer) {
      peer.read_request();
      peer.write("HTTP/1.1 200 OK\r\n");
      for (int i = 0; i < 100; ++i) peer.write("x-a: " + std::string(1000, 'a') + "\r\n");
      peer.write("Content-Length: 2\r\n\r\nhi");
    });
    const ExchangeAnswer answer = ask(to(server.port()));
    CHECK(answer.answered());
    CHECK(answer.headers_cut);
    CHECK(answer.headers.size() < 70);
    CHECK(answer.body == "hi");
  }
  {
    const Server server([](const Peer& peer) {
      peer.read_request();
      peer.write("HTTP/1.1 200 OK\r\n");
      while (peer.write("x-a: " + std::string(1000, 'a') + "\r\n")) {
      }
    });
    const ExchangeAnswer answer = ask(to(server.port()));
    CHECK(answer.result == HttpResult::error);
    CHECK_FALSE(answer.detail.empty());
    CHECK(answer.headers.size() < 70);
    CHECK(has(answer.detail, "sends headers without end"));
  }
}

TEST_CASE("a body that breaks off leaves the answer and says so") {
  const Server server(answers("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhi"));
  const ExchangeAnswer answer = ask(to(server.port()));
  CHECK(answer.answered());
  CHECK(answer.body == "hi");
  CHECK(answer.body_cut);
  CHECK(has(answer.detail, "the body broke off"));
}

TEST_CASE("of several answers to one request the last one counts, and an upgrade ends it") {
  {
    const Server server(
        answers("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nX-B: 1\r\nContent-Length: 0\r\n\r\n"));
    const ExchangeAnswer answer = ask(to(server.port()));
    CHECK(answer.status == 200);
    CHECK(answer.headers == std::vector<HeaderField>{{"x-b", "1"}, {"content-length", "0"}});
  }
  const Server server([](const Peer& peer) {
    peer.read_request();
    peer.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
    peer.read();
  });
  ExchangeQuestion question = to(server.port());
  question.headers = {{"Connection", "Upgrade"}, {"Upgrade", "websocket"}};
  const ExchangeAnswer answer = ask(question);
  CHECK(answer.answered());
  CHECK(answer.status == 101);
  CHECK(answer.header("upgrade") == "websocket");
}

TEST_CASE("a question that cannot be sent as it is is not sent at all") {
  bool called = false;
  const Server server([&](const Peer&) { called = true; });
  struct Row {
    std::function<void(ExchangeQuestion&)> change;
    std::string says;
  };
  for (const Row& row :
       {Row{[](ExchangeQuestion& q) { q.address = "shop.example"; }, "is no IP address"},
        Row{[](ExchangeQuestion& q) { q.port = 0; }, "0 is no port"},
        Row{[](ExchangeQuestion& q) { q.method = "GET / HTTP/1.1\r\nA:"; }, "the method"},
        Row{[](ExchangeQuestion& q) { q.method = ""; }, "the method"}, Row{[](ExchangeQuestion& q) { q.path = "a"; }, "a slash"},
        Row{[](ExchangeQuestion& q) { q.path = "/a b"; }, "the path or query"},
        Row{[](ExchangeQuestion& q) { q.query = "a\nb"; }, "the path or query"},
        Row{[](ExchangeQuestion& q) { q.host = "a\r\nb"; }, "the host"},
        Row{[](ExchangeQuestion& q) { q.sni = "joe@a/../b"; }, "the host"},
        Row{[](ExchangeQuestion& q) {
              q.headers = {{"A B", "1"}};
            },
            "the header name \"A B\""},
        Row{[](ExchangeQuestion& q) {
              q.headers = {{"A", "s3cr3t\r\nB: 2"}};
            },
            "the header A has a control character"}}) {
    CAPTURE(row.says);
    ExchangeQuestion question = to(server.port());
    row.change(question);
    const ExchangeAnswer answer = ask(question);
    CHECK(answer.result == HttpResult::error);
    CHECK(has(answer.detail, row.says));
    CHECK_FALSE(has(answer.detail, "s3cr3t"));
  }
  CHECK_FALSE(called);
}

TEST_CASE("several exchanges run at once and are answered in their order") {
  const auto slow = [](const std::string& body) {
    return [body](const Peer& peer) {
      peer.read_request();
      std::this_thread::sleep_for(milliseconds(400));
      peer.write("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" + body);
    };
  };
  const Server a(slow("a"));
  const Server b(slow("b"));
  const Server c(slow("c"));
  ExchangeQuestion wrong = to(a.port());
  wrong.address = "nowhere";
  const auto began = std::chrono::steady_clock::now();
  const std::vector<ExchangeAnswer> answers = exchange_all({to(a.port()), wrong, to(b.port()), to(c.port())}, plenty);
  CHECK(std::chrono::steady_clock::now() - began < milliseconds(1100));
  REQUIRE(answers.size() == 4);
  CHECK(answers[0].body == "a");
  CHECK(answers[1].result == HttpResult::error);
  CHECK(answers[2].body == "b");
  CHECK(answers[3].body == "c");
  CHECK(exchange_all({}, plenty).empty());
}

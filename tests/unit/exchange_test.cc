#include "net/exchange.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <thread>

#include "net/grpc_health.h"
#include "tests/unit/make_certificate.h"
#include "tests/unit/temporary.h"

using namespace gwdoctor;
using namespace gwdoctor::test;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds plenty{10000};

// One connection as a handler sees it: plain, or under TLS.
struct Peer {
  int socket = -1;
  SSL* ssl = nullptr;

  // False once the other end is gone.
  bool write(std::string_view text) const {
    while (!text.empty()) {
      const long sent = ssl != nullptr ? SSL_write(ssl, text.data(), static_cast<int>(text.size()))
                                       : ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  std::string read() const {
    std::array<char, 4096> data{};
    const long got =
        ssl != nullptr ? SSL_read(ssl, data.data(), static_cast<int>(data.size())) : ::recv(socket, data.data(), data.size(), 0);
    return got > 0 ? std::string(data.data(), static_cast<std::size_t>(got)) : std::string();
  }
  std::string read_until(std::string_view end) const {
    std::string all;
    for (std::string more = read(); !more.empty(); more = read()) {
      all += more;
      if (all.find(end) != std::string::npos) break;
    }
    return all;
  }
  std::string read_request() const { return read_until("\r\n\r\n"); }
  // The connection ends with RST and not with FIN.
  void reset() const {
    const linger hard{1, 0};
    setsockopt(socket, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  }
};
using Handler = std::function<void(const Peer&)>;

// A server on a loopback port, one connection after another on a thread of its own.
class Server {
 public:
  explicit Server(Handler handler) : handler_(std::move(handler)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in place{};
    place.sin_family = AF_INET;
    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof place;
    REQUIRE(bind(listener_, reinterpret_cast<sockaddr*>(&place), size) == 0);
    REQUIRE(listen(listener_, 16) == 0);
    REQUIRE(getsockname(listener_, reinterpret_cast<sockaddr*>(&place), &size) == 0);
    port_ = ntohs(place.sin_port);
    thread_ = std::thread([this] { run(); });
  }
  ~Server() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] std::int64_t port() const { return port_; }

 private:
  void run() {
    // OpenSSL writes without MSG_NOSIGNAL.
    sigset_t broken_pipe;
    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
    for (int client = accept(listener_, nullptr, nullptr); client >= 0; client = accept(listener_, nullptr, nullptr)) {
      const timeval patience{3, 0};
      setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
      setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
      handler_({client, nullptr});
      close(client);
    }
  }

  Handler handler_;
  int listener_ = -1;
  std::int64_t port_ = 0;
  std::thread thread_;
};

int choose_h2(SSL* /*ssl*/, const unsigned char** out, unsigned char* size, const unsigned char* in, unsigned in_size,
              void* wanted) {
  const std::string_view name = *static_cast<const std::string*>(wanted);
  for (unsigned at = 0; at < in_size; at += in[at] + 1U) {
    if (std::string_view(reinterpret_cast<const char*>(in + at + 1), in[at]) != name) continue;
    *out = in + at + 1;
    *size = in[at];
    return SSL_TLSEXT_ERR_OK;
  }
  return SSL_TLSEXT_ERR_NOACK;
}

struct TlsOptions {
  std::string alpn = "http/1.1";
  bool wants_client_certificate = false;
  int version = TLS1_3_VERSION;
};

// The handler under TLS with this certificate; `sni` is what the client asked for.
Handler under_tls(const Issued& issued, Handler handler, std::string* sni = nullptr, TlsOptions options = {}) {
  return [=](const Peer& plain) {
    const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
    const std::unique_ptr<BIO, decltype(&BIO_free)> chain(BIO_new_mem_buf(issued.certificate.data(), -1), &BIO_free);
    const std::unique_ptr<BIO, decltype(&BIO_free)> secret(BIO_new_mem_buf(issued.key.data(), -1), &BIO_free);
    const std::unique_ptr<X509, decltype(&X509_free)> leaf(PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr), &X509_free);
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
        PEM_read_bio_PrivateKey(secret.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free);
    SSL_CTX_use_certificate(context.get(), leaf.get());
    SSL_CTX_use_PrivateKey(context.get(), key.get());
    SSL_CTX_set_max_proto_version(context.get(), options.version);
    std::string alpn = options.alpn;
    SSL_CTX_set_alpn_select_cb(context.get(), &choose_h2, &alpn);
    if (options.wants_client_certificate)
      SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context.get()), &SSL_free);
    SSL_set_fd(ssl.get(), plain.socket);
    if (SSL_accept(ssl.get()) == 1) {
      if (const char* name = SSL_get_servername(ssl.get(), TLSEXT_NAMETYPE_host_name); name != nullptr && sni != nullptr)
        *sni = name;
      handler({plain.socket, ssl.get()});
    } else {
      plain.read();
    }
  };
}

Handler answers(std::string response, std::string* request = nullptr) {
  return [=](const Peer& peer) {
    std::string got = peer.read_request();
    if (request != nullptr) *request = std::move(got);
    peer.write(response);
  };
}

const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

ExchangeQuestion to(std::int64_t port, bool tls = false) {
  ExchangeQuestion question;
  question.address = "127.0.0.1";
  question.port = port;
  question.tls = tls;
  question.host = "shop.example";
  question.sni = tls ? "shop.example" : "";
  return question;
}
ExchangeAnswer ask(const ExchangeQuestion& question) { return exchange_all({question}, plenty).front(); }

Issued certificate_for(const std::string& name, const Issued* issuer = nullptr) {
  const Time now = std::chrono::time_point_cast<Seconds>(std::chrono::system_clock::now());
  CertificateOrder order;
  order.dns_names = {name};
  order.common_name = name;
  order.not_before = now - Seconds(3600);
  order.not_after = now + Seconds(86400);
  order.issuer = issuer;
  return make_certificate(order);
}

bool has(const std::string& text, std::string_view part) {
  CAPTURE(text);
  return text.find(part) != std::string::npos;
}

}  // namespace

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

TEST_CASE("a certificate that verifies is reported with the handshake") {
  CertificateOrder ca_order;
  ca_order.common_name = "test CA";
  ca_order.is_ca = true;
  ca_order.not_after = std::chrono::sys_days(std::chrono::year(2099) / 1 / 1);
  ca_order.not_before = std::chrono::sys_days(std::chrono::year(2020) / 1 / 1);
  const Issued ca = make_certificate(ca_order);
  const TemporaryDirectory folder;
  const std::string ca_file = folder.write("ca.pem", ca.certificate);
  std::string sni;
  const Server server(under_tls(certificate_for("*.example", &ca), answers(ok), &sni));
  ExchangeQuestion question = to(server.port(), true);
  question.ca_file = ca_file;
  ExchangeAnswer answer = ask(question);
  CHECK(answer.status == 200);
  CHECK(answer.tls.handshake == Handshake::done);
  CHECK(answer.tls.version == "TLSv1.3");
  CHECK(answer.tls.cipher.starts_with("TLS_"));
  CHECK(answer.tls.alpn == "http/1.1");
  CHECK(answer.tls.alert == -1);
  CHECK(answer.tls.trust == Trust::trusted);
  CHECK(answer.tls.trust_error.empty());
  CHECK(answer.tls.matches_name);
  REQUIRE(answer.tls.chain.size() == 1);
  CHECK(answer.tls.chain.front().dns_names == std::vector<std::string>{"*.example"});
  CHECK(answer.tls.chain.front().fingerprint.size() == 64);
  CHECK(answer.phases.tls.has_value());
  CHECK(sni == "shop.example");

  sni = "none";
  question.sni.clear();
  question.ca_file.clear();
  question.verify = false;
  answer = ask(question);
  CHECK(answer.status == 200);
  CHECK(answer.tls.trust == Trust::unknown);
  // Without SNI the Host is what the certificate is held against.
  CHECK(answer.tls.matches_name);
  CHECK(sni == "none");

  question.verify = true;
  question.ca_file = folder.write("bad.pem", "no certificate");
  answer = ask(question);
  CHECK(answer.result == HttpResult::error);
  CHECK(has(answer.detail, "bad.pem holds no certificate that can be read"));
}

TEST_CASE("a certificate of another host by an unknown authority does not keep the answer away") {
  const Issued issued = certificate_for("other.example");
  const Server server(under_tls(issued, answers(ok)));
  ExchangeQuestion question = to(server.port(), true);
  const TemporaryDirectory folder;
  question.ca_file = folder.write("ca.pem", certificate_for("someone else").certificate);
  const ExchangeAnswer answer = ask(question);
  CHECK(answer.status == 200);
  CHECK(answer.body == "hi");
  CHECK(answer.tls.trust == Trust::untrusted);
  CHECK(has(answer.tls.trust_error, "self-signed certificate"));
  CHECK(answer.tls.trust_error_depth == 0);
  CHECK_FALSE(answer.tls.matches_name);
}

TEST_CASE("plain HTTP on the TLS port is told from other failures of the handshake") {
  struct Row {
    Handler handler;
    Handshake handshake;
    std::string says;
  };
  const auto sends = [](const std::string& text) {
    return [text](const Peer& peer) {
      peer.read();
      peer.write(text);
    };
  };
  for (const Row& row :
       {Row{sends("HTTP/1.1 400 Bad Request\r\n\r\n"), Handshake::plain_http, "answered the TLS handshake in plain HTTP"},
        Row{sends("220 mail.example ESMTP\r\n"), Handshake::not_tls, "with something that is no TLS"},
        // a fatal alert unrecognized_name (112) in a TLS 1.2 record
        Row{sends(std::string("\x15\x03\x03\x00\x02\x02\x70", 7)), Handshake::alert, "with the alert unrecognized_name"},
        Row{[](const Peer& peer) { peer.read(); }, Handshake::closed, "closed the connection during the TLS handshake"},
        Row{[](const Peer& peer) {
              peer.read();
              peer.reset();
            },
            Handshake::reset, "reset the connection during the TLS handshake"}}) {
    CAPTURE(row.says);
    const Server server(row.handler);
    const ExchangeAnswer answer = ask(to(server.port(), true));
    CHECK(answer.result == HttpResult::tls_failed);
    CHECK(answer.tls.handshake == row.handshake);
    CHECK(has(answer.detail, row.says));
  }
}

TEST_CASE("a missing client certificate shows as an alert, in TLS 1.3 after the handshake") {
  const Issued issued = certificate_for("shop.example");
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const Server server(under_tls(issued, answers(ok), nullptr, {.wants_client_certificate = true, .version = version}));
    const ExchangeAnswer answer = ask(to(server.port(), true));
    CHECK(answer.result == HttpResult::tls_failed);
    CHECK(answer.tls.handshake == (version == TLS1_2_VERSION ? Handshake::alert : Handshake::done));
    CHECK(answer.tls.alert == (version == TLS1_2_VERSION ? 40 : 116));
    CHECK(has(answer.detail, version == TLS1_2_VERSION ? "handshake_failure" : "certificate_required"));
    CHECK(answer.tls.chain.size() == 1);
  }
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
Handler grpc_server(const std::string& message, const std::string& status, std::string* request) {
  return [=](const Peer& peer) {
    std::string got;
    const std::string sent = grpc_health_request("shop");
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

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "kube/objects/decode.h"
#include "kube/observation.h"
#include "net/observer.h"

using namespace gwdoctor;

namespace {

// A socket on loopback; nobody accepts or reads unless a test does.
class Socket {
 public:
  explicit Socket(int type) : descriptor_(::socket(AF_INET, type | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(::bind(descriptor_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
    if (type == SOCK_STREAM) REQUIRE(::listen(descriptor_, 16) == 0);
  }
  ~Socket() { ::close(descriptor_); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  Socket(Socket&&) = delete;
  Socket& operator=(Socket&&) = delete;
  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
  int port_ = 0;
};

std::string server_of(const Socket& socket) { return "127.0.0.1:" + std::to_string(socket.port()); }

NetObserver observer(int milliseconds, const std::atomic<bool>* cancelled = nullptr) {
  ObserverOptions options;
  options.patience = {std::chrono::milliseconds(milliseconds), cancelled};
  return NetObserver(options);
}

template <class T>
T decoded(const Answer& answer) {
  REQUIRE(answer.state == State::present);
  return decode<T>(answer.documents.at(0), Kind::pod);
}

}  // namespace

TEST_CASE("a batch of silent servers takes one timeout, for all kinds and names") {
  const Socket silent_dns(SOCK_DGRAM);
  const Socket silent_tls(SOCK_STREAM);
  std::vector<Wish> wishes;
  for (int at = 0; at < 20; ++at) {
    wishes.push_back(wish_of(DnsQuestion{"host" + std::to_string(at) + ".example", server_of(silent_dns)}));
    wishes.push_back(wish_of(TlsQuestion{"127.0.0.1", silent_tls.port(), "host" + std::to_string(at) + ".example"}));
  }
  const auto start = Clock::now();
  NetObserver net = observer(300);
  const std::vector<Answer> answers = net.fill(wishes);
  CHECK(milliseconds_since(start) < 1500);
  CHECK(decoded<DnsAnswer>(answers[0]).a.status == DnsStatus::timeout);
  CHECK(decoded<DnsAnswer>(answers[0]).failed());
  CHECK(decoded<TlsAnswer>(answers[1]).handshake == Handshake::timeout);
  CHECK(decoded<TlsAnswer>(answers[1]).connect == TcpResult::connected);
  const auto again = Clock::now();
  const Answer later = net.fill({wish_of(DnsQuestion{"later.example", server_of(silent_dns)})}).at(0);
  CHECK(milliseconds_since(again) < 200);
  CHECK(decoded<DnsAnswer>(later).a.detail == "it did not answer a moment ago");
}

TEST_CASE("a port that nobody listens at is refused, one that somebody does is connected") {
  const Socket open(SOCK_STREAM);
  int closed = 0;
  {
    const Socket gone(SOCK_STREAM);
    closed = gone.port();
  }
  const std::vector<Answer> answers =
      observer(1000).fill({wish_of(TcpQuestion{"127.0.0.1", open.port()}), wish_of(TcpQuestion{"127.0.0.1", closed}),
                           wish_of(TlsQuestion{"127.0.0.1", closed, "a.example"}), wish_of(TcpQuestion{"no.address", 80}),
                           wish_of(TcpQuestion{"127.0.0.1", 99999})});
  CHECK(decoded<TcpAnswer>(answers[0]).result == TcpResult::connected);
  CHECK(decoded<TcpAnswer>(answers[1]).result == TcpResult::refused);
  CHECK(decoded<TcpAnswer>(answers[1]).detail == "connection refused");
  CHECK(decoded<TlsAnswer>(answers[2]).connect == TcpResult::refused);
  CHECK(decoded<TlsAnswer>(answers[2]).handshake == Handshake::none);
  CHECK(decoded<TcpAnswer>(answers[3]).result == TcpResult::error);
  CHECK(decoded<TcpAnswer>(answers[4]).detail == "99999 is no port");
}

TEST_CASE("a server that answers the ClientHello in HTTP is told") {
  const Socket web(SOCK_STREAM);
  std::thread server([&] {
    const int client = ::accept(web.descriptor(), nullptr, nullptr);
    char hello[64];
    (void)!::read(client, hello, sizeof hello);
    const std::string_view text = "HTTP/1.1 400 Bad Request\r\n\r\n";
    (void)!::write(client, text.data(), text.size());
    ::close(client);
  });
  const std::vector<Answer> answers = observer(2000).fill({wish_of(TlsQuestion{"127.0.0.1", web.port(), "a.example"})});
  server.join();
  const auto answer = decoded<TlsAnswer>(answers[0]);
  CHECK(answer.handshake == Handshake::plain_http);
  CHECK(answer.detail == "the server answered \"HTTP/1.1 400 Bad Request\"");
}

TEST_CASE("names that DNS cannot carry are answered without a question") {
  const Socket silent(SOCK_DGRAM);
  const auto start = Clock::now();
  for (const std::string& name :
       {std::string("*.example"), std::string("a..b"), std::string(64, 'a') + ".example", std::string("a b")}) {
    const Answer answer = observer(2000).fill({wish_of(DnsQuestion{name, server_of(silent)})}).at(0);
    CHECK(decoded<DnsAnswer>(answer).a.status == DnsStatus::error);
  }
  CHECK(milliseconds_since(start) < 1000);
}

TEST_CASE("an interrupted batch ends soon, and what was not observed is unknown") {
  const Socket silent(SOCK_STREAM);
  std::atomic<bool> cancelled{false};
  std::thread interrupter([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    cancelled = true;
  });
  const auto start = Clock::now();
  const std::vector<Answer> answers =
      observer(20000, &cancelled).fill({wish_of(TlsQuestion{"127.0.0.1", silent.port(), "a.example"})});
  interrupter.join();
  CHECK(milliseconds_since(start) < 2000);
  CHECK(answers[0].state == State::unknown);
}

TEST_CASE("what is no network wish is unknown") {
  const Wish service{Wish::What::object, Kind::service, "a", "b", {}, {}};
  CHECK(observer(100).fill({service})[0].state == State::unknown);
  CHECK(observer(100).fill({}).empty());
}

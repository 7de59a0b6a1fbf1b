#pragma once
// Servers on loopback ports, for the tests of what goes over the network.

#include <openssl/ssl.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

#include "tests/unit/make_certificate.h"

namespace gwdoctor::test {

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
  explicit Server(Handler handler);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] std::int64_t port() const { return port_; }

 private:
  void run();

  Handler handler_;
  int listener_ = -1;
  std::int64_t port_ = 0;
  std::thread thread_;
};

struct TlsOptions {
  std::string alpn = "http/1.1";
  bool wants_client_certificate = false;
  int version = TLS1_3_VERSION;
};

// The handler under TLS with this certificate; `sni` is what the client asked for.
[[nodiscard]] Handler under_tls(const Issued& issued, Handler handler, std::string* sni = nullptr, TlsOptions options = {});

// Reads a request, which is kept, and answers it.
[[nodiscard]] Handler answers(std::string response, std::string* request = nullptr);

}  // namespace gwdoctor::test

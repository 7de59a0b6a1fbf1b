#pragma once
// What OpenSSL sees of a handshake that libcurl makes.

#include <openssl/ssl.h>

#include <chrono>
#include <optional>
#include <string>

#include "net/exchange.h"

namespace gwdoctor {

// Watches the handshakes of one SSL_CTX. Outlives it.
class TlsWatch {
 public:
  explicit TlsWatch(const ExchangeQuestion& question) : question_(question) {}
  TlsWatch(const TlsWatch&) = delete;
  TlsWatch& operator=(const TlsWatch&) = delete;

  // Takes the verification over: it is reported, and never stops the handshake. False where the CA file cannot be read.
  [[nodiscard]] bool attach(SSL_CTX* context);

  [[nodiscard]] const ExchangeTls& seen() const { return seen_; }
  [[nodiscard]] bool bad_ca_file() const { return bad_ca_file_; }
  // When the handshake began: the connection was there. Nothing where it never was.
  [[nodiscard]] std::optional<std::chrono::steady_clock::time_point> began() const { return began_; }
  // The first bytes that came in the place of a TLS record; "" where nothing or TLS came.
  [[nodiscard]] const std::string& first_bytes() const { return first_bytes_; }

 private:
  static int verify(X509_STORE_CTX* store, void* self);
  static void on_state(const SSL* ssl, int where, int value);
  static void on_message(int outgoing, int version, int type, const void* data, std::size_t size, SSL* ssl, void* self);
  void judge(X509_STORE_CTX* store);
  void set_name_match();

  const ExchangeQuestion& question_;
  ExchangeTls seen_;
  std::optional<std::chrono::steady_clock::time_point> began_;
  std::string first_bytes_;
  bool got_record_ = false;
  bool bad_ca_file_ = false;
  bool has_roots_ = false;
};

}  // namespace gwdoctor

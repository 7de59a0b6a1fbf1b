#include "tests/unit/loopback_server.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <openssl/pem.h>
#include <unistd.h>

#include <csignal>
#include <memory>

namespace gwdoctor::test {

namespace {

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

}  // namespace

Server::Server(Handler handler) : handler_(std::move(handler)) {
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

Server::~Server() {
  shutdown(listener_, SHUT_RDWR);
  thread_.join();
  close(listener_);
}

void Server::run() {
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

Handler under_tls(const Issued& issued, Handler handler, std::string* sni, TlsOptions options) {
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

Handler answers(std::string response, std::string* request) {
  return [=](const Peer& peer) {
    std::string got = peer.read_request();
    if (request != nullptr) *request = std::move(got);
    peer.write(response);
  };
}

}  // namespace gwdoctor::test

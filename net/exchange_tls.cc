#include "net/exchange_tls.h"

#include <dirent.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>

#include "kube/clean.h"
#include "kube/x509.h"
#include "net/served.h"

namespace gwdoctor {

namespace {

constexpr int longest_chain = 20;

int watch_index() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

std::string pem_of(X509* certificate) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> memory(BIO_new(BIO_s_mem()), &BIO_free);
  if (!memory || PEM_write_bio_X509(memory.get(), certificate) != 1) return {};
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

// OpenSSL looks into these two by itself; whether there is anything to find decides whether a chain can be judged at all.
bool system_has_roots() {
  const char* file = std::getenv(X509_get_default_cert_file_env());
  if (access(file != nullptr ? file : X509_get_default_cert_file(), R_OK) == 0) return true;
  const char* folder = std::getenv(X509_get_default_cert_dir_env());
  const std::unique_ptr<DIR, int (*)(DIR*)> listing(opendir(folder != nullptr ? folder : X509_get_default_cert_dir()), &closedir);
  while (const dirent* entry = listing ? readdir(listing.get()) : nullptr) {
    if (entry->d_name[0] != '.') return true;
  }
  return false;
}

std::string without_port(const std::string& host) {
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
  return host.substr(0, host.find(':'));
}

}  // namespace

bool TlsWatch::attach(SSL_CTX* context) {
  SSL_CTX_set_ex_data(context, watch_index(), this);
  SSL_CTX_set_info_callback(context, &TlsWatch::on_state);
  SSL_CTX_set_msg_callback(context, &TlsWatch::on_message);
  SSL_CTX_set_msg_callback_arg(context, this);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_cert_verify_callback(context, &TlsWatch::verify, this);
  if (!question_.verify) return true;
  has_roots_ = system_has_roots();
  if (has_roots_) SSL_CTX_set_default_verify_paths(context);
  if (!question_.ca_file.empty()) {
    bad_ca_file_ = SSL_CTX_load_verify_file(context, question_.ca_file.c_str()) != 1;
    has_roots_ = true;
  }
  ERR_clear_error();
  return !bad_ca_file_;
}

int TlsWatch::verify(X509_STORE_CTX* store, void* self) {
  static_cast<TlsWatch*>(self)->judge(store);
  X509_STORE_CTX_set_error(store, X509_V_OK);
  return 1;
}

void TlsWatch::judge(X509_STORE_CTX* store) {
  std::string pem;
  const STACK_OF(X509)* chain = X509_STORE_CTX_get0_untrusted(store);
  for (int i = 0; i < sk_X509_num(chain) && i < longest_chain; ++i) pem += pem_of(sk_X509_value(chain, i));
  if (Result<std::vector<Certificate>> certificates = parse_certificates(pem)) {
    for (Certificate& certificate : *certificates) seen_.chain.push_back(served(std::move(certificate)));
  }
  set_name_match();
  if (!has_roots_) return;
  // What may stop a client is the first thing that is wrong.
  seen_.trust = X509_verify_cert(store) == 1 ? Trust::trusted : Trust::untrusted;
  if (seen_.trust == Trust::untrusted) {
    seen_.trust_error = clean_line(X509_verify_cert_error_string(X509_STORE_CTX_get_error(store)));
    seen_.trust_error_depth = X509_STORE_CTX_get_error_depth(store);
  }
  ERR_clear_error();
}

void TlsWatch::set_name_match() {
  if (seen_.chain.empty()) return;
  const std::string host = question_.host.empty() ? question_.address : without_port(question_.host);
  seen_.matches_name = seen_.chain.front().covers(question_.sni.empty() ? host : question_.sni);
}

void TlsWatch::on_state(const SSL* ssl, int where, int value) {
  auto* self = static_cast<TlsWatch*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), watch_index()));
  if (self == nullptr) return;
  if ((where & SSL_CB_HANDSHAKE_START) != 0 && !self->began_) self->began_ = std::chrono::steady_clock::now();
  ExchangeTls& seen = self->seen_;
  constexpr int number = 0xff;
  if ((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT && (value & number) != SSL_AD_CLOSE_NOTIFY) seen.alert = value & number;
  if ((where & SSL_CB_HANDSHAKE_DONE) == 0 || seen.handshake == Handshake::done) return;
  seen.handshake = Handshake::done;
  seen.version = SSL_get_version(ssl);
  if (const char* cipher = SSL_get_cipher_name(ssl)) seen.cipher = cipher;
  const unsigned char* alpn = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl, &alpn, &size);
  if (size > 0) seen.alpn = clean_line({reinterpret_cast<const char*>(alpn), size}, 32);
}

// OpenSSL shows the five bytes of each record's header before it looks at them.
void TlsWatch::on_message(int outgoing, int /*version*/, int type, const void* data, std::size_t size, SSL* /*ssl*/, void* self) {
  auto* watch = static_cast<TlsWatch*>(self);
  if (outgoing != 0 || type != SSL3_RT_HEADER || watch->got_record_ || data == nullptr) return;
  watch->got_record_ = true;
  const std::string_view header(static_cast<const char*>(data), size);
  // ContentType and the major version (RFC 8446, 5.1).
  const bool is_record = size >= 2 && header[0] >= 20 && header[0] <= 24 && header[1] == 3;
  if (!is_record) watch->first_bytes_ = header;
}

}  // namespace gwdoctor

#include "net/tls_context.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <sys/stat.h>

#include <cstdlib>

#include "kube/x509.h"
#include "net/served.h"

namespace gwdoctor {

namespace {

using BioPtr = std::unique_ptr<BIO, ReleaseTls<BIO_free_all>>;
using VerifyPtr = std::unique_ptr<X509_STORE_CTX, ReleaseTls<X509_STORE_CTX_free>>;

constexpr int most_certificates = 16;  // of a served chain: more is no chain

std::string pem_of(STACK_OF(X509) * chain) {
  const BioPtr memory(BIO_new(BIO_s_mem()));
  for (int at = 0; at < sk_X509_num(chain) && at < most_certificates; ++at)
    PEM_write_bio_X509(memory.get(), sk_X509_value(chain, at));
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

void judge_trust(SSL* ssl, STACK_OF(X509) * chain, TlsAnswer& answer) {
  const VerifyPtr verify(X509_STORE_CTX_new());
  X509_STORE* store = SSL_CTX_get_cert_store(SSL_get_SSL_CTX(ssl));
  if (!verify || X509_STORE_CTX_init(verify.get(), store, sk_X509_value(chain, 0), chain) != 1) return;
  X509_STORE_CTX_set_default(verify.get(), "ssl_server");
  // A --ca-file may hold an intermediate alone: who trusts it trusts what it signed.
  X509_STORE_CTX_set_flags(verify.get(), X509_V_FLAG_PARTIAL_CHAIN);
  if (X509_verify_cert(verify.get()) == 1) {
    answer.trust = Trust::trusted;
    return;
  }
  answer.trust = Trust::untrusted;
  answer.trust_error = X509_verify_cert_error_string(X509_STORE_CTX_get_error(verify.get()));
  answer.trust_error_depth = X509_STORE_CTX_get_error_depth(verify.get());
}

bool exists(const char* path) {
  struct stat status {};
  return path != nullptr && ::stat(path, &status) == 0;
}

// Of the variable that OpenSSL reads, or its own place.
const char* or_default(const char* variable, const char* fallback) {
  const char* own = std::getenv(variable);
  return own != nullptr && *own != '\0' ? own : fallback;
}

}  // namespace

ContextPtr make_context(const std::string& ca_file, bool legacy) {
  ContextPtr context(SSL_CTX_new(TLS_client_method()));
  if (!context) return context;
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  // What a distribution forbids its programs is not what the users' clients refuse: the same everywhere.
  SSL_CTX_set_min_proto_version(context.get(), legacy ? TLS1_VERSION : TLS1_2_VERSION);
  SSL_CTX_set_max_proto_version(context.get(), legacy ? TLS1_1_VERSION : TLS1_3_VERSION);
  SSL_CTX_set_cipher_list(context.get(), legacy ? "ALL:@SECLEVEL=0" : "DEFAULT:@SECLEVEL=1");
  SSL_CTX_set_default_verify_paths(context.get());
  if (!ca_file.empty()) SSL_CTX_load_verify_locations(context.get(), ca_file.c_str(), nullptr);
  ERR_clear_error();
  return context;
}

bool has_trust_store(const std::string& ca_file) {
  if (!ca_file.empty()) return true;
  return exists(or_default(X509_get_default_cert_file_env(), X509_get_default_cert_file())) ||
         exists(or_default(X509_get_default_cert_dir_env(), X509_get_default_cert_dir()));
}

void read_chain(SSL* ssl, bool can_trust, TlsAnswer& answer) {
  STACK_OF(X509)* chain = SSL_get_peer_cert_chain(ssl);
  if (chain == nullptr || sk_X509_num(chain) == 0) return;
  Result<std::vector<Certificate>> certificates = parse_certificates(pem_of(chain));
  if (!certificates || certificates->empty()) return;
  const std::string& name = answer.sni.empty() ? answer.address : answer.sni;
  answer.matches_name = certificates->front().covers(name);
  for (Certificate& one : *certificates) answer.chain.push_back(served(std::move(one)));
  if (can_trust) judge_trust(ssl, chain, answer);
  ERR_clear_error();
}

}  // namespace gwdoctor

#include "tests/unit/make_certificate.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <memory>
#include <stdexcept>

namespace gwdoctor::test {

namespace {

template <auto release>
struct Release {
  template <class T>
  void operator()(T* object) const {
    release(object);
  }
};
using X509Ptr = std::unique_ptr<X509, Release<X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;
using BioPtr = std::unique_ptr<BIO, Release<BIO_free_all>>;

void require(bool success, const char* what) {
  if (!success) throw std::runtime_error(std::string("OpenSSL: ") + what);
}

std::string content(BIO* memory) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  return {data, static_cast<std::size_t>(size)};
}

BioPtr reader(const std::string& text) { return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

KeyPtr make_key(KeyType type) {
  KeyPtr key;
  if (type == KeyType::rsa) key.reset(EVP_RSA_gen(2048u));
  if (type == KeyType::ec) key.reset(EVP_EC_gen("P-256"));
  if (type == KeyType::ed25519) key.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  require(key != nullptr, "key");
  return key;
}

KeyPtr key_of(const Issued& issued) {
  KeyPtr key(PEM_read_bio_PrivateKey(reader(issued.key).get(), nullptr, nullptr, nullptr));
  require(key != nullptr, "key of the issuer");
  return key;
}

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, Release<X509_EXTENSION_free>> extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  require(extension && X509_add_ext(certificate, extension.get(), -1) == 1, "extension");
}

std::string alternative_names(const CertificateOrder& order) {
  std::string names;
  for (const std::string& name : order.dns_names) names += (names.empty() ? "DNS:" : ",DNS:") + name;
  for (const std::string& name : order.ip_names) names += (names.empty() ? "IP:" : ",IP:") + name;
  return names;
}

void set_subject(X509* certificate, const std::string& common_name) {
  if (common_name.empty()) return;
  require(X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                                     reinterpret_cast<const unsigned char*>(common_name.data()),
                                     static_cast<int>(common_name.size()), -1, 0) == 1,
          "subject");
}

X509Ptr draft(const CertificateOrder& order, EVP_PKEY* key) {
  static std::atomic<long> serial = 0x1000;
  X509Ptr certificate(X509_new());
  require(X509_set_version(certificate.get(), X509_VERSION_3) == 1, "version");
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), ++serial);
  ASN1_TIME_set(X509_getm_notBefore(certificate.get()), order.not_before.time_since_epoch().count());
  ASN1_TIME_set(X509_getm_notAfter(certificate.get()), order.not_after.time_since_epoch().count());
  set_subject(certificate.get(), order.common_name);
  require(X509_set_pubkey(certificate.get(), key) == 1, "public key");
  return certificate;
}

}  // namespace

Issued make_certificate(const CertificateOrder& order) {
  const KeyPtr key = make_key(order.key_type);
  const X509Ptr certificate = draft(order, key.get());
  X509Ptr issuer;
  KeyPtr issuer_key;
  if (order.issuer != nullptr) {
    issuer.reset(PEM_read_bio_X509(reader(order.issuer->certificate).get(), nullptr, nullptr, nullptr));
    require(issuer != nullptr, "issuer");
    issuer_key = key_of(*order.issuer);
  }
  X509* signer = issuer ? issuer.get() : certificate.get();
  require(X509_set_issuer_name(certificate.get(), X509_get_subject_name(signer)) == 1, "issuer's name");
  if (const std::string names = alternative_names(order); !names.empty()) {
    add_extension(certificate.get(), signer, NID_subject_alt_name, names);
  }
  if (order.is_ca) add_extension(certificate.get(), signer, NID_basic_constraints, "critical,CA:TRUE");
  EVP_PKEY* signing_key = issuer_key ? issuer_key.get() : key.get();
  const EVP_MD* digest = EVP_PKEY_get_base_id(signing_key) == EVP_PKEY_ED25519 ? nullptr : EVP_sha256();
  require(X509_sign(certificate.get(), signing_key, digest) > 0, "signature");

  const BioPtr certificate_text(BIO_new(BIO_s_mem()));
  const BioPtr key_text(BIO_new(BIO_s_mem()));
  require(PEM_write_bio_X509(certificate_text.get(), certificate.get()) == 1, "PEM of the certificate");
  require(PEM_write_bio_PKCS8PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1, "PEM of the key");
  return {content(certificate_text.get()), content(key_text.get())};
}

std::string traditional_key(const Issued& issued) {
  const BioPtr text(BIO_new(BIO_s_mem()));
  require(PEM_write_bio_PrivateKey_traditional(text.get(), key_of(issued).get(), nullptr, nullptr, 0, nullptr, nullptr) == 1,
          "traditional key");
  return content(text.get());
}

std::string encrypted_key(const Issued& issued, const std::string& passphrase) {
  const BioPtr text(BIO_new(BIO_s_mem()));
  require(PEM_write_bio_PKCS8PrivateKey(text.get(), key_of(issued).get(), EVP_aes_256_cbc(), passphrase.data(),
                                        static_cast<int>(passphrase.size()), nullptr, nullptr) == 1,
          "encrypted key");
  return content(text.get());
}

}  // namespace gwdoctor::test

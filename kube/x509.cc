#include "kube/x509.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <memory>

#include "kube/pem.h"

namespace gwdoctor {

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
using KeyInfoPtr = std::unique_ptr<PKCS8_PRIV_KEY_INFO, Release<PKCS8_PRIV_KEY_INFO_free>>;
using BioPtr = std::unique_ptr<BIO, Release<BIO_free_all>>;
using NumberPtr = std::unique_ptr<BIGNUM, Release<BN_free>>;
using NamesPtr = std::unique_ptr<GENERAL_NAMES, Release<GENERAL_NAMES_free>>;

// OpenSSL keeps a queue of errors for each thread: ours never linger in it.
struct ErrorScope {
  ErrorScope() { ERR_set_mark(); }
  ~ErrorScope() { ERR_pop_to_mark(); }
  ErrorScope(const ErrorScope&) = delete;
  ErrorScope& operator=(const ErrorScope&) = delete;
};

// Null unless the bytes are one certificate and, save for the trust settings of a TRUSTED CERTIFICATE, nothing more.
X509Ptr read_der(std::string_view der, bool may_trail = false) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const auto* end = at + der.size();
  X509Ptr certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (certificate && at != end && !may_trail) certificate.reset();
  return certificate;
}

std::string hexadecimal(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return text;
}

std::string string_of(const ASN1_STRING* text) {
  if (text == nullptr || ASN1_STRING_length(text) <= 0) return {};
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)), static_cast<std::size_t>(ASN1_STRING_length(text))};
}

std::string name_text(const X509_NAME* name) {
  const BioPtr memory(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(memory.get(), name, 0, XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB));
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

std::string common_name(const X509_NAME* name) {
  // The last one is the most specific.
  int at = -1;
  for (int next = X509_NAME_get_index_by_NID(name, NID_commonName, -1); next >= 0;
       next = X509_NAME_get_index_by_NID(name, NID_commonName, next)) {
    at = next;
  }
  if (at < 0) return {};
  unsigned char* text = nullptr;
  const int size = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
  if (size < 0) return {};
  std::string copy(reinterpret_cast<const char*>(text), static_cast<std::size_t>(size));
  OPENSSL_free(text);
  return copy;
}

std::string ip_text(std::string_view bytes) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const bool known = bytes.size() == 4 || bytes.size() == 16;
  if (!known || inet_ntop(bytes.size() == 4 ? AF_INET : AF_INET6, bytes.data(), text.data(), text.size()) == nullptr) {
    return hexadecimal(bytes);
  }
  return text.data();
}

void read_alternative_names(const X509* x509, Certificate& certificate) {
  const NamesPtr names(static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(x509, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type == GEN_DNS) certificate.dns_names.push_back(string_of(name->d.dNSName));
    if (name->type == GEN_IPADD) certificate.ip_names.push_back(ip_text(string_of(name->d.iPAddress)));
  }
}

std::optional<Time> time_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(parts.tm_year + 1900),
                                         std::chrono::month(static_cast<unsigned>(parts.tm_mon + 1)),
                                         std::chrono::day(static_cast<unsigned>(parts.tm_mday)));
  return std::chrono::sys_days(date) + std::chrono::hours(parts.tm_hour) + std::chrono::minutes(parts.tm_min) +
         Seconds(parts.tm_sec);
}

std::string serial_of(const X509* x509) {
  const NumberPtr number(ASN1_INTEGER_to_BN(X509_get0_serialNumber(x509), nullptr));
  char* text = number ? BN_bn2hex(number.get()) : nullptr;
  if (text == nullptr) return {};
  std::string copy(text);
  OPENSSL_free(text);
  std::transform(copy.begin(), copy.end(), copy.begin(),
                 [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c; });
  return copy;
}

std::string key_type(const EVP_PKEY* key) {
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
      return "RSA";
    case EVP_PKEY_EC:
      return "EC";
    case EVP_PKEY_ED25519:
      return "ED25519";
    default:
      return OBJ_nid2sn(EVP_PKEY_get_base_id(key));
  }
}

std::string der_of(const X509* x509) {
  unsigned char* bytes = nullptr;
  const int size = i2d_X509(x509, &bytes);
  if (size < 0) return {};
  std::string der(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  return der;
}

// Nothing where the validity is no time.
std::optional<Certificate> facts_of(X509* x509) {
  const std::optional<Time> not_before = time_of(X509_get0_notBefore(x509));
  const std::optional<Time> not_after = time_of(X509_get0_notAfter(x509));
  if (!not_before || !not_after) return std::nullopt;
  Certificate certificate;
  certificate.not_before = *not_before;
  certificate.not_after = *not_after;
  certificate.subject = name_text(X509_get_subject_name(x509));
  certificate.common_name = common_name(X509_get_subject_name(x509));
  certificate.issuer = name_text(X509_get_issuer_name(x509));
  certificate.issuer_common_name = common_name(X509_get_issuer_name(x509));
  read_alternative_names(x509, certificate);
  certificate.serial = serial_of(x509);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (X509_digest(x509, EVP_sha256(), digest.data(), &size) == 1) {
    certificate.fingerprint = hexadecimal({reinterpret_cast<const char*>(digest.data()), size});
  }
  certificate.self_signed = X509_self_signed(x509, 1) == 1;
  certificate.is_ca = (X509_get_extension_flags(x509) & EXFLAG_CA) != 0;
  if (const EVP_PKEY* key = X509_get0_pubkey(x509)) {
    certificate.key_type = key_type(key);
    certificate.key_bits = EVP_PKEY_get_bits(key);
  }
  certificate.signature = OBJ_nid2ln(X509_get_signature_nid(x509));
  certificate.der = der_of(x509);
  return certificate;
}

// The label comes from a stranger: only what a label may hold (RFC 7468 section 3), and not endlessly.
std::string safe_label(std::string_view label) {
  constexpr std::size_t longest = 40;
  std::string text(label.substr(0, longest));
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c < 0x20 || c > 0x7e; }, '?');
  return text;
}

// Why a text without any PEM block holds no certificate.
std::string explain(std::string_view text) {
  if (read_der(text)) return "DER, not PEM";
  const std::optional<std::string> inner = decode_base64(text);
  if (inner && !inner->empty()) {
    if (!pem_blocks(*inner).empty()) return "base64 encoded twice";
    if (read_der(*inner)) return "DER, not PEM";
  }
  return "no PEM block";
}

KeyPtr read_key(std::string_view label, std::string_view der) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const auto size = static_cast<long>(der.size());
  if (label == "RSA PRIVATE KEY") return KeyPtr(d2i_PrivateKey(EVP_PKEY_RSA, nullptr, &at, size));
  if (label == "EC PRIVATE KEY") return KeyPtr(d2i_PrivateKey(EVP_PKEY_EC, nullptr, &at, size));
  if (label != "PRIVATE KEY") return nullptr;
  const KeyInfoPtr info(d2i_PKCS8_PRIV_KEY_INFO(nullptr, &at, size));
  return KeyPtr(info ? EVP_PKCS82PKEY(info.get()) : nullptr);
}

// The first block that is a private key, as servers read it: "EC PARAMETERS" may come before.
KeyPtr read_private_key(std::string_view pem) {
  for (const PemBlock& block : pem_blocks(pem)) {
    if (!block.label.ends_with("PRIVATE KEY")) continue;
    std::optional<std::string> der = block.is_terminated ? decode_base64(block.body) : std::nullopt;
    if (!der) return nullptr;
    KeyPtr key = read_key(block.label, *der);
    OPENSSL_cleanse(der->data(), der->size());
    return key;
  }
  return nullptr;
}

// The first certificate, whatever the state of the others.
X509Ptr read_first_certificate(std::string_view pem) {
  for (const PemBlock& block : pem_blocks(pem)) {
    if (!is_certificate(block)) continue;
    const std::optional<std::string> der = decode_base64(block.body);
    return der ? read_der(*der, true) : nullptr;
  }
  return nullptr;
}

}  // namespace

Result<std::vector<Certificate>> parse_certificates(std::string_view pem) {
  const ErrorScope errors;
  const std::vector<PemBlock> blocks = pem_blocks(pem);
  if (blocks.empty()) return fail(ErrorKind::input, explain(pem));
  std::vector<Certificate> chain;
  for (const PemBlock& block : blocks) {
    if (!is_certificate(block)) continue;
    const auto broken = [&](const char* why) {
      return fail(ErrorKind::input, fmt::format("certificate {}: {}", chain.size() + 1, why));
    };
    if (!block.is_terminated) return broken("no END line");
    const std::optional<std::string> der = decode_base64(block.body);
    if (!der) return broken("bad base64");
    const X509Ptr x509 = read_der(*der, block.label.starts_with("TRUSTED"));
    std::optional<Certificate> certificate = x509 ? facts_of(x509.get()) : std::nullopt;
    if (!certificate) return broken("bad DER");
    chain.push_back(std::move(*certificate));
  }
  if (!chain.empty()) return chain;
  return fail(ErrorKind::input, fmt::format("a PEM block that is not a certificate ({})", safe_label(blocks.front().label)));
}

KeyState compare_key(std::string_view certificate_pem, std::string_view key_pem) {
  if (key_pem.empty()) return KeyState::empty;
  const ErrorScope errors;
  const KeyPtr key = read_private_key(key_pem);
  if (!key) return KeyState::unparsable;
  const X509Ptr certificate = read_first_certificate(certificate_pem);
  const EVP_PKEY* public_key = certificate ? X509_get0_pubkey(certificate.get()) : nullptr;
  if (public_key == nullptr) return KeyState::unknown;
  return EVP_PKEY_eq(public_key, key.get()) == 1 ? KeyState::matches : KeyState::differs;
}

bool Certificate::covers(std::string_view host) const {
  const ErrorScope errors;
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host.ends_with('.')) host.remove_suffix(1);
  // X509_check_host reads a leading dot as "any subdomain", which is no host.
  if (host.empty() || host.front() == '.') return false;
  const X509Ptr x509 = read_der(der);
  if (!x509) return false;
  const std::string name(host);
  std::array<unsigned char, 16> address{};
  const bool is_address =
      inet_pton(AF_INET, name.c_str(), address.data()) == 1 || inet_pton(AF_INET6, name.c_str(), address.data()) == 1;
  if (is_address) return X509_check_ip_asc(x509.get(), name.c_str(), 0) == 1;
  // Without SAN the subject's common name would count, and "w*.example.com" would match: neither does in RFC 9525.
  constexpr unsigned flags = X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS;
  return X509_check_host(x509.get(), name.data(), name.size(), flags, nullptr) == 1;
}

bool Secret::has(std::string_view key_name) const { return std::find(keys.begin(), keys.end(), key_name) != keys.end(); }

}  // namespace gwdoctor

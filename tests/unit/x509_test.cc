#include "kube/x509.h"

#include <doctest/doctest.h>

#include "kube/pem.h"
#include "tests/unit/make_certificate.h"

using namespace gwdoctor;
using test::Issued;
using test::KeyType;
using test::make_certificate;

namespace {

Certificate parsed_one(const Issued& issued) {
  const auto chain = parse_certificates(issued.certificate);
  REQUIRE(chain);
  REQUIRE(chain->size() == 1);
  return chain->front();
}

std::string error_of(std::string_view pem) {
  const auto chain = parse_certificates(pem);
  REQUIRE_FALSE(chain);
  return chain.error().message;
}

std::string der_of(const Issued& issued) { return *decode_base64(pem_blocks(issued.certificate).front().body); }

}  // namespace

TEST_CASE("a certificate's names, times and key are read") {
  const Certificate one = parsed_one(make_certificate({.dns_names = {"shop.example.com", "*.shop.example.com"},
                                                       .ip_names = {"192.0.2.7", "2001:db8::7"},
                                                       .common_name = "shop"}));
  CHECK(one.subject == "CN=shop");
  CHECK(one.common_name == "shop");
  CHECK(one.issuer == "CN=shop");
  CHECK(one.issuer_common_name == "shop");
  CHECK(one.dns_names == std::vector<std::string>{"shop.example.com", "*.shop.example.com"});
  CHECK(one.ip_names == std::vector<std::string>{"192.0.2.7", "2001:db8::7"});
  CHECK(format_time(one.not_before) == "2026-01-01T00:00:00Z");
  CHECK(format_time(one.not_after) == "2027-01-01T00:00:00Z");
  CHECK(one.serial.size() == 4);
  CHECK(one.fingerprint.size() == 64);
  CHECK(one.fingerprint.find_first_not_of("0123456789abcdef") == std::string::npos);
  CHECK(one.self_signed);
  CHECK_FALSE(one.is_ca);
  CHECK(one.key_type == "EC");
  CHECK(one.key_bits == 256);
  CHECK(one.signature == "ecdsa-with-SHA256");
  CHECK_FALSE(one.der.empty());
}

TEST_CASE("a validity before 1970 or beyond 2050 is read") {
  const Certificate one = parsed_one(make_certificate({.dns_names = {"a.example"},
                                                       .not_before = *parse_time("1960-02-29T01:02:03Z"),
                                                       .not_after = *parse_time("9999-12-31T23:59:59Z")}));
  CHECK(format_time(one.not_before) == "1960-02-29T01:02:03Z");
  CHECK(format_time(one.not_after) == "9999-12-31T23:59:59Z");
}

TEST_CASE("a chain keeps its order, and only the root signed itself") {
  const Issued root = make_certificate({.common_name = "Root", .key_type = KeyType::rsa, .is_ca = true});
  const Issued leaf = make_certificate({.dns_names = {"a.example"}, .common_name = "leaf", .issuer = &root});
  const auto chain = parse_certificates("subject=leaf\r\n" + leaf.certificate + "\n" + root.certificate);
  REQUIRE(chain);
  REQUIRE(chain->size() == 2);
  CHECK((*chain)[0].common_name == "leaf");
  CHECK((*chain)[0].issuer == "CN=Root");
  CHECK_FALSE((*chain)[0].self_signed);
  CHECK((*chain)[0].signature == "sha256WithRSAEncryption");
  CHECK((*chain)[1].self_signed);
  CHECK((*chain)[1].is_ca);
  CHECK((*chain)[1].key_type == "RSA");
  CHECK((*chain)[1].key_bits == 2048);
  CHECK(parsed_one(make_certificate({.common_name = "ed", .key_type = KeyType::ed25519})).key_type == "ED25519");
}

TEST_CASE("a name that only looks like its issuer's is not self-signed") {
  const Issued root = make_certificate({.common_name = "same", .is_ca = true});
  CHECK_FALSE(parsed_one(make_certificate({.common_name = "same", .issuer = &root})).self_signed);
}

TEST_CASE("a subject's control characters are escaped") {
  CHECK(parsed_one(make_certificate({.common_name = "a\x1b[31mé"})).subject == "CN=a\\1B[31mé");
}

TEST_CASE("a text without certificates says why") {
  const Issued one = make_certificate({.dns_names = {"a.example"}, .key_type = KeyType::rsa});
  const std::string der = der_of(one);
  CHECK(error_of("") == "no PEM block");
  CHECK(error_of("hello") == "no PEM block");
  CHECK(error_of("-----BEGIN CERTIFICATE") == "no PEM block");
  CHECK(error_of(encode_base64(one.certificate)) == "base64 encoded twice");
  CHECK(error_of(der) == "DER, not PEM");
  CHECK(error_of(encode_base64(der)) == "DER, not PEM");
  CHECK(error_of(test::traditional_key(one)) == "a PEM block that is not a certificate (RSA PRIVATE KEY)");
  CHECK(error_of(one.key) == "a PEM block that is not a certificate (PRIVATE KEY)");
  CHECK(error_of("-----BEGIN \x1b[2Jx-----\n-----END \x1b[2Jx-----\n") == "a PEM block that is not a certificate (?[2Jx)");
}

TEST_CASE("a broken certificate is named by its place") {
  const std::string good = make_certificate({.dns_names = {"a.example"}}).certificate;
  CHECK(error_of(good + pem_block("CERTIFICATE", "AAAA")) == "certificate 2: bad DER");
  CHECK(error_of(good + pem_block("CERTIFICATE", "")) == "certificate 2: bad DER");
  CHECK(error_of(pem_block("CERTIFICATE", "not base64!") + good) == "certificate 1: bad base64");
  CHECK(error_of(good.substr(0, good.size() / 2)) == "certificate 1: no END line");
  CHECK(error_of(good.substr(0, good.size() / 2) + good) == "certificate 1: no END line");
  const std::string der = *decode_base64(pem_blocks(good).front().body);
  CHECK(error_of(pem_block("CERTIFICATE", encode_base64(der + "x"))) == "certificate 1: bad DER");
  CHECK(error_of(pem_block("CERTIFICATE", encode_base64(der.substr(0, der.size() - 1)))) == "certificate 1: bad DER");
}

TEST_CASE("a key in the certificate's file is passed over") {
  const Issued one = make_certificate({.dns_names = {"a.example"}});
  const auto chain = parse_certificates(one.key + one.certificate);
  REQUIRE(chain);
  CHECK(chain->size() == 1);
}

TEST_CASE("any flipped or missing byte of a certificate is an error or a certificate, never a crash") {
  const std::string der = der_of(make_certificate({.dns_names = {"a.example"}, .ip_names = {"192.0.2.1"}, .common_name = "x"}));
  for (std::size_t i = 0; i < der.size(); ++i) {
    std::string flipped = der;
    flipped[i] = static_cast<char>(flipped[i] ^ 0x41);
    for (const std::string& bytes : {flipped, der.substr(0, i)}) {
      const auto chain = parse_certificates(pem_block("CERTIFICATE", encode_base64(bytes)));
      if (chain) CHECK(chain->size() == 1);
    }
  }
}

TEST_CASE("a host is covered by a SAN of its own or by a wildcard of one label") {
  const Certificate one =
      parsed_one(make_certificate({.dns_names = {"shop.example.com", "*.apps.example.com", "w*.part.example.com"},
                                   .ip_names = {"192.0.2.7", "2001:db8::7"}}));
  CHECK(one.covers("shop.example.com"));
  CHECK(one.covers("SHOP.Example.com"));
  CHECK(one.covers("shop.example.com."));
  CHECK(one.covers("a.apps.example.com"));
  CHECK(one.covers("*.apps.example.com"));
  CHECK_FALSE(one.covers("apps.example.com"));
  CHECK_FALSE(one.covers("a.b.apps.example.com"));
  CHECK_FALSE(one.covers("www.part.example.com"));
  CHECK_FALSE(one.covers("example.com"));
  CHECK_FALSE(one.covers("*.example.com"));
  CHECK_FALSE(one.covers(".example.com"));
  CHECK_FALSE(one.covers(""));
  CHECK_FALSE(one.covers("."));
  CHECK_FALSE(one.covers(std::string_view("shop.example.com\0.evil.example", 30)));
  CHECK(one.covers("192.0.2.7"));
  CHECK(one.covers("2001:db8:0::7"));
  CHECK(one.covers("[2001:db8::7]"));
  CHECK_FALSE(one.covers("192.0.2.8"));
}

TEST_CASE("a certificate whose only name is the common name covers nothing") {
  CHECK_FALSE(parsed_one(make_certificate({.common_name = "shop.example.com"})).covers("shop.example.com"));
  CHECK_FALSE(
      parsed_one(make_certificate({.ip_names = {"192.0.2.7"}, .common_name = "shop.example.com"})).covers("shop.example.com"));
  CHECK_FALSE(Certificate{}.covers("shop.example.com"));
}

TEST_CASE("a key is compared in each of its forms") {
  for (const KeyType type : {KeyType::rsa, KeyType::ec}) {
    const Issued one = make_certificate({.dns_names = {"a.example"}, .key_type = type});
    const Issued other = make_certificate({.dns_names = {"a.example"}, .key_type = type});
    CHECK(compare_key(one.certificate, one.key) == KeyState::matches);
    CHECK(compare_key(one.certificate, test::traditional_key(one)) == KeyState::matches);
    CHECK(compare_key(one.certificate, pem_block("EC PARAMETERS", "BggqhkjOPQMBBw==") + one.key) == KeyState::matches);
    CHECK(compare_key(one.certificate + other.certificate, one.key) == KeyState::matches);
    CHECK(compare_key(other.certificate + one.certificate, one.key) == KeyState::differs);
    CHECK(compare_key(one.certificate, other.key) == KeyState::differs);
  }
  const Issued edwards = make_certificate({.dns_names = {"a.example"}, .key_type = KeyType::ed25519});
  CHECK(compare_key(edwards.certificate, edwards.key) == KeyState::matches);
  const Issued curve = make_certificate({.dns_names = {"a.example"}});
  CHECK(compare_key(edwards.certificate, curve.key) == KeyState::differs);
}

TEST_CASE("a key that cannot be compared says whether it or the certificate is why") {
  const Issued one = make_certificate({.dns_names = {"a.example"}});
  CHECK(compare_key(one.certificate, "") == KeyState::empty);
  CHECK(compare_key(one.certificate, "hello") == KeyState::unparsable);
  CHECK(compare_key(one.certificate, one.certificate) == KeyState::unparsable);
  CHECK(compare_key(one.certificate, pem_block("PRIVATE KEY", "AAAA")) == KeyState::unparsable);
  CHECK(compare_key(one.certificate, one.key.substr(0, one.key.size() / 2)) == KeyState::unparsable);
  CHECK(compare_key("", one.key) == KeyState::unknown);
  CHECK(compare_key("hello", one.key) == KeyState::unknown);
  CHECK(compare_key(pem_block("CERTIFICATE", "AAAA"), one.key) == KeyState::unknown);
}

TEST_CASE("an encrypted key is unparsable and asks nobody for its passphrase") {
  const Issued one = make_certificate({.dns_names = {"a.example"}});
  const std::string encrypted = test::encrypted_key(one, "swordfish");
  CHECK(compare_key(one.certificate, encrypted) == KeyState::unparsable);
  for (const char* label : {"PRIVATE KEY", "EC PRIVATE KEY", "RSA PRIVATE KEY"}) {
    CHECK(compare_key(one.certificate, pem_block(label, pem_blocks(encrypted).front().body)) == KeyState::unparsable);
  }
}

TEST_CASE("base64 is read with its padding and any white space") {
  struct Row {
    const char* text;
    std::optional<std::string> bytes;
  };
  const Row rows[] = {{"", ""},
                      {" \n", ""},
                      {"Zg==", "f"},
                      {"Zm8=", "fo"},
                      {"Zm9v", "foo"},
                      {"Zm9v\r\nYm Fy\t", "foobar"},
                      {"Zg", std::nullopt},
                      {"Zg=", std::nullopt},
                      {"Z===", std::nullopt},
                      {"====", std::nullopt},
                      {"Zg==Zg==", std::nullopt},
                      {"Z=g=", std::nullopt},
                      {"Zm9-", std::nullopt},
                      {"Zm\xff=", std::nullopt}};
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(decode_base64(row.text) == row.bytes);
  }
}

TEST_CASE("base64 gives back every byte") {
  std::string bytes;
  for (int i = 0; i < 256; ++i) {
    CHECK(decode_base64(encode_base64(bytes)) == bytes);
    bytes += static_cast<char>(i);
  }
  CHECK(encode_base64("\xff\xfe\xfd") == "//79");
}

TEST_CASE("a Secret has the keys that it lists") {
  Secret secret;
  secret.keys = {"tls.crt"};
  CHECK(secret.has("tls.crt"));
  CHECK_FALSE(secret.has("tls.key"));
}

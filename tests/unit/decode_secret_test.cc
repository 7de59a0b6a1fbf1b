#include <doctest/doctest.h>

#include "kube/x509.h"
#include "tests/unit/decode_help.h"

using namespace gwdoctor;
using test::decoded;
using test::parsed;

namespace {

// A self-signed certificate for payments.example; its key was thrown away.
constexpr std::string_view certificate =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBqzCCAVCgAwIBAgIUHw1rPYKJEMz6lG1ahIgDshv5iE4wCgYIKoZIzj0EAwIw\n"
    "GzEZMBcGA1UEAwwQcGF5bWVudHMuZXhhbXBsZTAgFw0yNjExMjMxMjE3MDFaGA8y\n"
    "MTI2MTAzMDEyMTcwMVowGzEZMBcGA1UEAwwQcGF5bWVudHMuZXhhbXBsZTBZMBMG\n"
    "ByqGSM49AgEGCCqGSM49AwEHA0IABOAj9Amop4bA8tCTdebrSLLjL53FuExTn0l/\n"
    "9aE0uRYyd1GauiiyV+UC2IIDFn7OWsq4ouckzoQhWP/mq52Zj7yjcDBuMB0GA1Ud\n"
    "DgQWBBTSKH/0aX5nYC9YI166s/t1Jny/AjAfBgNVHSMEGDAWgBTSKH/0aX5nYC9Y\n"
    "I166s/t1Jny/AjAPBgNVHRMBAf8EBTADAQH/MBsGA1UdEQQUMBKCEHBheW1lbnRz\n"
    "LmV4YW1wbGUwCgYIKoZIzj0EAwIDSQAwRgIhAJ6SNWYDc9Xk+c84v15eCff2PX9N\n"
    "vmcv9RqFgHBwllDWAiEAuX3wbvn3AI2WHLcAKGVG9tZsIA5OiGxxwvpLR/qPEI0=\n"
    "-----END CERTIFICATE-----\n";

Value tls_secret(std::string certificate_base64, std::string key_base64) {
  Value document = parsed(R"({"metadata": {"name": "web-tls", "namespace": "infra"}, "type": "kubernetes.io/tls", "data": {}})");
  document.set_path("data[\"tls.crt\"]", std::move(certificate_base64));
  document.set_path("data[\"tls.key\"]", std::move(key_base64));
  return document;
}

}  // namespace

TEST_CASE("a TLS Secret's certificate is read from its base64") {
  Value document = tls_secret(encode_base64(certificate), "REDACTED");
  document.set("gwdoctorKey", "matches");
  const Secret secret = decode<Secret>(document, Kind::secret);
  CHECK(secret.meta.ref == ref(Kind::secret, "infra", "web-tls"));
  CHECK(secret.type == "kubernetes.io/tls");
  CHECK(secret.keys == std::vector<std::string>{"tls.crt", "tls.key"});
  CHECK(secret.empty_keys.empty());
  REQUIRE(secret.chain.size() == 1);
  CHECK(secret.chain[0].common_name == "payments.example");
  CHECK(secret.chain_error == "");
  CHECK(secret.key == KeyState::matches);
}

TEST_CASE("a certificate under stringData is plain text and stands before data") {
  Value document = tls_secret("!!!", "");
  document.set_path("stringData[\"tls.crt\"]", Value(certificate));
  const Secret secret = decode<Secret>(document, Kind::secret);
  CHECK(secret.keys == std::vector<std::string>{"tls.crt", "tls.key"});
  CHECK(secret.chain.size() == 1);
  CHECK(secret.chain_error == "");
}

TEST_CASE("a certificate that cannot be read says why") {
  const Secret no_base64 = decode<Secret>(tls_secret("!!!", ""), Kind::secret);
  CHECK(no_base64.chain_error == "not base64");
  CHECK(no_base64.chain.empty());
  const Secret no_pem = decode<Secret>(tls_secret(encode_base64("hello"), ""), Kind::secret);
  CHECK(no_pem.chain.empty());
  REQUIRE_FALSE(parse_certificates("hello"));
  CHECK(no_pem.chain_error == parse_certificates("hello").error().message);
  const Secret absent = decoded<Secret>(R"({"type": "kubernetes.io/tls", "data": {"other": "eA=="}})", Kind::secret);
  CHECK(absent.chain.empty());
  CHECK(absent.chain_error == "");
}

TEST_CASE("the state of the key is what redaction found, or only its presence") {
  struct Row {
    const char* document;
    KeyState state;
  };
  const Row rows[] = {
      {R"({"gwdoctorKey": "absent"})", KeyState::absent},
      {R"({"gwdoctorKey": "empty", "data": {"tls.key": ""}})", KeyState::empty},
      {R"({"gwdoctorKey": "matches", "data": {"tls.key": "REDACTED"}})", KeyState::matches},
      {R"({"gwdoctorKey": "differs", "data": {"tls.key": "REDACTED"}})", KeyState::differs},
      {R"({"gwdoctorKey": "unparsable", "data": {"tls.key": "REDACTED"}})", KeyState::unparsable},
      {R"({"gwdoctorKey": "unknown", "data": {"tls.key": "REDACTED"}})", KeyState::unknown},
      {R"({"gwdoctorKey": "later word", "data": {"tls.key": ""}})", KeyState::unknown},
      {R"({"gwdoctorKey": 5, "data": {"tls.key": "eA=="}})", KeyState::unknown},
      {R"({"data": {"tls.key": "eA=="}})", KeyState::unknown},
      {R"({"stringData": {"tls.key": "x"}})", KeyState::unknown},
      {R"({"data": {"tls.key": ""}})", KeyState::empty},
      {R"({"data": {"tls.crt": ""}})", KeyState::absent},
      {R"({})", KeyState::absent},
  };
  for (const Row& row : rows) {
    CAPTURE(row.document);
    CHECK(decoded<Secret>(row.document, Kind::secret).key == row.state);
  }
}

TEST_CASE("a Secret's keys are listed once, those without content apart") {
  const Secret secret = decoded<Secret>(R"({"data": {"a": "eA==", "b": "", "c": null, "d": 5, "e": "\n", "f": "eA=="},
    "stringData": {"f": "", "g": " ", "b": "now filled"}})",
                                        Kind::secret);
  CHECK(secret.type == "Opaque");
  CHECK(secret.keys == std::vector<std::string>{"a", "b", "c", "e", "f", "g"});
  CHECK(secret.empty_keys == std::vector<std::string>{"c", "e", "f"});
}

TEST_CASE("nothing of a key that was not redacted stays in a Secret") {
  const Secret secret =
      decoded<Secret>(R"({"metadata": {"annotations": {"kubectl.kubernetes.io/last-applied-configuration": "c2VjcmV0"}},
    "data": {"tls.crt": "c2VjcmV0", "tls.key": "c2VjcmV0"}})",
                      Kind::secret);
  CHECK(secret.meta.annotations.empty());
  CHECK(secret.chain_error.find("secret") == std::string::npos);
  CHECK(secret.chain_error.find("c2VjcmV0") == std::string::npos);
}

TEST_CASE("wrong types anywhere in a Secret are absent fields") {
  Value document = tls_secret(encode_base64(certificate), "REDACTED");
  document.set("gwdoctorKey", "matches");
  document.set_path("stringData.other", "x");
  test::decode_hostile<Secret>(document, Kind::secret);
}

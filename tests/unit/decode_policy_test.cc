#include <doctest/doctest.h>

#include "tests/unit/decode_help.h"

using namespace gwdoctor;
using test::decoded;
using test::parsed;

namespace {

constexpr std::string_view full = R"({
  "metadata": {"name": "tls-to-api", "namespace": "payments"},
  "spec": {
    "targetRefs": [{"group": "", "kind": "Service", "name": "api", "sectionName": "https"}, null, {"kind": "Service", "name": "other"}],
    "validation": {"hostname": "API.payments.example", "caCertificateRefs": [{"group": "", "kind": "ConfigMap", "name": "ca"}],
                   "subjectAltNames": [{"type": "Hostname", "hostname": "a.example"}, {"type": "URI", "uri": "spiffe://x/y"}]}},
  "status": {"ancestors": [{"ancestorRef": {"name": "public-web", "namespace": "edge"}, "controllerName": "x.example/c",
                            "conditions": [{"type": "Accepted", "status": "False", "reason": "Conflicted"}]}]}})";

}  // namespace

TEST_CASE("a BackendTLSPolicy is read with its targets, its validation and what is said of it") {
  const BackendTlsPolicy policy = decoded<BackendTlsPolicy>(full, Kind::backend_tls_policy);
  REQUIRE(policy.targets.size() == 2);
  CHECK(policy.targets[0].section == "https");
  CHECK(policy.targets[1].name == "other");
  CHECK(policy.targets[1].path == "spec.targetRefs[2]");
  CHECK(policy.hostname == "api.payments.example");
  REQUIRE(policy.ca_certificates.size() == 1);
  CHECK(policy.ca_certificates[0].is("", "ConfigMap"));
  CHECK(policy.ca_certificates[0].ns == "payments");
  CHECK(policy.subject_names == std::vector<std::string>{"Hostname a.example", "URI spiffe://x/y"});
  REQUIRE(policy.ancestors.size() == 1);
  CHECK(policy.ancestors[0].ref.ns == "edge");
  CHECK(policy.ancestors[0].ref.kind == "Gateway");
  REQUIRE(condition(policy.ancestors[0].conditions, "Accepted") != nullptr);
  test::decode_hostile<BackendTlsPolicy>(parsed(full), Kind::backend_tls_policy);
}

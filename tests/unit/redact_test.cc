#include "kube/redact.h"

#include <doctest/doctest.h>

#include "kube/json.h"
#include "kube/pem.h"
#include "kube/pod_arguments.h"
#include "kube/x509.h"
#include "kube/yaml.h"
#include "tests/unit/make_certificate.h"

using namespace gwdoctor;
using test::Issued;
using test::make_certificate;

namespace {

Value redacted(Value document) {
  redact(document);
  return document;
}

Value redacted_json(std::string_view json) {
  auto document = parse_json(json);
  if (!document) FAIL(document.error().message);
  return redacted(std::move(*document));
}

Value redacted_yaml(std::string_view yaml) {
  auto documents = parse_yaml(yaml, "m.yaml");
  if (!documents) FAIL(documents.error().message);
  REQUIRE(documents->size() == 1);
  return redacted(std::move(documents->front()));
}

Value tls_secret(std::string_view certificate, std::string_view key) {
  Value secret = *parse_json(R"({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "type": "kubernetes.io/tls"})");
  secret.set_path("data[\"tls.crt\"]", encode_base64(certificate));
  secret.set_path("data[\"tls.key\"]", encode_base64(key));
  return secret;
}

bool holds(const Value& document, std::string_view text) { return write_json(document).find(text) != std::string::npos; }

// What is said of a certificate's text before and after redaction must be the same.
std::string verdict(std::string_view pem) {
  const auto chain = parse_certificates(pem);
  if (!chain) return chain.error().message;
  std::string prints;
  for (const Certificate& one : *chain) prints += one.fingerprint + " ";
  return prints;
}

std::string kept_certificate(std::string_view text) {
  return decode_base64(redacted(tls_secret(text, "x"))["data"]["tls.crt"].text()).value_or("not base64");
}

using Words = std::vector<std::string>;
Words hide(const Words& words) { return hide_secret_arguments(words, "***"); }

}  // namespace

TEST_CASE("a TLS Secret keeps its certificate and what is known about its key") {
  const Issued one = make_certificate({.dns_names = {"a.example"}});
  const Value secret = redacted(tls_secret(one.certificate, one.key));
  CHECK(secret["metadata"]["name"].text() == "s");
  CHECK(secret["type"].text() == "kubernetes.io/tls");
  CHECK(secret["gwdoctorKey"].text() == "matches");
  CHECK(secret["data"]["tls.key"].text() == "REDACTED");
  CHECK(verdict(*decode_base64(secret["data"]["tls.crt"].text())) == verdict(one.certificate));
}

TEST_CASE("each state of a key is told") {
  const Issued one = make_certificate({.dns_names = {"a.example"}});
  const Issued other = make_certificate({.dns_names = {"a.example"}});
  const auto state = [](Value secret) { return redacted(std::move(secret))["gwdoctorKey"].text(); };
  CHECK(state(tls_secret(one.certificate, other.key)) == "differs");
  CHECK(state(tls_secret(one.certificate, "")) == "empty");
  CHECK(state(tls_secret(one.certificate, "hello")) == "unparsable");
  CHECK(state(tls_secret("", one.key)) == "unknown");
  CHECK(state(*parse_json(R"({"kind": "Secret", "data": {"a": "eA=="}})")) == "absent");
  CHECK(state(*parse_json(R"({"kind": "Secret"})")) == "absent");
  CHECK(state(*parse_json(R"({"kind": "Secret", "data": {"tls.key": null}})")) == "empty");
  CHECK(state(*parse_json(R"({"kind": "Secret", "data": {"tls.key": "***"}})")) == "unparsable");
  CHECK(state(*parse_json(R"({"kind": "Secret", "data": {"tls.key": 5}})")) == "unparsable");
}

TEST_CASE("a Secret's other values go, their names and emptiness stay") {
  const Value secret = redacted_json(R"({"kind": "Secret", "type": "Opaque", "immutable": true,
    "data": {"password": "czNjcjN0", "empty": "", "blank": "\n", "null": null, "number": 5, "ca.crt": "czNjcjN0", "tree": {"a": "czNjcjN0"}}})");
  CHECK(secret == *parse_json(R"({"kind": "Secret", "type": "Opaque", "immutable": true, "gwdoctorKey": "absent",
    "data": {"password": "REDACTED", "empty": "", "blank": "", "null": "", "number": "REDACTED", "ca.crt": "REDACTED", "tree": "REDACTED"}})"));
}

TEST_CASE("stringData is folded into data and stands before it") {
  const Issued one = make_certificate({.dns_names = {"a.example"}});
  Value secret =
      *parse_json(R"({"kind": "Secret", "data": {"tls.key": "eA==", "a": "eA=="}, "stringData": {"b": "s3cr3t", "a": ""}})");
  secret.set_path("stringData[\"tls.crt\"]", one.certificate);
  secret.set_path("stringData[\"tls.key\"]", one.key);
  redact(secret);
  CHECK(secret.find("stringData") == nullptr);
  CHECK(secret["data"].size() == 4);
  CHECK(secret["data"]["a"].text() == "");
  CHECK(secret["data"]["b"].text() == "REDACTED");
  CHECK(verdict(*decode_base64(secret["data"]["tls.crt"].text())) == verdict(one.certificate));
  CHECK(secret["gwdoctorKey"].text() == "matches");
}

TEST_CASE("a Secret redacted before stays as it is") {
  const Issued one = make_certificate({.dns_names = {"a.example"}});
  for (const Value& secret : {tls_secret(one.certificate, one.key), tls_secret(one.certificate, "hello"),
                              tls_secret("hello", one.key), tls_secret(one.certificate, "")}) {
    const Value once = redacted(secret);
    CHECK(write_json(redacted(once)) == write_json(once));
  }
}

TEST_CASE("a Secret that merely claims to be redacted is not believed") {
  const Issued one = make_certificate({.dns_names = {"a.example"}});
  const Issued other = make_certificate({.dns_names = {"a.example"}});
  Value secret = tls_secret(one.certificate, other.key);
  secret.set("gwdoctorKey", "matches");
  secret.set_path("data.password", "czNjcjN0");
  redact(secret);
  CHECK(secret["gwdoctorKey"].text() == "differs");
  CHECK(secret["data"]["tls.key"].text() == "REDACTED");
  CHECK(secret["data"]["password"].text() == "REDACTED");
  CHECK(redacted_json(R"({"kind": "Secret", "gwdoctorKey": "s3cr3t"})")["gwdoctorKey"].text() == "absent");
}

TEST_CASE("a misspelt member of a Secret is not carried over") {
  const Value secret = redacted_json(R"({"kind": "Secret", "stringdata": {"password": "s3cr3t"}, "spec": "s3cr3t"})");
  CHECK_FALSE(holds(secret, "s3cr3t"));
  CHECK_FALSE(holds(redacted_json(R"({"kind": "Secret", "data": "s3cr3t", "stringData": ["s3cr3t"]})"), "s3cr3t"));
}

TEST_CASE("a private key inside tls.crt does not stay, and the verdict on the text does") {
  const Issued root = make_certificate({.common_name = "root", .is_ca = true});
  const Issued one = make_certificate({.dns_names = {"a.example"}, .issuer = &root});
  const std::string key_body(pem_blocks(one.key).front().body.substr(1, 30));
  const std::string key_der = *decode_base64(pem_blocks(one.key).front().body);
  const std::string der = *decode_base64(pem_blocks(one.certificate).front().body);
  const std::string half = one.certificate.substr(0, one.certificate.size() / 2);
  const std::vector<std::string> texts = {
      one.certificate,
      one.certificate + root.certificate,
      one.key + one.certificate,
      one.certificate + one.key,
      one.key,
      "comment " + key_body + "\n" + one.certificate + key_body,
      half,
      half + one.key,
      half + "\n" + one.certificate,
      pem_block("CERTIFICATE", encode_base64(key_der)),
      pem_block("CERTIFICATE", encode_base64(der + key_der)),
      pem_block("CERTIFICATE", "* " + key_body),
      one.certificate + pem_block("CERTIFICATE", encode_base64(key_der)),
      pem_block("TRUSTED CERTIFICATE", encode_base64(der)),
      encode_base64(one.certificate),
      encode_base64(one.certificate + one.key),
      encode_base64(one.key),
      der,
      encode_base64(der),
      key_der,
      encode_base64(key_der),
      "hello",
  };
  for (const std::string& text : texts) {
    CAPTURE(text);
    const std::string kept = kept_certificate(text);
    CHECK(verdict(kept) == verdict(text));
    const std::string twice = decode_base64(kept).value_or("");
    CHECK(kept.find(key_body) == std::string::npos);
    CHECK(twice.find(key_body) == std::string::npos);
    CHECK(kept.find(key_der) == std::string::npos);
    CHECK(twice.find(key_der) == std::string::npos);
    CHECK(kept_certificate(kept) == kept);
  }
  Value broken = tls_secret("", "");
  broken.set_path("data[\"tls.crt\"]", "s3cr3t!");
  redact(broken);
  CHECK_FALSE(holds(broken, "s3cr3t"));
  CHECK_FALSE(decode_base64(broken["data"]["tls.crt"].text()));
}

TEST_CASE("Secrets inside lists are redacted, their kind told or not") {
  const char* items =
      R"("items": [{"kind": "Secret", "data": {"a": "czNjcjN0"}}, {"kind": "List", "items": [{"kind": "Secret", "data": {"a": "czNjcjN0"}}]}])";
  const Value list = redacted_json("{\"kind\": \"List\", " + std::string(items) + "}");
  CHECK_FALSE(holds(list, "czNjcjN0"));
  CHECK(list["items"][1]["items"][0]["data"]["a"].text() == "REDACTED");
  CHECK(redacted_json(R"({"kind": "SecretList", "items": [{"data": {"a": "czNjcjN0"}}]})")["items"][0]["data"]["a"].text() ==
        "REDACTED");
  CHECK(redacted_json(R"({"data": {"a": "czNjcjN0"}})")["data"]["a"].text() == "REDACTED");
  CHECK(
      redacted_json(R"({"kind": "PodList", "items": [{"spec": {"containers": [{"env": [{"name": "A", "value": "s3cr3t"}]}]}}]})")
          ["items"][0]["spec"]["containers"][0]["env"][0]["value"]
              .text() == "REDACTED");
}

TEST_CASE("environment variables lose their literal values, not their references") {
  const Value pod = redacted_yaml(R"(
kind: Pod
spec:
  initContainers:
  - env: [{name: A, value: s3cr3t}]
  containers:
  - name: c
    env:
    - {name: A, value: s3cr3t}
    - {name: B, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
    - {name: C, value: ""}
    - {name: D, value: 5}
    ports: [{containerPort: 8080}]
  ephemeralContainers:
  - env: [{name: A, value: s3cr3t}]
)");
  CHECK_FALSE(holds(pod, "s3cr3t"));
  const Value& container = pod["spec"]["containers"][0];
  CHECK(container["env"] == *parse_json(R"([{"name": "A", "value": "REDACTED"},
    {"name": "B", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}, {"name": "C", "value": ""}, {"name": "D", "value": "REDACTED"}])"));
  CHECK(container["ports"][0]["containerPort"].integer() == 8080);
  CHECK(container["env"][0]["value"].mark().line == 9);
}

TEST_CASE("the templates of workloads are covered, of whatever kind") {
  const char* pod = R"({"metadata": {"annotations": {"kubectl.kubernetes.io/last-applied-configuration": "s3cr3t", "a": "b"}},
    "spec": {"containers": [{"env": [{"name": "A", "value": "s3cr3t"}], "args": ["--token=s3cr3t", "--port=80"]}]}})";
  for (const char* path : {"template", "spec.template", "spec.jobTemplate.spec.template"}) {
    CAPTURE(path);
    Value workload = *parse_json(R"({"kind": "Rollout", "spec": {"replicas": 1}})");
    REQUIRE(workload.set_path(path, *parse_json(pod)));
    redact(workload);
    CHECK_FALSE(holds(workload, "s3cr3t"));
    CHECK(workload.at_path(std::string(path) + ".spec.containers[0].args[1]").text() == "--port=80");
    CHECK(workload.at_path(std::string(path) + ".metadata.annotations.a").text() == "b");
  }
}

TEST_CASE("commands, hooks and probes are covered; a probe's Host header stays") {
  const Value pod = redacted_json(R"({"kind": "Pod", "spec": {"containers": [{
    "command": ["server", "--password", "s3cr3t"],
    "lifecycle": {"preStop": {"exec": {"command": ["curl", "-H", "Authorization: Bearer s3cr3t"]}}},
    "readinessProbe": {"httpGet": {"port": 80, "httpHeaders": [{"name": "host", "value": "a.example"}, {"name": "Authorization", "value": "s3cr3t"}]}},
    "livenessProbe": {"exec": {"command": ["sh", "-c", "redis-cli -a x --pass-token s3cr3t"]}}}]}})");
  CHECK_FALSE(holds(pod, "s3cr3t"));
  const Value& container = pod["spec"]["containers"][0];
  CHECK(container["readinessProbe"]["httpGet"]["httpHeaders"][0]["value"].text() == "a.example");
  CHECK(container["readinessProbe"]["httpGet"]["port"].integer() == 80);
  CHECK(container.find("startupProbe") == nullptr);
  CHECK(container["command"][0].text() == "server");
}

TEST_CASE("values after a telling flag are hidden") {
  CHECK(hide({"--token=x", "--password", "x", "y"}) == Words{"--token=***", "--password", "***", "y"});
  CHECK(hide({"-api-key", "a b", "--tls-secret=a/b"}) == Words{"-api-key", "***", "--tls-secret=***"});
  CHECK(hide({"--enable-tokens", "--controller-class=x", "-v=2"}) == Words{"--enable-tokens", "--controller-class=x", "-v=2"});
  CHECK(hide({"--token", "-Abc9dEf", "--x"}) == Words{"--token", "***", "--x"});
  CHECK(hide({"DB_PASSWORD=x", "PATH=/bin"}) == Words{"DB_PASSWORD=***", "PATH=/bin"});
  CHECK(hide({"--token=$(TOKEN)", "--token=", "--token=$(A)x"}) == Words{"--token=$(TOKEN)", "--token=", "--token=***"});
  CHECK(hide({"--publish-service=a/b", "--default-ssl-certificate=a/b", "--addr=http://token.svc:80"}) ==
        Words{"--publish-service=a/b", "--default-ssl-certificate=a/b", "--addr=http://token.svc:80"});
  CHECK(hide({"http://a/?user=b&token=c"}) == Words{"http://a/?user=b&token=***"});
  CHECK(hide({"--config={\"token\":\"abc\"}"}) == Words{"--config={\"token\":***"});
  CHECK(hide({}) == Words{});
  CHECK(hide({"", "--password", "", "x"}) == Words{"", "--password", "", "x"});
}

TEST_CASE("values inside a shell script are hidden, and the rest of it stays") {
  CHECK(hide({"export A_TOKEN=x\n  run --password 'a b' --port 80"}).front() ==
        "export A_TOKEN=***\n  run --password *** --port 80");
  CHECK(hide({"echo don't; run --password x; echo y"}).front() == "echo don't; run --password *** echo y");
  CHECK(hide({"curl -H \"Authorization: Basic x\" http://a:80/"}).front() == "curl -H \"Authorization: Basic *** http://a:80/");
  CHECK(hide({"KEY=\"a b\" run"}).front() == "KEY=*** run");
  CHECK(hide({" a  b\t"}).front() == " a  b\t");
}

TEST_CASE("what the last apply wrote is dropped from any kind") {
  const Value route = redacted_json(R"({"kind": "HTTPRoute", "metadata": {"name": "r",
    "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}", "a.b/c": "d"}}, "spec": {"rules": []}})");
  CHECK(route ==
        *parse_json(R"({"kind": "HTTPRoute", "metadata": {"name": "r", "annotations": {"a.b/c": "d"}}, "spec": {"rules": []}})"));
}

TEST_CASE("documents of any shape are redacted without harm") {
  for (const char* text : {"null", "5", "[]", "{}", R"({"kind": 5, "data": 7})", R"({"kind": "List", "items": [1, null, []]})",
                           R"({"kind": "List", "items": {}})", R"({"kind": "Pod", "spec": {"containers": {"env": []}}})",
                           R"({"kind": "Pod", "spec": {"containers": [1, {"env": {"a": 1}, "args": [1, {}]}]}})",
                           R"({"kind": "Secret", "metadata": {"annotations": []}})"}) {
    CAPTURE(text);
    (void)redacted_json(text);
  }
}

TEST_CASE("what stands where a list or a mapping of a pod must be is hidden whole") {
  const std::string head = "kind: Pod\nmetadata:\n  name: p\nspec:\n";
  for (const char* spec :
       {"  containers: MARK", "  containers:\n    app:\n      env:\n      - {name: A, value: MARK}", "  containers: [MARK]",
        "  containers:\n  - env:\n      PASSWORD: MARK", "  containers:\n  - env: [PASSWORD=MARK]",
        "  containers:\n  - env: MARK", "  containers:\n  - args: --token=MARK",
        "  containers:\n  - args: [--password, {a: MARK}]", "  containers:\n  - command:\n      a: MARK",
        "  containers:\n  - readinessProbe: MARK", "  containers:\n  - livenessProbe:\n      exec: curl MARK",
        "  containers:\n  - lifecycle:\n      preStop: [MARK]", "  initContainers:\n    a: MARK", "  template:\n    - MARK",
        "  - MARK"}) {
    CAPTURE(spec);
    CHECK_FALSE(holds(redacted_yaml(head + spec), "MARK"));
  }
  CHECK_FALSE(holds(redacted_yaml("kind: Pod\nmetadata:\n  name: p\n  annotations: [MARK]"), "MARK"));
  CHECK_FALSE(holds(redacted_yaml("kind: Deployment\nmetadata:\n  name: p\nspec:\n  template: [{spec: MARK}]"), "MARK"));
}

TEST_CASE("credentials that a route's filters send are hidden, what its matches compare is not") {
  const Value route = redacted_yaml(R"(kind: HTTPRoute
metadata: {name: r}
spec:
  rules:
  - matches: [{headers: [{name: Authorization, value: compared}]}]
    filters:
    - type: RequestHeaderModifier
      requestHeaderModifier: {set: [{name: AUTHORIZATION, value: Basic MARK}, {name: X-Team, value: blue}], add: [{name: x-api-key, value: MARK}]}
    backendRefs:
    - name: a
      filters: [{type: ResponseHeaderModifier, responseHeaderModifier: {add: [{name: Set-Cookie, value: MARK}]}}])");
  CHECK_FALSE(holds(route, "MARK"));
  CHECK(holds(route, "compared"));
  CHECK(holds(route, "blue"));
}

TEST_CASE("of a ConfigMap only the settings that are read and the certificates of a ca.crt are kept") {
  const Issued issued = make_certificate({});
  Value map =
      *parse_json(R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "binaryData": {"blob": "c2VjcmV0"},
    "data": {"use-proxy-protocol": "true", "password": "hunter2", "empty": "", "number": 7}, "Data": {"key": "hunter2"}})");
  map.set_path("data[\"ca.crt\"]", issued.certificate + issued.key);
  const Value kept = redacted(map);
  CHECK(kept["data"]["use-proxy-protocol"].text() == "true");
  CHECK(kept["data"]["password"].text() == "REDACTED");
  CHECK(kept["data"]["number"].text() == "REDACTED");
  CHECK(kept["data"]["empty"].text("x") == "");
  CHECK(kept["binaryData"]["blob"].text() == "REDACTED");
  CHECK(verdict(kept["data"]["ca.crt"].text()) == verdict(issued.certificate));
  CHECK_FALSE(holds(kept, "hunter2"));
  CHECK_FALSE(holds(kept, issued.key.substr(30, 40)));
  CHECK(write_json(redacted(kept)) == write_json(kept));
  CHECK_FALSE(holds(redacted_json(R"({"kind": "ConfigMap", "data": "hunter2"})"), "hunter2"));
  CHECK_FALSE(holds(redacted_json(R"({"kind": "ConfigMapList", "items": [{"data": {"a": "hunter2"}}]})"), "hunter2"));
}

TEST_CASE("a middleware loses the headers that carry credentials and the settings of plugins") {
  const Value kept = redacted_json(R"({"kind": "Middleware", "spec": {"headers": {"customRequestHeaders":
    {"Authorization": "Basic hunter2", "X-Tenant": "blue", "Cookie": ""}, "customResponseHeaders": ["hunter2"]}}})");
  const Value& headers = kept["spec"]["headers"]["customRequestHeaders"];
  CHECK(headers["Authorization"].text() == "REDACTED");
  CHECK(headers["X-Tenant"].text() == "blue");
  CHECK(headers["Cookie"].text("x") == "");
  CHECK_FALSE(holds(kept, "hunter2"));
  CHECK_FALSE(holds(redacted_json(R"({"kind": "Middleware", "spec": {"plugin": {"jwt": {"key": "hunter2"}}}})"), "hunter2"));
}

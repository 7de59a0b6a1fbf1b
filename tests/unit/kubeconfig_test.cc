#include "kube/kubeconfig.h"

#include <doctest/doctest.h>

#include "tests/unit/temporary.h"

using namespace gwdoctor;

namespace {

std::string error_of(std::string_view text) {
  const auto config = parse_kubeconfig(text, "f.yaml");
  return config ? "" : config.error().message;
}

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("every field of a kubeconfig is read") {
  const auto config = parse_kubeconfig(R"(
apiVersion: v1
kind: Config
current-context: c
clusters:
- name: a
  cluster:
    server: https://h:6443
    tls-server-name: name
    insecure-skip-tls-verify: yes
    certificate-authority: ca.crt
    certificate-authority-data: Q0E=
    proxy-url: socks5://p
    disable-compression: on
    extensions:
    - name: client.authentication.k8s.io/exec
      extension: {audience: x}
users:
- name: u
  user:
    client-certificate: c.crt
    client-certificate-data: Q1JU
    client-key: c.key
    client-key-data: S0VZ
    token: t
    tokenFile: t.txt
    as: jane
    as-uid: "7"
    as-groups: [a, b]
    as-user-extra: {scopes: [x, z]}
    username: me
    password: p
    auth-provider: {name: oidc, config: {id-token: i}}
    exec:
      command: login
      args: [-a, "1"]
      env: [{name: A, value: B}]
      apiVersion: client.authentication.k8s.io/v1
      installHint: get it
      provideClusterInfo: true
      interactiveMode: Never
contexts:
- name: c
  context: {cluster: a, user: u, namespace: ns}
)",
                                       "f.yaml");
  REQUIRE(config);
  const KubeCluster& cluster = config->clusters.at("a");
  CHECK(cluster.server == "https://h:6443");
  CHECK(cluster.tls_server_name == "name");
  CHECK(cluster.insecure_skip_tls_verify);
  CHECK(cluster.certificate_authority == "ca.crt");
  CHECK(cluster.certificate_authority_data == "CA");
  CHECK(cluster.proxy_url == "socks5://p");
  CHECK(cluster.disable_compression);
  REQUIRE(cluster.extensions.size() == 1);
  CHECK(cluster.extensions[0].first == "client.authentication.k8s.io/exec");
  CHECK(cluster.extensions[0].second["audience"].text() == "x");
  const KubeUser& user = config->users.at("u");
  CHECK(user.client_certificate == "c.crt");
  CHECK(user.inlined.client_certificate_pem == "CRT");
  CHECK(user.client_key == "c.key");
  CHECK(user.inlined.client_key_pem == "KEY");
  CHECK(user.inlined.token == "t");
  CHECK(user.token_file == "t.txt");
  CHECK(user.as == "jane");
  CHECK(user.as_uid == "7");
  CHECK(user.as_groups == std::vector<std::string>{"a", "b"});
  CHECK(user.as_user_extra.at("scopes") == std::vector<std::string>{"x", "z"});
  CHECK(user.inlined.username == "me");
  CHECK(user.inlined.password == "p");
  REQUIRE(user.auth_provider);
  CHECK(user.auth_provider->config.at("id-token") == "i");
  REQUIRE(user.exec);
  CHECK(user.exec->command == "login");
  CHECK(user.exec->args == std::vector<std::string>{"-a", "1"});
  CHECK(user.exec->env.at(0) == std::pair<std::string, std::string>("A", "B"));
  CHECK(user.exec->install_hint == "get it");
  CHECK(user.exec->provide_cluster_info);
  CHECK(user.exec->interactive_mode == "Never");
  CHECK(config->contexts.at("c").ns == "ns");
  CHECK(config->current_context == "c");
}

TEST_CASE("a namespace that is an unquoted on is a type error at its line, in kubectl's words") {
  const std::string message = error_of("contexts:\n- name: c\n  context:\n    namespace: on\n");
  CHECK(contains(message, "error loading config file \"f.yaml\": f.yaml:4:"));
  CHECK(contains(message, "cannot unmarshal bool into field contexts[0].context.namespace of type string"));
  CHECK(contains(message, "put it in quotes"));
}

TEST_CASE("a name that is an unquoted y is a type error") {
  CHECK(contains(error_of("clusters:\n- name: a\n- name: y\n"),
                 "cannot unmarshal bool into field clusters[1].name of type string"));
}

TEST_CASE("a number where a string belongs is a type error that does not quote it") {
  const std::string message = error_of("users:\n- name: u\n  user:\n    token: 123456\n");
  CHECK(contains(message, "cannot unmarshal number into field users[0].user.token of type string: put it in quotes"));
  CHECK_FALSE(contains(message, "123456"));
}

TEST_CASE("wrong shapes are type errors") {
  CHECK(contains(error_of("clusters: {a: b}\n"), "cannot unmarshal object into field clusters of type array"));
  CHECK(contains(error_of("clusters:\n- name: a\n  cluster: x\n"),
                 "cannot unmarshal string into field clusters[0].cluster of type object"));
  CHECK(contains(error_of("just text\n"), "cannot unmarshal string into a Config of type object"));
  CHECK(contains(error_of("clusters:\n- name: a\n  cluster: {insecure-skip-tls-verify: \"yes\"}\n"),
                 "cannot unmarshal string into field clusters[0].cluster.insecure-skip-tls-verify of type bool"));
}

TEST_CASE("data that is not base64 is an error without the data") {
  const std::string message = error_of("users:\n- name: u\n  user: {client-key-data: 'c2VjcmV0*'}\n");
  CHECK(contains(message, "illegal base64 data in field users[0].user.client-key-data"));
  CHECK_FALSE(contains(message, "c2VjcmV0"));
}

TEST_CASE("a syntax error names file, line and column") {
  CHECK(contains(error_of("a: b\n c: d\n"), "error loading config file \"f.yaml\": f.yaml:2:"));
}

TEST_CASE("another kind of document is refused") {
  CHECK(contains(error_of("apiVersion: v1\nkind: Pod\n"), "no kind \"Pod\" is registered for version \"v1\""));
  CHECK(contains(error_of("apiVersion: v2\n"), "no kind \"Config\" is registered for version \"v2\""));
}

TEST_CASE("a name that comes twice in one file is an error") {
  CHECK(contains(error_of("clusters:\n- name: a\n- name: a\n"), "f.yaml:3:3: duplicate name \"a\" in list clusters"));
}

TEST_CASE("an empty file, null and unknown fields are no error") {
  for (const char* text : {"", "# nothing\n", "null\n", "x: [1]\nclusters: null\nusers:\n-\n"}) {
    CAPTURE(text);
    CHECK(parse_kubeconfig(text, "f.yaml"));
  }
}

TEST_CASE("JSON is accepted, with escapes that YAML 1.1 lacks") {
  const auto config = parse_kubeconfig("{\"contexts\":[\n\t{\"name\":\"c\",\"context\":{\"cluster\":\"a\\/b\"}}]}", "f.json");
  REQUIRE(config);
  CHECK(config->contexts.at("c").cluster == "a/b");
}

TEST_CASE("a repeated key's last value counts") {
  const auto config = parse_kubeconfig("current-context: a\ncurrent-context: b\n", "f");
  REQUIRE(config);
  CHECK(config->current_context == "b");
}

TEST_CASE("interactiveMode defaults to IfAvailable before v1 and to nothing in v1") {
  const auto mode = [](const std::string& version) {
    const auto config = parse_kubeconfig(
        "users:\n- name: u\n  user: {exec: {command: c, apiVersion: client.authentication.k8s.io/" + version + "}}\n", "f");
    REQUIRE(config);
    return config->users.at("u").exec->interactive_mode;
  };
  CHECK(mode("v1beta1") == "IfAvailable");
  CHECK(mode("v1").empty());
}

TEST_CASE("a later file never changes an earlier cluster entry") {
  const TemporaryDirectory directory;
  Environment environment = directory.environment();
  const std::string first = directory.write("one", "clusters:\n- name: a\n  cluster: {server: https://one}\n");
  const std::string second = directory.write("two",
                                             "clusters:\n- name: a\n  cluster: {server: https://two, tls-server-name: name}\n- "
                                             "name: b\n  cluster: {server: https://b}\n");
  environment.variables["KUBECONFIG"] = first + ":" + second;
  const auto config = load_kubeconfig(std::nullopt, environment);
  REQUIRE(config);
  CHECK(config->clusters.at("a").server == "https://one");
  CHECK(config->clusters.at("a").tls_server_name.empty());
  CHECK(config->clusters.at("b").server == "https://b");
}

TEST_CASE("current-context comes from the first file where it is not empty") {
  const TemporaryDirectory directory;
  Environment environment = directory.environment();
  environment.variables["KUBECONFIG"] = directory.write("one", "current-context: ''\n") + ":" +
                                        directory.write("two", "current-context: b\n") + ":" +
                                        directory.write("three", "current-context: c\n");
  CHECK(load_kubeconfig(std::nullopt, environment)->current_context == "b");
}

TEST_CASE("relative paths belong to the directory of their file") {
  const TemporaryDirectory directory;
  Environment environment = directory.environment();
  environment.variables["KUBECONFIG"] = directory.write("one/config", R"(
clusters: [{name: a, cluster: {certificate-authority: pki/./ca.crt}}]
users:
- name: u
  user: {client-certificate: ../c.crt, client-key: /abs/../c.key, tokenFile: token, exec: {command: ../bin/login}}
- name: v
  user: {exec: {command: login}}
)");
  const auto config = load_kubeconfig(std::nullopt, environment);
  REQUIRE(config);
  CHECK(config->clusters.at("a").certificate_authority == directory.path("one/pki/ca.crt"));
  const KubeUser& user = config->users.at("u");
  CHECK(user.client_certificate == directory.path("c.crt"));
  CHECK(user.client_key == "/abs/../c.key");
  CHECK(user.token_file == directory.path("one/token"));
  CHECK(user.exec->command == directory.path("bin/login"));
  CHECK(config->users.at("v").exec->command == "login");
}

TEST_CASE("--kubeconfig is the only file that counts, and it must exist") {
  const TemporaryDirectory directory;
  Environment environment = directory.environment();
  environment.variables["KUBECONFIG"] = directory.write("one", "current-context: one\n");
  const std::string given = directory.write("two", "current-context: two\n");
  CHECK(load_kubeconfig(given, environment)->current_context == "two");
  const auto missing = load_kubeconfig(directory.path("nofile"), environment);
  REQUIRE_FALSE(missing);
  CHECK(contains(missing.error().message, "stat " + directory.path("nofile") + ": no such file or directory"));
}

TEST_CASE("empty, repeated and missing entries of KUBECONFIG are passed over") {
  const TemporaryDirectory directory;
  Environment environment = directory.environment();
  const std::string file = directory.write("one", "current-context: one\n");
  environment.variables["KUBECONFIG"] = ":" + directory.path("nofile") + "::" + file + ":" + file;
  const auto config = load_kubeconfig(std::nullopt, environment);
  REQUIRE(config);
  CHECK(config->current_context == "one");
  CHECK(config->paths == std::vector<std::string>{directory.path("nofile"), file});
}

TEST_CASE("all files of KUBECONFIG missing is a warning and an empty config") {
  const TemporaryDirectory directory;
  Environment environment = directory.environment();
  std::string warned;
  environment.warn = [&](std::string_view line) { warned = line; };
  environment.variables["KUBECONFIG"] = directory.path("nofile");
  const auto config = load_kubeconfig(std::nullopt, environment);
  REQUIRE(config);
  CHECK_FALSE(config->found);
  CHECK(warned == "config not found: " + directory.path("nofile"));
}

TEST_CASE("an empty KUBECONFIG counts as unset: the file in the home directory is read") {
  const TemporaryDirectory directory;
  Environment environment = directory.environment();
  directory.write("home/.kube/config", "current-context: home\n");
  environment.variables["KUBECONFIG"] = "";
  CHECK(load_kubeconfig(std::nullopt, environment)->current_context == "home");
}

TEST_CASE("a broken file anywhere in the list is fatal") {
  const TemporaryDirectory directory;
  Environment environment = directory.environment();
  const std::string broken = directory.write("two", "a: [\n");
  environment.variables["KUBECONFIG"] = directory.write("one", "current-context: one\n") + ":" + broken;
  const auto config = load_kubeconfig(std::nullopt, environment);
  REQUIRE_FALSE(config);
  CHECK(contains(config.error().message, "error loading config file \"" + broken + "\": " + broken + ":"));
}

TEST_CASE("a directory in the place of a kubeconfig is an error") {
  const TemporaryDirectory directory;
  const auto config = load_kubeconfig(directory.path(), directory.environment());
  REQUIRE_FALSE(config);
  CHECK(contains(config.error().message, ": is a directory"));
}

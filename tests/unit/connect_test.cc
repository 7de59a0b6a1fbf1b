#include "kube/connect.h"

#include <doctest/doctest.h>

#include "kube/credentials.h"
#include "kube/x509.h"
#include "tests/unit/temporary.h"

using namespace gwdoctor;

namespace {

constexpr std::string_view ca = "-----BEGIN CERTIFICATE-----\nca\n-----END CERTIFICATE-----\n";

// A machine with one kubeconfig, in which `cluster` and `user` are the fields of the current context's entries.
struct Machine {
  TemporaryDirectory directory;
  Environment environment = directory.environment();
  ConnectionFlags flags;

  Machine() = default;
  explicit Machine(const std::string& cluster, const std::string& user = "token: file-token", const std::string& context = "") {
    kubeconfig("clusters:\n- name: a\n  cluster: {" + cluster + "}\nusers:\n- name: u\n  user: {" + user +
               "}\ncontexts:\n- name: c\n  context: {cluster: a, user: u, " + context + "}\ncurrent-context: c\n");
  }
  void kubeconfig(const std::string& text) const { directory.write("home/.kube/config", text); }

  // Makes the machine a pod.
  void pod() {
    environment.variables["KUBERNETES_SERVICE_HOST"] = "10.0.0.1";
    environment.variables["KUBERNETES_SERVICE_PORT"] = "443";
    directory.write("serviceaccount/token", "pod-token\n");
    directory.write("serviceaccount/ca.crt", ca);
    directory.write("serviceaccount/namespace", "pod-namespace\n");
  }

  [[nodiscard]] Result<Connection> connect() const { return gwdoctor::connect(flags, environment); }
  [[nodiscard]] Connection connected() const {
    auto connection = connect();
    if (!connection) FAIL(connection.error().message);
    return *connection;
  }
  [[nodiscard]] std::string error() const {
    const auto connection = connect();
    return connection ? "" : connection.error().message;
  }
  [[nodiscard]] Credentials credentials() const {
    auto credentials = connected().credentials->get(false);
    if (!credentials) FAIL(credentials.error().message);
    return *credentials;
  }
};

const std::string server = "server: 'https://h:6443'";

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("the current context's cluster, user and namespace make the connection") {
  const Machine machine(server + ", tls-server-name: name, proxy-url: 'http://p:1', disable-compression: true", "token: t",
                        "namespace: ns");
  const Connection connection = machine.connected();
  CHECK(connection.server == "https://h:6443");
  CHECK(connection.tls_server_name == "name");
  CHECK(connection.proxy_url == "http://p:1");
  CHECK(connection.disable_compression);
  CHECK(connection.ns == "ns");
  CHECK(connection.context == "c");
  CHECK(connection.ca_pem.empty());
  CHECK(machine.credentials().token == "t");
}

TEST_CASE("names that do not exist are errors in kubectl's words, with those that do") {
  Machine machine(server);
  machine.flags.context = "nope";
  CHECK(machine.error() == "context was not found for specified context: nope (known contexts: c)");
  machine.flags = {};
  machine.flags.cluster = "nope";
  CHECK(machine.error() == "cluster \"nope\" does not exist (known clusters: a)");
  machine.flags = {};
  machine.flags.user = "nope";
  CHECK(machine.error() == "auth info \"nope\" does not exist (known users: u)");
  machine.kubeconfig("current-context: gone\n");
  machine.flags = {};
  CHECK(contains(machine.error(), "context was not found for specified context: gone"));
}

TEST_CASE("a context whose cluster or user is missing names both") {
  Machine machine;
  machine.kubeconfig("contexts: [{name: c, context: {cluster: a, user: u}}]\ncurrent-context: c\n");
  CHECK(contains(machine.error(), "cluster \"a\" was not found for context \"c\""));
  machine.flags.server = "https://h";
  CHECK(contains(machine.error(), "user \"u\" was not found for context \"c\""));
  machine.flags.token = "t";
  CHECK(machine.connected().server == "https://h");
}

TEST_CASE("--context, --cluster and --user choose other entries") {
  Machine machine;
  machine.kubeconfig(R"(
clusters: [{name: a, cluster: {server: "https://a"}}, {name: b, cluster: {server: "https://b"}}]
users: [{name: u, user: {token: tu}}, {name: v, user: {token: tv}}]
contexts: [{name: c, context: {cluster: a, user: u}}, {name: d, context: {cluster: b, user: v, namespace: dn}}]
current-context: c
)");
  machine.flags.context = "d";
  CHECK(machine.connected().server == "https://b");
  CHECK(machine.connected().ns == "dn");
  CHECK(machine.credentials().token == "tv");
  machine.flags.cluster = "a";
  machine.flags.user = "u";
  CHECK(machine.connected().server == "https://a");
  CHECK(machine.credentials().token == "tu");
}

TEST_CASE("--server clears the kubeconfig's tls-server-name unless the flag gives one") {
  Machine machine(server + ", tls-server-name: name");
  machine.flags.server = "https://other";
  CHECK(machine.connected().server == "https://other");
  CHECK(machine.connected().tls_server_name.empty());
  machine.flags.tls_server_name = "given";
  CHECK(machine.connected().tls_server_name == "given");
}

TEST_CASE("--server is enough without a kubeconfig") {
  Machine machine;
  machine.flags.server = "https://h";
  CHECK(machine.connected().server == "https://h");
  CHECK(machine.credentials().token.empty());
}

TEST_CASE("--certificate-authority replaces the file's CA data and its insecure flag") {
  Machine machine(server + ", insecure-skip-tls-verify: true");
  machine.flags.certificate_authority = machine.directory.write("other.crt", "-----BEGIN other");
  CHECK(machine.connected().ca_pem == "-----BEGIN other");
  CHECK_FALSE(machine.connected().insecure);
  const Machine with_data(server + ", certificate-authority-data: " + encode_base64(ca));
  CHECK(with_data.connected().ca_pem == ca);
  machine.kubeconfig("clusters: [{name: a, cluster: {server: 'https://h', certificate-authority-data: Q0E=}}]\n");
  machine.flags.cluster = "a";
  CHECK(machine.connected().ca_pem == "-----BEGIN other");
}

TEST_CASE("--insecure-skip-tls-verify replaces the file's CA; with =false it takes back the file's") {
  Machine machine(server + ", certificate-authority-data: " + encode_base64(ca));
  machine.flags.insecure_skip_tls_verify = true;
  CHECK(machine.connected().ca_pem.empty());
  CHECK(machine.connected().insecure);
  Machine insecure(server + ", insecure-skip-tls-verify: true");
  CHECK(insecure.connected().insecure);
  insecure.flags.insecure_skip_tls_verify = false;
  CHECK_FALSE(insecure.connected().insecure);
}

TEST_CASE("a CA together with insecure is refused") {
  const Machine machine(server + ", insecure-skip-tls-verify: true, certificate-authority-data: " + encode_base64(ca));
  CHECK(machine.error() == "specifying a root certificates file with the insecure flag is not allowed");
  Machine flags(server);
  flags.flags.insecure_skip_tls_verify = true;
  flags.flags.certificate_authority = flags.directory.write("ca.crt", ca);
  CHECK(flags.error() == "specifying a root certificates file with the insecure flag is not allowed");
}

TEST_CASE("a CA file that is missing or holds no PEM is an error, never the system's roots") {
  Machine machine(server);
  machine.flags.certificate_authority = "/nofile";
  CHECK(machine.error() == "unable to read certificate-authority /nofile for a due to open /nofile: no such file or directory");
  machine.flags.certificate_authority = machine.directory.write("empty.crt", "");
  CHECK(contains(machine.error(), "certificate-authority for a holds no PEM block"));
}

TEST_CASE("the certificate and key of flags replace data and files of the kubeconfig") {
  Machine machine(server, "client-certificate-data: Q1JU, client-key-data: S0VZ");
  machine.flags.client_certificate = machine.directory.write("c.crt", "-----BEGIN C");
  machine.flags.client_key = machine.directory.write("c.key", "-----BEGIN K");
  const Credentials credentials = machine.credentials();
  CHECK(credentials.client_certificate_pem == "-----BEGIN C");
  CHECK(credentials.client_key_pem == "-----BEGIN K");
}

TEST_CASE("what contradicts itself is refused in kubectl's words") {
  const auto error = [](const std::string& cluster, const std::string& user) { return Machine(cluster, user).error(); };
  CHECK(error(server, "token: t, username: me") ==
        "more than one authentication method found for u; found [token basicAuth], only one is allowed");
  CHECK(error(server, "client-certificate-data: Q1JU") ==
        "client-key-data or client-key must be specified for u to use the clientCert authentication method");
  CHECK(contains(error(server, "client-certificate-data: Q1JU, client-certificate: f, client-key-data: S0VZ"),
                 "client-cert-data and client-cert are both specified for u"));
  CHECK(contains(error(server, "client-certificate-data: Q1JU, client-key: f, client-key-data: S0VZ"),
                 "client-key-data and client-key are both specified for u"));
  CHECK(contains(error(server + ", certificate-authority: f, certificate-authority-data: Q0E=", ""),
                 "certificate-authority-data and certificate-authority are both specified for a"));
  CHECK(contains(error(server, "as-groups: [g]"), "requesting uid, groups or user-extra for u without impersonating a user"));
  CHECK(contains(error(server, "as-uid: 'x'"), "without impersonating a user"));
  CHECK(contains(error(server, "exec: {}"),
                 "invalid configuration: command must be specified for u to use exec authentication plugin; "
                 "apiVersion must be specified for u"));
  CHECK(contains(error(server, "exec: {command: c, apiVersion: client.authentication.k8s.io/v1}"),
                 "interactiveMode must be specified for u"));
  CHECK(contains(error(server, "exec: {command: c, apiVersion: v, interactiveMode: Foo}"),
                 "invalid interactiveMode for u: \"Foo\""));
  CHECK(contains(error(server, "exec: {command: c, apiVersion: v, interactiveMode: Never, env: [{value: x}]}"),
                 "env variable name must be specified for u"));
  CHECK(contains(error(server, "auth-provider: {name: oidc}, exec: {command: c, apiVersion: v, interactiveMode: Never}"),
                 "authProvider cannot be provided in combination with an exec plugin for u"));
  CHECK(error("tls-server-name: x", "") == "no server found for cluster \"a\"");
}

TEST_CASE("a proxy-url of another scheme is refused without its password") {
  const std::string error = Machine(server + ", proxy-url: 'ftp://me:secret@p'").error();
  CHECK(contains(error, "invalid 'proxy-url'"));
  CHECK(contains(error, "for cluster \"a\": unsupported scheme \"ftp\", must be http, https, or socks5"));
  CHECK_FALSE(contains(error, "secret"));
  for (const char* scheme : {"http", "https", "socks5", "SOCKS5"}) {
    CHECK(Machine(server + ", proxy-url: '" + scheme + "://p:1'").error().empty());
  }
}

TEST_CASE("files of the client certificate that cannot be read are named") {
  Machine machine(server, "client-certificate: /nofile, client-key: /nokey");
  CHECK(machine.error() == "unable to read client-cert /nofile for u due to open /nofile: no such file or directory");
}

TEST_CASE("flags impersonate, and keep the groups of the kubeconfig where they give none") {
  Machine machine(server, "as: k, as-groups: [g1, g2], as-user-extra: {scopes: [x, z]}");
  machine.flags.as = "other";
  Impersonation impersonate = machine.connected().impersonate;
  CHECK(impersonate.user == "other");
  CHECK(impersonate.groups == std::vector<std::string>{"g1", "g2"});
  CHECK(impersonate.extra == std::vector<std::pair<std::string, std::string>>{{"scopes", "x"}, {"scopes", "z"}});
  machine.flags.as_groups = {"g3"};
  machine.flags.as_uid = "7";
  impersonate = machine.connected().impersonate;
  CHECK(impersonate.groups == std::vector<std::string>{"g3"});
  CHECK(impersonate.uid == "7");
}

TEST_CASE("groups on the command line need a user") {
  Machine machine(server);
  machine.flags.as_groups = {"g"};
  CHECK(contains(machine.error(), "without impersonating a user"));
}

TEST_CASE("no header can be smuggled in") {
  Machine machine(server);
  machine.flags.as = "jane\r\nAuthorization: x";
  CHECK(contains(machine.error(), "line break or control character"));
  machine.flags = {};
  machine.flags.token = "secret\n";
  CHECK(machine.error() == "the token of user \"u\" holds a line break or control character");
}

TEST_CASE("no credentials go to an http server, impersonation does") {
  Machine machine("server: 'http://h:8080'", "token: t, client-certificate-data: Q1JU, client-key-data: S0VZ, as: jane");
  const Credentials credentials = machine.credentials();
  CHECK(credentials.token.empty());
  CHECK(credentials.client_key_pem.empty());
  CHECK(machine.connected().impersonate.user == "jane");
  const Machine plugin("server: 'http://h'", "exec: {command: /nofile, apiVersion: v, interactiveMode: Never}");
  CHECK(plugin.credentials().token.empty());
}

TEST_CASE("a plugin is not run where a token, basic auth or a certificate is there") {
  const std::string exec = "exec: {command: /nofile, apiVersion: client.authentication.k8s.io/v1beta1}";
  CHECK(Machine(server, exec + ", token: t").credentials().token == "t");
  CHECK(Machine(server, exec + ", username: me, password: p").credentials().password == "p");
  Machine machine(server, exec);
  machine.flags.token = "flag";
  CHECK(machine.credentials().token == "flag");
}

TEST_CASE("a plugin named relative to the kubeconfig is run, with the cluster of the connection") {
  Machine machine(server + ", certificate-authority-data: " + encode_base64(ca) +
                      ", extensions: [{name: client.authentication.k8s.io/exec, extension: {audience: x}}]",
                  "exec: {command: ./login, apiVersion: client.authentication.k8s.io/v1, interactiveMode: IfAvailable, "
                  "provideClusterInfo: true}");
  machine.directory.script(
      "home/.kube/login",
      "printf '%s' \"$KUBERNETES_EXEC_INFO\" >\"$DIR/info\"\n"
      "echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\",\"status\":{\"token\":\"t\"}}'");
  machine.environment.variables["DIR"] = machine.directory.path();
  CHECK(machine.credentials().token == "t");
  const std::string info = read_file(machine.directory.path("info")).value_or("");
  CHECK(contains(info, R"("server":"https://h:6443")"));
  CHECK(contains(info, R"("certificate-authority-data":")" + encode_base64(ca)));
  CHECK(contains(info, R"("config":{"audience":"x"})"));
}

TEST_CASE("the user's policy on plugins is kept") {
  Machine machine(server, "exec: {command: login, apiVersion: client.authentication.k8s.io/v1beta1}");
  machine.directory.write("home/.kube/kuberc",
                          "apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\ncredentialPluginPolicy: DenyAll\n");
  CHECK(contains(machine.error(), "credential plugin \"login\" is not allowed to run"));
  machine.directory.write("home/.kube/kuberc", "credentialPluginPolicy: 1\n");
  CHECK(contains(machine.error(), "kuberc:"));
  machine.flags.token = "t";
  CHECK(machine.error().empty());
}

TEST_CASE("a token file beats the token, is read again, and survives its loss") {
  Machine machine(server, "token: t, tokenFile: token");
  CHECK(machine.credentials().token == "t");
  machine.directory.write("home/.kube/token", " one\n");
  const auto source = machine.connected().credentials;
  CHECK(source->get(false)->token == "one");
  machine.directory.write("home/.kube/token", "two\n");
  CHECK(source->get(false)->token == "one");
  CHECK(source->get(true)->token == "two");
  std::filesystem::remove(machine.directory.path("home/.kube/token"));
  CHECK(source->get(true)->token == "two");
}

TEST_CASE("a token file is read again after a minute less ten seconds") {
  const TemporaryDirectory directory;
  std::chrono::steady_clock::time_point now{};
  const std::string file = directory.write("token", "one");
  const auto source = token_file_credentials(file, {}, [&] { return now; });
  REQUIRE(source);
  directory.write("token", "two");
  now += std::chrono::seconds(49);
  CHECK((*source)->get(false)->token == "one");
  now += std::chrono::seconds(1);
  CHECK((*source)->get(false)->token == "two");
}

TEST_CASE("a token file that cannot be read, or is empty, is an error where there is no other token") {
  Machine machine(server, "tokenFile: nofile");
  CHECK(contains(machine.error(), "cannot read the token file: open " + machine.directory.path("home/.kube/nofile")));
  machine.directory.write("home/.kube/nofile", "\n");
  CHECK(contains(machine.error(), "read empty token from file"));
}

TEST_CASE("the namespace: flag, context, pod, default") {
  Machine machine(server, "token: t", "namespace: from-context");
  machine.flags.ns = "from-flag";
  CHECK(machine.connected().ns == "from-flag");
  machine.flags.ns = "";
  CHECK(machine.connected().ns == "from-context");
  Machine plain(server);
  CHECK(plain.connected().ns == "default");
  plain.pod();
  CHECK(plain.connected().ns == "pod-namespace");
  plain.environment.variables["POD_NAMESPACE"] = "from-variable";
  CHECK(plain.connected().ns == "from-variable");
  CHECK(plain.connected().server == "https://h:6443");
}

TEST_CASE("a namespace that is no DNS label is refused: it becomes part of a path") {
  Machine machine(server);
  for (const char* ns : {"../../apis", "Upper", "-a", "a_b", "a/b", "a.b"}) {
    CAPTURE(ns);
    machine.flags.ns = ns;
    CHECK(contains(machine.error(), "does not conform to the kubernetes DNS_LABEL rules"));
  }
}

TEST_CASE("in a pod without a kubeconfig the service account is used") {
  Machine machine;
  machine.pod();
  const Connection connection = machine.connected();
  CHECK(connection.server == "https://10.0.0.1:443");
  CHECK(connection.ca_pem == ca);
  CHECK(connection.ns == "pod-namespace");
  CHECK(connection.context.empty());
  CHECK(machine.credentials().token == "pod-token");
  machine.environment.variables["KUBERNETES_SERVICE_HOST"] = "fd00::1";
  CHECK(machine.connected().server == "https://[fd00::1]:443");
}

TEST_CASE("in a pod the token, the CA, impersonation and the timeout can be changed by flags") {
  Machine machine;
  machine.pod();
  machine.flags.token = "flag";
  machine.flags.certificate_authority = machine.directory.write("other.crt", "-----BEGIN other");
  machine.flags.as = "jane";
  machine.flags.request_timeout = "5";
  const Connection connection = machine.connected();
  CHECK(machine.credentials().token == "flag");
  CHECK(connection.ca_pem == "-----BEGIN other");
  CHECK(connection.impersonate.user == "jane");
  CHECK(connection.request_timeout == std::chrono::seconds(5));
}

TEST_CASE("in a pod the token never goes to another server") {
  Machine machine;
  machine.pod();
  machine.flags.server = "https://other";
  CHECK(machine.connected().server == "https://other");
  CHECK(machine.credentials().token.empty());
}

TEST_CASE("in a pod flags without effect are refused, not ignored") {
  Machine machine;
  machine.pod();
  machine.flags.insecure_skip_tls_verify = true;
  machine.flags.tls_server_name = "name";
  CHECK(contains(machine.error(), "--tls-server-name, --insecure-skip-tls-verify cannot be used with the pod's service account"));
}

TEST_CASE("a pod without its token file, or with a kubeconfig in force, is not asked") {
  Machine machine;
  machine.pod();
  std::filesystem::remove(machine.directory.path("serviceaccount/token"));
  CHECK(contains(machine.error(), "no kubeconfig found"));
  Machine configured(server);
  configured.pod();
  CHECK(configured.connected().server == "https://h:6443");
}

TEST_CASE("a missing ca.crt in a pod is a warning") {
  Machine machine;
  machine.pod();
  std::string warned;
  machine.environment.warn = [&](std::string_view line) { warned = line; };
  std::filesystem::remove(machine.directory.path("serviceaccount/ca.crt"));
  CHECK(machine.connected().ca_pem.empty());
  CHECK(contains(warned, "cannot read " + machine.directory.path("serviceaccount/ca.crt")));
}

TEST_CASE("without any configuration the paths that were tried are named") {
  Machine machine;
  CHECK(contains(machine.error(), "no kubeconfig found: tried " + machine.directory.path("home/.kube/config")));
  machine.environment.variables["KUBECONFIG"] = "/no/one:/no/two";
  CHECK(contains(machine.error(), "no kubeconfig found: tried /no/one, /no/two"));
  machine.environment.variables.erase("KUBECONFIG");
  machine.environment.home.clear();
  CHECK(contains(machine.error(), "no kubeconfig found, for HOME is not set"));
}

TEST_CASE("contexts without a current one are offered") {
  Machine machine;
  machine.kubeconfig("contexts: [{name: prod}, {name: staging}]\n");
  CHECK(contains(machine.error(), "choose one with --context (known contexts: prod, staging)"));
  machine.kubeconfig("{}\n");
  CHECK(contains(machine.error(), "names no context and no cluster"));
}

TEST_CASE("--request-timeout: nothing, seconds, Go durations") {
  const auto milliseconds = [](std::string_view text) { return parse_request_timeout(text)->count(); };
  CHECK(milliseconds("0") == 0);
  CHECK(milliseconds("5") == 5000);
  CHECK(milliseconds("1m30s") == 90'000);
  CHECK(milliseconds("1.5h") == 5'400'000);
  CHECK(milliseconds(".3s") == 300);
  CHECK(milliseconds("250ms") == 250);
  CHECK(milliseconds("1ns") == 1);
  CHECK(milliseconds("2\xC2\xB5s") == 1);
  CHECK(milliseconds("+2s") == 2000);
  for (const char* text :
       {"", "abc", "-1", "-5s", "1.5", "5 s", "s", ".s", "1d", "99999999999999999999", "1e3", "9999999h", "+"}) {
    CAPTURE(text);
    const auto timeout = parse_request_timeout(text);
    REQUIRE_FALSE(timeout);
    CHECK(timeout.error().kind == ErrorKind::usage);
  }
  Machine machine(server);
  machine.flags.request_timeout = "abc";
  CHECK(contains(machine.error(), "it must be a single integer in seconds, or an integer followed by a corresponding time unit"));
}

TEST_CASE("gcp and azure are explained as removed") {
  CHECK(contains(Machine(server, "auth-provider: {name: gcp}").error(), "gke-gcloud-auth-plugin"));
  CHECK(contains(Machine(server, "auth-provider: {name: azure}").error(), "https://github.com/Azure/kubelogin"));
  CHECK(contains(Machine(server, "auth-provider: {name: foo}").error(), "no auth-provider found for name \"foo\""));
}

#include "kube/exec_credential.h"

#include <doctest/doctest.h>

#include <signal.h>

#include <chrono>
#include <thread>

#include "kube/json.h"
#include "kube/subprocess.h"
#include "tests/unit/temporary.h"

using namespace gwdoctor;

namespace {

constexpr const char* v1 = "client.authentication.k8s.io/v1";

ExecPlugin plugin_of(const TemporaryDirectory& directory, std::string_view commands) {
  ExecPlugin plugin;
  plugin.config.command = "login";
  plugin.config.api_version = v1;
  plugin.config.interactive_mode = "Never";
  plugin.program = directory.script("login", commands);
  plugin.variables = directory.environment().variables;
  plugin.variables["DIR"] = directory.path();
  return plugin;
}

std::string answer(const std::string& status) {
  return std::string(R"({"kind":"ExecCredential","apiVersion":")") + v1 + R"(","status":)" + status + "}";
}

std::string printing(const std::string& status) { return "cat <<'END'\n" + answer(status) + "\nEND"; }

std::shared_ptr<CredentialSource> source_of(ExecPlugin plugin) {
  auto source = exec_credentials(std::move(plugin));
  REQUIRE(source);
  return *source;
}

std::string error_of(const std::string& output) {
  ExecConfig config;
  config.command = "login";
  config.api_version = v1;
  const auto parsed = parse_exec_answer(output, config);
  if (parsed) return "";
  CHECK(parsed.error().kind == ErrorKind::unauthorized);
  return parsed.error().message;
}

std::string refusal(CredentialSource& source, bool refused = false) {
  const auto credentials = source.get(refused);
  return credentials ? "" : credentials.error().message;
}

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

std::string content(const std::string& path) { return read_file(path).value_or(""); }

bool running(const std::string& pid) {
  const std::string state = content("/proc/" + pid + "/stat");
  return !state.empty() && state.find(") Z") == std::string::npos;
}

}  // namespace

TEST_CASE("a plugin's token and certificate are the credentials") {
  const TemporaryDirectory directory;
  const auto source = source_of(
      plugin_of(directory, printing(R"({"token":"t","clientCertificateData":"-----BEGIN C","clientKeyData":"-----BEGIN K"})")));
  const auto credentials = source->get(false);
  REQUIRE(credentials);
  CHECK(credentials->token == "t");
  CHECK(credentials->client_certificate_pem == "-----BEGIN C");
  CHECK(credentials->client_key_pem == "-----BEGIN K");
}

TEST_CASE("a plugin gets its arguments as they are, its variables over ours, and an empty stdin") {
  const TemporaryDirectory directory;
  ExecPlugin plugin = plugin_of(directory, R"(printf '%s|' "$@" >"$DIR/args"
printf '%s %s' "$ONE" "$TWO" >"$DIR/env"
printf '%s' "$KUBERNETES_EXEC_INFO" >"$DIR/info"
wc -c >"$DIR/stdin"
)" + printing(R"({"token":"t"})"));
  plugin.config.args = {"a b", "$(touch x)", ""};
  plugin.variables["ONE"] = "ours";
  plugin.variables["TWO"] = "ours";
  plugin.config.env = {{"TWO", "theirs"}};
  REQUIRE(source_of(plugin)->get(false));
  CHECK(content(directory.path("args")) == "a b|$(touch x)||");
  CHECK(content(directory.path("env")) == "ours theirs");
  CHECK(content(directory.path("info")) ==
        R"({"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","spec":{"interactive":false}})");
  CHECK(content(directory.path("stdin")).substr(0, 1) == "0");
}

TEST_CASE("cluster info is told only with provideClusterInfo") {
  ExecPlugin plugin;
  plugin.config.api_version = v1;
  plugin.cluster = {"https://h", "name", true, "CA", "http://proxy", true, Value(Value::Object{{"audience", Value("x")}})};
  CHECK_FALSE(contains(exec_info(plugin, true), "cluster"));
  plugin.config.provide_cluster_info = true;
  const auto info = parse_json(exec_info(plugin, true));
  REQUIRE(info);
  CHECK((*info)["spec"]["interactive"].boolean() == true);
  const Value& cluster = (*info)["spec"]["cluster"];
  CHECK(cluster["server"].text() == "https://h");
  CHECK(cluster["tls-server-name"].text() == "name");
  CHECK(cluster["insecure-skip-tls-verify"].boolean() == true);
  CHECK(cluster["certificate-authority-data"].text() == "Q0E=");
  CHECK(cluster["proxy-url"].text() == "http://proxy");
  CHECK(cluster["disable-compression"].boolean() == true);
  CHECK(cluster["config"]["audience"].text() == "x");
}

TEST_CASE("answers that are none are explained without a word of them") {
  CHECK(contains(error_of("secret-token"), "printed something that is not JSON"));
  CHECK(contains(error_of("[]"), "printed no ExecCredential"));
  CHECK(contains(error_of(R"({"kind":"Status","apiVersion":"v1"})"), "printed no ExecCredential"));
  CHECK(contains(error_of(R"({"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1"})"),
                 "is configured to use API version client.authentication.k8s.io/v1, plugin returned version "
                 "client.authentication.k8s.io/v1beta1"));
  CHECK(contains(error_of(R"({"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1"})"),
                 "didn't return a status field"));
  CHECK(contains(error_of(answer("{}")), "didn't return a token or cert/key pair"));
  CHECK(contains(error_of(answer(R"({"clientKeyData":"-----BEGIN secret"})")), "returned only certificate or key, not both"));
  CHECK(contains(error_of(answer(R"({"token":"t","clientCertificateData":"-----BEGIN C"})")), "not both"));
  CHECK(contains(error_of(answer(R"({"clientCertificateData":"QQ==","clientKeyData":"QQ=="})")), "that is not PEM"));
  CHECK(contains(error_of(answer(R"({"token":"secret\r\nX: y"})")), "line break or control character"));
  CHECK(contains(error_of(answer(R"({"token":7})")), "status.token that is not a string"));
  CHECK(contains(error_of(answer(R"({"token":"t","expirationTimestamp":"soon"})")), "not RFC 3339"));
  for (const std::string& output :
       {std::string("secret {"), answer(R"({"token":"secret\n"})"), answer(R"({"clientKeyData":"secret"})")}) {
    CHECK_FALSE(contains(error_of(output), "secret"));
  }
}

TEST_CASE("a plugin runs once, again when its credentials expire, and once more after a refusal") {
  const TemporaryDirectory directory;
  ExecPlugin plugin =
      plugin_of(directory, "echo >>\"$DIR/runs\"\n" + printing(R"({"token":"t","expirationTimestamp":"2026-01-01T01:00:00Z"})"));
  Time now = *parse_time("2026-01-01T00:00:00Z");
  plugin.now = [&] { return now; };
  const auto runs = [&] { return content(directory.path("runs")).size(); };
  const auto source = source_of(plugin);
  CHECK(runs() == 0);
  REQUIRE(source->get(false));
  REQUIRE(source->get(false));
  CHECK(runs() == 1);
  now += Seconds(3600);
  REQUIRE(source->get(false));
  CHECK(runs() == 2);
  now -= Seconds(1800);
  REQUIRE(source->get(true));
  CHECK(runs() == 3);
  CHECK(contains(refusal(*source, true), "refused again"));
  CHECK(runs() == 3);
}

TEST_CASE("a refusal long after the last one runs the plugin again") {
  const TemporaryDirectory directory;
  ExecPlugin plugin = plugin_of(directory, printing(R"({"token":"t"})"));
  Time now = *parse_time("2026-01-01T00:00:00Z");
  plugin.now = [&] { return now; };
  const auto source = source_of(plugin);
  REQUIRE(source->get(false));
  REQUIRE(source->get(true));
  now += Seconds(900);
  CHECK(source->get(true));
}

TEST_CASE("a failed run is not repeated") {
  const TemporaryDirectory directory;
  const auto source = source_of(plugin_of(directory, "echo >>\"$DIR/runs\"\nexit 7"));
  CHECK(refusal(*source) == "getting credentials: exec: executable login failed with exit code 7");
  CHECK(refusal(*source, true) == refusal(*source));
  CHECK(content(directory.path("runs")).size() == 1);
}

TEST_CASE("a plugin that is not installed brings its hint, without terminal control") {
  const TemporaryDirectory directory;
  ExecPlugin plugin = plugin_of(directory, "");
  plugin.program.clear();
  plugin.config.install_hint = "get it:\n\x1b[31m  brew install it\x07\n";
  const std::string message = refusal(*source_of(plugin));
  CHECK(contains(message, "executable login not found"));
  CHECK(contains(message, "get it: "));
  CHECK(contains(message, "brew install it"));
  CHECK(message.find_first_of("\x1b\x07\n") == std::string::npos);
}

TEST_CASE("a plugin that must ask somebody needs a terminal") {
  const TemporaryDirectory directory;
  ExecPlugin plugin = plugin_of(directory, printing(R"({"token":"t"})"));
  plugin.config.interactive_mode = "Always";
  CHECK(contains(refusal(*source_of(plugin)), "standard input is not a terminal"));
  plugin.stdin_is_terminal = true;
  CHECK(refusal(*source_of(plugin)).empty());
}

TEST_CASE("an API version that no client supports any more is an error before any run") {
  ExecPlugin plugin;
  plugin.config.api_version = "client.authentication.k8s.io/v1alpha1";
  const auto source = exec_credentials(plugin);
  REQUIRE_FALSE(source);
  CHECK(contains(source.error().message, "invalid apiVersion \"client.authentication.k8s.io/v1alpha1\""));
}

TEST_CASE("a plugin that hangs is stopped in time, with its children, even where they ignore it") {
  const TemporaryDirectory directory;
  ExecPlugin plugin = plugin_of(directory, "trap '' TERM\nsleep 30 & echo $! >\"$DIR/child\"\nwhile :; do sleep 30; done");
  plugin.timeout = std::chrono::milliseconds(300);
  const auto before = std::chrono::steady_clock::now();
  const std::string message = refusal(*source_of(plugin));
  CHECK(contains(message, "gave no credentials within 1 s and was stopped"));
  CHECK(std::chrono::steady_clock::now() - before < std::chrono::seconds(10));
  std::string child = content(directory.path("child"));
  child.erase(child.find_last_not_of('\n') + 1);
  REQUIRE_FALSE(child.empty());
  for (int turn = 0; turn < 100 && running(child); ++turn) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  CHECK_FALSE(running(child));
}

TEST_CASE("a child that keeps stdout open does not hold up the answer") {
  const TemporaryDirectory directory;
  ExecPlugin plugin = plugin_of(directory, printing(R"({"token":"t"})") + "\nsleep 20 &\necho $! >\"$DIR/child\"");
  const auto before = std::chrono::steady_clock::now();
  CHECK(source_of(plugin)->get(false));
  CHECK(std::chrono::steady_clock::now() - before < std::chrono::seconds(10));
  ::kill(static_cast<pid_t>(std::stoi(content(directory.path("child")))), SIGKILL);
}

TEST_CASE("a plugin that prints without end is stopped") {
  const TemporaryDirectory directory;
  CHECK(contains(refusal(*source_of(plugin_of(directory, "yes"))), "printed more than 1048576 bytes"));
}

TEST_CASE("a plugin ended by a signal is explained") {
  const TemporaryDirectory directory;
  CHECK(contains(refusal(*source_of(plugin_of(directory, "kill -9 $$"))), "was ended by signal 9"));
}

TEST_CASE("a program that cannot be started says why") {
  const TemporaryDirectory directory;
  Process process;
  process.program = directory.write("noprogram", "no program");
  process.timeout = std::chrono::seconds(5);
  const auto end = run_process(process);
  REQUIRE_FALSE(end);
  CHECK(end.error().message == "permission denied");
}

TEST_CASE("a program with much output below the limit is read whole") {
  const TemporaryDirectory directory;
  Process process;
  process.program = directory.script("much", "head -c 500000 /dev/zero");
  process.variables = directory.environment().variables;
  process.timeout = std::chrono::seconds(20);
  const auto end = run_process(process);
  REQUIRE(end);
  CHECK(end->output.size() == 500000);
}

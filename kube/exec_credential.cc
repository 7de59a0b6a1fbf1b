#include "kube/exec_credential.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>

#include "kube/clean.h"
#include "kube/credentials.h"
#include "kube/json.h"
#include "kube/subprocess.h"
#include "kube/x509.h"

namespace gwdoctor {

namespace {

tl::unexpected<Error> refuse(std::string message) {
  return fail(ErrorKind::unauthorized, "getting credentials: exec: " + std::move(message));
}

Value cluster_value(const ExecCluster& cluster) {
  Value value(Value::Object{});
  value.set("server", cluster.server);
  if (!cluster.tls_server_name.empty()) value.set("tls-server-name", cluster.tls_server_name);
  if (cluster.insecure) value.set("insecure-skip-tls-verify", true);
  if (!cluster.ca_pem.empty()) value.set("certificate-authority-data", encode_base64(cluster.ca_pem));
  if (!cluster.proxy_url.empty()) value.set("proxy-url", cluster.proxy_url);
  if (cluster.disable_compression) value.set("disable-compression", true);
  if (!cluster.config.is_null()) value.set("config", cluster.config);
  return value;
}

Result<void> check_answer(const Value& answer, const ExecConfig& config) {
  const std::string name = clean_line(config.command);
  if (!answer.is_object() || answer["kind"].text() != "ExecCredential") {
    return refuse(
        fmt::format("executable {} printed no ExecCredential: expected kind ExecCredential of {}", name, config.api_version));
  }
  if (answer["apiVersion"].text() != config.api_version) {
    return refuse(fmt::format("executable {} is configured to use API version {}, plugin returned version {}", name,
                              config.api_version, clean_line(answer["apiVersion"].text())));
  }
  if (!answer["status"].is_object()) return refuse(fmt::format("executable {} didn't return a status field", name));
  for (const std::string_view field : {"token", "clientCertificateData", "clientKeyData", "expirationTimestamp"}) {
    const Value& value = answer["status"][field];
    if (value.is_null() || value.is_string()) continue;
    return refuse(fmt::format("executable {} returned a status.{} that is not a string", name, field));
  }
  return {};
}

Result<void> check_credentials(const Credentials& credentials, const std::string& name) {
  const bool certificate = !credentials.client_certificate_pem.empty();
  const bool key = !credentials.client_key_pem.empty();
  if (credentials.token.empty() && !certificate && !key) {
    return refuse(fmt::format("executable {} didn't return a token or cert/key pair", name));
  }
  if (certificate != key) return refuse(fmt::format("executable {} returned only certificate or key, not both", name));
  const auto is_pem = [](const std::string& text) { return text.find("-----BEGIN ") != std::string::npos; };
  if (certificate && (!is_pem(credentials.client_certificate_pem) || !is_pem(credentials.client_key_pem))) {
    return refuse(fmt::format("executable {} returned a certificate or key that is not PEM", name));
  }
  if (!fits_header(credentials.token)) {
    return refuse(fmt::format("executable {} returned a token that holds a line break or control character", name));
  }
  return {};
}

Time system_time() { return std::chrono::floor<Seconds>(std::chrono::system_clock::now()); }

class ExecCredentials final : public CredentialSource {
 public:
  explicit ExecCredentials(ExecPlugin plugin) : plugin_(std::move(plugin)) {}

  Result<Credentials> get(bool refused) override {
    const std::lock_guard lock(mutex_);
    if (failed_) return tl::unexpected(*failed_);
    const Time now = plugin_.now();
    if (now - ran_at_ >= settled) rerun_ = false;
    if (refused && answer_) {
      if (rerun_) return refuse(fmt::format("the credentials of executable {} were refused again after it was run anew", name()));
      rerun_ = true;
      answer_.reset();
    } else if (answer_ && answer_->expires && now >= *answer_->expires) {
      answer_.reset();
    }
    if (!answer_) {
      ran_at_ = now;
      auto answer = run();
      if (!answer) {
        failed_ = answer.error();
        return tl::unexpected(*failed_);
      }
      answer_.emplace(std::move(*answer));
    }
    return answer_->credentials;
  }

 private:
  // Credentials that lasted this long were accepted; their refusal is a new one.
  static constexpr Seconds settled{60};

  [[nodiscard]] std::string name() const { return clean_line(plugin_.config.command); }

  Result<ExecAnswer> run() {
    if (plugin_.program.empty()) return refuse(not_found());
    const std::string& mode = plugin_.config.interactive_mode;
    if (mode == "Always" && !plugin_.stdin_is_terminal) {
      return refuse(fmt::format("executable {} cannot support interactive mode: standard input is not a terminal", name()));
    }
    const bool interactive = plugin_.stdin_is_terminal && mode != "Never";
    Process process;
    process.program = plugin_.program;
    process.arguments = plugin_.config.args;
    process.variables = plugin_.variables;
    for (const auto& [key, value] : plugin_.config.env) process.variables[key] = value;
    process.variables["KUBERNETES_EXEC_INFO"] = exec_info(plugin_, interactive);
    process.inherit_stdin = interactive;
    process.timeout = interactive ? plugin_.interactive_timeout : plugin_.timeout;
    auto end = run_process(process);
    if (!end) return refuse(fmt::format("executable {} cannot be run: {}", name(), end.error().message));
    auto answer = answer_of(*end, process);
    wipe(end->output);
    return answer;
  }

  Result<ExecAnswer> answer_of(const ProcessEnd& end, const Process& process) const {
    switch (end.how) {
      case ProcessEnd::How::timed_out:
        return refuse(
            fmt::format("executable {} gave no credentials within {} s and was stopped: run it by hand to see what it "
                        "waits for",
                        name(), std::chrono::ceil<Seconds>(process.timeout).count()));
      case ProcessEnd::How::overflowed:
        return refuse(fmt::format("executable {} printed more than {} bytes and was stopped: expected an ExecCredential", name(),
                                  process.output_limit));
      case ProcessEnd::How::stopped:
        return refuse(fmt::format("executable {} wanted the terminal and was stopped: its interactiveMode is {}", name(),
                                  plugin_.config.interactive_mode));
      case ProcessEnd::How::signalled:
        return refuse(fmt::format("executable {} was ended by signal {}", name(), end.code));
      case ProcessEnd::How::exited:
        break;
    }
    if (end.code != 0) return refuse(fmt::format("executable {} failed with exit code {}", name(), end.code));
    return parse_exec_answer(end.output, plugin_.config);
  }

  [[nodiscard]] std::string not_found() const {
    std::string message =
        fmt::format("executable {} not found: the credential plugin of this user is not installed, or not on PATH", name());
    const std::string hint = clean_line(plugin_.config.install_hint, 2000);
    return hint.empty() ? message : message + ": " + hint;
  }

  std::mutex mutex_;
  const ExecPlugin plugin_;
  std::optional<ExecAnswer> answer_;
  std::optional<Error> failed_;
  Time ran_at_{};
  bool rerun_ = false;
};

}  // namespace

std::string exec_info(const ExecPlugin& plugin, bool interactive) {
  Value spec(Value::Object{});
  if (plugin.config.provide_cluster_info) spec.set("cluster", cluster_value(plugin.cluster));
  spec.set("interactive", interactive);
  Value info(Value::Object{});
  info.set("kind", "ExecCredential");
  info.set("apiVersion", plugin.config.api_version);
  info.set("spec", std::move(spec));
  return write_json(info);
}

Result<ExecAnswer> parse_exec_answer(std::string_view output, const ExecConfig& config) {
  const std::string name = clean_line(config.command);
  const auto answer = parse_json(output);
  // The parser's own message could quote the text.
  if (!answer) return refuse(fmt::format("executable {} printed something that is not JSON: expected an ExecCredential", name));
  if (const auto checked = check_answer(*answer, config); !checked) return tl::unexpected(checked.error());
  const Value& status = (*answer)["status"];
  ExecAnswer result;
  result.credentials.token = status["token"].text();
  result.credentials.client_certificate_pem = status["clientCertificateData"].text();
  result.credentials.client_key_pem = status["clientKeyData"].text();
  if (const auto checked = check_credentials(result.credentials, name); !checked) return tl::unexpected(checked.error());
  if (status["expirationTimestamp"].is_string()) {
    result.expires = parse_time(*status["expirationTimestamp"].string());
    if (!result.expires) return refuse(fmt::format("executable {} returned an expirationTimestamp that is not RFC 3339", name));
  }
  return result;
}

Result<std::shared_ptr<CredentialSource>> exec_credentials(ExecPlugin plugin) {
  const std::string& version = plugin.config.api_version;
  if (version != "client.authentication.k8s.io/v1" && version != "client.authentication.k8s.io/v1beta1") {
    return fail(ErrorKind::input,
                fmt::format("exec plugin: invalid apiVersion \"{}\": expected client.authentication.k8s.io/v1 or "
                            "v1beta1; update the plugin and its kubeconfig entry",
                            clean_line(version)));
  }
  if (!plugin.now) plugin.now = system_time;
  return std::make_shared<ExecCredentials>(std::move(plugin));
}

}  // namespace gwdoctor

// Asks a live API server for the facts of the payments example and prints what became of each, as JSON: for looking at the
// transport and the live source alone, without the rest of the program.
//
//   probe --server URL [--ca FILE] [--token FILE] [--cert FILE --key FILE] [--tls-server-name NAME] [--proxy URL]
//         [--insecure] [--as USER] [--request-timeout MS] [-v N]
//
// Exit codes as in the program: 0 every fact known, 3 unreachable or refused, 4 facts missing, 130 interrupted.

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "kube/connection.h"
#include "kube/credentials.h"
#include "kube/curl_transport.h"
#include "kube/json.h"
#include "kube/live_source.h"

namespace {

using namespace gwdoctor;

std::atomic<bool> interrupted{false};

std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

Wish object(Kind kind, const char* ns, const char* name) {
  Wish wish;
  wish.kind = kind;
  wish.ns = ns;
  wish.name = name;
  return wish;
}

Wish list(Kind kind, const char* ns, const char* selector = "") {
  Wish wish;
  wish.what = Wish::What::list;
  wish.kind = kind;
  wish.ns = ns;
  wish.selector = selector;
  return wish;
}

Wish served(Kind kind) {
  Wish wish;
  wish.what = Wish::What::served;
  wish.kind = kind;
  return wish;
}

std::vector<std::vector<Wish>> rounds() {
  Wish events = list(Kind::event, "payments");
  events.fields = "involvedObject.name=payments-api";
  return {{object(Kind::http_route, "payments", "payments-api"), served(Kind::grpc_route), list(Kind::listener_set, "")},
          {object(Kind::gateway, "platform-ingress", "public-web"), object(Kind::name_space, "", "payments"),
           object(Kind::service, "payments", "payments-api"),
           list(Kind::endpoint_slice, "payments", "kubernetes.io/service-name=payments-api"),
           list(Kind::reference_grant, "payments"), events},
          {object(Kind::gateway_class, "", "contour"), object(Kind::secret, "platform-ingress", "wildcard-tls"),
           list(Kind::pod, "payments", "app=payments-api"), object(Kind::service, "payments", "no-such-service")}};
}

const char* state_name(State state) {
  switch (state) {
    case State::present:
      return "present";
    case State::absent:
      return "absent";
    case State::unknown:
      return "unknown";
    case State::wanted:
      return "wanted";
  }
  return "";
}

Value describe(const Wish& wish, const Answer& answer) {
  Value out{Value::Object{}};
  out.set("fact", wish.text());
  out.set("state", state_name(answer.state));
  out.set("documents", static_cast<std::int64_t>(answer.documents.size()));
  if (!answer.version.empty()) out.set("version", answer.version);
  if (answer.state != State::unknown) return out;
  out.set("reason", reason_name(answer.why.reason));
  out.set("message", answer.why.message);
  if (answer.why.needs) {
    Value needs{Value::Object{}};
    needs.set("verb", answer.why.needs->verb);
    needs.set("group", answer.why.needs->group);
    needs.set("resource", answer.why.needs->resource);
    needs.set("namespace", answer.why.needs->ns);
    out.set("needs", std::move(needs));
  }
  return out;
}

int run(const std::map<std::string, std::string>& flags, bool insecure) {
  const auto flag = [&](const char* name) {
    const auto found = flags.find(name);
    return found == flags.end() ? std::string() : found->second;
  };
  Connection connection;
  connection.server = flag("--server");
  if (!flag("--ca").empty()) connection.ca_pem = read(flag("--ca"));
  connection.tls_server_name = flag("--tls-server-name");
  connection.insecure = insecure;
  connection.impersonate.user = flag("--as");
  if (!flag("--proxy").empty()) connection.proxy_url = flag("--proxy");
  connection.request_timeout = std::chrono::milliseconds(std::atoi(flag("--request-timeout").c_str()));
  Credentials credentials;
  if (!flag("--token").empty()) credentials.token = read(flag("--token"));
  if (!flag("--cert").empty()) credentials.client_certificate_pem = read(flag("--cert"));
  if (!flag("--key").empty()) credentials.client_key_pem = read(flag("--key"));
  connection.credentials = fixed_credentials(std::move(credentials));

  TransportOptions options;
  options.user_agent = "kubectl-gwdoctor/probe";
  options.verbosity = std::atoi(flag("-v").c_str());
  options.log = [](std::string_view line) { std::fprintf(stderr, "%.*s\n", static_cast<int>(line.size()), line.data()); };
  options.warning = [](std::string_view line) {
    std::fprintf(stderr, "Warning: %.*s\n", static_cast<int>(line.size()), line.data());
  };
  options.cancelled = &interrupted;
  Result<std::unique_ptr<Transport>> transport = make_curl_transport(std::move(connection), std::move(options));
  if (!transport) {
    std::fprintf(stderr, "error: %s\n", transport.error().message.c_str());
    return 2;
  }
  LiveSource source{std::shared_ptr<Transport>(std::move(*transport))};
  bool complete = true;
  Value facts{Value::Array{}};
  for (const std::vector<Wish>& wishes : rounds()) {
    const std::vector<Answer> answers = source.fill(wishes);
    for (std::size_t at = 0; at < wishes.size(); ++at) {
      complete = complete && answers[at].state != State::unknown;
      facts.push_back(describe(wishes[at], answers[at]));
    }
    if (interrupted) return 130;
    if (source.fatal()) {
      std::fprintf(stderr, "%s\n", source.fatal()->message.c_str());
      return 3;
    }
  }
  Value out{Value::Object{}};
  out.set("verdict", complete ? "healthy" : "unknown");
  out.set("facts", std::move(facts));
  out.set("requests", source.stats().requests);
  out.set("rounds", source.stats().rounds);
  out.set("bytes", static_cast<std::int64_t>(source.stats().bytes));
  std::printf("%s\n", write_json(out, 2).c_str());
  return complete ? 0 : 4;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGINT, [](int) { interrupted = true; });
  std::map<std::string, std::string> flags;
  bool insecure = false;
  for (int at = 1; at < argc; ++at) {
    const std::string name = argv[at];
    if (name == "--insecure") {
      insecure = true;
    } else if (at + 1 < argc) {
      flags[name] = argv[++at];
    }
  }
  return run(flags, insecure);
}

#include "net/observer.h"

#include <algorithm>
#include <thread>

#include "kube/observation.h"
#include "net/dns.h"
#include "net/exchange.h"
#include "net/grpc_health.h"
#include "net/tcp.h"
#include "net/tls.h"

namespace gwdoctor {

using What = Wish::What;

// The wishes of one call, each with the place of its answer.
struct NetObserver::Batch {
  const std::vector<Wish>& wishes;
  std::vector<Answer>& answers;

  [[nodiscard]] std::vector<std::size_t> of(What what) const {
    std::vector<std::size_t> out;
    for (std::size_t at = 0; at < wishes.size(); ++at) {
      if (wishes[at].what == what) out.push_back(at);
    }
    return out;
  }
};

namespace {

constexpr std::string_view not_again = "it did not answer a moment ago";

Answer unknown(std::string message) {
  Answer out;
  out.why = {Why::Reason::error, std::move(message), std::nullopt};
  return out;
}

std::string endpoint(const std::string& address, std::int64_t port) { return address + " " + std::to_string(port); }

ExchangeQuestion exchange_of(const HttpQuestion& question, const ObserverOptions& options) {
  ExchangeQuestion out;
  if (question.grpc_health) out = grpc_health_question(*question.grpc_health);
  out.address = question.address;
  out.port = question.port;
  out.tls = question.tls;
  out.sni = question.host;
  const std::int64_t usual = question.tls ? 443 : 80;
  out.host =
      question.host.empty() || question.port == usual ? question.host : question.host + ":" + std::to_string(question.port);
  out.method = question.method;
  const std::size_t mark = std::min(question.path.find('?'), question.path.size());
  out.path = question.path.substr(0, mark);
  if (mark < question.path.size()) out.query = question.path.substr(mark + 1);
  out.protocol = question.protocol;
  out.verify = false;  // that is what the TLS probe is for
  out.ca_file = options.ca_file;
  out.connect_timeout = options.patience.timeout;
  out.timeout = options.patience.timeout * 2;
  return out;
}

std::optional<std::int64_t> count_of(const std::optional<std::chrono::milliseconds>& time) {
  return time ? std::optional<std::int64_t>(time->count()) : std::nullopt;
}

HttpAnswer http_answer(const HttpQuestion& question, const ExchangeAnswer& from, Time now) {
  HttpAnswer out;
  out.observed.at = now;
  out.question = question;
  out.result = from.result;
  out.detail = from.detail;
  out.status = from.status;
  out.version = from.version;
  out.headers = from.headers;
  out.body = from.body;
  out.body_cut = from.body_cut;
  if (question.grpc_health && from.answered()) {
    out.grpc = grpc_health_of(from);
    // Bytes of Protocol Buffers; what is no gRPC may be a page that tells who wrote it.
    if (out.grpc->is_grpc) out.body.clear();
  }
  out.milliseconds = from.phases.total.count();
  out.phases = {count_of(from.phases.connect), count_of(from.phases.tls), count_of(from.phases.first_byte)};
  out.sets_cookie = from.sets_cookie;
  return out;
}

bool is_silent_answer(const DnsAnswer& answer) {
  return answer.a.status == DnsStatus::timeout && answer.aaaa.status == DnsStatus::timeout;
}

}  // namespace

bool NetObserver::is_silent(const std::string& where) {
  const std::lock_guard<std::mutex> lock(mutex_);
  return silent_.contains(where);
}

void NetObserver::remember_silent(const std::string& where) {
  const std::lock_guard<std::mutex> lock(mutex_);
  silent_.insert(where);
}

void NetObserver::observe_dns(Batch& batch) {
  std::vector<std::size_t> asked;
  std::vector<DnsQuestion> questions;
  for (const std::size_t at : batch.of(What::dns)) {
    DnsQuestion question = dns_question(batch.wishes[at]);
    if (is_silent("dns " + question.server)) {
      DnsAnswer answer;
      answer.observed.at = observation_time();
      answer.name = question.name;
      answer.server = question.server;
      answer.a = answer.aaaa = {DnsStatus::timeout, {}, std::string(not_again)};
      batch.answers[at] = observation(batch.wishes[at], answer);
      continue;
    }
    asked.push_back(at);
    questions.push_back(std::move(question));
  }
  if (questions.empty()) return;
  const std::vector<DnsAnswer> answers = ask_dns(questions, {options_.patience, options_.hosts_path});
  if (options_.patience.is_over()) return;
  std::set<std::string> silent;
  std::set<std::string> heard;
  for (std::size_t at = 0; at < asked.size(); ++at) {
    batch.answers[asked[at]] = observation(batch.wishes[asked[at]], answers[at]);
    (is_silent_answer(answers[at]) ? silent : heard).insert("dns " + questions[at].server);
  }
  for (const std::string& server : silent) {
    if (!heard.contains(server)) remember_silent(server);
  }
}

void NetObserver::observe_tcp(Batch& batch) {
  std::vector<std::size_t> asked;
  std::vector<TcpQuestion> questions;
  for (const std::size_t at : batch.of(What::tcp)) {
    TcpQuestion question = tcp_question(batch.wishes[at]);
    if (is_silent(endpoint(question.address, question.port))) {
      TcpAnswer answer{{observation_time()}, question.address, question.port, TcpResult::timeout, std::string(not_again), 0};
      batch.answers[at] = observation(batch.wishes[at], answer);
      continue;
    }
    asked.push_back(at);
    questions.push_back(std::move(question));
  }
  if (questions.empty()) return;
  const std::vector<TcpAnswer> answers = probe_tcp(questions, options_.patience);
  if (options_.patience.is_over()) return;
  for (std::size_t at = 0; at < asked.size(); ++at) {
    batch.answers[asked[at]] = observation(batch.wishes[asked[at]], answers[at]);
    if (answers[at].result == TcpResult::timeout) remember_silent(endpoint(questions[at].address, questions[at].port));
  }
}

void NetObserver::observe_tls(Batch& batch) {
  std::vector<std::size_t> asked;
  std::vector<TlsQuestion> questions;
  for (const std::size_t at : batch.of(What::tls)) {
    TlsQuestion question = tls_question(batch.wishes[at]);
    if (is_silent(endpoint(question.address, question.port))) {
      TlsAnswer answer;
      answer.observed.at = observation_time();
      answer.connect = TcpResult::timeout;
      answer.detail = not_again;
      batch.answers[at] = observation(batch.wishes[at], answer);
      continue;
    }
    asked.push_back(at);
    questions.push_back(std::move(question));
  }
  if (questions.empty()) return;
  const std::vector<TlsAnswer> answers = probe_tls(questions, {options_.patience, options_.ca_file});
  if (options_.patience.is_over()) return;
  for (std::size_t at = 0; at < asked.size(); ++at) {
    batch.answers[asked[at]] = observation(batch.wishes[asked[at]], answers[at]);
    if (answers[at].connect == TcpResult::timeout) remember_silent(endpoint(questions[at].address, questions[at].port));
  }
}

void NetObserver::observe_http(Batch& batch) {
  std::vector<std::size_t> asked;
  std::vector<HttpQuestion> questions;
  std::vector<ExchangeQuestion> exchanges;
  for (const std::size_t at : batch.of(What::http)) {
    HttpQuestion question = http_question(batch.wishes[at]);
    if (is_silent(endpoint(question.address, question.port))) {
      HttpAnswer answer;
      answer.observed.at = observation_time();
      answer.question = question;
      answer.result = HttpResult::timeout;
      answer.detail = not_again;
      batch.answers[at] = observation(batch.wishes[at], answer);
      continue;
    }
    asked.push_back(at);
    exchanges.push_back(exchange_of(question, options_));
    questions.push_back(std::move(question));
  }
  if (questions.empty()) return;
  const Time now = observation_time();
  const auto deadline = options_.patience.timeout * 3;
  const std::vector<ExchangeAnswer> answers = exchange_all(exchanges, deadline, options_.patience.cancelled);
  if (options_.patience.is_over()) return;
  for (std::size_t at = 0; at < asked.size(); ++at)
    batch.answers[asked[at]] = observation(batch.wishes[asked[at]], http_answer(questions[at], answers[at], now));
}

std::vector<Answer> NetObserver::fill(const std::vector<Wish>& wishes) {
  std::vector<Answer> answers;
  for (const Wish& wish : wishes) answers.push_back(unknown(wish.text() + " was not observed: interrupted"));
  for (std::size_t at = 0; at < wishes.size(); ++at) {
    const bool network = wishes[at].probe() && wishes[at].what != What::proxy;
    if (!network) answers[at] = unknown("the network does not know " + wishes[at].text());
  }
  Batch batch{wishes, answers};
  // Each kind writes to the places of its own wishes alone.
  std::vector<std::thread> threads;
  threads.emplace_back([&] { observe_dns(batch); });
  threads.emplace_back([&] { observe_tcp(batch); });
  threads.emplace_back([&] { observe_http(batch); });
  observe_tls(batch);
  for (std::thread& thread : threads) thread.join();
  return answers;
}

}  // namespace gwdoctor

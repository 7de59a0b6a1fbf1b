#include "net/exchange.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <memory>

#include "kube/broken_pipe.h"
#include "net/exchange_transfer.h"

namespace gwdoctor {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds longest_poll{100};  // so that an interrupt is seen soon
constexpr std::size_t max_parallel = 16;

class Batch {
 public:
  Batch(const std::vector<ExchangeQuestion>& questions, milliseconds deadline, const std::atomic<bool>* cancelled)
      : questions_(questions), cancelled_(cancelled), answers_(questions.size()), deadline_(Clock::now() + deadline) {
    static const CURLcode once = curl_global_init(CURL_GLOBAL_DEFAULT);
    static_cast<void>(once);
    multi_ = curl_multi_init();
  }
  ~Batch() { curl_multi_cleanup(multi_); }
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  std::vector<ExchangeAnswer> run();

 private:
  struct Running {
    std::size_t index = 0;
    std::unique_ptr<ExchangeTransfer> transfer;
  };

  [[nodiscard]] milliseconds left() const { return std::chrono::duration_cast<milliseconds>(deadline_ - Clock::now()); }
  [[nodiscard]] bool over() const { return left().count() <= 0 || (cancelled_ != nullptr && cancelled_->load()); }
  void start();
  void collect();
  void finish(Running& running, CURLcode code);
  void break_off();

  const std::vector<ExchangeQuestion>& questions_;
  const std::atomic<bool>* cancelled_;
  std::vector<ExchangeAnswer> answers_;
  Clock::time_point deadline_;
  CURLM* multi_ = nullptr;
  std::vector<Running> running_;
  std::size_t next_ = 0;
};

std::vector<ExchangeAnswer> Batch::run() {
  while (next_ < questions_.size() || !running_.empty()) {
    if (over()) {
      break_off();
      break;
    }
    start();
    int count = 0;
    curl_multi_perform(multi_, &count);
    collect();
    const milliseconds wait = std::clamp(left(), milliseconds(0), longest_poll);
    if (!running_.empty()) curl_multi_poll(multi_, nullptr, 0, static_cast<int>(wait.count()), nullptr);
  }
  return std::move(answers_);
}

void Batch::start() {
  for (; next_ < questions_.size() && running_.size() < max_parallel; ++next_) {
    auto transfer = std::make_unique<ExchangeTransfer>(questions_[next_]);
    if (CURL* easy = transfer->begin()) {
      curl_multi_add_handle(multi_, easy);
      running_.push_back({next_, std::move(transfer)});
    } else {
      answers_[next_] = std::move(transfer->answer());
    }
  }
}

void Batch::finish(Running& running, CURLcode code) {
  curl_multi_remove_handle(multi_, running.transfer->handle());
  running.transfer->end(code);
  answers_[running.index] = std::move(running.transfer->answer());
}

void Batch::collect() {
  int queued = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &queued)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;
    const auto found = std::find_if(running_.begin(), running_.end(),
                                    [&](const Running& running) { return running.transfer->handle() == message->easy_handle; });
    if (found == running_.end()) continue;
    finish(*found, code);
    running_.erase(found);
  }
}

void Batch::break_off() {
  for (Running& running : running_) finish(running, CURLE_OPERATION_TIMEDOUT);
  running_.clear();
  for (; next_ < questions_.size(); ++next_) {
    answers_[next_].result = HttpResult::timeout;
    answers_[next_].detail = "the time for all requests ran out before this one was sent";
  }
}

}  // namespace

std::string ExchangeAnswer::header(std::string_view name) const {
  const auto found = std::find_if(headers.begin(), headers.end(), [&](const HeaderField& field) { return field.name == name; });
  return found == headers.end() ? std::string() : found->value;
}

std::vector<ExchangeAnswer> exchange_all(const std::vector<ExchangeQuestion>& questions, milliseconds deadline,
                                         const std::atomic<bool>* cancelled) {
  const IgnoreBrokenPipe guard;
  return Batch(questions, deadline, cancelled).run();
}

}  // namespace gwdoctor

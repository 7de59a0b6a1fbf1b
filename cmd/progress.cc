#include "cmd/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "report/sanitize.h"

namespace gwdoctor {

namespace {

constexpr std::chrono::milliseconds patience{300};

// Writes the line from a thread of its own, since the round keeps this one busy. The line is gone when it is destroyed.
class Waiting {
 public:
  explicit Waiting(std::string line)
      : thread_([this, text = std::move(line)] {
          std::unique_lock<std::mutex> lock(mutex_);
          if (over_.wait_for(lock, patience, [this] { return done_; })) return;
          show("\r" + text + "\x1b[K");
          over_.wait(lock, [this] { return done_; });
          show("\r\x1b[K");
        }) {}
  ~Waiting() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      done_ = true;
    }
    over_.notify_all();
    thread_.join();
  }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;
  Waiting(Waiting&&) = delete;
  Waiting& operator=(Waiting&&) = delete;

 private:
  static void show(const std::string& text) {
    // A terminal that is gone is no reason to stop.
    if (::write(STDERR_FILENO, text.data(), text.size()) < 0) return;
  }
  std::mutex mutex_;
  std::condition_variable over_;
  bool done_ = false;
  std::thread thread_;
};

class ProgressSource final : public Source {
 public:
  explicit ProgressSource(std::unique_ptr<Source> source) : source_(std::move(source)) {}

  [[nodiscard]] std::vector<Answer> fill(const std::vector<Wish>& wishes) override {
    std::string line = wishes.empty() ? std::string() : "reading " + wishes.front().text();
    if (wishes.size() > 1) line += fmt::format(" and {} more", wishes.size() - 1);
    const Waiting waiting(sanitize(line).substr(0, 78));
    return source_->fill(wishes);
  }
  [[nodiscard]] Time now() const override { return source_->now(); }
  [[nodiscard]] Place place(const Ref& object) const override { return source_->place(object); }
  [[nodiscard]] Stats stats() const override { return source_->stats(); }

 private:
  std::unique_ptr<Source> source_;
};

}  // namespace

std::unique_ptr<Source> with_progress(std::unique_ptr<Source> source, bool silent) {
  if (silent || ::isatty(STDERR_FILENO) == 0) return source;
  return std::make_unique<ProgressSource>(std::move(source));
}

}  // namespace gwdoctor

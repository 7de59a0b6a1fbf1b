#pragma once
// A source of objects with the network probes beside it.

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "kube/source.h"

namespace gwdoctor {

class ProbingSource final : public Source {
 public:
  // What answers network wishes, on threads of its own: NetObserver::fill. It must come back soon after `stop` turned true.
  using Observe = std::function<std::vector<Answer>(const std::vector<Wish>&)>;

  // `stop` is what `observe` looks at: it is set when this is destroyed, and when `signalled` turned true while somebody waits.
  ProbingSource(std::unique_ptr<Source> inner, Observe observe, std::shared_ptr<std::atomic<bool>> stop,
                const std::atomic<bool>* signalled = nullptr);
  ~ProbingSource() override;
  ProbingSource(const ProbingSource&) = delete;
  ProbingSource& operator=(const ProbingSource&) = delete;
  ProbingSource(ProbingSource&&) = delete;
  ProbingSource& operator=(ProbingSource&&) = delete;

  // Network wishes begin at once. They are `wanted` as long as the same call asks for objects; where nothing else is left to do
  // it waits for them. A request through the API server's proxy waits until no objects are asked for: a slow backend holds nobody
  // up.
  [[nodiscard]] std::vector<Answer> fill(const std::vector<Wish>& wishes) override;
  [[nodiscard]] Time now() const override { return inner_->now(); }
  [[nodiscard]] Place place(const Ref& object) const override { return inner_->place(object); }
  [[nodiscard]] Stats stats() const override { return inner_->stats(); }

 private:
  void begin(const std::vector<Wish>& wishes);
  void observe(std::vector<Wish> wishes);
  void fill_inner(const std::vector<Wish>& wishes, const std::vector<std::size_t>& which, std::vector<Answer>& answers);

  std::unique_ptr<Source> inner_;
  Observe observe_;
  std::shared_ptr<std::atomic<bool>> stop_;
  const std::atomic<bool>* signalled_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<Wish, Answer> known_;  // state wanted: under way
  std::vector<std::thread> threads_;
};

}  // namespace gwdoctor

#include "net/probing_source.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

namespace gwdoctor {

namespace {

// A signal wakes nobody up: the flag is looked at this often.
constexpr std::chrono::milliseconds between_looks{50};

bool is_network(const Wish& wish) { return wish.probe() && wish.what != Wish::What::proxy; }

Answer failed(const char* what) {
  Answer out;
  out.why = {Why::Reason::error, std::string("it could not be observed: ") + what, std::nullopt};
  return out;
}

}  // namespace

ProbingSource::ProbingSource(std::unique_ptr<Source> inner, Observe observe, std::shared_ptr<std::atomic<bool>> stop,
                             const std::atomic<bool>* signalled)
    : inner_(std::move(inner)), observe_(std::move(observe)), stop_(std::move(stop)), signalled_(signalled) {}

ProbingSource::~ProbingSource() {
  *stop_ = true;
  for (std::thread& thread : threads_) thread.join();
}

void ProbingSource::observe(std::vector<Wish> wishes) {
  std::vector<Answer> answers;
  try {
    answers = observe_(wishes);
    answers.resize(wishes.size(), failed("no answer"));
  } catch (const std::exception& problem) {
    answers.assign(wishes.size(), failed(problem.what()));
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  for (std::size_t at = 0; at < wishes.size(); ++at) {
    if (answers[at].state == State::wanted) answers[at] = failed("no answer");
    known_[wishes[at]] = std::move(answers[at]);
  }
  changed_.notify_all();
}

void ProbingSource::begin(const std::vector<Wish>& wishes) {
  std::vector<Wish> fresh;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (const Wish& wish : wishes) {
      if (!is_network(wish)) continue;
      Answer running;
      running.state = State::wanted;
      if (known_.emplace(wish, std::move(running)).second) fresh.push_back(wish);
    }
  }
  if (!fresh.empty()) threads_.emplace_back([this, batch = std::move(fresh)] { observe(batch); });
}

void ProbingSource::fill_inner(const std::vector<Wish>& wishes, const std::vector<std::size_t>& which,
                               std::vector<Answer>& answers) {
  if (which.empty()) return;
  std::vector<Wish> asked;
  for (const std::size_t at : which) asked.push_back(wishes[at]);
  std::vector<Answer> got = inner_->fill(asked);
  got.resize(asked.size(), failed("no answer"));
  for (std::size_t at = 0; at < which.size(); ++at) answers[which[at]] = std::move(got[at]);
}

std::vector<Answer> ProbingSource::fill(const std::vector<Wish>& wishes) {
  begin(wishes);
  std::vector<std::size_t> objects;
  std::vector<std::size_t> proxied;
  for (std::size_t at = 0; at < wishes.size(); ++at) {
    if (is_network(wishes[at])) continue;
    (wishes[at].what == Wish::What::proxy ? proxied : objects).push_back(at);
  }
  Answer running;
  running.state = State::wanted;
  std::vector<Answer> answers(wishes.size(), running);
  fill_inner(wishes, objects.empty() ? proxied : objects, answers);
  std::unique_lock<std::mutex> lock(mutex_);
  const auto answered = [&] {
    return std::none_of(wishes.begin(), wishes.end(),
                        [&](const Wish& wish) { return is_network(wish) && known_.at(wish).state == State::wanted; });
  };
  while (objects.empty() && !changed_.wait_for(lock, between_looks, answered)) {
    if (signalled_ != nullptr && *signalled_) *stop_ = true;
  }
  for (std::size_t at = 0; at < wishes.size(); ++at) {
    if (is_network(wishes[at])) answers[at] = known_.at(wishes[at]);
  }
  return answers;
}

}  // namespace gwdoctor

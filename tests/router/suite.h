#pragma once
// What the two suites share: counting, and telling of a failure with all that is needed to see it again.

#include <fmt/format.h>

#include <cstdint>
#include <map>
#include <string>

namespace gwdoctor {

class Tally {
 public:
  // Counts one check of this kind. True where it failed and is to be told of: the first few of each kind are.
  [[nodiscard]] bool check(const std::string& what, bool good) {
    Count& count = counts_[what];
    ++(good ? count.passed : count.failed);
    return !good && count.failed <= told_each_;
  }
  [[nodiscard]] std::size_t passed() const { return sum(&Count::passed); }
  [[nodiscard]] std::size_t failed() const { return sum(&Count::failed); }
  void print() const {
    for (const auto& [what, count] : counts_)
      fmt::print("{:>8} {}{}\n", count.passed, what, count.failed == 0 ? "" : fmt::format(" ({} FAILED)", count.failed));
  }
  // How many times something came up that is no check: how strong the suite was.
  void note(const std::string& what, std::size_t times = 1) { notes_[what] += times; }
  void print_notes() const {
    for (const auto& [what, times] : notes_) fmt::print("{:>8} {}\n", times, what);
  }
  void tell_of(std::size_t each) { told_each_ = each; }

 private:
  struct Count {
    std::size_t passed = 0;
    std::size_t failed = 0;
  };
  [[nodiscard]] std::size_t sum(std::size_t Count::*which) const {
    std::size_t out = 0;
    for (const auto& [what, count] : counts_) out += count.*which;
    return out;
  }
  std::map<std::string, Count> counts_;
  std::map<std::string, std::size_t> notes_;
  std::size_t told_each_ = 3;
};

struct SuiteSize {
  std::uint64_t seed = 1;
  std::size_t worlds = 600;
  std::size_t requests = 100;  // for each world
};

void run_gateway_suite(const SuiteSize& size, Tally& tally);
void run_ingress_suite(const SuiteSize& size, Tally& tally);
void run_policy_suite(const SuiteSize& size, Tally& tally);

}  // namespace gwdoctor

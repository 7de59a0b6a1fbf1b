#pragma once
// Random choices that are the same with every standard library: the distributions of <random> are not.

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace gwdoctor {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}

  // 0 … count - 1; count is at least 1.
  [[nodiscard]] std::size_t below(std::size_t count) { return static_cast<std::size_t>(engine_() % count); }
  [[nodiscard]] std::size_t between(std::size_t least, std::size_t most) { return least + below(most - least + 1); }
  // True in `percent` of a hundred throws.
  [[nodiscard]] bool chance(std::size_t percent) { return below(100) < percent; }
  template <class T>
  [[nodiscard]] const T& one_of(const std::vector<T>& from) {
    return from[below(from.size())];
  }
  template <class T>
  void shuffle(std::vector<T>& what) {
    for (std::size_t left = what.size(); left > 1; --left) std::swap(what[left - 1], what[below(left)]);
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace gwdoctor

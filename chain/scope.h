#pragma once
// Which part of the target's traffic something concerns: a set of streams (chain/path.h).

#include <algorithm>
#include <cstddef>
#include <vector>

namespace gwdoctor {

class Scope {
 public:
  Scope() = default;
  explicit Scope(std::size_t streams, bool value = false) : bits_(streams, value) {}

  void add(std::size_t stream) {
    if (stream >= bits_.size()) bits_.resize(stream + 1);
    bits_[stream] = true;
  }
  [[nodiscard]] bool has(std::size_t stream) const { return stream < bits_.size() && bits_[stream]; }
  [[nodiscard]] bool any() const { return std::find(bits_.begin(), bits_.end(), true) != bits_.end(); }
  [[nodiscard]] std::size_t count() const { return static_cast<std::size_t>(std::count(bits_.begin(), bits_.end(), true)); }
  [[nodiscard]] bool overlaps(const Scope& other) const {
    for (std::size_t at = 0; at < bits_.size(); ++at) {
      if (bits_[at] && other.has(at)) return true;
    }
    return false;
  }
  // True where every stream of `other` is in this one.
  [[nodiscard]] bool covers(const Scope& other) const {
    for (std::size_t at = 0; at < other.bits_.size(); ++at) {
      if (other.bits_[at] && !has(at)) return false;
    }
    return true;
  }
  Scope& operator|=(const Scope& other) {
    if (bits_.size() < other.bits_.size()) bits_.resize(other.bits_.size());
    for (std::size_t at = 0; at < other.bits_.size(); ++at) bits_[at] = bits_[at] || other.bits_[at];
    return *this;
  }
  Scope& operator&=(const Scope& other) {
    for (std::size_t at = 0; at < bits_.size(); ++at) bits_[at] = bits_[at] && other.has(at);
    return *this;
  }
  friend Scope operator|(Scope left, const Scope& right) { return left |= right; }
  friend Scope operator&(Scope left, const Scope& right) { return left &= right; }

 private:
  std::vector<bool> bits_;
};

}  // namespace gwdoctor

#pragma once
// A short list that can stand in a constant table, without a heap or a static constructor.

#include <array>
#include <cstddef>
#include <initializer_list>
#include <stdexcept>

namespace gwdoctor {

template <class T, std::size_t Capacity = 24>
class Few {
 public:
  constexpr Few() = default;
  constexpr Few(std::initializer_list<T> items) {
    if (items.size() > Capacity) throw std::length_error("too many items in a row of a table");
    for (const T& item : items) items_[size_++] = item;
  }
  [[nodiscard]] constexpr const T* begin() const { return items_.data(); }
  [[nodiscard]] constexpr const T* end() const { return items_.data() + size_; }
  [[nodiscard]] constexpr std::size_t size() const { return size_; }
  [[nodiscard]] constexpr bool empty() const { return size_ == 0; }
  [[nodiscard]] constexpr const T& front() const { return items_.front(); }

 private:
  std::array<T, Capacity> items_{};
  std::size_t size_ = 0;
};

}  // namespace gwdoctor
